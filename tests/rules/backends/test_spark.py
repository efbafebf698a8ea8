"""Spark: the same columns as DuckDB and the interpreter, and a clear word where it is absent."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from amparo.rules.backends.plan import Plan, compile_plan
from amparo.rules.backends.spark.dialect import SparkEmitter
from amparo.rules.backends.spark.session import SparkUnavailable, why_unavailable
from amparo.rules.ir.nodes import Column, Quotient
from amparo.rules.ir.schema import Schema
from amparo.rules.ir.types import NumberType, whole
from amparo.rules.packs import load_pack
from tests.architecture.source import PROJECT
from tests.rules.backends.small import COLUMNS, pack_of, pack_of_many
from tests.rules.backends.test_constructs import GROUPS

ON = date(2025, 6, 1)
FOLDERS = sorted(path.parent for path in (PROJECT / "schemes").glob("*/*/*/scheme.toml"))
needs_spark = pytest.mark.skipif(bool(why_unavailable()), reason=f"{why_unavailable()}.")


@pytest.fixture(scope="module", autouse=True)
def stopped_spark() -> Iterator[None]:
    """Let the tests of this module share one Spark, and stop it after them."""
    yield
    if why_unavailable():
        return
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an optional extra

    running = SparkSession.getActiveSession()
    if running is not None:
        running.stop()


def plan_for(folder: Path, on: date = ON) -> Plan:
    pack = load_pack(folder)
    return compile_plan(
        pack, [item.name for item in pack.manifest.decisions], target="spark", on=on
    )


@needs_spark
def test_spark_and_interpreter_agree() -> None:
    pack = pack_of_many(
        [
            "decimal(n / m, 2)",
            "if d < e then max(n, m) else null",
            's = "a" or b and c',
            "sum(people[income > 0].income)",
        ]
    )
    names = [item.name for item in pack.manifest.decisions]
    plan = compile_plan(pack, names, Schema(COLUMNS), target="spark", on=ON)

    verification = plan.verify(sample=100)

    assert plan.refusals == ()
    assert verification.differences == ()
    assert verification.compared > 200


@needs_spark
@pytest.mark.proof
@pytest.mark.parametrize("group", GROUPS)
def test_every_construct_gives_in_spark_what_the_interpreter_gives(group: str) -> None:
    pack = pack_of_many(GROUPS[group])
    names = [item.name for item in pack.manifest.decisions]
    plan = compile_plan(pack, names, Schema(COLUMNS), target="spark", on=ON)

    assert plan.verify(sample=150, seed=5).differences == ()


@needs_spark
@pytest.mark.proof
@pytest.mark.parametrize("folder", FOLDERS, ids=["-".join(path.parts[-3:-1]) for path in FOLDERS])
def test_every_pack_gives_in_spark_what_the_interpreter_gives(folder: Path) -> None:
    assert plan_for(folder).verify(sample=150).differences == ()


def test_every_pack_is_written_as_spark_sql() -> None:
    for folder in FOLDERS:
        plan = plan_for(folder)

        assert {*plan.compiled, *(item.decision for item in plan.refusals)} == {*plan.decisions}
        assert not plan.compiled or plan.sql.startswith("WITH `")


def test_a_quotient_that_spark_cannot_hold_is_refused_there_alone() -> None:
    small, part = Decimal("0.0000000001"), Decimal("0.000000000000000001")
    columns = {
        **COLUMNS,
        "n": NumberType(part, Decimal(999), 18, nullable=True),
        "m": NumberType(small, Decimal(99), 10, nullable=True),
    }
    logic = "decimal(n / m, 2)"
    pack, schema = pack_of(logic), Schema(columns)

    held = compile_plan(pack, ["result"], schema, target="duckdb", on=ON)
    unheld = compile_plan(pack, ["result"], schema, target="spark", on=ON)

    assert held.refusals == ()
    assert "Spark has no type" in unheld.refusals[0].reason


def test_a_dividend_is_written_so_wide_that_the_quotient_keeps_its_decimals() -> None:
    pays = NumberType(Decimal(0), Decimal("99999.99"), 2, nullable=False)
    node = Quotient(
        NumberType(Decimal(0), Decimal("99999.99"), 8, nullable=True),
        Column(pays, 0, "pay"),
        Column(whole(1, 12, nullable=False), 0, "heads"),
        8,
    )

    assert SparkEmitter().quotient(node) == ("CAST(`pay` AS DECIMAL(10, 5)) / nullif(`heads`, 0)")


def test_without_java_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)

    with pytest.raises(SparkUnavailable, match=r"not installed.*Java 17, or use the target duckdb"):
        plan_for(PROJECT / "schemes" / "xa" / "social-pension" / "1").verify(sample=1)
