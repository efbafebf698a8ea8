"""People for the register's tests: registered in one line each, facts written in one line each."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from amparo.register import operations
from amparo.register.operations import During, Writing
from amparo.register.queries import person_record
from amparo.register.records import Grounds, NewPerson, PersonRecord
from amparo.values import Access

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TODAY = AT.date()
LATER = AT + timedelta(hours=1)
GROUNDS = Grounds(evidence="own-statement", reason="Said so at the counter")


def register(
    access: Access,
    name: str,
    *,
    born: date | None = None,
    died: date | None = None,
    **more: Any,
) -> UUID:
    """Register somebody; write down their death where there is one."""
    person_id = operations.register_person(
        person=NewPerson(given_names=name, sex="unknown", birth_date=born, **more),
        access=access,
        at=AT,
    )
    if died is not None:
        operations.record_death(person_id=person_id, death_date=died, access=access, at=AT)
    return person_id


def writing(
    person_id: UUID, access: Access, *, at: datetime = LATER, grounds: Grounds | None = None
) -> Writing:
    return Writing(person_id=person_id, access=access, at=at, grounds=grounds)


def since(day: date | None, until: date | None = None) -> During:
    return During(starts_on=day, ends_before=until)


def record_of(
    person_id: UUID, access: Access, *, on: date = TODAY, at: datetime = LATER
) -> PersonRecord:
    return person_record(person_id=person_id, access=access, as_of=on, known_at=at)


def said(record: PersonRecord, kind: str) -> list[dict[str, str]]:
    """Return what a record says of a kind, without whose it is."""
    return [
        {key: value for key, value in fact.values.items() if key != "person_id"}
        for fact in record.further
        if fact.kind == kind
    ]
