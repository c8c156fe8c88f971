"""Redemptions as fast as so many tills can send them: with wrk where it is installed, else with threads.

Each till has one kept connection and asks again as soon as it is answered. Every request has a key of its
own and a random card.
"""

import json
import random
import shutil
import socket
import statistics
import subprocess
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

SCRIPT = Path(__file__).with_name("redeem.lua")
WRK_TIMEOUT_S = 120
ANSWER_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it: answers of 201 per second and in all, how many were others, how long they took."""

    per_second: float
    errors: int
    p50_ms: float
    p99_ms: float
    done: int = 0


def redeem(base_url: str, key: str, cards: Sequence[str], clients: int, seconds: float, folder: Path) -> Load:
    """Let `clients` tills with API key `key` redeem from `cards` for `seconds`."""
    if shutil.which("wrk"):
        return _with_wrk(base_url, key, cards, clients, seconds, folder)
    return _with_threads(base_url, key, cards, clients, seconds)


def _with_wrk(
    base_url: str, key: str, cards: Sequence[str], clients: int, seconds: float, folder: Path
) -> Load:
    orders = folder / "orders"
    # By a file and not by arguments, which everybody on the machine can read.
    orders.touch(mode=0o600)
    orders.write_text("\n".join([key, uuid.uuid4().hex, *cards]))
    command = ["wrk", "-t1", f"-c{clients}", f"-d{max(1, round(seconds))}s", "-s", str(SCRIPT)]
    command += [f"{base_url}/api/v1/redemptions", "--", str(orders)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=WRK_TIMEOUT_S)
    said = json.loads(done.stdout.splitlines()[-1])
    errors = int(said["errors"])
    good = int(said["requests"]) - errors
    return Load(good / (said["duration_us"] / 1e6), errors, said["p50_us"] / 1e3, said["p99_us"] / 1e3, good)


def _with_threads(base_url: str, key: str, cards: Sequence[str], clients: int, seconds: float) -> Load:
    latencies: list[float] = []
    errors: list[bytes] = []
    address = urlsplit(base_url)
    until = time.perf_counter() + seconds

    def till() -> None:
        with socket.create_connection((address.hostname, address.port), ANSWER_TIMEOUT_S) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while (start := time.perf_counter()) < until:
                sock.sendall(_request(key, random.choice(cards)))
                status = _status(sock)
                latencies.append(time.perf_counter() - start)
                if status != b"201":
                    errors.append(status)

    tills = [threading.Thread(target=till) for _ in range(clients)]
    start = time.perf_counter()
    for thread in tills:
        thread.start()
    for thread in tills:
        thread.join()
    elapsed = time.perf_counter() - start
    shares = statistics.quantiles(latencies, n=100)
    good = len(latencies) - len(errors)
    return Load(good / elapsed, len(errors), shares[49] * 1e3, shares[98] * 1e3, good)


def _request(key: str, card: str) -> bytes:
    body = f'{{"card_id":"{card}","amount":{{"amount":1,"asset":"EUR"}}}}'
    return (
        "POST /api/v1/redemptions HTTP/1.1\r\nHost: till\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {key}\r\nIdempotency-Key: {uuid.uuid4()}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def _status(sock: socket.socket) -> bytes:
    """The status of the next answer, which is read to its end."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += sock.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
    )
    while len(body) < length:
        body += sock.recv(65536)
    return head.split(b" ", 2)[1]
