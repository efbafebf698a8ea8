"""Folds of lists where they stand: sorted, ranked, counted apart; the same as item by item."""

from datetime import date
from decimal import Decimal

import pytest

from amparo.rules.backends.plan import Plan, compile_plan
from amparo.rules.ir.schema import Schema
from amparo.rules.ir.types import ListType, NumberType
from tests.rules.backends.small import COLUMNS, pack_of_many

# So much work on each item that its results get columns.
LONG = "(for wage in wages return " + " + ".join(["decimal(wage / 7, 2)"] * 12) + ")"
FOLDS = (
    "sum(sublist(sort(wages), 1, 2))",
    "sum(sublist(sort(wages, function(a, b) a > b), 1, 3))",
    "max(sublist(sort(wages[item > -5]), 1, 2))",
    "count(sublist(sort(wages), 2))",
    "if k > 0 then sum(sublist(sort(wages[item < k]), 1, 2)) else count(wages[item = k])",
    "sort(wages)[1]",
    "sort(wages)[-1]",
    "sort(wages, function(a, b) a > b)[2]",
    "wages[2]",
    "wages[-1]",
    "sum(sublist(wages, 2))",
    "count(distinct values(wages))",
    "count(distinct values(wages[item > 0]))",
    "sum(distinct values(wages))",
    "count(distinct values(for wage in wages return modulo(wage, 3)))",
    "if count(distinct values(wages)) = count(wages) then 1 else 0",
    "some wage in wages satisfies wage = 3",
    "every wage in wages satisfies wage > 0",
    "sum(for wage in wages return decimal(wage * wage / 7, 2))",
    "sum(people[kind = s].income)",
    "sum(sublist(sort(for w in wages return decimal(w * k / 7, 2), function(a, b) a < b), 1, 2))",
    f"sum(sublist(sort({LONG}, function(a, b) a > b), 1, 3))",
    f"if n > 0 then sum(sublist(sort({LONG}), 1, 2)) else count({LONG}[item > 100])",
    f"sum(sublist(sort({LONG}[item > 100]), 1, 2)) + sum(sublist(sort({LONG}), 1, 2))",
)


def plan_for(low: str, high: str, scale: int) -> Plan:
    wage = NumberType(Decimal(low), Decimal(high), scale, nullable=False)
    columns = {**COLUMNS, "wages": ListType(wage, 20, nullable=True)}
    pack = pack_of_many(FOLDS)
    names = [item.name for item in pack.manifest.decisions]
    return compile_plan(pack, names, Schema(columns), on=date(2025, 6, 1))


@pytest.mark.parametrize(
    ("low", "high", "scale"), [("-40", "40", 0), ("0", "60", 1), ("-5000", "9000", 0)]
)
def test_folds_give_what_the_interpreter_gives(low: str, high: str, scale: int) -> None:
    plan = plan_for(low, high, scale)

    found = plan.verify(sample=150, seed=8)

    assert plan.refusals == ()
    assert found.differences == ()
    assert found.compared > 150 * len(FOLDS) / 2


def test_a_fold_over_the_first_of_a_sorted_list_sorts_where_the_list_stands() -> None:
    small, wide = plan_for("-40", "40", 0).sql, plan_for("-5000", "9000", 0).sql

    assert "list_sort(" in small
    assert "list_sort(" in wide


def test_the_keys_of_items_with_much_work_are_collected_and_sorted_by_claim() -> None:
    sql = plan_for("-40", "40", 0).sql

    assert "list_sort(list(" in sql
    assert "GROUP BY" in sql
    assert "OVER (PARTITION BY" in sql


def test_different_whole_numbers_close_together_are_counted_by_bits() -> None:
    assert "bit_count(" in plan_for("-40", "40", 0).sql
    assert "bit_count(" not in plan_for("-5000", "9000", 0).sql
    assert "bit_count(" not in plan_for("0", "60", 1).sql
