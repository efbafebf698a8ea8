"""The proof by trial: every answer of a columnar run beside the interpreter's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from amparo.rules.backends.rowwise.interpret import ask, laid_out
from amparo.rules.dmn.boxed import BUILTIN_NAMES
from amparo.rules.feel import ast
from amparo.rules.feel.conformance import conforms
from amparo.rules.feel.evaluate import children
from amparo.rules.feel.parser import parse_unary_tests
from amparo.rules.feel.scope import Scope
from amparo.rules.feel.temporal import Date
from amparo.rules.feel.types import AllowedType, ContextType, FeelType, base_of
from amparo.rules.feel.types import ListType as FeelListType
from amparo.rules.ir.compile import Program
from amparo.rules.ir.rulepack import RulePack
from amparo.rules.ir.schema import Schema
from amparo.rules.ir.types import (
    ColumnType,
    DateType,
    ListType,
    NumberType,
    StructType,
    TextType,
)

MONTHS = ("2012-02", "2019-12", "2023-02", "2024-01", "2024-02", "2025-12", "2026-07", "2026-13")


@dataclass(frozen=True, slots=True)
class Difference:
    """One answer that is not equal. row: its number in the rows compared."""

    row: int
    decision: str
    what: str
    columnar: Any
    interpreter: Any


@dataclass(frozen=True, slots=True)
class Verification:
    """compared: answers (a row and a decision) seen equal or not. set_aside: rows not computed."""

    compared: int
    set_aside: int
    differences: tuple[Difference, ...]

    @property
    def is_equal(self) -> bool:
        return not self.differences


def compare(
    pack: RulePack,
    program: Program,
    inputs: Sequence[Mapping[str, Any]],
    answers: Sequence[Mapping[str, Any]],
    *,
    on: date,
    known_at: datetime | None,
) -> Verification:
    """Compare the rows of a run with the interpreter. answers: with ``__row``."""
    differences: list[Difference] = []
    compared = 0
    for answer in answers:
        row = answer["__row"]
        for decision, columns in program.compiled.items():
            declared = pack.manifest.decision(decision)
            names = {item.name for item in declared.inputs} if declared is not None else set()
            given = {name: value for name, value in inputs[row].items() if name in names}
            asked = ask(pack, decision, given, on=on, known_at=known_at)
            want = laid_out(asked, decision, columns.kinds)
            compared += 1
            if answer[f"{decision}#failed"] != want.failed:
                differences.append(
                    Difference(row, decision, "failed", answer[f"{decision}#failed"], want.failed)
                )
                continue
            if want.failed is not None:
                continue
            pairs = [(entry, answer[entry], want.values.get(entry)) for entry in columns.values]
            pairs += [
                ("outcome", answer[f"{decision}#outcome"], want.outcome),
                ("reasons", answer[f"{decision}#reasons"], want.reasons),
                ("missing", answer[f"{decision}#missing"], want.missing),
            ]
            differences += [
                Difference(row, decision, what, mine, theirs)
                for what, mine, theirs in pairs
                if mine != theirs
            ]
    return Verification(compared, len(inputs) - len(answers), tuple(differences))


def likely_values(pack: RulePack, schema: Schema) -> dict[str, list[Any]]:
    """Give what a pack mentions, and its neighbours: there the rules turn."""
    constants = [value for tree in _trees(pack) for value in _constants(tree)]
    constants += [value for kind in _kinds(pack) for value in _allowed_constants(kind)]
    for parameter in pack.parameters:
        constants += [row.value for row in parameter.rows]
        constants += [Date(*row.valid_from.timetuple()[:3]) for row in parameter.rows]
    found: dict[str, list[Any]] = {}
    for name, kind in schema.columns.items():
        _add(found, name, kind, constants)
        _keep_allowed(found, name, pack.library.elements[pack.library.key_of(name)].kind)
    return found


def _keep_allowed(found: dict[str, list[Any]], name: str, kind: FeelType) -> None:
    """Leave out what the input's type does not allow: such a row would be set aside."""
    base = base_of(kind)
    if isinstance(base, FeelListType):
        _keep_allowed(found, name, base.item)
        return
    if isinstance(base, ContextType):
        for field, inner in base.fields:
            _keep_allowed(found, f"{name}.{field}", inner)
        return
    allowed = [
        value
        for value in found.pop(name, [])
        if conforms(
            Date(value.year, value.month, value.day) if isinstance(value, date) else value, kind
        )
    ]
    if allowed:
        found[name] = allowed


def _add(found: dict[str, list[Any]], name: str, kind: ColumnType, constants: list[Any]) -> None:
    match kind:
        case ListType():
            _add(found, name, kind.item, constants)
        case StructType():
            for field, of in kind.fields:
                _add(found, f"{name}.{field}", of, constants)
        case NumberType():
            unit = Decimal(1).scaleb(-kind.scale)
            around = {
                value + step * unit
                for value in constants
                if isinstance(value, Decimal)
                for step in (-1, 0, 1)
            }
            found[name] = sorted(
                value
                for value in around
                if kind.low <= value <= kind.high and value == value.quantize(unit)
            )
        case TextType():
            words = [value for value in constants if isinstance(value, str)]
            found[name] = [word for word in (*words, *MONTHS) if len(word) <= kind.max_length]
        case DateType():
            days = [
                date(value.year, value.month, value.day)
                for value in constants
                if isinstance(value, Date) and 1 <= value.year <= 9999
            ]
            found[name] = [day for day in days if kind.low <= day <= kind.high]
        case _:
            return
    if not found.get(name, [0]):
        del found[name]


def _kinds(pack: RulePack) -> Iterator[FeelType]:
    waiting = [compiled.kind for compiled in pack.library.elements.values()]
    while waiting:
        kind = waiting.pop()
        yield kind
        base = base_of(kind)
        if isinstance(base, FeelListType):
            waiting.append(base.item)
        elif isinstance(base, ContextType):
            waiting.extend(inner for _, inner in base.fields)


def _allowed_constants(kind: FeelType) -> Iterator[Any]:
    while isinstance(kind, AllowedType):
        yield from _constants(parse_unary_tests(kind.text, Scope(), builtins=BUILTIN_NAMES).tree)
        kind = kind.base


def _trees(pack: RulePack) -> Iterator[ast.Node]:
    for compiled in pack.library.elements.values():
        yield from compiled.trees


def _constants(node: ast.Node) -> Iterator[Any]:
    if isinstance(node, ast.Constant) and node.value is not None:
        yield node.value
    for child in children(node):
        yield from _constants(child)
