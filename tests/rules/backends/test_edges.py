"""Rows and figures at the edge: what a column cannot hold is refused or the interpreter's."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from amparo.rules.ir.schema import WrongSchema, read_schema
from amparo.rules.packs.cases import read_cases
from amparo.rules.packs.errors import UnusablePack
from tests.rules.backends.small import assert_equal, pack_of, plan_of, values_of

ENDLESS = "999999999999999999999999"


def person(income: int | None) -> dict[str, Any]:
    known = None if income is None else Decimal(income)
    return {"born": None, "income": known, "kind": "a", "lives here": True}


def wages(*figures: int) -> dict[str, Any]:
    return {"wages": [Decimal(figure) for figure in figures]}


@pytest.mark.parametrize(
    ("logic", "row", "result"),
    [
        ("sublist(wages, 2, 20)[1]", wages(1, 2, 3), None),
        ("sublist(wages, 2, 2)[1]", wages(1, 2), None),
        ("sublist(wages, 2, 2)[1]", wages(1, 2, 3), 2),
        ("sublist(wages, 2, 20)[-1]", wages(1, 2, 3), None),
        ("sublist(wages, 2, 20)[k]", {**wages(1, 2, 3), "k": Decimal(1)}, None),
        ("count(sublist(wages, 2, 20)[item > 0])", wages(1, 2, 3), 0),
        ('sublist(people[kind = "a"], 2, 2)[1].income', {"people": [person(1), person(2)]}, None),
    ],
)
def test_no_item_is_taken_from_a_part_the_list_does_not_have(
    logic: str, row: dict[str, Any], result: int | None
) -> None:
    plan = plan_of(pack_of(logic))

    assert plan.refusals == ()
    assert values_of(plan, [row]) == [result]


@pytest.mark.parametrize("place", ["1", "-1", "k"])
@pytest.mark.parametrize(
    ("incomes", "result"), [([None, 5, 7], None), ([5, None], None), ([5], 5), ([7, 7], 7)]
)
def test_no_item_is_taken_from_a_list_that_a_null_leaves_without_order(
    place: str, incomes: list[int | None], result: int | None
) -> None:
    logic = f"sort(people, function(a, b) a.income > b.income)[{place}].income"
    plan = plan_of(pack_of(logic))

    assert plan.refusals == ()
    row = {"people": [person(income) for income in incomes], "k": Decimal(1)}
    assert values_of(plan, [row]) == [result]


@pytest.mark.parametrize(
    "logic",
    [
        "sublist(wages, 2, k)[1]",
        "sum(sublist(wages, 2, 3)[item > 0])",
        "count(sort(people, function(a, b) a.born < b.born)[1].income)",
        "sublist(sort(people, function(a, b) a.born < b.born), 1, 2)[1].income",
    ],
)
def test_parts_and_sorted_lists_on_rows_with_nulls(logic: str) -> None:
    plan = plan_of(pack_of(logic))
    if plan.refusals == ():
        assert_equal(pack_of(logic), rows=600)
    else:
        assert plan.refusals[0].reason


def test_a_text_of_the_year_0_is_read_by_the_interpreter() -> None:
    plan = plan_of(pack_of("date(s)"))
    texts = ["0000-01-01", "0001-01-01", "9999-12-31", "0010-02-28", "2024-02-30", None]

    run = plan.run_rows([{"s": text} for text in texts])

    assert plan.refusals == ()
    assert plan.verify_rows([{"s": text} for text in texts]).differences == ()
    assert run.table is not None
    found = run.table.column("result").to_pylist()
    assert found[1:] == [date(1, 1, 1), date(9999, 12, 31), date(10, 2, 28), None, None]


@pytest.mark.parametrize(
    "logic",
    [
        "modulo(1, 1e-6000)",
        "modulo(n, 1e6000)",
        "sum([9.999e6144, 9.999e6144])",
        "9.999e6144 * 9.999e6144",
        "n / 1e-6000",
        "1e6000 / n",
        "n > 1e6000",
        "if n = 1e-6000 then 1 else 2",
        "floor(1e6000)",
        "decimal(n, 6000)",
        "round up(n, -6000)",
        "n ** 1e6000",
        "max(n, 1e6000)",
        "string(1e6000)",
        "n in [1e-6000..1e6000]",
        'd + @"P1M" * 1e6000',
        f'd + duration("P{ENDLESS}D")',
        f'd - duration("P{ENDLESS}Y")',
        f"sublist(wages, {ENDLESS}, 1)[1]",
        f"wages[{ENDLESS}{ENDLESS}]",
        f"[n, m][-{ENDLESS}{ENDLESS}]",
        f"substring(s, {ENDLESS})",
        f"date({ENDLESS}, 1, 1)",
        "sum(for i in 1..1e6000 return i)",
    ],
)
def test_a_huge_figure_is_refused_or_equal_and_stops_nothing(logic: str) -> None:
    plan = plan_of(pack_of(logic))

    assert plan.verify(sample=40, seed=1).differences == ()
    assert plan.run_rows([{**wages(1, 2), "n": Decimal(2), "s": "a", "d": date(2024, 1, 1)}]).table


@pytest.mark.parametrize("bound", ["nan", "inf", "-inf"])
def test_a_schema_with_a_bound_that_is_not_finite_is_unreadable(bound: str) -> None:
    with pytest.raises(WrongSchema, match="no finite number"):
        read_schema(f'[n]\ntype = "number"\nmin = {bound}\n', where="schema.toml")


def test_a_case_nested_without_end_is_unreadable() -> None:
    with pytest.raises(UnusablePack) as refused:
        list(read_cases("[" * 100_000, where="cases.jsonl"))

    assert refused.value.code == "case.unreadable"
