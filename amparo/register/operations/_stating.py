"""How one fact about one person is written down, whatever it says: the steps all of them share."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from amparo.journal.operations import record
from amparo.journal.reading import reading
from amparo.register import days, facts
from amparo.register.operations._common import (
    by_officer,
    check_start,
    ground,
    life_events,
    lock_person,
    possible_lives,
)
from amparo.register.operations._match_keys import refresh_keys_about
from amparo.register.records import UNKNOWN_START, Grounds
from amparo.values import Access, Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """Who writes a fact down about whom, when, on which grounds, and how sure it is."""

    person_id: UUID
    access: Access
    at: datetime
    grounds: Grounds | None = None
    confidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class During:
    """When a fact is true. starts_on: None where nobody knows since when."""

    starts_on: date | None
    ends_before: date | None = None

    @property
    def first_day(self) -> date:
        return self.starts_on or UNKNOWN_START


@contextmanager
def changing(writing: Writing) -> Iterator[None]:
    """Read a person's facts for changing them, one officer at a time."""
    writing.access.require(Right.PERSON_REGISTER)
    lock_person(writing.person_id)
    with (
        reading(
            access=writing.access,
            right=Right.PERSON_REGISTER,
            subject_kind="person",
            subject_id=writing.person_id,
        ),
        possible_lives(),
    ):
        yield
        refresh_keys_about(person_id=writing.person_id)


def state(
    writing: Writing,
    *,
    model: type[facts.F],
    keys: Mapping[str, object] | None = None,
    values: Mapping[str, object],
    during: During,
) -> UUID:
    """State a fact of the person; keys: what beside the person tells it from others of its kind."""
    check_start(person_id=writing.person_id, starts_on=during.starts_on, at=writing.at)
    days.check_end(during.ends_before)
    return facts.state(
        model=model,
        of={"person_id": writing.person_id, **(keys or {})},
        values=values,
        starts_on=during.first_day,
        ends_before=during.ends_before,
        origin=by_officer(
            access=writing.access,
            at=writing.at,
            grounds=writing.grounds,
            confidence=writing.confidence,
        ),
    )


def conclude(
    writing: Writing,
    *,
    kind: str,
    fact_id: UUID,
    on_date: date,
    event: str = "",
    others: tuple[UUID, ...] = (),
    details: Mapping[str, str] | None = None,
) -> None:
    """Keep the grounds, publish what happened to the person and others, journal the act.

    event: what delivery reacts to; empty where it is nobody's business but the register's.
    """
    ground(
        person_id=writing.person_id,
        fact_id=fact_id,
        grounds=writing.grounds,
        access=writing.access,
        at=writing.at,
    )
    if event:
        people = (writing.person_id, *others)
        life_events(
            kind=event,
            on_date=on_date,
            facts=[(person_id, None, fact_id) for person_id in people],
            at=writing.at,
        )
    record(
        kind=kind,
        access=writing.access,
        subject_kind="person",
        subject_id=writing.person_id,
        details={"fact": str(fact_id), **(details or {})},
    )
