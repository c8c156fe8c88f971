"""The application behind a real server, and Chromium in front of it, with script switched off."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from passes.app import create_app
from passes.config import Settings
from passes.wiring import Services
from tests.browser.site import VIEWPORTS, Site

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    shutil.copyfile(sqlite_template, folder / "stempel.db")
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    settings = Settings(
        base_url=f"http://127.0.0.1:{server.port}",
        database_url=f"sqlite:///{folder / 'stempel.db'}",
        data_dir=folder,
        certs_dir=folder / "certs",
    )
    services = Services(settings)
    server.app = create_app(services)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Site(services, settings.base_url)
    server.shutdown()
    thread.join()
    server.server_close()
    services.close()


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[OpenPage]:
    """Open a page of the site as somebody with such a screen, language and taste in colours."""
    contexts = []

    def open_it(path: str, *, screen: str = "phone", language: str = "de", scheme: str = "light") -> Page:
        context = browser.new_context(
            viewport=VIEWPORTS[screen],
            locale={"de": "de-DE", "en": "en-GB"}[language],
            color_scheme=scheme,
            java_script_enabled=False,
            base_url=site.base_url,
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        response = page.goto(path)
        assert response is not None
        assert response.ok, f"{path} answered {response.status}"
        return page

    yield open_it
    for context in contexts:
        context.close()
