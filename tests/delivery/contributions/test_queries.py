"""Lists of declarations, wages and years."""

from datetime import date
from uuid import uuid4

import pytest

from amparo.delivery.contributions import queries
from amparo.values import Month, NotPermitted
from tests.delivery.contributions.test_account import take_on
from tests.delivery.world import AMINA_NUMBER, World


def test_declarations_are_listed_by_employer_month_and_open_lines(world: World) -> None:
    mill = world.employer(name="Harbour Mill")
    world.pay_in("2026-01", "2026-02")
    waiting = world.declare("2026-02", ("mistyped", "10.00"), employer_id=mill)

    everything = queries.declarations_page(access=world.emil)
    of_mill = queries.declarations_page(access=world.emil, employer_id=mill)
    january = queries.declarations_page(access=world.emil, month=Month(2026, 1))
    open_lines = queries.declarations_page(access=world.emil, with_suspense=True)

    assert everything.total == 3
    assert [row.number for row in of_mill.rows] == [waiting.number]
    assert [row.employer_name for row in january.rows] == ["Kora Textiles"]
    assert [(row.number, row.suspense_count) for row in open_lines.rows] == [(waiting.number, 1)]


def test_wages_of_a_person_are_listed_the_latest_month_first(world: World) -> None:
    world.pay_in("2026-01", "2026-02")
    world.declare("2026-03", (AMINA_NUMBER, "5.00"), ("mistyped", "7.00"))

    page = queries.wage_lines_of_person(person_id=world.amina, access=world.emil)

    assert [str(row.month) for row in page.rows] == ["2026-03", "2026-02", "2026-01"]


def test_suspense_is_listed_by_employer(world: World) -> None:
    world.declare("2026-03", ("mistyped", "7.00"))

    assert queries.suspense_lines_page(access=world.emil, employer_id=world.kora).total == 1
    assert queries.suspense_lines_page(access=world.emil, employer_id=uuid4()).total == 0


def test_years_taken_on_are_listed_in_order(world: World) -> None:
    take_on(world, (2024, 6, "7000.00"), (2023, 12, "12000.00"))

    years = queries.years_taken_on(
        person_id=world.amina, access=world.emil, before=date(2026, 12, 1)
    )

    assert [(year.year, year.months) for year in years] == [(2023, 12), (2024, 6)]


def test_a_declaration_nobody_made_is_not_found(world: World) -> None:
    with pytest.raises(queries.NoSuchDeclaration):
        queries.declaration_record(declaration_id=uuid4(), access=world.emil)


def test_dario_sees_no_declaration_and_no_wage(world: World) -> None:
    with pytest.raises(NotPermitted):
        queries.declarations_page(access=world.dario)
    with pytest.raises(NotPermitted):
        queries.wage_lines_of_person(person_id=world.amina, access=world.dario)
    with pytest.raises(NotPermitted):
        queries.suspense_lines_page(access=world.dario)
    with pytest.raises(NotPermitted):
        queries.years_taken_on(person_id=world.amina, access=world.dario, before=date(2026, 12, 1))


def test_a_year_of_which_a_month_is_posted_as_well_is_held_twice(world: World) -> None:
    take_on(world, (2024, 12, "12000.00"), (2025, 12, "12000.00"))
    world.declare("2025-12", (AMINA_NUMBER, "1000.00"))

    def held_twice(before: date) -> list[int]:
        years = queries.years_taken_on(person_id=world.amina, access=world.emil, before=before)
        return [year.year for year in years if year.is_held_twice]

    assert held_twice(date(2026, 1, 1)) == [2025]
    assert held_twice(date(2025, 12, 1)) == []
