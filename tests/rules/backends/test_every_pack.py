"""Every pack of the installation: what of it is columns, and that these are the interpreter's."""

from datetime import date
from pathlib import Path

import pytest

from amparo.rules.backends.plan import Plan, compile_plan
from amparo.rules.packs import load_pack
from tests.architecture.source import PROJECT

FOLDERS = sorted(path.parent for path in (PROJECT / "schemes").glob("*/*/*/scheme.toml"))
NAMES = ["-".join(folder.parts[-3:-1]) for folder in FOLDERS]


def plan_for(folder: Path, on: date) -> Plan:
    pack = load_pack(folder)
    return compile_plan(pack, [item.name for item in pack.manifest.decisions], on=on)


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_columns_and_interpreter_agree(folder: Path) -> None:
    plan = plan_for(folder, date(2025, 6, 1))

    verification = plan.verify(sample=40)

    assert verification.differences == ()


@pytest.mark.proof
@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
@pytest.mark.parametrize("on", [date(2019, 12, 31), date(2024, 2, 29), date(2026, 1, 1)])
def test_columns_and_interpreter_agree_on_many_rows(folder: Path, on: date) -> None:
    verification = plan_for(folder, on).verify(sample=3_000, seed=on.year)

    assert verification.differences == ()


def test_nine_decisions_in_ten_are_columns() -> None:
    plans = [plan_for(folder, date(2025, 6, 1)) for folder in FOLDERS]

    in_columns = sum(len(plan.compiled) for plan in plans)
    by_row = sum(len(plan.refusals) for plan in plans)

    assert in_columns >= 9 * by_row
    assert all(refusal.reason for plan in plans for refusal in plan.refusals)
