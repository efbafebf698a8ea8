"""When contributions are due, by the calendar of the scheme."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from amparo.delivery.contributions.models import Debt
from amparo.delivery.contributions.terms import KINDS, Terms, UnusableTerms, ranks, terms_of
from amparo.values import Month
from tests.delivery.world import AMINA_NUMBER, AT, SCHEME, World

TERMS = Terms(
    scheme=SCHEME,
    version_id=uuid4(),
    due_day=15,
    rest_days=frozenset({"Saturday", "Sunday"}),
    holidays=frozenset({"12-25", "2026-10-15"}),
    interest_rate=Decimal("0.01"),
    allocation_order=KINDS,
    estimate_months=3,
    estimate_factor=Decimal("1.10"),
    missed_instalments=2,
    law="Test Act",
)


@pytest.mark.parametrize(
    ("month", "due"),
    [
        ("2026-06", date(2026, 7, 15)),
        ("2026-07", date(2026, 8, 17)),  # the 15th is a Saturday
        ("2026-09", date(2026, 10, 16)),  # the 15th is a holiday of that year alone
        ("2025-09", date(2025, 10, 15)),
        ("2026-12", date(2027, 1, 15)),
    ],
)
def test_what_falls_on_a_day_of_rest_is_due_on_the_next_working_day(month: str, due: date) -> None:
    assert TERMS.due_on(Month.parse(month)) == due


def test_a_day_that_the_month_has_not_is_its_last() -> None:
    late = replace(TERMS, due_day=31, rest_days=frozenset())

    assert late.due_on(Month(2028, 1)) == date(2028, 2, 29)
    assert late.due_on(Month(2026, 1)) == date(2026, 2, 28)


def test_a_christmas_that_is_followed_by_a_weekend_is_waited_for() -> None:
    assert replace(TERMS, due_day=25).due_on(Month(2026, 11)) == date(2026, 12, 28)


def test_a_calendar_without_a_working_day_is_refused() -> None:
    every_day = frozenset(
        f"{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 32)
    )

    with pytest.raises(UnusableTerms, match="no working day"):
        replace(TERMS, holidays=every_day).due_on(Month(2026, 1))


def test_the_terms_of_a_month_are_those_of_its_pack(world: World) -> None:
    (terms,) = terms_of(month=Month(2026, 8), known_at=AT).values()

    assert (terms.due_day, terms.interest_rate) == (15, Decimal("0.01"))
    assert terms.law == "Test Act, Art. 30 to 34"
    assert ranks([terms])[SCHEME, "contribution"] == 3


def test_before_the_scheme_there_are_no_terms(world: World) -> None:
    assert terms_of(month=Month(1999, 12), known_at=AT) == {}


def test_a_declaration_is_due_on_the_day_the_pack_says(world: World) -> None:
    world.declare("2026-07", (AMINA_NUMBER, "1000.00"))

    debt = Debt.objects.get()

    assert (debt.due_on, debt.kind, debt.scheme) == (date(2026, 8, 17), "contribution", SCHEME)
