"""Registering a person and what happens to them, one intention at a time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from amparo.register import operations, queries
from amparo.register.records import (
    NewAccount,
    NewEmployer,
    NewIdentifier,
    NewPerson,
    NewResidence,
)
from amparo.values import Access

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)


def amina() -> NewPerson:
    return NewPerson(
        given_names="Amina",
        family_name="Kipsang",
        sex="female",
        birth_date=date(1963, 2, 28),
        identifiers=(NewIdentifier(value="1234 5678-97"),),
        residence=NewResidence(country="XA", district="Kora"),
        account=NewAccount(kind="bank", provider="AMPAXAXA", account_number="001 234"),
    )


def test_a_registered_person_is_found_and_read_with_every_fact(bruno: Access, at: datetime) -> None:
    person_id = operations.register_person(person=amina(), access=bruno, at=at)

    record = queries.person_record(person_id=person_id, access=bruno, as_of=TODAY, known_at=at)
    found = queries.find_persons(text="amina kipsong", access=bruno)

    assert record.name is not None
    assert record.name.full == "Amina Kipsang"
    assert record.name.times.starts_on is None
    assert record.vitals is not None
    assert record.vitals.birth_date == date(1963, 2, 28)
    assert [identifier.value for identifier in record.identifiers] == ["1234567897"]
    assert record.account is not None
    assert record.account.account_number == "001234"
    assert [row.person_id for row in found.rows] == [person_id]
    assert found.total == 1
