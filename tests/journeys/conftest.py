"""A running site, and a browser that Debian ships: Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from tests.interfaces.web.institution import Institution, open_institution

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_SIGN_IN_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# Playwright's synchronous interface runs an event loop in this thread; Django then refuses its ORM.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser where there is none, and say so."""
    here = Path(__file__).parent
    for item in items:
        if here not in item.path.parents:
            continue
        if "site" not in getattr(item, "fixturenames", ()):
            continue
        item.add_marker(pytest.mark.browser)
        if _CHROMIUM is None:
            item.add_marker(
                pytest.mark.skip(reason="Chromium is absent; `make test` installs it as root.")
            )


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_type_launch_args,
        "executable_path": _CHROMIUM,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@dataclass
class Site:
    """The running site with the small institution in it."""

    address: str
    institution: Institution
    browser: Browser
    contexts: list[BrowserContext]

    def visitor(self, *, language: str = "en", **options: Any) -> Page:
        """Open a browser window of somebody who is not signed in."""
        context = self.browser.new_context(
            base_url=self.address,
            extra_http_headers={"Accept-Language": language},
            viewport={"width": 1280, "height": 900},
            **options,
        )
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        return context.new_page()

    def visit(self, username: str, *, language: str = "en", **options: Any) -> Page:
        """Open a browser window in which somebody of the cast is signed in."""
        client = Client()
        user = get_user_model().objects.get(username=username)
        client.force_login(user, backend=_SIGN_IN_BACKEND)
        window = self.visitor(language=language, **options)
        window.context.add_cookies(
            [
                {
                    "name": settings.SESSION_COOKIE_NAME,
                    "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                    "url": self.address,
                }
            ]
        )
        return window


@pytest.fixture(scope="session", autouse=True)
def _folder_of_static_files() -> None:
    """Give the static file server its folder, empty: tests read files from their sources."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture
def site(live_site: str, browser: Browser, tmp_path: Path) -> Iterator[Site]:
    running = Site(live_site, open_institution(tmp_path), browser, [])
    yield running
    for context in running.contexts:
        context.close()


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Return a check that axe-core finds nothing on the page shown."""
    if not _AXE.exists():
        pytest.skip("axe-core is absent; run `npm ci` to check accessibility.")

    def check(window: Page) -> None:
        # Evaluated, not inserted: our policy refuses a script that is not ours.
        window.evaluate(_AXE.read_text())
        result = window.evaluate("rules => axe.run(document, {runOnly: rules})", _RULES)
        found = [
            (violation["id"], node["html"][:200], node["failureSummary"][:300])
            for violation in result["violations"]
            for node in violation["nodes"][:3]
        ]
        assert found == [], (window.url, found)

    return check
