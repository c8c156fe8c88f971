"""Every setting: a malformed one stops the start with a sentence that names it."""

from pathlib import Path

import pytest

from passes.config import PREFIX, Settings, load_settings
from passes.errors import ConfigurationError
from passes.wiring import services_of_environment

HUGE = "x" * 5000
NO_ADDRESSES = (
    "nonsense",
    "ftp://x",
    "http://",
    "http://[",
    "//x",
    "https://x:port",
    "https://x:99999",
    " https://x",
)
NO_FILES = ("/nowhere", "/", HUGE, "a/" * 3000)
MALFORMED: dict[str, tuple[str, ...]] = {
    "port": ("0", "65536", "x", "-1", "80.5", "9" * 5000),
    "host": (),
    "database_url": ("nonsense", "mysql://x/y", "sqlite://", "postgres:x"),
    "data_dir": (),
    "certs_dir": (),
    "base_url": NO_ADDRESSES,
    "secret_key": ("short",),
    "token_key": ("short",),
    "apns_url": NO_ADDRESSES,
    "google_api_url": NO_ADDRESSES,
    "google_credentials_file": NO_FILES,
    "google_issuer_id": ("x", "12.5", "1" * 26, "-1"),
    "google_callback_keys_url": NO_ADDRESSES,
    "google_save_url": NO_ADDRESSES,
    "google_requests_per_s": ("0", "-1", "1.5", "x", "1001"),
    "google_smart_tap_issuer_ids": ("x", ",", "1,", "1, 2", "1" * 26),
    "provider_ca_file": NO_FILES,
    "smtp_url": (
        "nonsense",
        "http://x",
        "smtp://",
        "smtp://x:port",
        "smtp://user@x",
        "smtp://:word@x",
        "smtp://x/path",
        "smtp://x?y=z",
        "smtp://ünknown:word@x",
        HUGE,
    ),
    "mail_from": ("x", "@x", "a@", "a b@x.example", "a@x.example\r\nBcc: b@x.example", "ü@x.example", HUGE),
    "metrics_token": ("short", "a token with spaces", "ünsägliches-ünsägliches", HUGE),
    "clock_file": NO_FILES,
    "trusted_proxies": ("-1", "6", "x"),
    "api_requests_per_s": ("0", "-1", "1.5", "x", "1000001"),
    "embedded_scheduler": ("maybe", "2"),
}


def refusal(environment: dict[str, str]) -> str:
    """What is said about settings; "" when they are taken."""
    try:
        load_settings(environment)
    except ConfigurationError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_setting_is_named(name: str, tmp_path: Path) -> None:
    setting = f"{PREFIX}{name.upper()}"
    said = {v[:40]: refusal({"STEMPEL_DATA_DIR": str(tmp_path), setting: v}) for v in MALFORMED[name]}
    assert {value for value, sentence in said.items() if name.upper() not in sentence} == set()


def test_a_port_with_blanks_around_it_is_that_port(tmp_path: Path) -> None:
    settings = load_settings({f"{PREFIX}PORT": " 8123 ", f"{PREFIX}DATA_DIR": str(tmp_path)})
    assert (settings.port, settings.base_url) == (8123, "http://127.0.0.1:8123")


def test_every_setting_is_swept() -> None:
    assert MALFORMED.keys() == Settings.model_fields.keys()


@pytest.mark.parametrize("name", ["base_urls", "BASE URL", "x", "", "ünknown"])
def test_a_setting_there_is_not_is_named(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"STEMPEL_{name.upper()}"):
        load_settings({f"STEMPEL_{name}": "x"})


@pytest.mark.parametrize("content", [b"", b"\0\1\xff", b"{}", b"[]", b'{"type": "service_account"}'])
def test_a_file_that_is_not_what_it_should_be_stops_the_start(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    given = {
        "GOOGLE_CREDENTIALS_FILE": {"GOOGLE_ISSUER_ID": "1"},
        "PROVIDER_CA_FILE": {},
        "CLOCK_FILE": {},
    }
    for name, others in given.items():
        with monkeypatch.context() as environment:
            for setting, value in {**others, name: str(file), "DATA_DIR": str(tmp_path)}.items():
                environment.setenv(f"{PREFIX}{setting}", value)
            with pytest.raises(ConfigurationError, match=f"STEMPEL_{name}: .*{file}"):
                services_of_environment()
