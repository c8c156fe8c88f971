"""Plays a phone in a terminal: installs passes, waits to be pushed, and prints what its user would see."""

import argparse
import time
from typing import Any

import requests

from tests.fakes.phone.device import Phone
from tests.fakes.phone.refusal import PhoneRefuses, insist
from tests.fakes.phone.service import PASS_TYPE
from tests.fakes.phone.transport import TIMEOUT_S, over_http

WAIT_S = 5.0


def main() -> None:
    """Install, then live until the time is up or the user has enough."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.phone", description=__doc__)
    parser.add_argument("--install", action="append", required=True, metavar="URL", help="a .pkpass to take")
    parser.add_argument("--apns-control", required=True, metavar="URL", help="side door of the APNs stand-in")
    parser.add_argument("--language", default="en", help="de or en")
    parser.add_argument(
        "--for-s", type=float, default=float("inf"), help="how long to live; default: on and on"
    )
    options = parser.parse_args()
    try:
        _live(Phone(language=options.language), options.install, options.apns_control, options.for_s)
    except PhoneRefuses as refusal:
        raise SystemExit(f"The phone refuses: {refusal}") from refusal
    except KeyboardInterrupt:
        print("Phone off.")


def _live(phone: Phone, addresses: list[str], control: str, for_s: float) -> None:
    until = time.monotonic() + for_s
    since = _pushes(control, 0, 0)["next"]
    for address in addresses:
        _show(phone, _install(phone, address))
    while (left_s := until - time.monotonic()) > 0:
        heard = _pushes(control, since, min(WAIT_S, left_s))
        since = heard["next"]
        for topic in {p["topic"] for p in heard["pushes"] if p["token"] == phone.push_token}:
            _react(phone, topic)


def _install(phone: Phone, address: str) -> str:
    answer = over_http("GET", address, {}, None)
    insist(answer.status == 200, f"{address} was answered with {answer.status}.")
    insist(answer.media_type == PASS_TYPE, f"{address} gave {answer.media_type or 'no type'}, not a pass.")
    serial = phone.install(answer.body, answer.headers.get("last-modified"))
    print(f"Installed and registered {serial}.", flush=True)
    return serial


def _react(phone: Phone, topic: str) -> None:
    told = len(phone.notifications)
    for serial in phone.pushed(topic):
        _show(phone, serial)
    for notification in phone.notifications[told:]:
        print(f"  [{notification.title}] {notification.text}", flush=True)


def _show(phone: Phone, serial: str) -> None:
    values = {key: phone.shown(serial, key) for key in phone.card(serial).fields}
    print(f"{serial}: " + ", ".join(f"{key} {value!r}" for key, value in values.items()), flush=True)


def _pushes(control: str, since: int, wait_s: float) -> dict[str, Any]:
    with requests.Session() as session:
        session.trust_env = False
        response = session.get(
            f"{control.rstrip('/')}/pushes",
            params={"since": since, "wait_s": wait_s},
            timeout=wait_s + TIMEOUT_S,
        )
        response.raise_for_status()
        heard: dict[str, Any] = response.json()
        return heard


main()
