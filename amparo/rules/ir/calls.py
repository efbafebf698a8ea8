"""The built-in functions that have an exact form in SQL. Every other is refused by name."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import reduce
from operator import mul
from typing import Final

from amparo.rules.feel.builtins import BUILTINS
from amparo.rules.feel.diagnostics import NullCause
from amparo.rules.feel.patterns import compile_pattern
from amparo.rules.feel.temporal import (
    DAY,
    DAY_NAMES,
    DaysDuration,
    MonthsDuration,
    parse_duration,
)
from amparo.rules.ir import dates, listing, numbers, shapes
from amparo.rules.ir.builder import Builder
from amparo.rules.ir.nodes import (
    FALSE,
    MAYBE_NULL,
    NULL,
    TRUE,
    Case,
    Compare,
    Constant,
    Expr,
    Length,
    Matches,
    Not,
    ReadWhole,
    Slice,
    TextTest,
    all_of,
    any_of,
    is_constant_null,
    is_null,
    is_true,
    negation,
    null_of,
    number,
    text,
)
from amparo.rules.ir.refused import Refused
from amparo.rules.ir.types import (
    MAX_DIGITS,
    MAYBE,
    BooleanType,
    DateType,
    DaysType,
    MonthsType,
    NullType,
    NumberType,
    TextType,
    kind_name,
    whole,
)
from amparo.rules.ir.values import Context, Items, Joined, Listed, Value

IN_THE_INTERPRETER: Final = "It runs in the interpreter; nothing need be done."
# The patterns on which Python, RE2 and Java agree: plain characters, ASCII classes, groups.
_PLAIN_PATTERN: Final = re.compile(
    r"\^?(?:[A-Za-z0-9 _/:-]|\[(?:[A-Za-z0-9](?:-[A-Za-z0-9])?)+\]|\((?!\?)|\)|\||\{\d{1,2}\})*\$?"
)

# RE2, DuckDB's engine, takes a thousand copies of a part, nested counts multiplied.
_COUNTS: Final = re.compile(r"\{0*([1-9]\d*)\}")
_MOST_COPIES: Final = 1000


def call_builtin(
    builder: Builder, name: str, values: Sequence[Value], names: tuple[str, ...] | None
) -> Value:
    """Lower a call of a built-in on values that are bound to columns."""
    arguments = _in_order(name, values, names)
    if name in ("min", "max", "sum", "count", "mean", "all", "any"):
        return _variadic(builder, name, arguments)
    if name == "append" and names is None and len(arguments) > 1:
        return _append(builder, *arguments)
    if name == "concatenate" and names is None and len(arguments) > 1:
        return _concatenate(builder, *arguments)
    function = _FUNCTIONS.get((name, len(arguments)))
    if function is None:
        raise Refused(f"The function {name} has no exact form in SQL", IN_THE_INTERPRETER)
    return function(builder, *arguments)


def _in_order(name: str, values: Sequence[Value], names: tuple[str, ...] | None) -> Sequence[Value]:
    if names is None:
        return values
    given = dict(zip(names, values, strict=True))
    for overload in BUILTINS[name].overloads:
        present = [parameter for parameter in overload.parameters if parameter in given]
        wanted = list(overload.parameters[: len(present)])
        if set(present) == set(given) and present == wanted and not overload.variadic:
            return [given[parameter] for parameter in present]
    raise Refused(f"The arguments of {name} are named in an unusual way", IN_THE_INTERPRETER)


def _concatenate(builder: Builder, *lists: Value) -> Value:
    return listing.joined(builder, lists)


def _append(builder: Builder, source: Value, *items: Value) -> Value:
    if any(not isinstance(item, Expr) for item in items):
        raise Refused("A list or context is appended", IN_THE_INTERPRETER)
    return listing.joined(builder, [source, Listed.of(items)])


def _variadic(  # noqa: PLR0911 - one per function
    builder: Builder, name: str, arguments: Sequence[Value]
) -> Value:
    source: Value = Listed.of(list(arguments))
    if len(arguments) == 1:
        only = arguments[0]
        if isinstance(only, Items | Joined | Listed):
            source = only
        elif shapes.is_null_value(only):
            return NULL
        elif isinstance(only, Expr) and only.type.nullable:
            # One null argument is a list that is null, not a list of one null.
            raise Refused(f"{name} of one value that may be null", "Give it a list.")
    match name:
        case "count":
            return listing.count(builder, source)
        case "mean":
            return listing.mean(builder, source)
        case "all" | "any":
            return _truths(builder, source, decisive=name == "any")
        case "sum":
            return listing.fold(builder, "sum", source)
        case "min":
            return listing.fold(builder, "min", source)
        case _:
            return listing.fold(builder, "max", source)


def _truths(builder: Builder, source: Value, *, decisive: bool) -> Value:
    if isinstance(source, Items):
        raise Refused("all or any over a list column", "Use every or some.")
    assert isinstance(source, Listed)  # noqa: S101 - the caller made it
    if source.absent != FALSE:
        raise Refused("all or any over a list that may be null", "Use every or some.")
    answers = [
        any_of(negation(here), _truth(item)) if not decisive else all_of(here, _truth(item))
        for here, item in zip(source.present, source.items, strict=True)
    ]
    return any_of(*answers) if decisive else all_of(*answers)


def _truth(value: Value) -> Expr:
    found = shapes.column(value)
    if is_constant_null(found):
        return MAYBE_NULL
    if not isinstance(found.type, BooleanType):
        raise Refused(f"A {kind_name(found.type)} is no truth value", IN_THE_INTERPRETER)
    return found


def _number(value: Value) -> Expr:
    found = shapes.column(value)
    if not isinstance(found.type, NumberType | NullType):
        raise Refused(f"A {kind_name(found.type)} is used as a number", IN_THE_INTERPRETER)
    return found


def _text(value: Value) -> Expr:
    found = shapes.column(value)
    if not isinstance(found.type, TextType | NullType):
        raise Refused(f"A {kind_name(found.type)} is used as a text", IN_THE_INTERPRETER)
    return found


def _constant(value: Value, what: str) -> Decimal:
    if isinstance(value, Constant) and isinstance(value.value, Decimal):
        return value.value
    raise Refused(f"{what} differs from row to row", "Write it as a number.")


_UNIT: Final = number(0)

# Numbers --------------------------------------------------------------------------------------


def _rounding(function: str) -> Callable[..., Value]:
    def call(builder: Builder, value: Value, scale: Value = _UNIT) -> Value:
        found = _number(value)
        if is_constant_null(found) or shapes.is_null_value(scale):
            return NULL
        places = int(_constant(scale, "The number of decimals"))
        if not -MAX_DIGITS <= places <= MAX_DIGITS:
            raise Refused(f"Rounding to {places} decimals", IN_THE_INTERPRETER)
        return numbers.round_to(builder, found, places, function)

    return call


def _absolute(_: Builder, value: Value) -> Value:
    found = shapes.column(value)
    if is_constant_null(found):
        return NULL
    if isinstance(found.type, MonthsType | DaysType):
        raise Refused("The size of a duration", IN_THE_INTERPRETER)
    return numbers.absolute(_number(found))


def _modulo(builder: Builder, left: Value, right: Value) -> Value:
    dividend, divisor = _number(left), _number(right)
    if is_constant_null(dividend) or is_constant_null(divisor):
        return NULL
    return numbers.modulo(builder, dividend, divisor)


def _parity(rest: int) -> Callable[..., Value]:
    def call(builder: Builder, value: Value) -> Value:
        found = _number(value)
        if is_constant_null(found):
            return NULL
        if numbers.number_kind(found).scale:
            raise Refused("Whether a fraction is even", "Round it first.")
        left = builder.let(numbers.modulo(builder, found, number(2)), "modulo 2")
        return Compare(BooleanType(found.type.nullable), "=", left, number(rest))

    return call


def _negated(_: Builder, value: Value) -> Value:
    truth = _truth(value)
    return MAYBE_NULL if is_constant_null(truth) else _inverse(truth)


def _inverse(truth: Expr) -> Expr:
    return negation(truth) if truth in (TRUE, FALSE) else Not(truth.type, truth)


# Texts ----------------------------------------------------------------------------------------


def _length(_: Builder, value: Value) -> Value:
    found = _text(value)
    if is_constant_null(found):
        return NULL
    return Length(whole(0, _most(found), nullable=found.type.nullable), found)


def _most(value: Expr) -> int:
    return value.type.max_length if isinstance(value.type, TextType) else 0


def _substring(builder: Builder, value: Value, start: Value, length: Value | None = None) -> Value:
    """Cut a text; null where it has no such position. The place and length are constants."""
    found = _text(value)
    if is_constant_null(found) or shapes.is_null_value(start):
        return NULL
    first = int(_constant(start, "The start of a substring"))
    many = _most(found)
    if length is not None and not shapes.is_null_value(length):
        many = int(_constant(length, "The length of a substring"))
        if many < 1:
            return NULL
    if first == 0 or abs(first) > _most(found):
        return NULL
    size = builder.let(shapes.column(_length(builder, found)), "length")
    begin: Expr = number(first)
    if first < 0:
        begin = numbers.add(builder, size, number(first + 1), "+")
    kind = TextType(min(many, _most(found)), nullable=True)
    cut = Slice(kind, found, begin, None if length is None else number(many))
    short = is_true(Compare(MAYBE, "<", size, number(abs(first))))
    return Case(kind, ((short, null_of(kind)),), cut)


def _text_test(kind: str) -> Callable[..., Value]:
    def call(_: Builder, value: Value, match: Value) -> Value:
        whole_text, sought = _text(value), _text(match)
        if is_constant_null(whole_text) or is_constant_null(sought):
            return MAYBE_NULL
        nullable = whole_text.type.nullable or sought.type.nullable
        return TextTest(BooleanType(nullable), kind, whole_text, sought)  # type: ignore[arg-type]

    return call


def _matches(_: Builder, value: Value, pattern: Value) -> Value:
    found = _text(value)
    if is_constant_null(found):
        return MAYBE_NULL
    if not isinstance(pattern, Constant) or not isinstance(pattern.value, str):
        raise Refused("A pattern differs from row to row", "Write it as a text.")
    written = pattern.value
    if _PLAIN_PATTERN.fullmatch(written) is None or _most(found) > 10_000:
        raise Refused(
            "The pattern may mean different things to different engines",
            "Use plain characters, classes, groups, | and {n}.",
        )
    try:
        compile_pattern(written, "")
    except NullCause as cause:
        raise Refused(f"The pattern is refused: {cause.message}", IN_THE_INTERPRETER) from cause
    if reduce(mul, map(int, _COUNTS.findall(written)), 1) > _MOST_COPIES:
        raise Refused("The pattern counts too far for SQL", IN_THE_INTERPRETER)
    ends = written.endswith("$")
    if ends and "|" in re.sub(r"\([^()]*\)", "", written):
        raise Refused("A $ after alternatives", "Put the alternatives into a group.")
    plain = written.removesuffix("$")
    return Matches(BooleanType(found.type.nullable), found, plain, "all" if ends else "")


def _read_number(builder: Builder, value: Value) -> Value:
    """Read a whole number from a text. Other forms of a number are the interpreter's."""
    found = shapes.column(value)
    if is_constant_null(found) or isinstance(found.type, NumberType):
        return found
    written = _text(found)
    digits = _most(written)
    if digits > MAX_DIGITS:
        raise Refused("A number is read from a long text", "Declare the text's length.")
    bound = Decimal(10) ** digits
    least = -(Decimal(10) ** max(digits - 1, 0))
    kind = NumberType(least, bound - 1, 0, nullable=True)
    written = builder.let(written, "number as text")
    read = builder.let(ReadWhole(kind, written), "number")
    builder.escape(all_of(negation(is_null(written)), is_null(read)))
    return read


# Dates ----------------------------------------------------------------------------------------


def _date(builder: Builder, value: Value) -> Value:
    found = shapes.column(value)
    if is_constant_null(found) or isinstance(found.type, DateType):
        return found
    return dates.read(builder, _text(found))


def _date_of(builder: Builder, year: Value, month: Value, day: Value) -> Value:
    parts = [_number(part) for part in (year, month, day)]
    if any(is_constant_null(part) for part in parts):
        return NULL
    return dates.make(builder, *parts)


def _day_of_week(builder: Builder, value: Value) -> Value:
    found = shapes.column(value)
    if is_constant_null(found):
        return NULL
    if not isinstance(found.type, DateType):
        raise Refused(f"The day of the week of a {kind_name(found.type)}", IN_THE_INTERPRETER)
    day = builder.let(dates.part("weekday", found), "weekday")
    names = [
        (is_true(Compare(MAYBE, "=", day, number(place))), text(name))
        for place, name in enumerate(DAY_NAMES, start=1)
    ]
    return shapes.select([(is_null(day), NULL), *names[:-1]], names[-1][1])


def _duration(_: Builder, value: Value) -> Value:
    found = shapes.column(value)
    if is_constant_null(found) or isinstance(found.type, MonthsType | DaysType):
        return found
    if isinstance(found, Constant) and isinstance(found.value, str):
        return _read_duration(found.value)
    raise Refused("A duration is read from a column", "Write it in the rule.")


def _read_duration(written: str) -> Value:
    read = parse_duration(written)
    match read:
        case MonthsDuration():
            return Constant(MonthsType(read.months, read.months, nullable=False), read.months)
        case DaysDuration() if read.seconds % DAY == 0:
            days = int(read.seconds // DAY)
            return Constant(DaysType(days, days, nullable=False), days)
        case None:
            return NULL
        case _:
            raise Refused("A duration of parts of days has no column", IN_THE_INTERPRETER)


def _months_between(builder: Builder, start: Value, end: Value) -> Value:
    first, last = shapes.column(start), shapes.column(end)
    if is_constant_null(first) or is_constant_null(last):
        return NULL
    if not isinstance(first.type, DateType) or not isinstance(last.type, DateType):
        raise Refused("A duration between what is no date", IN_THE_INTERPRETER)
    return dates.months_between(builder, first, last)


# Lists ----------------------------------------------------------------------------------------


def _contains(builder: Builder, source: Value, element: Value) -> Value:
    if shapes.is_null_value(source):
        return MAYBE_NULL
    return listing.contains(builder, source, element)


def _sublist(builder: Builder, source: Value, start: Value, length: Value | None = None) -> Value:
    size = None if length is None else _number(length)
    return listing.sublist(builder, source, _number(start), size)


def _distinct(builder: Builder, source: Value) -> Value:
    return NULL if shapes.is_null_value(source) else listing.distinct(builder, source)


def _get_value(_: Builder, source: Value, key: Value) -> Value:
    if isinstance(source, Context) and isinstance(key, Constant) and isinstance(key.value, str):
        return source.entries.get(key.value, NULL)
    raise Refused("A key differs from row to row", "Name the entry with a dot.")


_ROUNDINGS: Final = numbers.MODES
_FUNCTIONS: Final[Mapping[tuple[str, int], Callable[..., Value]]] = {
    **{(name, 2): _rounding(name) for name in _ROUNDINGS},
    ("floor", 1): _rounding("floor"),
    ("ceiling", 1): _rounding("ceiling"),
    ("abs", 1): _absolute,
    ("modulo", 2): _modulo,
    ("odd", 1): _parity(1),
    ("even", 1): _parity(0),
    ("not", 1): _negated,
    ("string length", 1): _length,
    ("substring", 2): _substring,
    ("substring", 3): _substring,
    ("contains", 2): _text_test("contains"),
    ("starts with", 2): _text_test("starts with"),
    ("ends with", 2): _text_test("ends with"),
    ("matches", 2): _matches,
    ("number", 1): _read_number,
    ("date", 1): _date,
    ("date", 3): _date_of,
    ("duration", 1): _duration,
    ("years and months duration", 2): _months_between,
    ("list contains", 2): _contains,
    ("sublist", 2): _sublist,
    ("sublist", 3): _sublist,
    ("distinct values", 1): _distinct,
    ("day of week", 1): _day_of_week,
    ("get value", 2): _get_value,
}
