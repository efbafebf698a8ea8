"""Checking a pack: its worked cases per origin, and what a careful reader objects to."""

import json
from pathlib import Path
from typing import Any

import pytest

from amparo.rules.packs import UnusablePack, check_pack, render_check
from amparo.rules.packs.cases import effective_date, read_cases
from amparo.rules.packs.lint import lint
from tests.rules.packs.packs import PARAMETERS, REASONS, files, model, pack

SCHEMES = Path(__file__).parents[3] / "schemes"
PACKS = sorted(path.parent for path in SCHEMES.rglob("scheme.toml"))


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.relative_to(SCHEMES).as_posix())
def test_every_pack_passes_its_own_worked_cases(path: Path) -> None:
    report = check_pack(path, cases=None)

    assert report.is_ok, render_check(report)
    assert report.passed > 5


@pytest.mark.parametrize(("name", "count"), [("ke/nssf", 38), ("mu/brp", 21)])
def test_the_published_cases_pass_per_origin(oracles: Path, name: str, count: int) -> None:
    cases = oracles / "schemes" / "cases" / f"{name.replace('/', '-')}.give.jsonl"

    report = check_pack(SCHEMES / name / "1", cases=cases)

    assert (report.passed, report.failed) == (count, 0), render_check(report)
    assert sum(passed for passed, _ in report.by_origin.values()) == count


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.relative_to(SCHEMES).as_posix())
def test_the_models_of_packs_are_valid_dmn_1_5(oracles: Path, path: Path) -> None:
    from lxml import etree  # noqa: PLC0415 - the schema stands among the published cases

    schema = etree.XMLSchema(etree.parse(oracles / "dmn-tck" / "DMN15.xsd"))

    for model_file in path.glob("*.dmn"):
        assert schema.validate(etree.parse(model_file)), schema.error_log


def write(folder: Path, *cases: dict[str, Any]) -> Path:
    lines = "".join(json.dumps({**CASE, **case}) + "\n\n" for case in cases)
    for name, text in files({"cases/worked.jsonl": lines}).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


CASE: dict[str, Any] = {
    "id": "one",
    "decision": "right",
    "origin": "signed",
    "effective": "2024",
    "inputs": {"age": 63, "income": 80},
}


def test_a_report_tells_passes_failures_and_differences(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {"expected": {"eligible": True}, "outcome": "granted", "reasons": ["MET"]},
        {"id": "wrong", "expected": {"eligible": False, "colour": 1}, "origin": "published"},
        {"id": "outcome", "outcome": "refused", "reasons": ["TOO_RICH"], "missing": ["age"]},
        {
            "id": "date",
            "decision": "of_birth",
            "inputs": {"born": "2024-02-29"},
            "expected": {"day": "2025-02-28"},
        },
        {
            "id": "near",
            "decision": "amount",
            "inputs": {"income": 99.99},
            "expected": {"a": 10},
            "tolerance": 0.1,
        },
        {
            "id": "known",
            "decision": "amount",
            "effective": "2024-08",
            "known_at": "2025-02-01",
            "inputs": {"income": 100},
            "expected": {"a": 10},
        },
        {
            "id": "instant",
            "decision": "amount",
            "effective": "2024-08-31",
            "known_at": "2025-03-01T12:00:00+00:00",
            "inputs": {"income": 100},
            "expected": {"a": 15},
        },
        {"id": "unread", "decision": "of_birth", "inputs": {"born": "29/02/2024"}},
        {"id": "extra", "inputs": {"colour": "red"}},
        {"id": "nothing", "decision": "other"},
    )

    text = render_check(report := check_pack(folder, cases=None))

    assert (report.passed, report.failed, report.is_ok) == (5, 5, False)
    assert "FAILED wrong (right, published)\n    eligible: expected False, got True\n" in text
    assert "colour: expected 1, the decision gives no such entry" in text
    assert "outcome: expected refused, got granted" in text
    assert "reasons: expected TOO_RICH, got MET" in text
    assert "missing: expected age, got " in text
    assert "cannot be read as a date" in text
    assert "right has no input colour" in text
    assert "published: 0 passed, 1 failed" in text
    assert text.endswith("5 passed, 5 failed\n")


def test_lists_and_contexts_are_compared_within_the_tolerance(tmp_path: Path) -> None:
    folder = write(tmp_path, {"decision": "amount", "inputs": {}, "expected": {"a": [1, {"b": 2}]}})
    for amount, passed in (("[1, {b: 2}]", 1), ("[1, {b: 3}]", 0), ("[1]", 0), ('"x"', 0)):
        (folder / "test.dmn").write_text(model(amount=amount), encoding="utf-8")

        assert check_pack(folder, cases=None).passed == passed, amount


@pytest.mark.parametrize(
    "line", ["{", "[]", "{}", '{"id": 1}', json.dumps({**CASE, "effective": "May"})]
)
def test_a_case_that_cannot_be_read_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(line + "\n", encoding="utf-8")

    with pytest.raises(UnusablePack, match="case cannot be read"):
        check_pack(write(tmp_path / "pack"), cases=path)


def test_effective_dates_begin_where_they_are_cut() -> None:
    assert effective_date("2021").isoformat() == "2021-01-01"
    assert effective_date("2024-02").isoformat() == "2024-02-01"
    assert effective_date("2024-02-29").isoformat() == "2024-02-29"
    assert effective_date("2024-W15").isoformat() == "2024-04-08"


def test_a_year_may_be_written_as_a_number() -> None:
    (case,) = read_cases(json.dumps({**CASE, "effective": 2024}), where="cases.jsonl")

    assert case.effective.isoformat() == "2024-01-01"


def test_the_linter_names_what_a_careful_reader_would() -> None:
    gap = PARAMETERS.replace("valid_to = 2025-01-01", "valid_to = 2024-06-01", 1)
    buried = PARAMETERS.replace("known_from = 2023-12-01", "known_from = 2025-12-01").replace(
        "valid_to = 2025-01-01\n", "", 1
    )
    texts = files({"parameters.toml": gap, "reasons.toml": REASONS.replace("Act, Art. 1(b)", "")})
    del texts["cases/worked.jsonl"]

    from amparo.rules.packs import load_pack_files  # noqa: PLC0415 - beside its use

    found = {finding.code for finding in lint(load_pack_files(texts))}
    idle = """
[[parameter]]
name = "idle"
title = { en = "", fr = "" }

[[parameter.value]]
value = 1
valid_from = 2024-01-01
known_from = 2024-01-01
law = ""
"""
    unused = PARAMETERS + idle

    assert found >= {"parameter.gap", "reason.no-law", "case.none", "decision.no-law"}
    assert "parameter.buried" in {item.code for item in lint(pack({"parameters.toml": buried}))}
    assert {item.code for item in lint(pack({"parameters.toml": unused}))} >= {
        "parameter.unused",
        "parameter.no-law",
    }


@pytest.mark.parametrize(
    ("formula", "is_found"),
    [
        ("rate / 12 * income", True),
        ("floor(income * (rate / 12), 1)", True),
        ("if rate > 3 then max(0, rate / 7 * income) else 0", True),
        ("income * rate / 12", False),
        ("(income + rate) * 2 / 12", False),
    ],
)
def test_a_division_before_a_multiplication_is_found(formula: str, *, is_found: bool) -> None:
    changed = model(amount=formula)

    findings = [each for each in lint(pack({"test.dmn": changed})) if "divided" in each.code]

    assert bool(findings) is is_found
    assert all(each.severity == "warning" for each in findings)


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.relative_to(SCHEMES).as_posix())
def test_no_pack_divides_before_it_multiplies(path: Path) -> None:
    report = check_pack(path, cases=None)

    assert not [each for each in report.findings if each.code == "arithmetic.divided-first"]
