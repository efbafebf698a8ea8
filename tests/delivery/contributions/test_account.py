"""The worker's account: months and earnings that decide a pension."""

from datetime import date
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from amparo.delivery.contributions.account import InsuranceRecord, insurance_record
from amparo.delivery.contributions.operations import (
    NewYear,
    YearTakenOnAlready,
    take_on_years,
)
from amparo.journal.reading import reading
from amparo.values import NotPermitted, Right
from tests.delivery.world import AMINA_NUMBER, AT, SCHEME, World


def account(world: World, *, before: date = date(2026, 11, 1)) -> InsuranceRecord:
    with reading(access=world.bruno, right=Right.CLAIM_READ):
        return insurance_record(person_id=world.amina, scheme=SCHEME, before=before)


def take_on(world: World, *years: tuple[int, int, str]) -> int:
    return take_on_years(
        scheme=SCHEME,
        years=[
            NewYear(person_id=world.amina, year=year, months=months, earnings=Decimal(earnings))
            for year, months, earnings in years
        ],
        received_file_id=world.received_file(kind="history"),
        access=world.emil,
        at=AT,
    )


def test_nobody_has_months_without_contributions(world: World) -> None:
    record = account(world)

    assert (record.months, record.total_earnings) == (0, Decimal(0))
    assert record.average_monthly_earnings is None


def test_two_employers_in_one_month_are_one_month_with_both_wages(world: World) -> None:
    world.pay_in("2026-01", "2026-02", wage="1000.00")
    second = world.employer(name="Harbour Mill")
    world.declare("2026-02", (AMINA_NUMBER, "500.00"), employer_id=second)

    record = account(world)

    assert (record.months, record.total_earnings) == (2, Decimal("2500.00"))
    assert record.average_monthly_earnings == Decimal(1250)


def test_years_taken_on_count_beside_posted_months(world: World) -> None:
    take_on(world, (2023, 12, "12000.00"), (2024, 6, "7000.00"))
    world.pay_in("2026-01", wage="1000.00")

    record = account(world)

    assert (record.months, record.total_earnings) == (19, Decimal("20000.00"))


def test_a_year_never_has_more_than_twelve_months(world: World) -> None:
    take_on(world, (2026, 11, "11000.00"))
    world.pay_in("2026-01", "2026-02", wage="1000.00")

    assert account(world, before=date(2027, 1, 1)).months == 12


@pytest.mark.parametrize(
    ("before", "months"),
    [(date(2026, 2, 28), 1), (date(2026, 3, 1), 2), (date(2026, 3, 31), 2)],
)
def test_only_months_complete_before_the_month_asked_count(
    world: World, before: date, months: int
) -> None:
    world.pay_in("2026-01", "2026-02", "2026-03")

    assert account(world, before=before).months == months


def test_months_taken_on_in_the_very_year_asked_are_reported_apart(world: World) -> None:
    take_on(world, (2024, 12, "12000.00"), (2025, 9, "9000.00"))

    record = account(world, before=date(2025, 7, 1))

    assert (record.months, record.undated_months) == (12, 9)


def test_lines_in_suspense_do_not_count_and_are_pending_where_she_worked(world: World) -> None:
    world.employ(world.amina, world.kora, starts_on=date(2026, 2, 1))
    world.declare("2026-01", ("mistyped", "1000.00"))
    world.declare("2026-02", ("mistyped", "1000.00"))
    world.declare("2026-03", (AMINA_NUMBER, "1000.00"), ("mistyped", "1000.00"))

    record = account(world)

    assert (record.months, record.pending_months) == (1, 1)


def test_the_account_is_one_statement_once_the_records_are_known(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    world.pay_in("2026-01")

    with reading(access=world.bruno, right=Right.CLAIM_READ), django_assert_num_queries(2):
        record = insurance_record(person_id=world.amina, scheme=SCHEME, before=date(2026, 11, 1))

    assert (record.months, record.total_earnings) == (1, Decimal("1000.00"))


def test_a_year_with_more_than_twelve_months_is_named_as_doubled(world: World) -> None:
    take_on(world, (2025, 12, "12000.00"))
    world.declare("2025-12", (AMINA_NUMBER, "1000.00"))

    assert account(world).doubled_years == (2025,)


def test_a_year_is_taken_on_once(world: World) -> None:
    take_on(world, (2024, 12, "12000.00"))

    with pytest.raises(YearTakenOnAlready):
        take_on(world, (2023, 12, "1.00"), (2024, 12, "12000.00"))

    assert account(world).months == 12


def test_dario_takes_on_no_history(world: World) -> None:
    with pytest.raises(NotPermitted):
        take_on_years(
            scheme=SCHEME,
            years=[],
            received_file_id=world.received_file(),
            access=world.dario,
            at=AT,
        )
