"""Run test cases and count: per stratum, and apart for expectations that are not null."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from amparo.rules.dmn.graph import Evaluation, Library
from amparo.rules.dmn.model import Model
from amparo.rules.dmn.xml import read_model
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.feel.run import Run
from amparo.rules.feel.temporal import DateTime
from amparo.rules.feel.values import Value, equal, kind_of, text_of
from amparo.rules.tck.cases import Case, Expectation, TestFile, read_test_file

TOLERANCE: Final = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class Assertion:
    name: str
    passed: bool
    exact: bool
    expects_null: bool
    message: str


@dataclass(frozen=True, slots=True)
class CaseResult:
    """directory: level and folder, as the kit's own results name it."""

    directory: str
    file: str
    case: str
    assertions: tuple[Assertion, ...]

    @property
    def passed(self) -> bool:
        return all(assertion.passed for assertion in self.assertions)


def run_folder(folder: Path, *, now: DateTime) -> Iterator[CaseResult]:
    """Run every test file below a folder. now: what now() and today() answer."""
    for path in sorted(folder.rglob("*.xml")):
        yield from run_file(read_test_file(path), now=now)


def run_file(test: TestFile, *, now: DateTime) -> Iterator[CaseResult]:
    directory = f"{test.path.parent.parent.name}/{test.path.parent.name}"
    try:
        library: Library | RuleError = Library(_models(test.model))
    except RuleError as error:
        library = error
    for case in test.cases:
        if isinstance(library, RuleError):
            assertions = tuple(
                _failed(expectation, str(library)) for expectation in case.expectations
            )
        else:
            assertions = tuple(_check(library, case, now))
        yield CaseResult(directory, test.path.stem, case.id, assertions)


def _models(main: Path) -> Sequence[Model]:
    """Read the model under test and whatever stands beside it to be imported."""
    model = read_model(main.read_bytes(), where=main.name)
    wanted = {reference.namespace for reference in model.imports}
    others: list[Model] = []
    if wanted:
        others = [
            read_model(path.read_bytes(), where=path.name)
            for path in sorted(main.parent.glob("*.dmn"))
            if path != main
        ]
    return [model, *others]


def _check(library: Library, case: Case, now: DateTime) -> Iterator[Assertion]:
    for expectation in case.expectations:
        run = Run(now=now)
        try:
            value = _ask(library, case, expectation, run)
        except RuleError as error:
            yield _failed(expectation, str(error))
            continue
        exact = matches(value, expectation.value, Decimal(0))
        passed = exact or matches(value, expectation.value, TOLERANCE)
        message = "" if passed else f"expected {_shown(expectation.value)}, got {_shown(value)}"
        if passed and expectation.wants_error and not run.diagnostics:
            passed, message = False, "null without a diagnostic"
        yield Assertion(expectation.name, passed, exact, expectation.value is None, message)


def _ask(library: Library, case: Case, expectation: Expectation, run: Run) -> Value:
    given = {}
    for name, value in case.inputs:
        if name in library.by_name:
            given[library.by_name[name]] = value
        else:
            given.update(
                {
                    key: value
                    for key, compiled in library.elements.items()
                    if compiled.element.name == name
                }
            )
    evaluation = Evaluation(library, run, given)
    if case.invocable:
        value = evaluation.ask(library.key_of(case.invocable))
        several = isinstance(value, dict) and expectation.name in value
        return value[expectation.name] if several else value  # type: ignore[index]
    return evaluation.ask(library.key_of(expectation.name))


def _failed(expectation: Expectation, message: str) -> Assertion:
    return Assertion(
        expectation.name,
        passed=False,
        exact=False,
        expects_null=expectation.value is None,
        message=message,
    )


def _shown(value: Value) -> str:
    return f"{kind_of(value)} {text_of(value, inside=True)}"


def matches(value: Value, expected: Value, tolerance: Decimal) -> bool:
    """Compare as the kit's runners do: numbers within a tolerance, everything else exactly."""
    match value, expected:
        case Decimal(), Decimal():
            return abs(value - expected) <= tolerance
        case list(), list():
            return len(value) == len(expected) and all(
                matches(mine, theirs, tolerance)
                for mine, theirs in zip(value, expected, strict=True)
            )
        case dict(), dict():
            return value.keys() == expected.keys() and all(
                matches(value[name], expected[name], tolerance) for name in value
            )
        case _:
            return equal(value, expected) is True


@dataclass(frozen=True, slots=True)
class StratumCount:
    """Assertions of one stratum; non_null counts those that expect a value."""

    name: str
    directories: int
    cases: int
    assertions: int
    passed: int
    non_null: int
    non_null_passed: int


def count_strata(
    results: Sequence[CaseResult], strata: Mapping[str, str]
) -> tuple[StratumCount, ...]:
    """Count per stratum. strata: directory name to stratum."""
    counts: dict[str, Counter[str]] = {}
    directories: dict[str, set[str]] = {}
    for result in results:
        name = strata.get(result.directory.rpartition("/")[2], "other")
        counter = counts.setdefault(name, Counter())
        directories.setdefault(name, set()).add(result.directory)
        counter["cases"] += 1
        for assertion in result.assertions:
            counter["assertions"] += 1
            counter["passed"] += assertion.passed
            counter["non_null"] += not assertion.expects_null
            counter["non_null_passed"] += assertion.passed and not assertion.expects_null
    return tuple(
        StratumCount(
            name,
            len(directories[name]),
            counter["cases"],
            counter["assertions"],
            counter["passed"],
            counter["non_null"],
            counter["non_null_passed"],
        )
        for name, counter in sorted(counts.items())
    )
