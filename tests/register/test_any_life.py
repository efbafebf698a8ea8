"""Any sequence of events and corrections: no overlap, nothing lost, no past view ever changes."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from amparo.register import operations
from amparo.register.days import ImpossibleDay
from amparo.register.facts import FactChangedMeanwhile, NotAPeriod
from amparo.register.models import Kinship, Vitals
from amparo.register.operations import (
    NobodyThere,
    UnableToGround,
    UnableToRegister,
)
from amparo.register.operations._common import ImpossibleLife
from amparo.register.queries import person_record
from amparo.register.records import Grounds, NewPerson, NewResidence
from amparo.register.verification import CHECKS
from amparo.values import Access
from tests.register.people import since, writing

START = datetime(2026, 1, 1, tzinfo=UTC)
# A leap day in the middle; the last days lie after everybody's registration.
DAYS = [date(2000, 2, 27) + timedelta(days=n) for n in range(5)] + [date(2020, 1, 1)]
REFUSED = (
    FactChangedMeanwhile,
    ImpossibleDay,
    ImpossibleLife,
    NobodyThere,
    NotAPeriod,
    UnableToGround,
    UnableToRegister,
)
GROUNDS = Grounds(evidence="own-statement", reason="Told otherwise")
people = st.integers(0, 3)
belonging = st.sampled_from(["citizenship", "stateless"])
days = st.sampled_from(DAYS)
endings = st.none() | days
_COUNT = """
SELECT sum(rows) FROM (
    SELECT count(*) AS rows FROM register_kinship UNION ALL
    SELECT count(*) FROM register_vitals UNION ALL SELECT count(*) FROM register_residence
    UNION ALL SELECT count(*) FROM register_civilstatus UNION ALL
    SELECT count(*) FROM register_spokenlanguage UNION ALL
    SELECT count(*) FROM register_nationality UNION ALL SELECT count(*) FROM register_contact
) AS counted
"""


class Lives(RuleBasedStateMachine):
    """Four people and everything that may be said of them, in any order."""

    access: ClassVar[Access]

    def __init__(self) -> None:
        super().__init__()
        self.step = 0
        self.rows = 0
        self.seen: dict[tuple[UUID, date, datetime], Any] = {}
        self.people = [
            operations.register_person(
                person=NewPerson(given_names=name, sex="female"),
                access=self.access,
                at=self.now,
            )
            for name in ("Amina", "Zuri", "Josefa", "Neema")
        ]

    @property
    def now(self) -> datetime:
        return START + timedelta(minutes=self.step)

    def attempt(self, act: Callable[..., object], **arguments: Any) -> None:
        """Do something; what is refused with a reason changes nothing."""
        self.step += 1
        with suppress(*REFUSED):
            act(**arguments)

    def by(self, person: int) -> operations.Writing:
        return writing(self.people[person], self.access, at=self.now, grounds=GROUNDS)

    # --- what happens ---------------------------------------------------------------------

    @rule(one=people, other=people, day=days, form=st.sampled_from(["", "civil", "customary"]))
    def marry(self, one: int, other: int, day: date, form: str) -> None:
        self.attempt(
            lambda: operations.record_union(
                writing=self.by(one), partner_id=self.people[other], form=form, starts_on=day
            )
        )

    @rule(one=people, day=days, outcome=st.sampled_from(["divorced", "separated", "single"]))
    def part(self, one: int, day: date, outcome: str) -> None:
        for tie_id in self.ties(one, "spouse"):
            self.attempt(
                lambda tie_id=tie_id: operations.end_union(
                    writing=self.by(one), tie_id=tie_id, ends_before=day, outcome=outcome
                )
            )

    @rule(one=people, parent=people, day=endings)
    def descend(self, one: int, parent: int, day: date | None) -> None:
        self.attempt(
            lambda: operations.record_parent(
                writing=self.by(one), parent_id=self.people[parent], during=since(day)
            )
        )

    @rule(one=people)
    def descend_from_nobody(self, one: int) -> None:
        for tie_id in self.ties(one, "parent"):
            self.attempt(
                lambda tie_id=tie_id: operations.withdraw_tie(writing=self.by(one), tie_id=tie_id)
            )

    @rule(one=people, born=endings, died=endings)
    def put_right(self, one: int, born: date | None, died: date | None) -> None:
        known = Vitals.objects.get(person_id=self.people[one], superseded_at=None)
        self.attempt(
            lambda: operations.correct_vitals(
                person_id=self.people[one],
                fact_id=known.id,
                sex="female",
                birth_date=born,
                birth_precision="day",
                death_date=died,
                grounds=GROUNDS,
                access=self.access,
                at=self.now,
            )
        )

    @rule(one=people, day=days, district=st.sampled_from(["Kora", "Lakeside"]))
    def move(self, one: int, day: date, district: str) -> None:
        self.attempt(
            lambda: operations.move(
                person_id=self.people[one],
                residence=NewResidence(country="XA", district=district),
                starts_on=day,
                access=self.access,
                at=self.now,
            )
        )

    @rule(one=people, first=endings, last=endings, language=st.sampled_from(["fr", "sw", "ar"]))
    def speak(self, one: int, first: date | None, last: date | None, language: str) -> None:
        self.attempt(
            lambda: operations.state_language(
                writing=self.by(one),
                language=language,
                is_preferred=True,
                during=since(first, last),
            )
        )

    @rule(
        one=people, first=endings, last=endings, kind=st.sampled_from(["citizenship", "stateless"])
    )
    def belong(self, one: int, first: date | None, last: date | None, kind: str) -> None:
        self.attempt(
            lambda: operations.state_nationality(
                writing=self.by(one),
                kind=kind,
                country="XA" if kind == "citizenship" else "",
                during=since(first, last),
            )
        )

    @rule(one=people, ended=st.booleans(), day=days)
    def take_back(self, one: int, day: date, *, ended: bool) -> None:
        record = person_record(
            person_id=self.people[one], access=self.access, as_of=day, known_at=self.now
        )
        for fact in record.further[:1]:
            if ended:
                self.attempt(
                    operations.end_fact,
                    writing=self.by(one),
                    kind=fact.kind,
                    fact_id=fact.times.fact_id,
                    ends_before=day + timedelta(days=1),
                )
            else:
                self.attempt(
                    operations.withdraw_fact,
                    writing=self.by(one),
                    kind=fact.kind,
                    fact_id=fact.times.fact_id,
                )

    def ties(self, one: int, kind: str) -> list[UUID]:
        return list(
            Kinship.objects.filter(
                person_id=self.people[one], kind=kind, superseded_at=None
            ).values_list("id", flat=True)
        )

    # --- what always holds ----------------------------------------------------------------

    @invariant()
    def nothing_is_lost(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT)
            rows = cursor.fetchone()[0]
        assert rows >= self.rows
        self.rows = rows

    def teardown(self) -> None:
        """Look at every moment that was looked at on the way: each is as it was."""
        for (person_id, day, known_at), record in self.seen.items():
            assert self.look(person_id, day, known_at) == record
        with connection.cursor() as cursor:
            found = {check.name: check.run(cursor).violations for check in CHECKS}
        assert {name: count for name, count in found.items() if count} == {}

    @rule(one=people, day=days)
    def remember(self, one: int, day: date) -> None:
        person_id = self.people[one]
        self.seen[person_id, day, self.now] = self.look(person_id, day, self.now)
        self.step += 1

    def look(self, person_id: UUID, day: date, known_at: datetime) -> tuple[Any, ...]:
        """Return what was true on a day as known then; a row's later end is not part of it."""
        record = person_record(
            person_id=person_id, access=self.access, as_of=day, known_at=known_at
        )
        ties = [(tie.kind, tie.form, tie.person_id, tie.times.starts_on) for tie in record.kin]
        said = [(fact.kind, sorted(fact.values.items())) for fact in record.further]
        vitals, home = record.vitals, record.residence
        return (
            ties,
            said,
            vitals and (vitals.birth_date, vitals.death_date),
            home and home.district,
        )


@pytest.mark.django_db
def test_whatever_happens_the_register_stays_sound(bruno: Access, reading_all: None) -> None:
    Lives.access = bruno

    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=8,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
