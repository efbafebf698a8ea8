"""Usual rows take a shorter program: the answers are those of the whole one, row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types
import pytest

from amparo.rules.backends import explain_plan
from amparo.rules.backends.duckdb.run import DuckDbRun, _register, what_is_usual
from amparo.rules.backends.load import WrongSource
from amparo.rules.backends.plan import MANY, Plan, arrow_schema, compile_plan
from amparo.rules.backends.rowwise.samples import Samples
from amparo.rules.backends.rowwise.verify import likely_values
from amparo.rules.backends.running import RunReport, Source
from amparo.rules.ir.compile import result_columns, steps_behind
from amparo.rules.ir.schema import Schema, Usual, schema_of_usual
from amparo.rules.ir.types import ListType, NumberType, StructType
from amparo.rules.packs import load_pack
from tests.architecture.source import PROJECT
from tests.rules.backends.small import COLUMNS, assert_all_equal, pack_of, plan_of
from tests.rules.dmn.models import table

HOUSEHOLD = PROJECT / "benches" / "household-benefit" / "1"
SCHEMES = PROJECT / "schemes"
ON = date(2026, 6, 1)
KNOWN = {"n": Decimal(5), "m": Decimal(2), "k": Decimal(1), "s": "a", "t": "b", "b": True}


def plan_for(scheme: str) -> Plan:
    pack = load_pack(SCHEMES / scheme / "1")
    return compile_plan(pack, [item.name for item in pack.manifest.decisions], on=ON)


def rows_of(plan: Plan, *, known: int, others: int) -> list[dict[str, Any]]:
    """Make rows of which all is known, and others with null here and there among them."""
    likely = likely_values(plan.pack, plan.schema)
    made = [*Samples(plan.schema, likely, seed=1, nulls=0).rows(known)]
    made += Samples(plan.schema, likely, seed=2).rows(others)
    return [made[at * 7 % len(made)] for at in range(len(made))]


def as_table(plan: Plan, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=arrow_schema(plan.schema))


def run(plan: Plan, source: Source, *, usual: Usual | None, sink: Path | None = None) -> RunReport:
    """Run with the shorter program for usual rows, or with the whole for all."""
    shorter = None if usual is None else plan.shorter
    return plan._run_with(shorter, usual).run(source, sink, ())


@pytest.mark.parametrize("scheme", ["xa/child-grant", "fj/sps"])
def test_the_answers_are_those_of_the_whole_program(scheme: str, tmp_path: Path) -> None:
    plan = plan_for(scheme)
    source = as_table(plan, rows_of(plan, known=150, others=150))

    whole = run(plan, source, usual=None)
    mixed = run(plan, source, usual=Usual())
    run(plan, source, usual=Usual(), sink=tmp_path / "result.parquet")

    assert mixed.table == whole.table
    assert (mixed.rows, mixed.set_aside) == (whole.rows, whole.set_aside)
    assert sorted(mixed.quarantine) == whole.quarantine
    assert whole.table is not None
    written = pq.read_table(tmp_path / "result.parquet").sort_by("__row")
    assert written.to_pylist() == whole.table.to_pylist()
    assert [path.name for path in tmp_path.iterdir()] == ["result.parquet"]


def test_rows_of_which_all_is_known_are_written_by_the_database(tmp_path: Path) -> None:
    plan = plan_of(pack_of("n + m"))
    source = as_table(plan, rows_of(plan, known=200, others=0))
    sink = tmp_path / "result.parquet"

    report = run(plan, source, usual=Usual(), sink=sink)

    whole = run(plan, source, usual=None).table
    assert whole is not None
    assert report.rows == 200
    assert pq.read_metadata(sink).created_by.startswith("DuckDB")
    assert pq.read_table(sink).to_pylist() == whole.to_pylist()
    assert pq.read_schema(sink).names == whole.schema.names


def test_words_come_out_of_a_file_as_texts(tmp_path: Path) -> None:
    rules = [(["> 0", "-"], ["1"]), (["<= 0", "true"], ["2"])]
    plan = plan_of(pack_of(table(["n", "b"], ["x"], rules, policy="FIRST", default="0")))
    rows = [{**KNOWN, "n": Decimal(at - 3), "b": at % 2 == 0} for at in range(6)]
    source = pa.Table.from_pylist(rows, schema=arrow_schema(Schema({n: COLUMNS[n] for n in KNOWN})))
    others = Usual(absent=frozenset(COLUMNS.keys() - KNOWN.keys()))

    run(plan, source, usual=others, sink=tmp_path / "result.parquet")

    found = pq.read_table(tmp_path / "result.parquet")
    assert set(map(str, found.schema.types)) <= {"int64", "string", "decimal128(1, 0)"}
    assert found.column("result").to_pylist() == [2, 0, 2, 0, 1, 1]


@pytest.mark.parametrize("policy", ["FIRST", "UNIQUE", "ANY"])
def test_the_rules_that_matched_are_told_alike(policy: str) -> None:
    rules = [(["> 0", "-"], ["1"]), (["> 0", "true"], ["1"]), (["< 0", "-"], ["2"])]
    plan = plan_of(pack_of(table(["n", "b"], ["x"], rules, policy=policy)))
    source = as_table(plan, rows_of(plan, known=60, others=20))

    whole, short = run(plan, source, usual=None).table, run(plan, source, usual=Usual()).table

    assert whole is not None
    assert short == whole
    told = set(whole.column("result#rules of t").to_pylist())
    assert {"r1 ", "r3 "} <= told
    assert ("r1 r2 " in told) == (policy != "FIRST")


def test_a_value_that_is_not_allowed_is_set_aside_all_the_same() -> None:
    plan = plan_for("fj/sps")
    source = as_table(plan, rows_of(plan, known=200, others=0))

    whole, short = run(plan, source, usual=None), run(plan, source, usual=Usual())

    assert whole.set_aside["month"] > 0
    assert short.set_aside == whole.set_aside
    assert short.table == whole.table


def test_a_row_outside_a_range_inside_a_list_is_set_aside_all_the_same() -> None:
    plan = plan_of(pack_of("sum(wages)"), {"wages": COLUMNS["wages"]})
    wide = pa.schema([("wages", pa.list_(pa.decimal128(12, 3)))])
    rows: list[Any] = [["1.5"], ["99999.995"], ["100000"], [], ["2", None], None, ["3"] * 21]
    source = pa.Table.from_pylist(
        [{"wages": row and [item and Decimal(item) for item in row]} for row in rows], wide
    )

    whole, short = run(plan, source, usual=None), run(plan, source, usual=Usual())

    assert whole.set_aside == {"wages": 4}
    assert short.table == whole.table
    assert sorted(short.quarantine) == whole.quarantine


def test_many_rows_say_what_is_usual_of_them() -> None:
    plan = plan_of(pack_of("if b then n else m"))
    known = list(Samples(plan.schema, seed=5, nulls=0).rows(MANY))
    rows = [{**row, "s": None, "t": row["t"] if at % 2 else None} for at, row in enumerate(known)]
    people = [{"born": None, "income": Decimal(1), "kind": "a", "lives here": True}]
    source = as_table(plan, [{**row, "people": people} for row in rows]).drop_columns(["d"])

    with duckdb.connect() as connection:
        given = _register(connection, source)
        usual = what_is_usual(connection, given, plan.schema.columns)

    assert usual == Usual(frozenset({"s", "d"}), frozenset({"t", "people.born"}))
    run_of_many = plan._new_run(source)
    assert isinstance(run_of_many, DuckDbRun)
    assert run_of_many.shorter is not None
    assert plan._new_run(source.slice(1)).shorter is None
    whole = run(plan, source, usual=None).table
    assert run_of_many.run(source, None, ()).table == whole


def test_usual_rows_promise_less_null_and_the_same_ranges() -> None:
    schema = Schema({name: COLUMNS[name] for name in ("n", "s", "people", "wages")})

    narrow = schema_of_usual(schema, Usual(frozenset({"s"}), frozenset({"people.income"})))

    assert list(narrow.columns) == ["n", "people", "wages"]
    assert narrow.columns["n"] == replace(COLUMNS["n"], nullable=False)
    people = narrow.columns["people"]
    assert isinstance(people, ListType)
    assert isinstance(people.item, StructType)
    assert not people.nullable
    assert {name: of.nullable for name, of in people.item.fields} == {
        "born": False,
        "income": True,
        "kind": False,
        "lives here": False,
    }


def test_the_shorter_program_asks_for_nothing_that_is_known() -> None:
    pack = load_pack(HOUSEHOLD)
    plan = compile_plan(pack, ["benefit"], on=ON)

    short = plan.shorter(Usual())

    assert short is not None
    whole, less = (
        {step.name for step in steps_behind(made.columns, result_columns(made.compiled["benefit"]))}
        for made in (plan.program, short)
    )
    assert any("in doubt" in name for name in whole)
    assert not any("in doubt" in name for name in less)
    assert len(less) < len(whole)
    assert plan.shorter(Usual()) is short


def test_the_plan_in_full_shows_the_sql_of_both_programs() -> None:
    logic = "if n > 0 then m else n"
    plan = plan_of(pack_of(logic))
    spark = compile_plan(plan.pack, ["result"], plan.schema, target="spark", on=ON)

    whole, _, shorter = explain_plan(plan, in_full=True).partition("rows of which everything is")

    assert "IS NULL" in whole
    assert "IS NULL" not in shorter
    assert 'AS "result"' in shorter
    assert "rows of which everything is" not in explain_plan(spark, in_full=True)
    assert "rows of which everything is" not in explain_plan(plan, in_full=False)


def test_a_name_that_differs_in_its_case_alone_is_kept_all_the_same(tmp_path: Path) -> None:
    plan = plan_of(pack_of("n + 1"), {"n": NumberType(Decimal(0), Decimal(9), 0, nullable=True)})
    source = pa.table({"n": [Decimal(1), Decimal(2)], "Result": ["a", "b"]})

    made = plan._run_with(plan.shorter, Usual()).run(source, tmp_path / "out", ["Result"])

    assert made.rows == 2
    found = pq.read_table(tmp_path / "out").select(["Result", "result"]).to_pylist()
    assert found == [{"Result": "a", "result": 2}, {"Result": "b", "result": 3}]


def test_a_column_called_as_the_number_of_a_row_is_refused() -> None:
    plan = plan_of(pack_of("n + 1"))
    source = pa.table({"n": [Decimal(1)], "__source_row": [7]})

    with pytest.raises(WrongSource, match="number of a row"):
        plan.run(source)


@pytest.mark.parametrize("name", ["file_row_number", "rows", "told", "source", "settled", "x"])
def test_a_column_may_be_called_as_a_table_of_the_run(name: str, tmp_path: Path) -> None:
    plan = plan_of(pack_of("n + 1"), {"n": NumberType(Decimal(0), Decimal(9), 0, nullable=True)})
    pq.write_table(pa.table({"n": [Decimal(1), None], name: ["a", "b"]}), tmp_path / "in")

    plan._run_with(plan.shorter, Usual()).run(tmp_path / "in", tmp_path / "out", [name])

    found = pq.read_table(tmp_path / "out").to_pylist()
    assert [(row["__row"], row[name], row["result"]) for row in found] == [
        (0, "a", 2),
        (1, "b", None),
    ]


# Looking up -----------------------------------------------------------------------------------

TABLE = "[{y: 1, v: 10.5, w: 1}, {y: 2, v: 20, w: 2}, {y: 4, v: 30, w: 3}]"
TWICE = "[{y: 1, v: 10}, {y: 2, v: 20}, {y: 2, v: 30}]"


def test_items_are_looked_up_by_a_number_that_each_has() -> None:
    assert_all_equal(
        [
            f"{TABLE}[y = k].v[1]",
            f"{TABLE}[y = k][-1].v",
            f"count({TABLE}[y = k])",
            f"count({TABLE}[k = y])",
            f"sum({TABLE}[y = k].v)",
            f"{TABLE}[y = k + 1][1].w",
            f"{TABLE}[y = 2][1].v",
            f"count({TABLE}[y = 3])",
            f"{TABLE}[y = w][1].v",
            f"{TABLE}[y = item.w][1].v",
            f"if count({TABLE}[y = k]) = 0 then n else {TABLE}[y = k][1].v",
            f"{TWICE}[y = k][1].v",
            f"{TWICE}[y = k][-1].v",
            f"count({TWICE}[y = k])",
            f"sum({TWICE}[y = k].v)",
            "[{y: 1, v: n}, {y: 2, v: m}][y = k][1].v",
            '[{y: 1, v: "a"}, {y: 2, v: "b"}][y = k][1].v',
            "[{y: -40, v: 1}, {y: 5000, v: 2}][y = k][1].v",
            "[{y: 1, v: 1}, {y: 2, v: null}][y = k][1].v",
            "[{y: 0, v: date(2020, 1, 1)}, {y: 1, v: date(2021, 1, 1)}][y = k][1].v",
            "sum(for p in people return [{y: 1960, v: 5}, {y: 1990, v: 6}][y = p.born.year][1].v)",
        ]
    )
