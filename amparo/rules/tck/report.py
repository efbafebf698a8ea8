"""Write TCK results in the layout of the kit's TestResults folder, and as text."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from amparo.rules.feel.temporal import DateTime
from amparo.rules.tck.runner import CaseResult, count_strata

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
    *("level", "stratum", "directories", "cases", "assertions", "passed"),
    *("expect_null", "null_passed", "expect_value", "value_passed"),
)


def read_strata(path: Path) -> Mapping[str, str]:
    """Read directory to stratum; without the file everything is one stratum."""
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["directory"]: row["stratum"] for row in csv.DictReader(file)}


def write_results(
    results: Sequence[CaseResult], strata: Mapping[str, str], folder: Path, *, now: DateTime
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "tck_results.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for result in results:
            messages = "; ".join(item.message for item in result.assertions if item.message)
            status = "SUCCESS" if result.passed else "ERROR"
            writer.writerow([result.directory, result.file, result.case, status, messages])
    properties = {**PROPERTIES, "last.update": str(now.date)}
    text = "".join(f"{key}={value}\n" for key, value in sorted(properties.items()))
    (folder / "tck_results.properties").write_text(text, encoding="utf-8")
    with (folder / "tck_strata.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        for level in sorted({result.directory.partition("/")[0] for result in results}):
            mine = [result for result in results if result.directory.startswith(f"{level}/")]
            for count in count_strata(mine, strata):
                rows.writerow(
                    [
                        level,
                        count.name,
                        count.directories,
                        count.cases,
                        count.assertions,
                        count.passed,
                        count.assertions - count.non_null,
                        count.passed - count.non_null_passed,
                        count.non_null,
                        count.non_null_passed,
                    ]
                )


def render(results: Sequence[CaseResult], strata: Mapping[str, str]) -> str:
    """Write failures, strata and the count of assertions, ending ``N passed, N failed``."""
    lines = [
        f"FAILED {result.directory} {result.case} {item.name}: {item.message}"
        for result in results
        for item in result.assertions
        if not item.passed
    ]
    counts = count_strata(results, strata)
    lines += [
        f"{count.name}: {count.passed} of {count.assertions} assertions,"
        f" {count.non_null_passed} of {count.non_null} that expect a value"
        for count in counts
    ]
    directories = len({result.directory for result in results})
    exact = sum(item.exact for result in results for item in result.assertions)
    lines.append(f"{directories} directories, {exact} assertions matched exactly")
    passed = sum(count.passed for count in counts)
    total = sum(count.assertions for count in counts)
    lines.append(f"{passed} passed, {total - passed} failed")
    return "\n".join(lines) + "\n"
