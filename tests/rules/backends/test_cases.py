"""Worked cases in columns: the same verdicts, and what ran row by row is named."""

from pathlib import Path

from amparo.rules.packs import check_pack, render_check
from tests.architecture.source import PROJECT


def test_worked_cases_pass_in_columns_too() -> None:
    folder = PROJECT / "schemes" / "xa" / "social-pension" / "1"

    by_interpreter = check_pack(folder, cases=None)
    in_columns = check_pack(folder, cases=None, backend="duckdb")

    assert in_columns.cases == by_interpreter.cases
    assert in_columns.by_interpreter == {}


def test_a_wrong_expectation_fails_in_columns_too(tmp_path: Path) -> None:
    cases = tmp_path / "wrong.jsonl"
    cases.write_text(
        '{"id": "wrong", "decision": "monthly_rate", "origin": "test", "effective": "2020-01", '
        '"inputs": {"age": 65, "month": "2020-01"}, "expected": {"monthly_rate": 1}}\n',
        encoding="utf-8",
    )

    report = check_pack(PROJECT / "schemes" / "mu" / "brp" / "1", cases=cases, backend="duckdb")

    assert report.failed == 1
    assert "expected 1, got" in report.cases[0].differences[0]


def test_cases_asked_row_by_row_are_counted_and_named(tmp_path: Path) -> None:
    cases = tmp_path / "odd.jsonl"
    # No day has 31 February: the case holds what no column can.
    cases.write_text(
        '{"id": "odd", "decision": "due_date", "origin": "test", "effective": "2024-01", '
        '"inputs": {"payroll_month": "2024-13"}, "expected": {}}\n',
        encoding="utf-8",
    )

    report = check_pack(PROJECT / "schemes" / "ke" / "nssf" / "1", cases=cases, backend="duckdb")

    assert report.failed == 1
    assert report.by_interpreter == {"due_date": 1}
    assert "due_date: 1 asked row by row" in render_check(report)
