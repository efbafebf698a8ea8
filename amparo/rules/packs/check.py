"""Check a pack: lint it, run worked cases, report per origin with the differences."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from amparo.rules.packs.boundary import to_feel, to_python
from amparo.rules.packs.cases import WorkedCase, read_cases
from amparo.rules.packs.lint import Finding, lint
from amparo.rules.packs.pack import Pack, load_pack

if TYPE_CHECKING:
    from amparo.rules.backends.cases import Found
    from amparo.rules.backends.plan import Target

Backend: TypeAlias = Literal["interpreter", "duckdb", "spark"]


@dataclass(frozen=True, slots=True)
class CheckedCase:
    """differences: what was expected and what came, one line each; empty when it passed."""

    id: str
    origin: str
    decision: str
    differences: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.differences


@dataclass(frozen=True, slots=True)
class CheckReport:
    scheme: str
    version: str
    pack_hash: str
    cases: tuple[CheckedCase, ...]
    findings: tuple[Finding, ...]
    # Per decision, the cases that a columnar backend left to the interpreter.
    by_interpreter: Mapping[str, int] = field(default_factory=dict)

    @property
    def passed(self) -> int:
        return sum(case.passed for case in self.cases)

    @property
    def failed(self) -> int:
        return len(self.cases) - self.passed

    @property
    def is_ok(self) -> bool:
        """No case failed and the linter found no error."""
        return not self.failed and all(item.severity != "error" for item in self.findings)

    @property
    def by_origin(self) -> Mapping[str, tuple[int, int]]:
        """Per origin: how many passed and how many failed."""
        passed = Counter(case.origin for case in self.cases if case.passed)
        failed = Counter(case.origin for case in self.cases if not case.passed)
        origins = sorted({case.origin for case in self.cases})
        return {origin: (passed[origin], failed[origin]) for origin in origins}


def check_pack(path: Path, *, cases: Path | None, backend: Backend = "interpreter") -> CheckReport:
    """Check a pack with its own cases, or with those of a file. Raises RuleError."""
    pack = load_pack(path)
    given = list(_own_cases(pack) if cases is None else _file_cases(cases))
    return _checked(pack, given, backend)


def check_loaded(pack: Pack) -> CheckReport:
    """Check a pack that is loaded already, with its own cases. Raises RuleError."""
    return _checked(pack, list(_own_cases(pack)), "interpreter")


def _checked(pack: Pack, given: list[WorkedCase], backend: Backend) -> CheckReport:
    if backend == "interpreter":
        checked, left = [check_case(pack, case) for case in given], dict[str, int]()
    else:
        checked, left = check_columnar(pack, given, target=backend)
    return CheckReport(pack.scheme, pack.version, pack.hash, tuple(checked), lint(pack), left)


def check_columnar(
    pack: Pack, cases: Sequence[WorkedCase], *, target: "Target" = "duckdb"
) -> tuple[list[CheckedCase], dict[str, int]]:
    """Run cases through compiled plans; give also how many of each decision ran row by row."""
    # DuckDB and Arrow are loaded only where columns are asked for.
    from amparo.rules.backends.cases import Asked, answer_cases  # noqa: PLC0415

    checked: dict[int, CheckedCase] = {}
    asked: list[Asked] = []
    for place, case in enumerate(cases):
        try:
            inputs = pack.read_json_inputs(case.decision, case.inputs)
        except RuleError as error:
            checked[place] = CheckedCase(case.id, case.origin, case.decision, (str(error),))
            continue
        given = {name: to_python(to_feel(value, name=name)) for name, value in inputs.items()}
        asked.append(Asked(place, case.decision, case.effective, case.known_at, given))
    left: Counter[str] = Counter()
    for found in answer_cases(pack, asked, target=target):
        case = cases[found.place]
        left[case.decision] += not found.by_columns
        differences = tuple(_columnar_differences(case, found))
        checked[found.place] = CheckedCase(case.id, case.origin, case.decision, differences)
    return [checked[place] for place in sorted(checked)], dict(+left)


def _columnar_differences(case: WorkedCase, found: "Found") -> Iterator[str]:
    if found.failed is not None:
        yield f"the decision fails: {found.failed}"
        return
    yield from differences(
        case,
        value=found.value,
        outcome=found.outcome,
        codes=tuple(found.reasons.split()),
        missing=tuple(found.missing.split()),
    )


def _own_cases(pack: Pack) -> Iterator[WorkedCase]:
    for name, text in pack.files.items():
        if name.startswith("cases/") and name.endswith(".jsonl"):
            yield from read_cases(text, where=name)


def _file_cases(path: Path) -> Iterator[WorkedCase]:
    yield from read_cases(path.read_text(encoding="utf-8"), where=path.name)


def check_case(pack: Pack, case: WorkedCase) -> CheckedCase:
    try:
        inputs = pack.read_json_inputs(case.decision, case.inputs)
        result = pack.evaluate(
            case.decision, inputs, on=case.effective, known_at=case.known_at, trace=False
        )
    except RuleError as error:
        return CheckedCase(case.id, case.origin, case.decision, (str(error),))
    found = differences(
        case,
        value=result.value,
        outcome=result.outcome,
        codes=tuple(reason.code for reason in result.reasons),
        missing=result.missing,
    )
    return CheckedCase(case.id, case.origin, case.decision, tuple(found))


def differences(
    case: WorkedCase,
    *,
    value: Any,
    outcome: str | None,
    codes: tuple[str, ...],
    missing: tuple[str, ...],
) -> Iterator[str]:
    """Give what was expected and what came, one line each."""
    entries = value if isinstance(value, dict) else dict.fromkeys(case.expected, value)
    for name, expected in case.expected.items():
        if name not in entries:
            yield f"{name}: expected {expected}, the decision gives no such entry"
        elif not agrees(entries[name], expected, case.tolerance):
            yield f"{name}: expected {expected}, got {entries[name]}"
    if case.outcome is not None and case.outcome != outcome:
        yield f"outcome: expected {case.outcome}, got {outcome}"
    if case.reasons is not None and case.reasons != codes:
        yield f"reasons: expected {', '.join(case.reasons)}, got {', '.join(codes)}"
    if case.missing is not None and set(case.missing) != set(missing):
        yield f"missing: expected {', '.join(case.missing)}, got {', '.join(missing)}"


def agrees(value: Any, expected: Any, tolerance: Decimal) -> bool:
    """Compare a result with a JSON expectation: numbers within the tolerance, the rest exactly."""
    match value, expected:
        case bool(), _:
            return value is expected
        case Decimal(), Decimal():
            return abs(value - expected) <= tolerance
        case list(), list():
            return len(value) == len(expected) and all(
                agrees(mine, theirs, tolerance)
                for mine, theirs in zip(value, expected, strict=True)
            )
        case dict(), dict():
            return value.keys() == expected.keys() and all(
                agrees(value[key], expected[key], tolerance) for key in value
            )
        case _, str():
            return value == expected or _as_text(value) == expected
        case _:
            return bool(value == expected)


def _as_text(value: Any) -> str | None:
    feel = to_feel(value, name="result")
    is_temporal = isinstance(feel, (Date, Time, DateTime, DaysDuration, MonthsDuration))
    return str(feel) if is_temporal else None


def render_check(report: CheckReport) -> str:
    """Write the report as text: findings, failures with differences, origins, the count."""
    lines = [f"{report.scheme} {report.version} ({report.pack_hash[:12]})"]
    lines += [
        f"  {item.severity}: {item.where}: {item.message}. {item.remedy} [{item.code}]"
        for item in report.findings
    ]
    for case in report.cases:
        if not case.passed:
            lines.append(f"  FAILED {case.id} ({case.decision}, {case.origin})")
            lines += [f"    {difference}" for difference in case.differences]
    lines += [
        f"  {origin}: {passed} passed, {failed} failed"
        for origin, (passed, failed) in report.by_origin.items()
    ]
    lines += [
        f"  {decision}: {count} asked row by row, not in columns"
        for decision, count in report.by_interpreter.items()
    ]
    lines.append(f"{report.passed} passed, {report.failed} failed")
    return "\n".join(lines) + "\n"
