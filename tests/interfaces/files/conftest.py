"""Files as they arrive, and what the database holds before and after."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connections

from amparo.values import Access, Right

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

# What a refused file may leave behind: its record, and the journal's events about it.
EVIDENCE = {"journal_event", "office_receivedfile"}


def access_with(*rights: Right) -> Access:
    return Access(
        actor_id=UUID("00000000-0000-4000-8000-0000000000b1"),
        actor_name="Bruno",
        role="registration-officer",
        purpose="SocialBenefitsManagement",
        mandate_id=UUID("00000000-0000-4000-8000-0000000000b2"),
        rights=frozenset(rights),
    )


@pytest.fixture
def bruno() -> Access:
    return access_with(Right.REGISTER_IMPORT, Right.DECLARATION_RECEIVE, Right.PERSON_READ)


@pytest.fixture
def dario() -> Access:
    return access_with(Right.TASK_READ)


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def a_file(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Write a file as somebody sends it."""

    def write(content: str | bytes, name: str = "arrived.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def row_counts() -> dict[str, int]:
    """Count the rows of every table but the evidence; personal rows too, as a reading sees them."""
    counts = {}
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT set_config('amparo.purpose', 'counting in a test', false)")
        for model in apps.get_models():
            table = model._meta.db_table
            if table not in EVIDENCE:
                cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 — our own tables
                counts[table] = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('amparo.purpose', '', false)")
    return counts


def sparse_file(path: Path, *, size: int) -> Path:
    """Make a file of that size that takes no room on the disk."""
    with path.open("wb") as file:
        os.truncate(file.fileno(), size)
    return path
