"""Run test cases and count: per stratum, and apart for expectations that are not null."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal, TypeAlias

from amparo.rules.dmn.graph import Evaluation, Key, Library, elements_of
from amparo.rules.dmn.model import BusinessKnowledge, Model
from amparo.rules.dmn.xml import read_model
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.feel.run import Run
from amparo.rules.feel.temporal import DateTime
from amparo.rules.feel.values import Value, equal, kind_of, text_of
from amparo.rules.tck.cases import (
    Case,
    Expectation,
    Given,
    TestFile,
    UnreadableTest,
    is_test_file,
    read_test_file,
)
from amparo.rules.tck.strata import stratum_of

TOLERANCE: Final = Decimal("0.00000001")
# What the engine says of a function that is not FEEL; such a case does not apply to it.
EXTERNAL: Final = "function.external"
Status: TypeAlias = Literal["SUCCESS", "ERROR", "IGNORED"]


@dataclass(frozen=True, slots=True)
class Assertion:
    """is_external: it failed because the model calls a function outside FEEL."""

    name: str
    passed: bool
    exact: bool
    expects_null: bool
    message: str
    is_external: bool = False


@dataclass(frozen=True, slots=True)
class CaseResult:
    """directory: level and folder, as the kit's own results name it."""

    directory: str
    file: str
    case: str
    assertions: tuple[Assertion, ...]

    @property
    def status(self) -> Status:
        """Give the word the kit uses: a case succeeds only if all its assertions do."""
        wrong = [assertion for assertion in self.assertions if not assertion.passed]
        if not wrong:
            return "SUCCESS"
        return "IGNORED" if all(assertion.is_external for assertion in wrong) else "ERROR"

    @property
    def passed(self) -> bool:
        return self.status == "SUCCESS"


def run_folder(folder: Path, *, now: DateTime) -> Iterator[CaseResult]:
    """Run every test file in or below a folder. now: what now() and today() answer."""
    for path in sorted(folder.rglob("*.xml")):
        if not is_test_file(path):
            continue
        try:
            test = read_test_file(path)
        except RuleError as error:
            broken = Assertion(path.name, False, False, False, str(error))  # noqa: FBT003
            yield CaseResult(_directory(path), path.stem, "", (broken,))
            continue
        yield from run_file(test, now=now)


def _directory(path: Path) -> str:
    """Name the folder of a test file from its level down, or with the folder above it."""
    parts = path.resolve().parent.parts
    levels = [at for at, part in enumerate(parts) if part.startswith("compliance-level-")]
    return "/".join(parts[levels[-1] :] if levels else parts[-2:])


def run_file(test: TestFile, *, now: DateTime) -> Iterator[CaseResult]:
    directory = _directory(test.path)
    try:
        library: Library | RuleError = Library(_models(test.model))
    except RuleError as error:
        library = error
    for case in test.cases:
        if isinstance(library, RuleError):
            assertions = tuple(_failed(expectation, library) for expectation in case.expectations)
        else:
            assertions = tuple(_check(library, case, now))
        yield CaseResult(directory, test.path.stem, case.id, assertions)


def _models(main: Path) -> Sequence[Model]:
    """Read the model under test and, from the files beside and below it, what it imports."""
    if not main.is_file():
        raise UnreadableTest(
            code="tck.model",
            message=f"The model {main.name} is not there",
            remedy="Put it beside its test file.",
            where=main.name,
        )
    model = read_model(main.read_bytes(), where=main.name)
    if not model.imports:
        return [model]
    beside: dict[str, Model] = {}
    unreadable: list[RuleError] = []
    for path in sorted(main.parent.rglob("*.dmn"), key=lambda path: (len(path.parts), path)):
        try:
            other = read_model(path.read_bytes(), where=path.name)
        except RuleError as error:
            unreadable.append(error)
        else:
            beside.setdefault(other.namespace, other)
    found = {model.namespace: model}
    waiting = [model]
    while waiting:
        for reference in waiting.pop().imports:
            target = beside.get(reference.namespace)
            if target is None and unreadable:
                raise unreadable[0]
            if target is not None and target.namespace not in found:
                found[target.namespace] = target
                waiting.append(target)
    return tuple(found.values())


def _check(library: Library, case: Case, now: DateTime) -> Iterator[Assertion]:
    for expectation in case.expectations:
        run = Run(now=now)
        try:
            value = _ask(library, case, expectation, run)
        except RuleError as error:
            yield _failed(expectation, error)
            continue
        exact = matches(value, expectation.value, Decimal(0))
        passed = exact or matches(value, expectation.value, TOLERANCE)
        message = "" if passed else f"expected {_shown(expectation.value)}, got {_shown(value)}"
        if passed and expectation.wants_error and not run.diagnostics:
            passed, message = False, "null without a diagnostic"
        refused = next((item for item in run.diagnostics if item.code == EXTERNAL), None)
        if not passed and refused is not None:
            message = refused.message
        yield Assertion(
            expectation.name,
            passed,
            exact,
            expectation.value is None,
            message,
            not passed and refused is not None,
        )


def _ask(library: Library, case: Case, expectation: Expectation, run: Run) -> Value:
    given: dict[Key, Value] = {}
    for item in case.inputs:
        given.update(_placed(library, item))
    evaluation = Evaluation(library, run, given)
    if not case.invocable:
        return evaluation.ask(_key(library, expectation.name, expectation.namespace))
    key = library.key_of(case.invocable)
    if isinstance(library.elements[key].element, BusinessKnowledge):
        return evaluation.call(key, {item.name: item.value for item in case.inputs})
    value = evaluation.ask(key)
    several = isinstance(value, dict) and expectation.name in value
    return value[expectation.name] if several else value  # type: ignore[index]


def _key(library: Library, name: str, namespace: str) -> Key:
    """Find an element by its name in a model given by namespace, or in the one under test."""
    for key, compiled in library.elements.items():
        if namespace and key[0] == namespace and compiled.element.name == name:
            return key
    return library.key_of(name)


def _placed(library: Library, item: Given) -> dict[Key, Value]:
    """Say which elements an input stands for: one of the model, or one of an imported model.

    An input of an imported model is named by its namespace, by a dotted path of import names, by
    a context under the import's name, or by its bare name.
    """
    if item.namespace:
        return {_key(library, item.name, item.namespace): item.value}
    name = " ".join(item.name.split())
    if name in library.by_name:
        return {library.by_name[name]: item.value}
    imported = _imported(library, library.main, name, item.value)
    if imported:
        return imported
    return {
        key: item.value
        for key, compiled in library.elements.items()
        if compiled.element.name == name
    }


def _imported(library: Library, model: Model, name: str, value: Value) -> dict[Key, Value]:
    for reference in model.imports:
        target = library.models.get(reference.namespace)
        if target is None or not reference.name:
            continue
        if name.startswith(f"{reference.name}."):
            rest = {name.removeprefix(f"{reference.name}."): value}
        elif name == reference.name and isinstance(value, dict):
            rest = value
        else:
            continue
        found: dict[Key, Value] = {}
        for inner, item in rest.items():
            own = [key for key, element in elements_of(target) if element.name == inner]
            found.update(dict.fromkeys(own, item) or _imported(library, target, inner, item))
        return found
    return {}


def _failed(expectation: Expectation, error: RuleError) -> Assertion:
    return Assertion(
        expectation.name,
        passed=False,
        exact=False,
        expects_null=expectation.value is None,
        message=str(error),
        is_external=error.code == EXTERNAL,
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
    """How one stratum of one level fared. ignored: assertions on functions outside FEEL."""

    level: str
    name: str
    directories: int
    cases: int
    assertions: int
    passed: int
    ignored: int
    non_null: int
    non_null_passed: int

    @property
    def failed(self) -> int:
        return self.assertions - self.passed - self.ignored


def count_strata(
    results: Iterable[CaseResult], strata: Mapping[str, str]
) -> tuple[StratumCount, ...]:
    """Count per level and stratum. strata: directory name to stratum, before our own reading."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    directories: dict[tuple[str, str], set[str]] = {}
    for result in results:
        level, _, name = result.directory.partition("/")
        folder = name.partition("/")[0]
        place = level, strata.get(folder) or stratum_of(folder)
        counter = counts.setdefault(place, Counter())
        directories.setdefault(place, set()).add(result.directory)
        counter["cases"] += 1
        for assertion in result.assertions:
            counter["assertions"] += 1
            counter["passed"] += assertion.passed
            counter["ignored"] += assertion.is_external
            counter["non_null"] += not assertion.expects_null
            counter["non_null_passed"] += assertion.passed and not assertion.expects_null
    return tuple(
        StratumCount(
            *place,
            len(directories[place]),
            counter["cases"],
            counter["assertions"],
            counter["passed"],
            counter["ignored"],
            counter["non_null"],
            counter["non_null_passed"],
        )
        for place, counter in sorted(counts.items())
    )
