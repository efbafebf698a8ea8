"""`amparo bench rules`: the hand-written rules say what the packs say, on small numbers."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types
import pytest
from typer.testing import CliRunner

from amparo.interfaces.cli import bench, bench_rules, rules_by_hand
from amparo.interfaces.cli.main import app
from amparo.rules.packs import load_pack
from tests.architecture.source import PROJECT

HOUSEHOLD_BENEFIT = PROJECT / "benches" / "household-benefit" / "1"
PENSION = PROJECT / "schemes" / "us" / "oasdi-retirement" / "1"


def table(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(path).sort_by("number").to_pylist()
    return rows


def test_the_household_benefit_is_the_same_by_hand_compiled_and_interpreted(
    tmp_path: Path,
) -> None:
    source, by_sql, by_plan = (tmp_path / f"{name}.parquet" for name in ("rows", "sql", "plan"))
    rules_by_hand.write_households(path=source, count=500)
    pack = load_pack(HOUSEHOLD_BENEFIT)

    rules_by_hand.households_by_hand(source=source, sink=by_sql)
    plan = pack.compile(["benefit"], rules_by_hand.HOUSEHOLDS, on=rules_by_hand.ON)
    report = plan.run(source, by_plan, keep=["number"])

    assert (report.rows, sum(report.set_aside.values())) == (500, 0)
    wanted = [row["benefit"] for row in table(by_sql)]
    assert [row["benefit"] for row in table(by_plan)] == wanted
    rows = table(source)
    assert [rules_by_hand.household_in_python(row) for row in rows] == wanted
    for row, amount in zip(rows, wanted, strict=True):
        del row["number"]
        found = pack.evaluate("benefit", row, on=rules_by_hand.ON, trace=False)
        assert found.value == amount
    assert len(set(wanted)) > 100


def test_average_earnings_are_the_same_by_hand_and_interpreted(tmp_path: Path) -> None:
    source, by_sql = tmp_path / "rows.parquet", tmp_path / "sql.parquet"
    rules_by_hand.write_workers(path=source, count=40, years=40)
    pack = load_pack(PENSION)

    rules_by_hand.earnings_by_hand(pack=pack, source=source, sink=by_sql)

    name = "average_indexed_monthly_earnings"
    for row, wanted in zip(table(source), table(by_sql), strict=True):
        del row["number"]
        found = pack.evaluate(name, row, on=rules_by_hand.ON, trace=False)
        assert found.value == wanted[name]


def test_a_way_with_other_amounts_ends_the_benchmark() -> None:
    way = bench_rules.Way(name="wrong", rows=2, cpu=1.0)

    with pytest.raises(RuntimeError, match="1 of 2 amounts differ"):
        bench_rules._compared(way, [1, 2], [1, 3])


def test_a_section_takes_the_place_of_the_one_with_its_title(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text("# Benchmarks\n\n## One\n\nold\n\n## Two\n\nkept\n")
    monkeypatch.setattr(bench, "_PAGE", page)

    bench.put_section("One", ["new"])

    assert page.read_text() == "# Benchmarks\n\n## Two\n\nkept\n\n## One\n\nnew\n"


@pytest.mark.proof
def test_the_whole_benchmark_runs_small_and_says_what_is_not_there() -> None:
    arguments = ["--households", "1000", "--claims", "100", "--workers", "100", "--years", "10"]
    result = CliRunner().invoke(app, ["bench", "rules", *arguments, "--no-spark", "--json"])

    assert result.exit_code == 0, result.output
    household, pension = json.loads(result.stdout)["comparisons"]
    by_name = {way["name"]: way for way in household["ways"]}
    assert by_name["compiled, DuckDB"]["unequal"] == 0
    assert by_name["interpreter, full trace"]["unequal"] == 0
    assert "--others" in by_name["zen-engine"]["missing"]
    assert pension["ways"][1]["unequal"] == 0
