"""Read TCK test files: typed values straight into decimals, never through a float."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from lxml import etree

from amparo.rules.dmn.xml import parse_xml
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.feel.temporal import parse_date, parse_datetime, parse_duration, parse_time
from amparo.rules.feel.values import Value

XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"


class UnreadableTest(RuleError):
    """A test file holds a value this runner cannot read."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """wants_error: the result is null because of an error, so a diagnostic must be there."""

    name: str
    value: Value
    wants_error: bool


@dataclass(frozen=True, slots=True)
class Case:
    """invocable: the decision service to ask; empty for decisions, asked by name."""

    id: str
    inputs: tuple[tuple[str, Value], ...]
    expectations: tuple[Expectation, ...]
    invocable: str = ""


@dataclass(frozen=True, slots=True)
class TestFile:
    path: Path
    model: Path
    cases: tuple[Case, ...]

    # pytest would otherwise take this class for a group of tests.
    __test__ = False


def read_test_file(path: Path) -> TestFile:
    root = parse_xml(path.read_bytes(), where=path.name)
    model = _text(root, "modelName")
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
            (node.get("name", ""), _value(node)) for node in _children(element, "inputNode")
        ),
        expectations=tuple(
            Expectation(
                node.get("name", ""),
                next((_value(expected) for expected in _children(node, "expected")), None),
                node.get("errorResult") == "true",
            )
            for node in _children(element, "resultNode")
        ),
        invocable=element.get("invocableName", "")
        if element.get("type") == "decisionService"
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


def _scalar(element: etree._Element) -> Value:  # noqa: PLR0911 - one line per type
    if element.get(f"{XSI}nil") == "true":
        return None
    text = element.text or ""
    kind = element.get(f"{XSI}type", "xsd:string").rpartition(":")[2]
    match kind:
        case "string":
            return text
        case "boolean":
            return text.strip() == "true"
        case "decimal" | "double" | "integer" | "float" | "int" | "long":
            return Decimal(text.strip())
        case "date":
            return parse_date(text.strip())
        case "time":
            return parse_time(text.strip())
        case "dateTime":
            return parse_datetime(text.strip())
        case "duration":
            return parse_duration(text.strip())
        case _:
            raise UnreadableTest(
                code="tck.type",
                message=f"A test value has the type {kind}",
                remedy="Teach the runner this type.",
            )
