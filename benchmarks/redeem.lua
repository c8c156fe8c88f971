-- What wrk sends: one cent off a random card, under a key nobody has used. The first argument names a file
-- with the API key, a prefix for idempotency keys, and card ids, a line each.

local cards, secret, prefix, number = {}, nil, nil, 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    if secret == nil then secret = line elseif prefix == nil then prefix = line else cards[#cards + 1] = line end
  end
  math.randomseed(os.time())
  wrk.headers["Authorization"] = "Bearer " .. secret
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  number = number + 1
  wrk.headers["Idempotency-Key"] = prefix .. "-" .. number
  local body = '{"card_id":"' .. cards[math.random(#cards)] .. '","amount":{"amount":1,"asset":"EUR"}}'
  return wrk.format("POST", nil, nil, body)
end

function done(summary, latency, _)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '{"requests": %d, "errors": %d, "duration_us": %d, "p50_us": %d, "p99_us": %d}\n',
    summary.requests, failed, summary.duration, latency:percentile(50), latency:percentile(99)))
end
