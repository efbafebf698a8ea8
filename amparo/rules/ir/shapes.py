"""Choosing between values, comparing them, and asking whether they are null."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from amparo.rules.ir import numbers
from amparo.rules.ir.builder import Builder
from amparo.rules.ir.nodes import (
    FALSE,
    MAYBE_NULL,
    NULL,
    TRUE,
    Absolute,
    Arithmetic,
    Case,
    Comparator,
    Compare,
    Constant,
    Expr,
    Extreme,
    Negate,
    Quotient,
    Round,
    all_of,
    any_of,
    is_constant_null,
    is_null,
    is_true,
    negation,
    null_of,
    number,
)
from amparo.rules.ir.refused import Refused
from amparo.rules.ir.types import (
    BooleanType,
    DateType,
    DaysType,
    ListType,
    MonthsType,
    NullType,
    NumberType,
    ScalarType,
    StructType,
    TextType,
    kind_name,
    union,
    with_null,
)
from amparo.rules.ir.values import Closure, Context, Interval, Items, Joined, Listed, Value

# Of so many parts at most a value is asked whether one is null; of more, itself.
MOST_PARTS: Final = 40
SAME_SHAPE = "Give the same entries and types in every branch, or null."


def is_null_value(value: Value) -> bool:
    return isinstance(value, Expr) and is_constant_null(value)


def scalar_type(value: Expr) -> ScalarType:
    if isinstance(value.type, ListType | StructType):
        raise Refused("A list is used where one value is needed", "Name an item, or fold the list.")
    return value.type


def absent(value: Value) -> Expr:
    """Say where a value is null."""
    match value:
        case Context() | Items() | Joined() | Interval() | Listed():
            return value.absent
        case Closure():
            return FALSE
        case _:
            return is_null(value)


def lacks(builder: Builder, value: Expr) -> Expr:
    """Say where a value is null by what it is made of, so that it need not be computed."""
    found = _lacks(builder, value, [MOST_PARTS])
    return is_null(value) if found is None else found


def _lacks(builder: Builder, value: Expr, left: list[int]) -> Expr | None:
    """left: how many parts may still be asked; None where they are more."""
    left[0] -= 1
    if left[0] < 0:
        return None
    if not value.type.nullable:
        return FALSE
    meant = builder.meaning(value)
    ways: list[tuple[Expr, Expr]] = []
    also: Expr = FALSE
    match meant:
        case Arithmetic(left=one, right=other):
            parts = [one, other]
        case Quotient(left=one, right=other):
            parts = [one, other]
            also = is_true(_compared(builder, "=", other, number(0)))
        case Negate(operand=one) | Absolute(operand=one) | Round(operand=one):
            parts = [one]
        case Extreme(items=items):
            parts = list(items)
        case Case(branches=branches, otherwise=otherwise):
            parts = [*(chosen for _, chosen in branches), otherwise]
            ways = list(branches)
        case _:
            return is_null(value)
    asked = [_lacks(builder, part, left) for part in parts]
    known = [one for one in asked if one is not None]
    if len(known) < len(parts):
        return None
    if not ways:
        return any_of(*known, also)
    told = [(condition, one) for (condition, _), one in zip(ways, known, strict=False)]
    return column(select(told, known[-1]))


def holds_null(value: Value) -> Expr:
    """Say where a value or anything inside it is null."""
    match value:
        case Context():
            return any_of(value.absent, *(holds_null(entry) for entry in value.entries.values()))
        case Listed():
            return any_of(
                value.absent,
                *(
                    all_of(here, holds_null(item))
                    for here, item in zip(value.present, value.items, strict=True)
                ),
            )
        case Expr():
            return is_null(value)
        case _:
            raise Refused("A list or function is the result", "Let the decision give its parts.")


def bound(builder: Builder, value: Value, hint: str) -> Value:
    """Give every part of a value a column, so that using it twice computes it once."""
    match value:
        case Context():
            entries = {
                name: bound(builder, entry, f"{hint}.{name}")
                for name, entry in value.entries.items()
            }
            return Context(entries, builder.let(value.absent, f"{hint} is null"))
        case Listed():
            items = tuple(bound(builder, item, hint) for item in value.items)
            present = tuple(builder.let(here, hint) for here in value.present)
            return Listed(items, present, builder.let(value.absent, f"{hint} is null"))
        case Items():
            return Items(
                value.relation,
                value.absent,
                builder.let(value.where, f"{hint} holds"),
                bound(builder, value.item, hint),
                value.max_items,
                value.rank,
                value.has_order,
            )
        case Joined():
            parts = tuple(bound(builder, part, hint) for part in value.parts)
            kept = tuple(part for part in parts if isinstance(part, Items | Listed))
            return Joined(kept, builder.let(value.absent, f"{hint} is null"))
        case Expr():
            return builder.let(value, hint)
        case _:
            return value


def select(branches: Sequence[tuple[Expr, Value]], otherwise: Value) -> Value:
    """Choose the first value whose condition is true; all must have one shape."""
    certain = [(condition, value) for condition, value in branches if condition != FALSE]
    for place, (condition, value) in enumerate(certain):
        if condition == TRUE:
            certain, otherwise = certain[:place], value
            break
    values = [*(value for _, value in certain), otherwise]
    if not certain or all(value == otherwise for value in values):
        return otherwise
    if all(isinstance(value, Expr) for value in values):
        return _select_columns(certain, otherwise)
    shaped = [value for value in values if not is_null_value(value)]
    if all(isinstance(value, Context) for value in shaped):
        return _select_contexts(certain, otherwise)
    lists = [value for value in shaped if isinstance(value, Items)]
    if len(lists) == len(shaped) > 1 and _are_of_one_list(lists):
        return _select_items(lists[0], certain, otherwise)
    if len(shaped) == 1 and isinstance(shaped[0], Items | Joined):
        return _or_null(shaped[0], certain, otherwise)
    if all(isinstance(value, Listed) for value in shaped):
        return _select_lists(certain, otherwise)
    raise Refused("The branches give values of different shapes", SAME_SHAPE)


def _are_of_one_list(lists: Sequence[Items]) -> bool:
    first = lists[0]
    return all(value.relation == first.relation and value.item == first.item for value in lists[1:])


def _select_items(first: Items, branches: Sequence[tuple[Expr, Value]], otherwise: Value) -> Items:
    """Choose between parts of one list: which items there are differs from row to row."""

    def where(value: Value) -> Expr:
        return value.where if isinstance(value, Items) else FALSE

    def rank(value: Value) -> Expr | None:
        return value.rank if isinstance(value, Items) else first.rank

    values = [*(value for _, value in branches), otherwise]
    is_there = select(
        [(condition, where(value)) for condition, value in branches], where(otherwise)
    )
    is_absent = select(
        [(condition, absent(value)) for condition, value in branches], absent(otherwise)
    )
    return replace(
        first,
        where=column(is_there),
        absent=column(is_absent),
        max_items=max(value.max_items for value in values if isinstance(value, Items)),
        rank=None,
        has_order=first.has_order and first.rank is None and all(rank(v) is None for v in values),
    )


def _or_null(
    value: "Items | Joined", branches: Sequence[tuple[Expr, Value]], otherwise: Value
) -> Value:
    """Choose between a list and null: on the rows of null it has no items."""
    is_absent = column(
        select([(condition, absent(branch)) for condition, branch in branches], absent(otherwise))
    )
    return emptied(value, is_absent)


def emptied(value: "Items | Joined", is_absent: Expr) -> Value:
    """Give the same list, null and without items where a condition holds."""
    there = negation(is_absent)
    if isinstance(value, Items):
        return replace(value, absent=is_absent, where=all_of(value.where, there))
    parts = tuple(
        replace(part, where=all_of(part.where, there))
        if isinstance(part, Items)
        else replace(part, present=tuple(all_of(here, there) for here in part.present), last=None)
        for part in value.parts
    )
    return Joined(parts, is_absent)


def _select_columns(branches: Sequence[tuple[Expr, Value]], otherwise: Value) -> Expr:
    kept = [(condition, column(value)) for condition, value in branches]
    last = column(otherwise)
    kind = scalar_type(last)
    for _, value in kept:
        joined = union(kind, scalar_type(value))
        if joined is None:
            message = f"The branches give a {kind_name(kind)} and a {kind_name(value.type)}"
            raise Refused(message, SAME_SHAPE)
        kind = joined
    if isinstance(kind, NumberType):
        numbers.checked(kind, numbers.SQL_DIGITS)
    if isinstance(kind, BooleanType) and _are_certain(kept, last):
        return _truth_of_ways(kept, last)
    return Case(kind, tuple(kept), last)


def _are_certain(branches: Sequence[tuple[Expr, Expr]], otherwise: Expr) -> bool:
    """Say whether all truth values but the last are constants, and the last is never null."""
    return not otherwise.type.nullable and all(value in (TRUE, FALSE) for _, value in branches)


def _truth_of_ways(branches: Sequence[tuple[Expr, Expr]], otherwise: Expr) -> Expr:
    """Write a choice between true and false by and, or and not."""
    for condition, value in reversed(branches):
        holds = is_true(condition)
        otherwise = (
            any_of(holds, otherwise) if value == TRUE else all_of(negation(holds), otherwise)
        )
    return otherwise


def column(value: Value) -> Expr:
    if not isinstance(value, Expr):
        raise Refused("A context, list or function is used as one value", "Name an entry of it.")
    return value


def _select_contexts(branches: Sequence[tuple[Expr, Value]], otherwise: Value) -> Context:
    values = [*(value for _, value in branches), otherwise]
    names = next(list(value.entries) for value in values if isinstance(value, Context))
    for value in values:
        if isinstance(value, Context) and set(value.entries) != set(names):
            raise Refused("The branches give contexts with different entries", SAME_SHAPE)

    def entry(value: Value, name: str) -> Value:
        return value.entries[name] if isinstance(value, Context) else NULL

    entries = {
        name: select(
            [(condition, entry(value, name)) for condition, value in branches],
            entry(otherwise, name),
        )
        for name in names
    }
    is_absent = select(
        [(condition, absent(value)) for condition, value in branches], absent(otherwise)
    )
    return Context(entries, column(is_absent))


def _select_lists(branches: Sequence[tuple[Expr, Value]], otherwise: Value) -> Listed:
    """Choose between lists place by place; the shorter ones have nothing at their last places."""
    lists = [*(value for _, value in branches), otherwise]
    longest = max(len(value.items) for value in lists if isinstance(value, Listed))
    ways = [*branches, (TRUE, otherwise)]

    def here(value: Value, at: int) -> Expr:
        known = isinstance(value, Listed) and at < len(value.items)
        return value.present[at] if isinstance(value, Listed) and known else FALSE

    items: list[Value] = []
    present: list[Expr] = []
    for at in range(longest):
        # Where a list has no such place, what stands there is never read.
        told = [
            (condition, value.items[at])
            for condition, value in ways
            if isinstance(value, Listed) and at < len(value.items)
        ]
        items.append(select(told[:-1], told[-1][1]))
        places: list[tuple[Expr, Value]] = [
            (condition, here(value, at)) for condition, value in branches
        ]
        present.append(column(select(places, here(otherwise, at))))
    is_absent = select(
        [(condition, absent(value)) for condition, value in branches], absent(otherwise)
    )
    return Listed(tuple(items), tuple(present), column(is_absent))


# Comparing ------------------------------------------------------------------------------------

_ORDERED = (NumberType, TextType, DateType, MonthsType, DaysType)


def same(builder: Builder, left: Value, right: Value) -> Expr:
    """Compare as FEEL's =: null equals null alone, and the answer is never null."""
    if is_null_value(left) or is_null_value(right):
        return absent(right if is_null_value(left) else left)
    if isinstance(left, Context) and isinstance(right, Context):
        return _same_contexts(builder, left, right)
    mine, theirs = column(left), column(right)
    found = is_true(_compared(builder, "=", mine, theirs))
    return any_of(all_of(is_null(mine), is_null(theirs)), found)


def _same_contexts(builder: Builder, left: Context, right: Context) -> Expr:
    raise Refused("Two contexts are compared", "Compare their entries.")


def compared(builder: Builder, operator: str, left: Value, right: Value) -> Expr:
    """Order two values as FEEL's < and its kin: null with null, or with what has no order."""
    mine, theirs = column(left), column(right)
    if is_constant_null(mine) or is_constant_null(theirs):
        return MAYBE_NULL
    if isinstance(mine.type, BooleanType) and isinstance(theirs.type, BooleanType):
        return MAYBE_NULL
    return _compared(builder, _COMPARATORS[operator], mine, theirs)


_COMPARATORS: Final[Mapping[str, Comparator]] = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}


def _compared(builder: Builder, operator: Comparator, left: Expr, right: Expr) -> Expr:
    if type(left.type) is not type(right.type):
        message = f"A {kind_name(left.type)} is compared with a {kind_name(right.type)}"
        raise Refused(message, "Compare values of one type.")
    known = _certain(operator, left, right)
    if known is not None:
        return TRUE if known else FALSE
    for mine, other in ((left, right), (right, left)):
        if operator == "=" and isinstance(other, Constant) and isinstance(other.value, bool):
            return mine if other.value else negation(mine)
    if isinstance(left.type, NumberType):
        return numbers.compare(builder, operator, left, right)
    nullable = left.type.nullable or right.type.nullable
    return Compare(BooleanType(nullable), operator, left, right)


def _certain(  # noqa: PLR0911 - one per operator
    operator: Comparator, left: Expr, right: Expr
) -> bool | None:
    """Answer a comparison that the bounds of both sides already decide."""
    if left.type.nullable or right.type.nullable:
        return None
    if isinstance(left, Constant) and isinstance(right, Constant) and operator == "=":
        return left.value == right.value
    mine, theirs = _bounds(left.type), _bounds(right.type)
    if mine is None or theirs is None:
        return None
    (low, high), (least, most) = mine, theirs
    match operator:
        case "<":
            return True if high < least else False if low >= most else None
        case "<=":
            return True if high <= least else False if low > most else None
        case ">":
            return True if low > most else False if high <= least else None
        case ">=":
            return True if low >= most else False if high < least else None
        case _:
            return False if high < least or low > most else None


def _bounds(kind: object) -> tuple[Decimal, Decimal] | None:
    match kind:
        case NumberType() if not kind.quotients:
            return kind.low, kind.high
        case MonthsType() | DaysType():
            return Decimal(kind.low), Decimal(kind.high)
        case DateType():
            return Decimal(kind.low.toordinal()), Decimal(kind.high.toordinal())
        case _:
            return None


def in_interval(builder: Builder, value: Value, interval: Interval) -> Expr:
    """Say whether a value lies in a range that is not null; null where it cannot be compared."""
    if interval.test:
        if interval.low is None:
            raise Refused("A test without a value", "Write the value.")
        found = same(builder, value, interval.low)
        return found if interval.test == "=" else negation(found)
    tests: list[Expr] = []
    if interval.low is not None:
        operator: Comparator = ">=" if interval.low_included else ">"
        tests.append(compared(builder, operator, value, interval.low))
    if interval.high is not None:
        operator = "<=" if interval.high_included else "<"
        tests.append(compared(builder, operator, value, interval.high))
    return all_of(*tests)


def leaves(value: Value, name: str) -> Iterator[tuple[str, Expr]]:
    """Give the columns a result is made of, by dotted name."""
    match value:
        case Context():
            for entry, inner in value.entries.items():
                yield from leaves(inner, f"{name}.{entry}" if name else entry)
        case Listed() if all(here in (TRUE, value.present[0]) for here in value.present):
            # A list as long on every row as on any other gives a column per place.
            for place, inner in enumerate(value.items, start=1):
                missing = any_of(value.absent, negation(value.present[place - 1]))
                yield from leaves(nulled_value(inner, missing), f"{name}.{place}")
        case Expr():
            yield name, value
        case _:
            raise Refused("A list or function is the result", "Let the decision give its parts.")


def nulled_value(value: Value, where: Expr) -> Value:
    return value if where == FALSE else select([(where, NULL)], value)


def nulled(value: Expr, where: Expr) -> Expr:
    """Give the same value, but null where a condition holds."""
    if where == FALSE:
        return value
    kind = with_null(scalar_type(value), nullable=True)
    if isinstance(kind, NullType) or where == TRUE:
        return null_of(kind)
    return Case(kind, ((where, null_of(kind)),), value)
