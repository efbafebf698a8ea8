"""FEEL values, and the two questions operators ask of them: are they equal, which is less.

number = Decimal, string = str, boolean = bool, null = None, list = list, context = dict; dates,
durations, ranges and functions have types of their own. Lists and contexts are never changed
once made.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from amparo.rules.feel.diagnostics import LimitExceeded
from amparo.rules.feel.limits import MAX_ITEMS, MAX_VALUE_DEPTH
from amparo.rules.feel.numbers import NUMBERS, number_text
from amparo.rules.feel.temporal import (
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    utc_seconds,
    zone_offset,
)
from amparo.rules.feel.types import FeelType

Value: TypeAlias = object
Ordering: TypeAlias = Literal[-1, 0, 1] | None


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; an end that is None is open without limit (as in ``>= 5``)."""

    low: Value
    high: Value
    low_included: bool
    high_included: bool
    # "=" or "!=" for a test of one point, which is not the same value as a range of one point.
    test: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """Something to call: parameter names in order, and the call itself on values."""

    name: str
    parameters: tuple[str, ...]
    call: Callable[[Sequence[Value]], Value]
    signature: tuple[tuple[FeelType, ...], FeelType] | None = None


def kind_of(value: Value) -> str:
    """Name the FEEL kind of a value, as diagnostics and traces show it."""
    return _KINDS.get(type(value), "function")


_KINDS: Final[Mapping[type, str]] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    DaysDuration: "days and time duration",
    MonthsDuration: "years and months duration",
    list: "list",
    dict: "context",
    Range: "range",
}


def equal(left: Value, right: Value) -> bool | None:
    """Compare for equality; None when the kinds differ and the question has no answer."""
    if left is None or right is None:
        return left is right
    match left, right:
        case list(), list():
            return _equal_lists(left, right, [MAX_ITEMS])
        case dict(), dict():
            return _equal_contexts(left, right, [MAX_ITEMS])
        case (Time(), Time()) | (DateTime(), DateTime()):
            # Equality looks at whole seconds only, as the standard's own tests have it.
            return order(whole_seconds(left), whole_seconds(right)) == 0
        case Range(), Range():
            return _equal_ranges(left, right)
        case _:
            return left == right if kind_of(left) == kind_of(right) else None


def _equal_ranges(left: Range, right: Range) -> bool:
    shape = (left.low_included, left.high_included, left.test)
    if shape != (right.low_included, right.high_included, right.test):
        return False
    return equal(left.low, right.low) is True and equal(left.high, right.high) is True


def whole_seconds(value: Value) -> Value:
    match value:
        case DateTime():
            second = Decimal(int(value.time.second))
            return replace(value, time=replace(value.time, second=second))
        case Time():
            return replace(value, second=Decimal(int(value.second)))
        case _:
            return value


def _equal_lists(left: list[Value], right: list[Value], steps: list[int]) -> bool | None:
    if len(left) != len(right):
        return False
    answer: bool | None = True
    for mine, theirs in zip(left, right, strict=True):
        same = _equal_within(mine, theirs, steps)
        if same is False:
            return False
        if same is None:
            answer = None
    return answer


def _equal_within(left: Value, right: Value, steps: list[int]) -> bool | None:
    """Compare what two lists or contexts hold. steps: how many more, in the one place."""
    steps[0] -= 1
    if steps[0] < 0:
        raise _too_large()
    match left, right:
        case list(), list():
            return _equal_lists(left, right, steps)
        case dict(), dict():
            return _equal_contexts(left, right, steps)
        case _:
            return equal(left, right)


def _equal_contexts(
    left: dict[str, Value], right: dict[str, Value], steps: list[int]
) -> bool | None:
    if left.keys() != right.keys():
        return False
    return _equal_lists(list(left.values()), [right[key] for key in left], steps)


def _too_large() -> LimitExceeded:
    return LimitExceeded(
        code="value.too-large",
        message=(
            f"A value holds more than {MAX_ITEMS} items, or {MAX_VALUE_DEPTH} within each other"
        ),
        remedy="Keep lists short; let each step of an iteration keep only what it needs.",
    )


def refuse_beyond_measure(value: Value) -> None:
    """Refuse a value too large to be shown or stored. Raises LimitExceeded.

    One list may stand in another many times over, so that little memory holds a value without end.
    """
    if not isinstance(value, (list, dict)):
        return
    waiting: list[tuple[Value, int]] = [(value, 1)]
    items = 0
    while waiting:
        holder, depth = waiting.pop()
        inside = holder.values() if isinstance(holder, dict) else holder
        items += len(inside)  # type: ignore[arg-type]  # only lists and contexts wait
        if items > MAX_ITEMS or depth > MAX_VALUE_DEPTH:
            raise _too_large()
        waiting.extend(
            (item, depth + 1)
            for item in inside  # type: ignore[attr-defined]
            if isinstance(item, (list, dict))
        )


def order(left: Value, right: Value) -> Ordering:  # noqa: PLR0911 - one line per kind
    """Say which of two values is less; None when they cannot be ordered."""
    match left, right:
        case bool(), _:
            return None
        case _, bool():
            return None
        case (Decimal(), Decimal()) | (str(), str()) | (Date(), Date()):
            return _sign(left, right)
        case (DaysDuration(), DaysDuration()) | (MonthsDuration(), MonthsDuration()):
            return _sign(left, right)
        case Time(), Time():
            return _order_times(left, right)
        case DateTime(), DateTime():
            return _order_datetimes(left, right)
        case _:
            return None


def _sign(left: object, right: object) -> Ordering:
    if left == right:
        return 0
    return -1 if left < right else 1  # type: ignore[operator]  # the caller matched the kinds


def _order_times(left: Time, right: Time) -> Ordering:
    if left.zone == right.zone:
        return _sign(left.seconds, right.seconds)
    mine, theirs = zone_offset(left.zone, None), zone_offset(right.zone, None)
    if mine is None or theirs is None:
        return None
    return _sign(NUMBERS.subtract(left.seconds, mine), NUMBERS.subtract(right.seconds, theirs))


def _order_datetimes(left: DateTime, right: DateTime) -> Ordering:
    if left.time.zone == right.time.zone:
        return _sign(left.local_seconds, right.local_seconds)
    mine, theirs = utc_seconds(left), utc_seconds(right)
    if mine is None or theirs is None:
        return None
    return _sign(mine, theirs)


def in_range(value: Value, interval: Range) -> bool | None:  # noqa: PLR0911 - decisions in turn
    """Say whether a value lies in an interval; None when it cannot be compared."""
    if interval.test:
        same = equal(value, interval.low)
        return same if same is None or interval.test == "=" else not same
    if interval.low is None and interval.high is None:
        return None
    if interval.low is not None:
        below = order(interval.low, value)
        if below is None:
            return None
        if below > 0 or (below == 0 and not interval.low_included):
            return False
    if interval.high is not None:
        above = order(value, interval.high)
        if above is None:
            return None
        if above > 0 or (above == 0 and not interval.high_included):
            return False
    return True


def text_of(value: Value, *, inside: bool = False) -> str:  # noqa: PLR0911 - one line per kind
    """Write a value as FEEL's string() does; strings inside lists and contexts are quoted.

    Raises LimitExceeded for a value too large to be written.
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return number_text(value)
        case str():
            if not inside:
                return value
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        case list() | dict():
            refuse_beyond_measure(value)
            return _held_text(value)
        case Range():
            return _range_text(value)
        case Function():
            return f"function({', '.join(value.parameters)})"
        case _:
            return str(value)


def _held_text(value: Value) -> str:
    match value:
        case list():
            return "[" + ", ".join(map(_held_text, value)) + "]"
        case dict():
            return (
                "{"
                + ", ".join(f"{_key_text(k)}: {_held_text(item)}" for k, item in value.items())
                + "}"
            )
        case _:
            return text_of(value, inside=True)


def _key_text(key: str) -> str:
    return key if key.replace(" ", "").replace("_", "").isalnum() else text_of(key, inside=True)


def _range_text(value: Range) -> str:
    if value.test:
        return f"({value.test} {text_of(value.low, inside=True)})"
    if value.low is None or value.high is None:
        end = value.low if value.high is None else value.high
        sign = ">" if value.high is None else "<"
        included = value.low_included if value.high is None else value.high_included
        return f"({sign}{'=' if included else ''} {text_of(end, inside=True)})"
    ends = f"{text_of(value.low, inside=True)}..{text_of(value.high, inside=True)}"
    return ("[" if value.low_included else "(") + ends + ("]" if value.high_included else ")")
