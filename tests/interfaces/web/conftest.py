"""The cast of the web tests: one person for each role, and Dario, who holds none."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from amparo.accounts.operations import create_user, grant_mandate, install_roles
from amparo.governance.kernel.access import access_for
from amparo.values import Access

PASSWORD = "correct-horse-battery"
_SIGN_IN_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
AT = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
SINCE = date(2026, 1, 1)

# Who holds which role. Dario signs in, and that is all.
CAST = {
    "agnes": "administrator",
    "amadou": "auditor",
    "bruno": "claims-officer",
    "celia": "claims-approver",
    "esther": "employer-officer",
    "farid": "finance-officer",
    "gloria": "finance-approver",
    "hana": "policy-officer",
    "ines": "policy-board",
    "rosa": "registration-officer",
}


@dataclass(frozen=True)
class Staff:
    """The people of an institution, by sign-in name."""

    ids: dict[str, UUID]

    def access(self, username: str) -> Access:
        return access_for(user_id=self.ids[username], role=CAST[username], on=AT.date())


def employ_cast() -> Staff:
    """Open an account for each, and give each but Dario a mandate."""
    install_roles()
    ids = {
        name: create_user(username=name, display_name=name.title(), password=PASSWORD, at=AT)
        for name in (*CAST, "dario")
    }
    grant_mandate(user_id=ids["agnes"], role="administrator", starts_on=SINCE, access=None, at=AT)
    agnes = access_for(user_id=ids["agnes"], role="administrator", on=AT.date())
    for name, role in CAST.items():
        if name != "agnes":
            grant_mandate(user_id=ids[name], role=role, starts_on=SINCE, access=agnes, at=AT)
    return Staff(ids)


@pytest.fixture(scope="session", autouse=True)
def _folder_of_static_files() -> None:
    """Give the static file server its folder, empty: tests read files from their sources."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture
def staff(db: None) -> Staff:
    return employ_cast()


@pytest.fixture
def sign_in(staff: Staff) -> Callable[[str], Client]:
    """Return a browser in which somebody of the cast is signed in."""

    def signed_in(username: str) -> Client:
        client = Client()
        client.force_login(
            get_user_model().objects.get(username=username), backend=_SIGN_IN_BACKEND
        )
        return client

    return signed_in
