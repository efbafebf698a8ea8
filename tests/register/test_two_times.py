"""The algebra of two times, against an oracle that remembers every statement ever made."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.register.facts import as_of, retract, state
from amparo.register.models import Person, Residence
from amparo.register.records import Origin
from tests.register.conftest import CLERK

pytestmark = pytest.mark.django_db

# Twelve days and eight instants are enough for every way in which periods meet.
DAYS = [date(2024, 2, 24) + timedelta(days=n) for n in range(12)]  # across a 29 February
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    """A statement (or, without a district, its retraction) about a period, made at an instant."""

    first: int
    length: int | None
    district: str | None

    @property
    def starts_on(self) -> date:
        return DAYS[self.first]

    @property
    def ends_before(self) -> date | None:
        return None if self.length is None else DAYS[self.first] + timedelta(days=self.length)

    def concerns(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_before is None or day < self.ends_before)


statements = st.lists(
    st.builds(
        Said,
        first=st.integers(0, len(DAYS) - 1),
        length=st.none() | st.integers(1, len(DAYS)),
        district=st.none() | st.sampled_from(["Kora", "Lakeside", "Old Port"]),
    ),
    min_size=1,
    max_size=8,
)


def at(step: int) -> datetime:
    return START + timedelta(hours=step)


def write(person: Person, said: Said, *, step: int) -> None:
    origin = Origin(source="officer", source_id=None, recorded_by=CLERK, at=at(step))
    period = {"starts_on": said.starts_on, "ends_before": said.ends_before}
    of = {"person_id": person.id}
    if said.district is None:
        retract(model=Residence, of=of, origin=origin, **period)  # type: ignore[arg-type]
    else:
        values = {"country": "XA", "district": said.district, "address": ""}
        state(model=Residence, of=of, values=values, origin=origin, **period)  # type: ignore[arg-type]


def oracle(history: list[Said], *, day: date, step: int) -> str | None:
    """Return what the last statement about the day said, of those made by the step."""
    made = [said for said in history[: step + 1] if said.concerns(day)]
    return made[-1].district if made else None


def view(person: Person, *, day: date, step: int) -> str | None:
    rows = list(as_of(Residence.objects.filter(person=person), on=day, known_at=at(step)))
    assert len(rows) <= 1
    return rows[0].district if rows else None


def whole_view(person: Person, *, step: int) -> list[str | None]:
    return [view(person, day=day, step=step) for day in DAYS]


@pytest.fixture(autouse=True)
def _reading() -> None:
    """Tests of the algebra alone need no access, but they need to see rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('amparo.purpose', 'test', true)")


# One test function runs many examples in one transaction: each makes its own person.
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=statements)
def test_every_view_as_of_a_day_and_an_instant_is_what_was_last_said(history: list[Said]) -> None:
    with transaction.atomic():
        person = Person.objects.create(number=f"T-{Person.objects.count()}", registered_at=START)

        views = []
        for step, said in enumerate(history):
            write(person, said, step=step)
            views.append(whole_view(person, step=step))

        for step, seen_then in enumerate(views):
            expected = [oracle(history, day=day, step=step) for day in DAYS]
            assert seen_then == expected
            # What was known at an instant is known to have been known, for ever.
            assert whole_view(person, step=step) == expected


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=statements)
def test_no_row_is_lost_and_no_two_are_true_and_known_at_once(history: list[Said]) -> None:
    with transaction.atomic():
        person = Person.objects.create(number=f"U-{Person.objects.count()}", registered_at=START)
        ever: set[UUID] = set()
        for step, said in enumerate(history):
            write(person, said, step=step)
            now = set(Residence.objects.filter(person=person).values_list("id", flat=True))
            assert ever <= now
            ever = now

        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT count(*) FROM register_residence a JOIN register_residence b
                   ON a.person_id = b.person_id AND a.id < b.id
                   AND daterange(a.starts_on, a.ends_before)
                       && daterange(b.starts_on, b.ends_before)
                   AND tstzrange(a.recorded_at, a.superseded_at)
                       && tstzrange(b.recorded_at, b.superseded_at)
                   WHERE a.person_id = %s""",
                [person.id],
            )
            assert cursor.fetchone() == (0,)


def test_a_statement_inside_a_longer_one_leaves_both_sides_standing() -> None:
    person = Person.objects.create(number="T-29", registered_at=START)
    write(person, Said(0, None, "Kora"), step=0)

    write(person, Said(5, 1, "Lakeside"), step=1)  # 29 February alone

    assert DAYS[5] == date(2024, 2, 29)
    assert whole_view(person, step=1) == ["Kora"] * 5 + ["Lakeside"] + ["Kora"] * 6
    assert whole_view(person, step=0) == ["Kora"] * 12


def test_two_statements_at_the_same_instant_leave_the_second() -> None:
    person = Person.objects.create(number="T-2", registered_at=START)

    write(person, Said(0, None, "Kora"), step=0)
    write(person, Said(0, None, "Lakeside"), step=0)

    assert whole_view(person, step=0) == ["Lakeside"] * 12
