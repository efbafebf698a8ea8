"""A plan: made once, run from Arrow or Parquet, honest about what it sets aside."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types
import pytest

from amparo.rules.backends import Plan, compile_plan, explain_plan
from amparo.rules.backends.load import WrongSource
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.ir.schema import Schema, WrongSchema, read_schema
from amparo.rules.ir.types import DateType, NumberType, TextType
from tests.rules.backends.small import COLUMNS, pack_of, plan_of, values_of
from tests.rules.packs import packs

ON = date(2025, 6, 1)


def right_plan(on: date = ON, known_at: datetime | None = None) -> Plan:
    return packs.pack().compile(["right", "amount", "of_birth"], on=on, known_at=known_at)


def rows_of(plan: Plan, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    table = plan.run_rows(rows).table
    assert table is not None
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def test_a_right_is_granted_refused_or_undetermined_in_columns() -> None:
    rows = rows_of(
        right_plan(),
        {"age": Decimal(70), "income": Decimal(50)},
        {"age": Decimal(59), "income": None},
        {"age": Decimal(70), "income": Decimal("100.01")},
        {"age": Decimal(70), "income": None},
    )

    assert [row["right#outcome"] for row in rows] == [
        "granted",
        "refused",
        "refused",
        "undetermined",
    ]
    assert [row["right#reasons"] for row in rows] == ["MET", "TOO_YOUNG", "TOO_RICH", ""]
    assert [row["right#missing"] for row in rows] == ["", "", "", "income"]
    assert [(row["right#rules of t"] or "").split() for row in rows[:3]] == [["r3"], ["r1"], ["r2"]]


def test_parameters_follow_the_day_and_what_was_known() -> None:
    row = {"age": Decimal(70), "income": Decimal(100)}
    before = datetime(2025, 2, 1, tzinfo=UTC)

    late = rows_of(right_plan(date(2024, 8, 1)), row)
    early = rows_of(right_plan(date(2024, 8, 1), before), row)

    assert late[0]["amount"] == Decimal(15)
    assert early[0]["amount"] == Decimal(10)


def test_a_day_without_a_parameter_fails_the_decision_and_says_so() -> None:
    plan = right_plan(date(2023, 1, 1))

    rows = rows_of(plan, {"age": Decimal(70), "income": Decimal(50)})

    assert [refusal.decision for refusal in plan.refusals] == ["amount"]
    assert rows[0]["amount#failed"] == "parameter.no-value"
    assert rows[0]["right#outcome"] == "granted"


def test_the_same_question_has_the_same_plan_from_any_thread() -> None:
    pack = packs.pack()
    found: list[Plan] = []

    def ask() -> None:
        found.append(pack.compile(["right"], on=ON))

    first = pack.compile(["right"], on=ON)
    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(plan is first for plan in found)
    assert pack.compile(["right"], on=date(2025, 6, 2)) is not first


def test_rows_outside_the_schema_are_set_aside_and_counted() -> None:
    plan = right_plan()
    rows = [
        {"age": Decimal(131), "income": Decimal(1)},
        {"age": Decimal(70), "income": Decimal(1)},
        {"age": Decimal(70), "income": Decimal(2)},
    ]

    report = plan.run_rows(rows)

    assert report.rows == 3
    assert report.set_aside == {"age": 1}
    assert report.quarantine == [(0, "age")]
    assert report.table is not None
    assert report.table.column("__row").to_pylist() == [1, 2]


def test_floats_never_come_in() -> None:
    source = pa.table({"age": [70.0], "income": [1.5]})

    with pytest.raises(WrongSource, match="binary float"):
        right_plan().run(source)


def test_parquet_in_and_out_with_the_columns_that_are_kept(tmp_path: Path) -> None:
    source, sink = tmp_path / "claims.parquet", tmp_path / "results.parquet"
    pq.write_table(
        pa.table(
            {
                "award": pa.array(["a", "b", "c"]),
                "age": pa.array([70, 20, None], pa.int64()),
                "income": pa.array([Decimal("10.50"), None, Decimal(0)], pa.decimal128(9, 2)),
            }
        ),
        source,
    )

    report = right_plan().run(source, sink, keep=["award"])

    assert report.table is None
    written = pq.read_table(sink).to_pylist()
    assert [(row["award"], row["right#outcome"]) for row in written] == [
        ("a", "granted"),
        ("b", "refused"),
        ("c", "undetermined"),
    ]
    assert written[0]["amount"] == Decimal("2.1")


def test_an_unrounded_quotient_is_refused_with_the_hint() -> None:
    plan = plan_of(pack_of("n / 3"))

    refusal = plan.refusals[0]

    assert refusal.decision == "result"
    assert "not rounded" in refusal.reason
    assert refusal.remedy == "Round it."


def test_a_refusal_names_the_place_in_the_text() -> None:
    plan = plan_of(pack_of("n + sqrt(m)"))

    refusal = plan.refusals[0]

    assert refusal.span is not None
    assert refusal.source[refusal.span.start : refusal.span.end] == "sqrt(m)"
    assert "decision result" in refusal.where
    assert "row by row: result: The function sqrt" in explain_plan(plan, in_full=False)


def test_a_refused_decision_runs_row_by_row() -> None:
    plan = plan_of(pack_of("sqrt(n)"))

    report = plan.run_rows([{"n": Decimal(9)}, {"n": None}])

    assert report.table is not None
    rows = report.table.to_pylist()
    assert [row["result#json"] for row in rows] == ['"3"', "null"]
    assert [row["result#outcome"] for row in rows] == ["computed", "undetermined"]
    assert report.by_interpreter == {"result": 2}


def test_numbers_of_34_digits_stay_exact_and_35_are_refused() -> None:
    edge = Decimal(10) ** 34 - 1
    columns = {**COLUMNS, "n": NumberType(-edge, edge, 0, nullable=True)}
    exact = plan_of(pack_of("max(n, 5)"), columns)
    beyond = plan_of(pack_of("n + n"), columns)

    assert values_of(exact, [{"n": edge}, {"n": -edge}, {"n": edge - 1}]) == [edge, 5, edge - 1]
    assert [refusal.decision for refusal in beyond.refusals] == ["result"]
    assert "34 are exact" in beyond.refusals[0].reason


def test_a_quotient_is_rounded_as_if_it_were_exact() -> None:
    # 0.0049999 / 1 by way of four decimals would round to 0.01.
    columns = {**COLUMNS, "n": NumberType(Decimal(0), Decimal(1), 7, nullable=True)}
    plan = plan_of(pack_of("round half up(n / k, 2)"), columns)

    found = values_of(
        plan,
        [
            {"n": Decimal("0.0049999"), "k": Decimal(1)},
            {"n": Decimal("0.005"), "k": Decimal(1)},
            {"n": Decimal("0.0149999"), "k": Decimal(3)},
            {"n": Decimal(1), "k": Decimal(0)},
        ],
    )

    assert found == [Decimal(0), Decimal("0.01"), Decimal(0), None]


def test_born_on_a_leap_day_a_year_ends_on_the_first_of_march() -> None:
    plan = plan_of(pack_of("years and months duration(d, e).years"))

    found = values_of(
        plan,
        [
            {"d": date(2000, 2, 29), "e": date(2023, 2, 28)},
            {"d": date(2000, 2, 29), "e": date(2023, 3, 1)},
            {"d": date(2000, 2, 29), "e": date(2024, 2, 29)},
            {"d": date(2024, 2, 29), "e": date(2000, 3, 1)},
        ],
    )

    assert found == [22, 23, 24, -23]


def test_a_day_beyond_the_calendar_is_left_to_the_interpreter() -> None:
    columns = {**COLUMNS, "d": DateType(date(1, 1, 1), date(9999, 12, 31), nullable=True)}
    plan = plan_of(pack_of('(d + duration("P1M")).month'), columns)

    report = plan.run_rows([{"d": date(9999, 12, 31)}, {"d": date(2024, 1, 31)}])

    assert report.table is not None
    assert report.table.column("result").to_pylist() == [Decimal(1), Decimal(2)]
    assert report.by_interpreter == {"result": 1}


def test_an_answer_that_fits_no_column_is_left_out_and_named() -> None:
    plan = plan_of(pack_of("wages[k]"))

    report = plan.run_rows([{"wages": [Decimal(7)], "k": None}, {"wages": [Decimal(7)], "k": 1}])

    assert report.table is not None
    assert report.table.column("result").to_pylist() == [None, Decimal(7)]
    assert report.table.column("result#failed").to_pylist() == ["result.shape", None]


def test_an_empty_household_counts_nothing_and_sums_to_null() -> None:
    plan = plan_of(pack_of("if count(people) = 0 then 0 else sum(people.income)"))
    person = {"born": date(1990, 1, 1), "income": Decimal(5), "kind": "a", "lives here": True}

    found = values_of(plan, [{"people": []}, {"people": [person, person]}])

    assert found == [0, 10]


def test_a_schema_is_read_from_toml() -> None:
    schema = read_schema(
        """
        [age]
        type = "number"
        min = 0
        max = 130
        decimals = 0
        nullable = false

        [name]
        type = "string"
        max_length = 7
        """,
        where="schema.toml",
    )

    assert schema.columns["age"] == NumberType(Decimal(0), Decimal(130), 0, nullable=False)
    assert schema.columns["name"] == TextType(7, nullable=True)


@pytest.mark.parametrize(
    "text",
    [
        "age = 3",
        "[age]\ntype = 'float'",
        "[age]\ntype = 'number'\nmin = 3\nmax = 1",
        "[age]\ntype = 'number'\nmin = true",
        "[x]\ntype = 'list'",
        "[x]\ntype = 'date'\nmin = 1",
        "[",
    ],
)
def test_a_wrong_schema_is_refused(text: str) -> None:
    with pytest.raises(WrongSchema):
        read_schema(text, where="schema.toml")


def test_an_unknown_decision_is_refused_by_name() -> None:
    with pytest.raises(RuleError, match="no decision nothing"):
        compile_plan(packs.pack(), ["nothing"], on=ON)


def test_a_column_that_the_schema_leaves_out_is_unknown() -> None:
    plan = packs.pack().compile(["right"], Schema({"age": COLUMNS["k"]}), on=ON)

    rows = rows_of(plan, {"age": Decimal(40)})

    assert rows[0]["right#outcome"] == "refused"
