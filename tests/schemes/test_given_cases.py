"""The published worked cases of each scheme, counted per origin."""

from pathlib import Path

import pytest

from amparo.rules.packs import check_pack, render_check

SCHEMES = Path(__file__).parents[2] / "schemes"
# How many cases of each origin stand in the published file.
GIVEN = {
    "ar/auh": {"published": 37},
    "ca/oas": {"engine": 61, "hand-test": 7},
    "fj/sps": {"published-table": 8},
    "kh/ctpw": {"derived": 5, "published-table": 5},
    "kh/nssf-pension": {"derived": 5},
    "mu/csg": {"derived": 8, "published-table": 4},
    "nz/slp": {"hand-test": 34},
    "pk/eobi": {"derived": 4, "published": 1},
    "pk/taleemi": {"derived": 7, "published-table": 8},
    "uk/child-benefit": {"engine": 12, "hand-test": 4},
    "uk/ni-class1": {"engine": 34},
    "uk/universal-credit": {"engine": 94},
}


@pytest.mark.parametrize("name", GIVEN)
def test_every_given_case_passes_in_each_origin(oracles: Path, name: str) -> None:
    cases = oracles / "schemes" / "cases" / f"{name.replace('/', '-')}.give.jsonl"

    report = check_pack(SCHEMES / name / "1", cases=cases)

    by_origin = {origin: (count, 0) for origin, count in GIVEN[name].items()}
    assert report.by_origin == by_origin, render_check(report)
    assert not report.findings, render_check(report)
