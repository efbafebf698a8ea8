"""The cast as the register meets it: what each may do, and a day on which they do it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import connection

from amparo.values import Access, Right

CLERK = UUID("00000000-0000-4000-8000-0000000000b1")


def access_with(*rights: Right) -> Access:
    return Access(
        actor_id=CLERK,
        actor_name="Bruno",
        role="registration-officer",
        purpose="SocialBenefitsManagement",
        mandate_id=UUID("00000000-0000-4000-8000-0000000000b2"),
        rights=frozenset(rights),
    )


@pytest.fixture
def bruno() -> Access:
    """Bruno registers persons and employers and takes in files."""
    return access_with(
        Right.PERSON_READ,
        Right.PERSON_REGISTER,
        Right.EMPLOYER_READ,
        Right.EMPLOYER_REGISTER,
        Right.REGISTER_IMPORT,
    )


@pytest.fixture
def dario() -> Access:
    """Dario has no right here."""
    return access_with(Right.TASK_READ)


@pytest.fixture
def at() -> datetime:
    return datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture
def reading_all(db: None) -> None:
    """Open the personal rows to a test that asks a query which others call inside `reading`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('amparo.purpose', 'test', true)")
