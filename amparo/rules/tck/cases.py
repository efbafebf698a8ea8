"""Read TCK test files: typed values straight into decimals, never through a float."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from lxml import etree

from amparo.rules.dmn.xml import parse_xml
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.feel.temporal import parse_date, parse_datetime, parse_duration, parse_time
from amparo.rules.feel.values import Value

XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"


class UnreadableTest(RuleError):
    """A test file holds something this runner cannot read."""


@dataclass(frozen=True, slots=True)
class Given:
    """An input. namespace: of the model it belongs to, where the file says so."""

    name: str
    value: Value
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class Expectation:
    """wants_error: the result is null because of an error, so a diagnostic must be there."""

    name: str
    value: Value
    wants_error: bool
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """invocable: the service or knowledge model to ask; empty for decisions, asked by name."""

    id: str
    inputs: tuple[Given, ...]
    expectations: tuple[Expectation, ...]
    invocable: str = ""


@dataclass(frozen=True, slots=True)
class TestFile:
    path: Path
    model: Path
    cases: tuple[Case, ...]

    # pytest would otherwise take this class for a group of tests.
    __test__ = False


def is_test_file(path: Path) -> bool:
    """Say whether a file holds test cases, or cannot be read and had better be looked at."""
    try:
        root = parse_xml(path.read_bytes(), where=path.name)
    except RuleError:
        return True
    return etree.QName(root).localname == "testCases"


def read_test_file(path: Path) -> TestFile:
    """Read a test file. Raises UnreadableTest, UnreadableModel."""
    root = parse_xml(path.read_bytes(), where=path.name)
    model = _text(root, "modelName")
    if not model:
        raise _unreadable("The test file names no model", "Name it in modelName.", path.name)
    cases = tuple(_case(element) for element in _children(root, "testCase"))
    return TestFile(path, path.parent / model, cases)


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    for child in element:
        if etree.QName(child).localname == name:
            yield child


def _text(element: etree._Element, name: str) -> str:
    return next((child.text or "" for child in _children(element, name)), "").strip()


def _case(element: etree._Element) -> Case:
    return Case(
        id=element.get("id", ""),
        inputs=tuple(
            Given(node.get("name", ""), _value(node), node.get("namespace", ""))
            for node in _children(element, "inputNode")
        ),
        expectations=tuple(
            Expectation(
                node.get("name", ""),
                next((_value(expected) for expected in _children(node, "expected")), None),
                node.get("errorResult") == "true",
                node.get("namespace", ""),
            )
            for node in _children(element, "resultNode")
        ),
        invocable=element.get("invocableName", "")
        if element.get("type") in ("decisionService", "bkm")
        else "",
    )


def _value(holder: etree._Element) -> Value:
    components = list(_children(holder, "component"))
    if components:
        return {component.get("name", ""): _value(component) for component in components}
    for listed in _children(holder, "list"):
        if listed.get(f"{XSI}nil") == "true":
            return None
        return [_value(item) for item in _children(listed, "item")]
    for value in _children(holder, "value"):
        return _scalar(value)
    return None


def _scalar(element: etree._Element) -> Value:
    if element.get(f"{XSI}nil") == "true":
        return None
    text = element.text or ""
    kind = element.get(f"{XSI}type", "xsd:string").rpartition(":")[2]
    if kind == "string":
        return text
    reader = _READERS.get(kind)
    value = None if reader is None else reader(text.strip())
    if value is None:
        raise _unreadable(
            f"A test value of type {kind} cannot be read", "Correct the type or the value."
        )
    return value


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _unreadable(message: str, remedy: str, where: str = "") -> UnreadableTest:
    return UnreadableTest(code="tck.unreadable", message=message, remedy=remedy, where=where)


_READERS: Final[Mapping[str, Callable[[str], Value]]] = {
    "boolean": {"true": True, "1": True, "false": False, "0": False}.get,
    **dict.fromkeys(("decimal", "double", "integer", "float", "int", "long"), _number),
    "date": parse_date,
    "time": parse_time,
    "dateTime": parse_datetime,
    "duration": parse_duration,
    "dayTimeDuration": parse_duration,
    "yearMonthDuration": parse_duration,
}
