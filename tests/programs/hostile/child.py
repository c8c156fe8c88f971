"""Sends every hostile upload to a service of its own and tells, a line of JSON each, what came of it.

A process apart, so that its time and memory are the uploads' alone and a crash is seen for what it is. The
limits of the operating system stand behind our own.
"""

import base64
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from passes.clock import SystemClock
from passes.db.engine import Database
from tests.fixtures.api import RULES, Client, Shop, create_app, make_services
from tests.programs.hostile import PAYLOAD, Upload
from tests.programs.hostile.jpeg import JPEGS
from tests.programs.hostile.others import OTHERS
from tests.programs.hostile.png import PNGS, chunks_of

UPLOADS = [*PNGS, *JPEGS, *OTHERS]
_MORE_MEMORY = 1024**3
_CPU_S = 180


def _status_kb(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _limit() -> None:
    most = _status_kb("VmSize") * 1024 + _MORE_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))


def _sent(client: Client, upload: Upload) -> dict[str, Any]:
    body = {"kind": "stamp", "name": "x", "rules": RULES["stamp"]}
    encoded = base64.b64encode(upload.make()).decode()
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts again from what is in use now
    before, started = _status_kb("VmRSS"), time.process_time()
    answer = client.post("/programs", {**body, "design": {"images": {"logo": encoded}}})
    told = {
        "name": upload.name,
        "status": answer.status,
        "cpu_s": time.process_time() - started,
        "grown_mb": (_status_kb("VmHWM") - before) / 1024,
    }
    if answer.status != 201:
        return {**told, "errors": answer.json.get("errors")}
    stored = client.app.test_client().get(answer["design"]["images"]["logo"].partition("example")[2]).data
    return {**told, "chunks": chunks_of(stored), "carries": PAYLOAD in stored}


def main() -> None:
    """Everything, against the SQLite database whose URL is given."""
    url, folder = sys.argv[1:]
    database = Database(url, SystemClock())
    try:
        services = make_services(database, Path(folder))
        client = Shop(create_app(services), services, "hostile").open().manager
        for upload in UPLOADS[:1]:
            _sent(client, upload)  # whatever is only imported or opened once
        _limit()
        for upload in UPLOADS:
            print(json.dumps(_sent(client, upload)), flush=True)
    finally:
        database.close()


if __name__ == "__main__":
    main()
