"""The cast of a pay run: Bruno prepares, Celia approves, Dario has no right."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from amparo.values import Access, Month
from tests.delivery.payments.awards import acting


@pytest.fixture
def bruno() -> Access:
    return acting("Bruno", "finance-officer")


@pytest.fixture
def celia() -> Access:
    return acting("Celia", "finance-approver")


@pytest.fixture
def dario() -> Access:
    return acting("Dario", "registration-officer")


@pytest.fixture
def october() -> Month:
    return Month(2026, 10)


@pytest.fixture
def november() -> Month:
    return Month(2026, 11)


@pytest.fixture
def at() -> datetime:
    return datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "for-the-bank"
