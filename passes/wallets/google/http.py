"""The HTTP session all calls to Google share, with an installation's own trust roots added."""

import ssl
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from passes.errors import ConfigurationError


class _MoreRoots(HTTPAdapter):
    """Trusts what requests trusts, and the roots in one more PEM file."""

    def __init__(self, ca_file: Path) -> None:
        self._context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
        self._context.load_verify_locations(cafile=ca_file)
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)


def open_session(ca_file: Path | None) -> requests.Session:
    """A session that trusts the usual roots and those in `ca_file`, a PEM file.

    Raises `ConfigurationError` naming PROVIDER_CA_FILE when that cannot be read.
    """
    session = requests.Session()
    if ca_file is not None:
        try:
            session.mount("https://", _MoreRoots(ca_file))
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationError(
                f"STEMPEL_PROVIDER_CA_FILE: {ca_file} holds no PEM certificates ({error}). "
                "Name a PEM file, or leave the setting out."
            ) from error
    return session
