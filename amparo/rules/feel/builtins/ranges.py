"""Built-ins that place points and ranges in time or number (Allen's relations)."""

import re
from decimal import Decimal
from typing import Final

from amparo.rules.feel.builtins.registry import a_string, builtin, compared
from amparo.rules.feel.diagnostics import NullCause
from amparo.rules.feel.numbers import NUMBERS
from amparo.rules.feel.temporal import (
    DateTime,
    Time,
    parse_date,
    parse_datetime,
    parse_duration,
    parse_temporal,
    parse_time,
)
from amparo.rules.feel.values import Range, Value, equal, in_range, kind_of, order

_END: Final = re.compile(
    r'(?P<number>-?(?:\d+(?:\.\d+)?|\.\d+))|@"(?P<at>[^"]*)"|"(?P<string>[^"]*)"'
    r'|(?P<function>date|time|date and time|duration)\s*\(\s*"(?P<text>[^"]*)"\s*\)'
)
_READERS: Final = {
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_datetime,
    "duration": parse_duration,
}


@builtin("range", "from")
def range_from(text: Value) -> Value:
    """Read a range whose ends are literals; one end may be left out."""
    whole = a_string(text).strip()
    if len(whole) < 4 or whole[0] not in "[(]" or whole[-1] not in "])[":
        raise _unreadable("this is no range, such as [1..5)")
    low, rest = _low_end(whole[1:-1].lstrip())
    high = _end(rest) if rest else None
    low_included, high_included = whole[0] == "[", whole[-1] == "]"
    one_is_null = low is None or high is None
    if low is None and high is None:
        raise _unreadable("a range needs an end")
    if (low is None and low_included) or (high is None and high_included):
        raise _unreadable("an end left out cannot be included")
    sign = 0 if one_is_null else order(low, high)
    if sign is None or sign > 0:
        raise _unreadable("the ends of the range are not in order")
    return Range(low, high, low_included, high_included)


def _low_end(text: str) -> tuple[Value, str]:
    """Read the end that stands before the two points; give it with what stands after them."""
    match = _END.match(text)
    after = text[match.end() :].lstrip() if match is not None else text
    if not after.startswith(".."):
        raise _unreadable("the end of a range must be a literal")
    low = None if match is None else _literal(match)
    return low, after.removeprefix("..").strip()


def _end(text: str) -> Value:
    match = _END.fullmatch(text)
    if match is None:
        raise _unreadable("the end of a range must be a literal")
    return _literal(match)


def _literal(match: re.Match[str]) -> Value:
    if match["number"] is not None:
        return NUMBERS.create_decimal(Decimal(match["number"]))
    if match["string"] is not None:
        return match["string"]
    if match["at"] is not None:
        value: Value = parse_temporal(match["at"])
    else:
        value = _READERS[match["function"]](match["text"])
    if value is None:
        raise _unreadable("the end of a range is no date, time or duration")
    return value


def _unreadable(message: str) -> NullCause:
    return NullCause("range.unreadable", message)


def _as_range(value: Value) -> Range:
    if isinstance(value, Range):
        return value
    return Range(value, value, low_included=True, high_included=True)


def _range(value: Value) -> Range:
    if not isinstance(value, Range):
        raise NullCause("type.argument", f"a range is needed, not a {kind_of(value)}")
    return value


def _ends(left: Range, right: Range) -> int:
    """Compare where two ranges end; without limit is last, included after excluded."""
    if left.high is None or right.high is None:
        return (left.high is None) - (right.high is None)
    return compared(left.high, right.high) or left.high_included - right.high_included


def _starts(left: Range, right: Range) -> int:
    if left.low is None or right.low is None:
        return (right.low is None) - (left.low is None)
    return compared(left.low, right.low) or right.low_included - left.low_included


def _is_before(left: Range, right: Range) -> bool:
    if left.high is None or right.low is None:
        return False
    sign = compared(left.high, right.low)
    return sign < 0 or (sign == 0 and not (left.high_included and right.low_included))


@builtin("before", "point1", "point2")
@builtin("before", "point", "range")
@builtin("before", "range", "point")
@builtin("before", "range1", "range2")
def before(left: Value, right: Value) -> Value:
    return _is_before(_as_range(left), _as_range(right))


@builtin("after", "point1", "point2")
@builtin("after", "point", "range")
@builtin("after", "range", "point")
@builtin("after", "range1", "range2")
def after(left: Value, right: Value) -> Value:
    return _is_before(_as_range(right), _as_range(left))


@builtin("meets", "range1", "range2")
def meets(left: Value, right: Value) -> Value:
    first, second = _range(left), _range(right)
    if first.high is None or second.low is None:
        return False
    return first.high_included and second.low_included and compared(first.high, second.low) == 0


@builtin("met by", "range1", "range2")
def met_by(left: Value, right: Value) -> Value:
    return meets(right, left)


@builtin("overlaps", "range1", "range2")
def overlaps(left: Value, right: Value) -> Value:
    first, second = _range(left), _range(right)
    return not _is_before(first, second) and not _is_before(second, first)


@builtin("overlaps before", "range1", "range2")
def overlaps_before(left: Value, right: Value) -> Value:
    first, second = _range(left), _range(right)
    return (
        bool(overlaps(first, second)) and _starts(first, second) < 0 and _ends(first, second) <= 0
    )


@builtin("overlaps after", "range1", "range2")
def overlaps_after(left: Value, right: Value) -> Value:
    first, second = _range(left), _range(right)
    return (
        bool(overlaps(first, second)) and _starts(first, second) > 0 and _ends(first, second) >= 0
    )


@builtin("finishes", "point", "range")
@builtin("finishes", "range1", "range2")
def finishes(left: Value, right: Value) -> Value:
    whole = _range(right)
    if not isinstance(left, Range):
        return whole.high_included and compared(left, whole.high) == 0
    return _ends(left, whole) == 0 and _starts(left, whole) >= 0


@builtin("finished by", "range", "point")
@builtin("finished by", "range1", "range2")
def finished_by(left: Value, right: Value) -> Value:
    return finishes(right, left)


@builtin("includes", "range", "point")
@builtin("includes", "range1", "range2")
def includes(left: Value, right: Value) -> Value:
    whole = _range(left)
    if not isinstance(right, Range):
        inside = in_range(right, whole)
        if inside is None:
            raise NullCause("type.argument", f"a {kind_of(right)} has no place in the range")
        return inside
    return _starts(right, whole) >= 0 and _ends(right, whole) <= 0


@builtin("during", "point", "range")
@builtin("during", "range1", "range2")
def during(left: Value, right: Value) -> Value:
    return includes(right, left)


@builtin("starts", "point", "range")
@builtin("starts", "range1", "range2")
def starts(left: Value, right: Value) -> Value:
    whole = _range(right)
    if not isinstance(left, Range):
        return whole.low_included and compared(left, whole.low) == 0
    return _starts(left, whole) == 0 and _ends(left, whole) <= 0


@builtin("started by", "range", "point")
@builtin("started by", "range1", "range2")
def started_by(left: Value, right: Value) -> Value:
    return starts(right, left)


@builtin("coincides", "point1", "point2")
@builtin("coincides", "range1", "range2")
def coincides(left: Value, right: Value) -> Value:
    first, second = _as_range(left), _as_range(right)
    return _starts(first, second) == 0 and _ends(first, second) == 0


@builtin("is", "value1", "value2")
def same(left: Value, right: Value) -> Value:
    """Compare strictly: the same kind, and the same zone as well as the same moment."""
    if kind_of(left) != kind_of(right):
        return False
    if isinstance(left, (Time, DateTime)):
        return left == right
    return equal(left, right) is True
