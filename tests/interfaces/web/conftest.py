"""Fixtures of the web tests: the institution, and browsers in which its people are signed in."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client

from tests.interfaces.web.institution import Institution, employ_cast, open_institution

_SIGN_IN_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture(scope="session", autouse=True)
def _folder_of_static_files() -> None:
    """Give the static file server its folder, empty: tests read files from their sources."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(autouse=True)
def _sign_ins_counted_afresh() -> None:
    """Forget the attempts of earlier tests: they are counted by name, in the process."""
    cache.clear()


@pytest.fixture
def staff(db: None) -> Institution:
    """The cast alone, on the first day."""
    return employ_cast()


@pytest.fixture
def institution(db: None, tmp_path: Path) -> Institution:
    """The cast and what they did so far: something for every page."""
    return open_institution(tmp_path)


@pytest.fixture
def sign_in() -> Callable[[str], Client]:
    """Return a browser in which somebody of the cast is signed in."""

    def signed_in(username: str) -> Client:
        client = Client()
        user = get_user_model().objects.get(username=username)
        client.force_login(user, backend=_SIGN_IN_BACKEND)
        return client

    return signed_in
