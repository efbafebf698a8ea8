"""A run keeps values and matched rules; the full trace is made again, and a difference is told."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from amparo.rules.backends.plan import Plan, compile_plan
from amparo.rules.backends.rowwise.regenerate import StoredDiffers
from amparo.rules.backends.rowwise.samples import Samples
from amparo.rules.backends.rowwise.verify import likely_values
from amparo.rules.packs import load_pack
from tests.architecture.source import PROJECT
from tests.rules.packs import packs

ON = date(2025, 6, 1)
FOLDERS = sorted(path.parent for path in (PROJECT / "schemes").glob("*/*/*/scheme.toml"))
NAMES = ["-".join(folder.parts[-3:-1]) for folder in FOLDERS]


def asked(plan: Plan, decision: str, row: dict[str, Any]) -> dict[str, Any]:
    declared = plan.pack.manifest.decision(decision)
    assert declared is not None
    return {item.name: row[item.name] for item in declared.inputs if item.name in row}


def results(plan: Plan, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    table = plan.run_rows(rows).table
    found: list[dict[str, Any]] = [] if table is None else table.to_pylist()
    return found


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_the_trace_of_a_row_is_the_one_a_claim_would_have_got(folder: Path) -> None:
    pack = load_pack(folder)
    plan = compile_plan(pack, [item.name for item in pack.manifest.decisions], on=ON)
    rows = list(Samples(plan.schema, likely_values(pack, plan.schema), seed=3).rows(80))
    compared = 0

    for stored in results(plan, rows)[:8]:
        for decision in plan.compiled:
            inputs = asked(plan, decision, rows[stored["__row"]])
            if stored[f"{decision}#failed"] is not None:
                continue
            trace = plan.trace(decision, inputs, stored, pack_hash=pack.hash)
            assert trace == pack.evaluate(decision, inputs, on=ON).trace
            compared += 1

    assert compared > 0


def right() -> tuple[Plan, dict[str, Any], dict[str, Any]]:
    plan = packs.pack().compile(["right", "amount"], on=ON)
    inputs = {"age": Decimal(70), "income": Decimal(50)}
    return plan, inputs, results(plan, [inputs])[0]


def test_the_rules_that_matched_are_in_the_trace() -> None:
    plan, inputs, stored = right()

    trace = plan.trace("right", inputs, stored, pack_hash=plan.pack.hash)

    tables = [table for made in trace["decisions"] for table in made["tables"]]
    assert stored["right#rules of t"].split() == tables[0]["matched"] == ["r3"]


@pytest.mark.parametrize(
    ("decision", "column", "wrong", "told"),
    [
        ("amount", "amount", Decimal(99), r"amount is stored as Decimal\('99'\), and regenerated"),
        ("right", "right#outcome", "refused", "outcome is stored as 'refused'.*'granted'"),
        ("right", "right#reasons", "TOO_RICH", "reasons is stored as 'TOO_RICH'.*'MET'"),
        ("right", "right#rules of t", "r1 ", r"rules of t is stored as \['r1'\].*\['r3'\]"),
    ],
)
def test_a_stored_value_that_differs_is_an_alarm(
    decision: str, column: str, wrong: object, told: str
) -> None:
    plan, inputs, stored = right()

    with pytest.raises(StoredDiffers, match=told):
        plan.trace(decision, inputs, {**stored, column: wrong}, pack_hash=plan.pack.hash)


def test_another_pack_than_the_runs_is_an_alarm() -> None:
    plan, inputs, stored = right()

    with pytest.raises(StoredDiffers, match="the pack's hash is stored as 'older'"):
        plan.trace("right", inputs, stored, pack_hash="older")
