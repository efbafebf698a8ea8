"""Built-ins on numbers: rounding in every mode, modulo, roots and logarithms."""

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from functools import lru_cache

from amparo.rules.feel.arithmetic import negate
from amparo.rules.feel.builtins.registry import (
    a_number,
    a_position,
    a_whole_number,
    builtin,
    single,
)
from amparo.rules.feel.diagnostics import NullCause
from amparo.rules.feel.numbers import NUMBERS, round_to
from amparo.rules.feel.temporal import DaysDuration, MonthsDuration
from amparo.rules.feel.values import Value

SCALES = range(-6111, 6177)
ZERO = Decimal(0)


def _rounded(value: Value, scale: Value, mode: str) -> Decimal:
    places = _places(scale) if type(scale) is Decimal else _places(a_number(scale))
    return round_to(a_number(value), places, mode)


@lru_cache(maxsize=256)
def _places(scale: Decimal) -> int:
    places = a_position(scale)
    if places not in SCALES:
        raise NullCause("number.scale", f"a number has no {places} decimals")
    return places


@builtin("decimal", "n", "scale")
def decimal(value: Value, scale: Value) -> Value:
    return _rounded(value, scale, ROUND_HALF_EVEN)


@builtin("floor", "n", "scale?")
def floor(value: Value, scale: Value = ZERO) -> Value:
    return _rounded(value, scale, ROUND_FLOOR)


@builtin("ceiling", "n", "scale?")
def ceiling(value: Value, scale: Value = ZERO) -> Value:
    return _rounded(value, scale, ROUND_CEILING)


@builtin("round up", "n", "scale")
def round_up(value: Value, scale: Value) -> Value:
    return _rounded(value, scale, ROUND_UP)


@builtin("round down", "n", "scale")
def round_down(value: Value, scale: Value) -> Value:
    return _rounded(value, scale, ROUND_DOWN)


@builtin("round half up", "n", "scale")
def round_half_up(value: Value, scale: Value) -> Value:
    return _rounded(value, scale, ROUND_HALF_UP)


@builtin("round half down", "n", "scale")
def round_half_down(value: Value, scale: Value) -> Value:
    return _rounded(value, scale, ROUND_HALF_DOWN)


@builtin("abs", "n")
def absolute(value: Value) -> Value:
    match single(value):
        case DaysDuration() as days:
            return days if days.seconds >= 0 else negate(days)
        case MonthsDuration() as months:
            return months if months.months >= 0 else negate(months)
        case _:
            return NUMBERS.abs(a_number(value))


@builtin("modulo", "dividend", "divisor")
def modulo(dividend: Value, divisor: Value) -> Value:
    """Give what floor division leaves: the sign is the divisor's."""
    total, part = a_number(dividend), a_number(divisor)
    if part == 0:
        raise NullCause("number.zero-divisor", "modulo by zero")
    rest = NUMBERS.remainder(total, part)
    return NUMBERS.add(rest, part) if rest != 0 and (rest < 0) != (part < 0) else rest


@builtin("sqrt", "number")
def square_root(value: Value) -> Value:
    number = a_number(value)
    if number < 0:
        raise NullCause("number.negative", "a negative number has no square root")
    return NUMBERS.sqrt(number)


@builtin("log", "number")
def natural_logarithm(value: Value) -> Value:
    number = a_number(value)
    if number <= 0:
        raise NullCause("number.not-positive", "only a positive number has a logarithm")
    return NUMBERS.ln(number)


@builtin("exp", "number")
def exponential(value: Value) -> Value:
    return NUMBERS.exp(a_number(value))


@builtin("odd", "number")
def odd(value: Value) -> Value:
    return a_whole_number(value) % 2 == 1


@builtin("even", "number")
def even(value: Value) -> Value:
    return a_whole_number(value) % 2 == 0
