"""What the way to an expression tells of a number: in a branch, what its condition asked holds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from amparo.rules.ir.builder import Builder
from amparo.rules.ir.nodes import And, Case, Comparator, Compare, Expr, IsTrue, Not, Or
from amparo.rules.ir.shapes import scalar_type
from amparo.rules.ir.types import NumberType, union

_OPPOSITE: Final[Mapping[Comparator, Comparator]] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_TURNED: Final[Mapping[Comparator, Comparator]] = {
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
    "=": "=",
}


def bounds(builder: Builder, value: Expr, conditions: Sequence[Expr]) -> NumberType | None:
    """Give the type of a number where all these conditions are true; None for what is no number.

    On other rows the value may lie anywhere in its own type.
    """
    kind = value.type
    if not isinstance(kind, NumberType):
        return None
    if kind.quotients:
        return kind
    wanted = builder.column_of(value)
    for condition in conditions:
        for operator, left, right in _facts(builder, condition, holds=True):
            if left == wanted:
                kind = _cut(kind, operator, right)
            if right == wanted:
                kind = _cut(kind, _TURNED[operator], left)
    return kind


def _facts(
    builder: Builder, condition: Expr, *, holds: bool
) -> Iterator[tuple[Comparator, Expr, Expr]]:
    """Give the comparisons that are true where a condition is true, or false (never null)."""
    match builder.meaning(condition):
        case IsTrue(operand=operand):
            # Where it is not true it may be null, and null tells nothing.
            if holds:
                yield from _facts(builder, operand, holds=True)
        case Not(operand=operand):
            yield from _facts(builder, operand, holds=not holds)
        case And(items=items) | Or(items=items) as joined if isinstance(joined, And) == holds:
            for item in items:
                yield from _facts(builder, item, holds=holds)
        case Compare(operator=operator, left=left, right=right) if holds or operator != "=":
            known = operator if holds else _OPPOSITE[operator]
            yield known, builder.column_of(left), builder.column_of(right)
        case _:
            return


def _cut(kind: NumberType, operator: Comparator, other: Expr) -> NumberType:
    """Narrow a type by a comparison that holds; both sides of it are then known."""
    bound = other.type
    if not isinstance(bound, NumberType) or bound.quotients:
        return kind
    low, high = kind.low, kind.high
    if operator in (">", ">=", "="):
        low = max(low, bound.low)
    if operator in ("<", "<=", "="):
        high = min(high, bound.high)
    # Conditions that contradict each other hold on no row.
    return replace(kind, low=low, high=high) if low <= high else kind


def narrowed(builder: Builder, chosen: Expr) -> Expr:
    """Narrow the type of a choice by what each condition says of the value it chooses."""
    if not isinstance(chosen, Case) or not isinstance(chosen.type, NumberType):
        return chosen
    if chosen.type.quotients:
        return chosen
    kind = scalar_type(chosen.otherwise)
    for condition, value in chosen.branches:
        known = union(kind, bounds(builder, value, [condition]) or scalar_type(value))
        assert known is not None  # noqa: S101 - they were joined before
        kind = known
    return replace(chosen, type=kind)
