"""The locks are complete, hashed and current, and what only tests need never reaches production."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements", "requirements-demo", "requirements-dev")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
SHA256 = "0" * 64


@dataclass(frozen=True, slots=True)
class Pin:
    """One entry of a lock: exactly one version, and how many files are vouched for."""

    name: str
    version: str
    hashes: int


def normal(name: str) -> str:
    """A package's name as the index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: str) -> dict[str, Pin]:
    """The entries of a lock by name; an entry that is not pinned to one version is an error."""
    entries = [e for e in re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*$", "", lock)).splitlines() if e.strip()]
    found = [(re.match(r"([\w.-]+)(?:\[[\w,-]+\])?==([\w.!+-]+)\s", entry + " "), entry) for entry in entries]
    unpinned = [entry for match, entry in found if match is None]
    assert not unpinned, f"not pinned to one version: {unpinned}"
    return {
        normal(m[1]): Pin(normal(m[1]), m[2], len(HASH.findall(entry))) for m, entry in found if m is not None
    }


def wanted(source: str) -> set[str]:
    """The names a .in file asks for itself."""
    names = [re.match(r"[\w.-]+", line) for line in source.splitlines() if not line.startswith(("#", "-"))]
    return {normal(match[0]) for match in names if match}


def read(name: str, suffix: str) -> str:
    return (ROOT / f"{name}.{suffix}").read_text()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    entries = pins(read(lock, "txt"))
    assert len(entries) > 20
    assert [pin for pin in entries.values() if not pin.hashes] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_asked_for_is_locked(lock: str) -> None:
    assert wanted(read(lock, "in")) - pins(read(lock, "txt")).keys() == set()


def test_production_installs_nothing_that_only_tests_or_the_demo_need() -> None:
    runtime = pins(read("requirements", "txt"))
    for workshop in ("requirements-dev", "requirements-demo"):
        assert runtime.keys() & (wanted(read(workshop, "in")) - wanted(read("requirements", "in"))) == set()
    assert runtime.keys() & {"pytest", "mypy", "ruff", "setuptools", "pip", "uv"} == set()


@pytest.mark.parametrize("wider", ["requirements-demo", "requirements-dev"])
def test_tests_and_demo_run_on_the_very_versions_of_production(wider: str) -> None:
    runtime, more = pins(read("requirements", "txt")), pins(read(wider, "txt"))
    assert {name: more[name] for name in runtime} == runtime


def test_the_demo_is_part_of_the_workshop_so_that_make_test_serves_make_run_too() -> None:
    demo, workshop = pins(read("requirements-demo", "txt")), pins(read("requirements-dev", "txt"))
    assert {name: workshop[name] for name in demo} == demo


@pytest.mark.parametrize("file", sorted(p.name for p in ROOT.glob("requirements*")))
def test_no_lock_names_the_place_it_was_compiled_at(file: str) -> None:
    text = (ROOT / file).read_text()
    assert not re.search(r"https?://|file://|--(extra-)?index-url|--find-links|--trusted-host", text)


@pytest.mark.parametrize(
    "lock", [f"flask>=3 --hash=sha256:{SHA256}", "-e .", "git+ssh://somewhere/flask"]
)  # fmt: skip
def test_a_planted_entry_without_one_version_is_refused(lock: str) -> None:
    with pytest.raises(AssertionError, match="not pinned"):
        pins(f"click==8.1 \\\n    --hash=sha256:{SHA256}\n    # via flask\n{lock}\n")


def test_a_planted_pin_without_a_hash_is_seen() -> None:
    hashed = f"click==8.1 \\\n    --hash=sha256:{SHA256}\n    # via flask\n"
    lock = hashed + "Flask_WTF==1.2 ; sys_platform == 'win32'\n"
    assert [pin.name for pin in pins(lock).values() if not pin.hashes] == ["flask-wtf"]


def test_every_package_asked_for_has_its_reason_written_down() -> None:
    reasons = (ROOT / "docs/adr/0008-dependencies.md").read_text()
    asked = set().union(*(wanted(read(lock, "in")) for lock in LOCKS))
    unexplained = {name for name in asked if not re.search(rf"\b{name}\b", reasons)}
    assert unexplained <= {"types-requests", "types-qrcode"}
