# One image for the web service, the scheduler and the commands; which of them it is, is the command.

# Stage one turns the hashed lock into wheels, so that no compiler and no cache reaches the image.
FROM python:3.11-slim-bookworm AS wheels
WORKDIR /build
COPY requirements.txt ./
RUN pip wheel --no-cache-dir --disable-pip-version-check --require-hashes --wheel-dir /wheels \
        -r requirements.txt

FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# The hashes were checked in stage one; the wheels are only lent to this step.
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore \
        --no-index --no-deps /wheels/*.whl

# What is written lies in two volumes, owned by a user that owns nothing else; the code stays root's.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin stempel
RUN install --directory --owner=10001 --group=10001 --mode=0700 /data /certs
WORKDIR /app
COPY wsgi.py ./
COPY templates ./templates
COPY passes ./passes
COPY scheduler ./scheduler
USER 10001:10001
VOLUME ["/data", "/certs"]

ENV STEMPEL_DATA_DIR=/data STEMPEL_CERTS_DIR=/certs
ENV STEMPEL_HOST=0.0.0.0 STEMPEL_PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", \
    "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
CMD ["python", "-m", "passes", "serve"]
