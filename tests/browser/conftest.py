"""The application behind a real server, and Chromium in front of it, with script switched off."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.site import VIEWPORTS, Site, served

OpenPage = Callable[..., Page]
PATIENCE_MS = 120_000

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox"], timeout=PATIENCE_MS
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    shutil.copyfile(sqlite_template, folder / "stempel.db")
    with served(folder) as running:
        yield running


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
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        response = page.goto(path)
        assert response is not None
        assert response.ok, f"{path} answered {response.status}"
        return page

    yield open_it
    for context in contexts:
        context.close()
