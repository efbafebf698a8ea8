"""Fixtures of the web tests: the institution, and browsers in which its people are signed in."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client

from amparo.governance.kernel.operations import activate_scheme_folder
from amparo.rules.book.operations import start_draft
from tests.interfaces.web.institution import AT, Institution, employ_cast, open_institution

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


@pytest.fixture
def draft(staff: Institution) -> UUID:
    """A draft of the social pension in which nothing is changed yet."""
    version_id = activate_scheme_folder(
        path=settings.SCHEMES_DIR / "xa" / "social-pension" / "1",
        applies_from=date(2018, 1, 1),
        proposer=staff.access("hana"),
        approver=staff.access("ines"),
        at=AT,
    )
    return start_draft(
        base_id=version_id,
        title="The amount of 2027",
        version="2",
        access=staff.access("hana"),
        at=AT,
    )


@pytest.fixture
def hana(draft: UUID, sign_in: Callable[[str], Client]) -> Client:
    """Hana, who writes the draft, in her browser."""
    return sign_in("hana")
