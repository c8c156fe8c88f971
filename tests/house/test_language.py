"""What stands in the files: nothing put off, nothing silenced without a reason, nothing secret."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What .gitignore names, and git itself.
NOT_OURS = {".git", ".venv", "var", "certs", ".env", ".coverage"}
TEXT = {".py", ".md", ".toml", ".html", ".css", ".js", ".in", ".yaml", ".txt", ".mako", ".strings", ""}

# Each word is written in two halves so that this file does not accuse itself.
RULES = {
    "put off until later": re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b"),
    "silenced without a reason": re.compile(
        r"# (type: ig" + r"nore|no" + r"qa)(\[[\w, -]+\]|: ?[\w, ]+)?\s*$", re.M
    ),
    "not done": re.compile(r"raise NotImple" + r"mentedError"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRI" + r"VATE KEY-----\s+[A-Za-z0-9+/=]{40}"),
    "a merge left open": re.compile(r"^(<<<<" + r"<<<|>>>>" + r">>>) ", re.M),
    "carriage returns": re.compile(r"\r\n"),
}


def our_files() -> Iterator[Path]:
    for top in ROOT.iterdir():
        if top.name not in NOT_OURS and not top.name.endswith("_cache") and top.name != ".hypothesis":
            yield from [top] if top.is_file() else (p for p in top.rglob("*") if p.is_file())


def accusations(text: str) -> list[str]:
    return [name for name, pattern in RULES.items() if pattern.search(text)]


def test_no_file_breaks_a_rule() -> None:
    built = {"__pycache__", "node_modules"}
    texts = [path for path in our_files() if path.suffix in TEXT and not built & set(path.parts)]
    assert len(texts) > 20
    found = {str(p.relative_to(ROOT)): found for p in texts if (found := accusations(_read(p)))}
    assert found == {}


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


@pytest.mark.parametrize(
    "text, rule",
    [
        ("x = 1  # TO" + "DO: later", "put off until later"),
        ("import x  # no" + "qa\n", "silenced without a reason"),
        ("import x  # no" + "qa: F401\n", "silenced without a reason"),
        ("x = y  # type: ig" + "nore[arg-type]\n", "silenced without a reason"),
        ("    raise NotImple" + "mentedError", "not done"),
        ("-----BEGIN PRI" + "VATE KEY-----\n" + "A" * 64, "a private key"),
        ("<<<<" + "<<< HEAD", "a merge left open"),
        ("a\r\nb", "carriage returns"),
    ],
)
def test_a_planted_offence_is_seen(text: str, rule: str) -> None:
    assert accusations(text) == [rule]


def test_a_silenced_check_with_a_reason_is_fine() -> None:
    assert accusations("import x  # no" + "qa: F401 -- registers its tables when imported\n") == []
