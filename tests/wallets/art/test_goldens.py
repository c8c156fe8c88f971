"""Pictures do not change by accident: not by a line of code, not from one process or thread to the next."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from passes.wallets.art.pictures import forget_pictures
from tests.wallets.art.goldens import STORED, drawn

AGAIN = "import json; from tests.wallets.art.goldens import drawn; print(json.dumps(drawn()))"


def test_every_picture_looks_as_it_was_approved() -> None:
    stored, now = json.loads(STORED.read_text()), drawn()
    changed = sorted(name for name in stored.keys() | now.keys() if stored.get(name) != now.get(name))
    assert not changed, "look at them, then run python -m tests.wallets.art.goldens"


def test_another_process_with_another_order_of_hashes_draws_the_same() -> None:
    command = [sys.executable, "-c", AGAIN]
    told = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=120, env={"PYTHONHASHSEED": "7"}
    )
    assert json.loads(told.stdout) == json.loads(STORED.read_text())


def test_threads_that_draw_at_once_draw_the_same() -> None:
    forget_pictures()
    with ThreadPoolExecutor(2) as pool:
        several = list(pool.map(lambda _: drawn(), range(2)))
    assert several == [json.loads(STORED.read_text())] * 2
