"""What a source promises of its columns; rows that break the promise are set aside, not computed.

Every proof of the compiler rests on these ranges. Without a schema a pack's own declarations give
one, with the assumptions below; they are wide for social protection and can be narrowed.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from amparo.rules.dmn.boxed import BUILTIN_NAMES
from amparo.rules.feel import ast
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.feel.parser import parse_unary_tests
from amparo.rules.feel.scope import Scope
from amparo.rules.feel.types import (
    BOOLEAN,
    DATE,
    NUMBER,
    STRING,
    AllowedType,
    ContextType,
    FeelType,
    base_of,
)
from amparo.rules.feel.types import ListType as FeelListType
from amparo.rules.ir.types import (
    MAX_DIGITS,
    BooleanType,
    ColumnType,
    DateType,
    ListType,
    NullType,
    NumberType,
    ScalarType,
    StructType,
    TextType,
)

# Assumed of an input of which nothing narrower is declared.
LARGEST: Final = Decimal("9999999999.99")
DECIMALS: Final = 2
EARLIEST: Final = date(1800, 1, 1)
LATEST: Final = date(2199, 12, 31)
LONGEST_TEXT: Final = 200
MOST_ITEMS: Final = 120


class WrongSchema(RuleError):
    """A schema cannot be read, or does not describe what the pack asks for."""


@dataclass(frozen=True, slots=True)
class Schema:
    """Columns by name. An input that is no column is unknown on every row.

    without_column: inputs for which no column could be assumed; decisions that need one of them
    are the interpreter's.
    """

    columns: Mapping[str, ColumnType]
    without_column: frozenset[str] = frozenset()

    @property
    def hash(self) -> str:
        text = "\n".join(f"{name}={kind!r}" for name, kind in sorted(self.columns.items()))
        text += "\n".join(sorted(self.without_column))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual of the rows of a source; every other column is known on a usual row.

    absent: columns that are null. mixed: columns that may be null or not, and fields of contexts
    and of items, as ``column.field``.
    """

    absent: frozenset[str] = frozenset()
    mixed: frozenset[str] = frozenset()


def schema_of_usual(schema: Schema, usual: Usual) -> Schema:
    """Give what usual rows promise: the same ranges, and fewer columns that may be null."""
    return Schema(
        {
            name: _never_null(kind, name, usual.mixed)
            for name, kind in schema.columns.items()
            if name not in usual.absent
        },
        schema.without_column,
    )


def _never_null(kind: ColumnType, name: str, mixed: frozenset[str]) -> ColumnType:
    nullable = kind.nullable and name in mixed
    match kind:
        case ListType():
            inner = _never_null(kind.item, name, mixed - {name})
            assert not isinstance(inner, ListType)  # noqa: S101 - lists hold no lists
            return ListType(inner, kind.max_items, nullable)
        case StructType():
            fields: list[tuple[str, ScalarType]] = []
            for field, of in kind.fields:
                inner = _never_null(of, f"{name}.{field}", mixed)
                assert not isinstance(inner, ListType | StructType)  # noqa: S101 - fields are plain
                fields.append((field, inner))
            return StructType(tuple(fields), nullable)
        case NullType():
            return kind
        case _:
            return replace(kind, nullable=nullable)


def default_column(kind: FeelType) -> ColumnType | None:
    """Assume a column for a declared type; None where there is none, such as for Any."""
    base = base_of(kind)
    if isinstance(base, FeelListType):
        item = _default_item(base.item)
        return None if item is None else ListType(item, MOST_ITEMS, nullable=True)
    if base == NUMBER:
        assumed = NumberType(LARGEST.copy_negate(), LARGEST, DECIMALS, nullable=True)
        return _narrowed(assumed, kind)
    if isinstance(base, ContextType):
        struct = _default_item(base)
        return replace(struct, nullable=True) if isinstance(struct, StructType) else None
    known: dict[FeelType, ColumnType] = {
        STRING: TextType(LONGEST_TEXT, nullable=True),
        BOOLEAN: BooleanType(nullable=True),
        DATE: DateType(EARLIEST, LATEST, nullable=True),
    }
    return known.get(base)


def _default_item(kind: FeelType) -> StructType | ScalarType | None:
    base = base_of(kind)
    if not isinstance(base, ContextType):
        found = default_column(kind)
        return None if isinstance(found, ListType | StructType) else found
    fields: list[tuple[str, ScalarType]] = []
    for name, inner in base.fields:
        column = default_column(inner)
        if column is None or isinstance(column, ListType | StructType):
            return None
        fields.append((name, column))
    return StructType(tuple(fields))


def _narrowed(assumed: NumberType, kind: FeelType) -> NumberType:
    """Take the bounds that allowed values name; the whole test is asked at the load as well."""
    while isinstance(kind, AllowedType):
        tree = parse_unary_tests(kind.text, Scope(), builtins=BUILTIN_NAMES).tree
        if isinstance(tree, ast.UnaryTests) and not tree.negated and len(tree.tests) == 1:
            for test in _conjuncts(tree.tests[0]):
                assumed = _bounded(assumed, test)
        kind = kind.base
    return assumed


def _conjuncts(node: ast.Node) -> Iterator[ast.Node]:
    if isinstance(node, ast.Logical) and node.operator == "and":
        yield from _conjuncts(node.left)
        yield from _conjuncts(node.right)
    else:
        yield node


def _bounded(kind: NumberType, test: ast.Node) -> NumberType:
    match test:
        case ast.UnaryTest(operator=operator, operand=ast.Constant(value=Decimal() as bound)):
            return _compared(kind, operator, bound)
        case ast.Comparison(
            operator=operator, left=ast.Name(name="?"), right=ast.Constant(value=Decimal() as bound)
        ):
            return _compared(kind, operator, bound)
        case (
            ast.Comparison(operator="=", left=ast.Name(name="?"), right=ast.Invocation() as call)
            | ast.Comparison(operator="=", left=ast.Invocation() as call, right=ast.Name(name="?"))
        ):
            is_floor = isinstance(call.function, ast.Name) and call.function.name == "floor"
            if is_floor and [_name_of(argument) for argument in call.arguments] == ["?"]:
                low = kind.low.to_integral_value(ROUND_CEILING)
                return replace(
                    kind, scale=0, low=low, high=kind.high.to_integral_value(ROUND_FLOOR)
                )
        case ast.RangeLiteral(
            low=ast.Constant(value=Decimal() as low), high=ast.Constant(value=Decimal() as high)
        ):
            return replace(kind, low=max(kind.low, low), high=min(kind.high, high))
    return kind


def _name_of(node: ast.Node) -> str:
    return node.name if isinstance(node, ast.Name) else ""


def _compared(kind: NumberType, operator: str, bound: Decimal) -> NumberType:
    if operator in (">", ">="):
        return replace(kind, low=max(kind.low, bound))
    if operator in ("<", "<="):
        return replace(kind, high=min(kind.high, bound))
    return kind


# Files ----------------------------------------------------------------------------------------


def read_schema(text: str, *, where: str) -> Schema:
    """Read a schema from TOML: a table per column, named as the input.

    number: min, max, decimals. string: max_length. date: min, max. list: item, max_items; an item
    has a table ``fields`` or is itself a scalar. nullable is true unless said otherwise.
    """
    try:
        tables = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _wrong(f"The schema is no TOML: {error}", where) from error
    return Schema({name: _column(table, name, where) for name, table in tables.items()})


def _wrong(message: str, where: str) -> WrongSchema:
    return WrongSchema(
        code="schema.unreadable",
        message=message,
        remedy="See docs/reference/compiling.md for what a column may declare.",
        where=where,
    )


def _column(table: Any, name: str, where: str) -> ColumnType:
    if not isinstance(table, dict) or "type" not in table:
        raise _wrong(f"The column {name} has no type", where)
    if table["type"] == "context":
        return StructType(_fields(table, name, where), bool(table.get("nullable", True)))
    if table["type"] != "list":
        return _scalar(table, name, where)
    item = table.get("item")
    if not isinstance(item, dict):
        raise _wrong(f"The list {name} has no item", where)
    most = _whole(table.get("max_items", MOST_ITEMS), name, where)
    nullable = bool(table.get("nullable", True))
    if "fields" not in item:
        return ListType(_scalar(item, name, where), most, nullable)
    return ListType(StructType(_fields(item, name, where)), most, nullable)


def _fields(table: dict[str, Any], name: str, where: str) -> tuple[tuple[str, ScalarType], ...]:
    fields = table.get("fields")
    if not isinstance(fields, dict):
        raise _wrong(f"The context {name} has no fields", where)
    return tuple(
        (field, _scalar(inner, f"{name}.{field}", where)) for field, inner in fields.items()
    )


def _scalar(table: Any, name: str, where: str) -> ScalarType:
    nullable = bool(table.get("nullable", True))
    match table.get("type"):
        case "number":
            low = _decimal(table.get("min", LARGEST.copy_negate()), name, where)
            high = _decimal(table.get("max", LARGEST), name, where)
            scale = _whole(table.get("decimals", DECIMALS), name, where)
            kind = NumberType(low, high, scale, nullable)
            if low > high or kind.digits > MAX_DIGITS:
                raise _wrong(f"The column {name} has no range of at most 34 digits", where)
            return kind
        case "string":
            return TextType(_whole(table.get("max_length", LONGEST_TEXT), name, where), nullable)
        case "boolean":
            return BooleanType(nullable)
        case "date":
            low_day, high_day = table.get("min", EARLIEST), table.get("max", LATEST)
            if not isinstance(low_day, date) or not isinstance(high_day, date):
                raise _wrong(f"The column {name} has a bound that is no date", where)
            return DateType(low_day, high_day, nullable)
        case other:
            raise _wrong(f"The column {name} is of the unknown type {other}", where)


def _decimal(value: Any, name: str, where: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _wrong(f"The column {name} has a bound that is no number", where)
    if not Decimal(value).is_finite():
        raise _wrong(f"The column {name} has a bound that is no finite number", where)
    return Decimal(value)


def _whole(value: Any, name: str, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _wrong(f"The column {name} has a size that is no whole number", where)
    return value
