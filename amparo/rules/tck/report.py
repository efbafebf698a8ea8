"""Write TCK results in the layout of the kit's TestResults folder, and as text."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from amparo.rules.tck.runner import CaseResult, StratumCount, count_strata

PROPERTIES: Final = {
    "vendor.name": "Amparo",
    "vendor.url": "",
    "product.name": "Amparo rules engine",
    "product.url": "",
    "product.version": "0.1.0",
    "product.comment": "Python; external Java functions are refused by name",
    "instructions.url": "",
}

COLUMNS: Final = (
    *("level", "stratum", "directories", "cases", "assertions", "passed", "ignored"),
    *("expect_null", "null_passed", "expect_value", "value_passed"),
)


def read_strata(folder: Path) -> Mapping[str, str]:
    """Read strata.csv, directory to stratum, from a folder of test cases or one above it."""
    for place in (folder, *folder.resolve().parents[:3]):
        path = place / "strata.csv"
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as file:
                return {row["directory"]: row["stratum"] for row in csv.DictReader(file)}
    return {}


def write_results(
    results: Sequence[CaseResult],
    strata: Mapping[str, str],
    path: Path,
    *,
    on: date,
) -> None:
    """Write the kit's CSV to a path and, beside it, its properties and the strata."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for result in results:
            messages = "; ".join(item.message for item in result.assertions if item.message)
            row = (result.directory, result.file, result.case, result.status, messages)
            writer.writerow(" ".join(cell.split()) for cell in row)
    properties = {**PROPERTIES, "last.update": on.isoformat()}
    text = "".join(f"{key}={value}\n" for key, value in sorted(properties.items()))
    path.with_suffix(".properties").write_text(text, encoding="utf-8")
    with path.with_name("tck_strata.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        rows.writerows(_strata_row(count) for count in count_strata(results, strata))


def _strata_row(count: StratumCount) -> tuple[str | int, ...]:
    return (
        count.level,
        count.name,
        count.directories,
        count.cases,
        count.assertions,
        count.passed,
        count.ignored,
        count.assertions - count.non_null,
        count.passed - count.non_null_passed,
        count.non_null,
        count.non_null_passed,
    )


def render(results: Sequence[CaseResult], strata: Mapping[str, str]) -> str:
    """Write failures, strata and the count of assertions, ending ``N passed, N failed``."""
    lines = [
        f"{_VERDICT[item.is_external]} {result.directory} {result.case} {item.name}: {item.message}"
        for result in results
        for item in result.assertions
        if not item.passed
    ]
    counts = count_strata(results, strata)
    for level in dict.fromkeys(count.level for count in counts):
        mine = [count for count in counts if count.level == level]
        lines += [_line(f"{level} {count.name}", [count]) for count in mine]
        lines.append(_line(level, mine))
    directories = len({result.directory for result in results})
    exact = sum(item.exact for result in results for item in result.assertions)
    lines.append(f"{directories} directories, {exact} assertions matched exactly")
    ignored = sum(count.ignored for count in counts)
    if ignored:
        lines.append(f"{ignored} ignored: they call functions outside FEEL, which no rule may")
    passed = sum(count.passed for count in counts)
    lines.append(f"{passed} passed, {sum(count.failed for count in counts)} failed")
    return "\n".join(lines) + "\n"


_VERDICT: Final = {False: "FAILED", True: "IGNORED"}


def _line(name: str, counts: Sequence[StratumCount]) -> str:
    passed, all_ = sum(count.passed for count in counts), sum(count.assertions for count in counts)
    values = sum(count.non_null for count in counts)
    value_passed = sum(count.non_null_passed for count in counts)
    return (
        f"{name}: {passed} of {all_} assertions ({_share(passed, all_)}),"
        f" {value_passed} of {values} that expect a value ({_share(value_passed, values)})"
    )


def _share(part: int, whole: int) -> str:
    """Write a share in per cent, rounded down so that only all is 100."""
    if not whole:
        return "none"
    tenths = part * 1000 // whole
    return f"{tenths // 10}.{tenths % 10} %"
