"""Python values in and out of the engine: typed, exact, floats refused."""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal, Inexact, InvalidOperation, Overflow
from typing import Any, Final

from amparo.rules.feel.conformance import conforms
from amparo.rules.feel.numbers import NUMBERS
from amparo.rules.feel.temporal import (
    DAY,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    parse_date,
    parse_datetime,
    parse_duration,
    parse_time,
)
from amparo.rules.feel.types import (
    DATE,
    DATE_TIME,
    DAYS_DURATION,
    MONTHS_DURATION,
    NUMBER,
    TIME,
    AllowedType,
    ContextType,
    FeelType,
    ListType,
    base_of,
    shape_of,
)
from amparo.rules.feel.values import Value, kind_of
from amparo.rules.packs.errors import WrongInput

_DIGITS: Final = re.compile("-?[0-9]{1,34}")
EXACT = NUMBERS.copy()
EXACT.traps[Inexact] = True


def to_feel(value: Any, *, name: str) -> Value:  # noqa: C901, PLR0911 - one line per type
    """Take a Python value in. Raises WrongInput for floats and for what FEEL has no value for."""
    match value:
        case None | bool() | str():
            return value
        case Date() | Time() | DateTime() | DaysDuration() | MonthsDuration():
            return value
        case float():
            raise WrongInput(
                code="input.float",
                message=f"The input {name} is a binary float, which cannot hold money exactly",
                remedy="Pass a Decimal or an int.",
            )
        case int() | Decimal():
            return _number(value, name)
        case dt.datetime():
            return DateTime(Date(value.year, value.month, value.day), _time(value.timetz(), value))
        case dt.date():
            return Date(value.year, value.month, value.day)
        case dt.time():
            return _time(value, value)
        case dt.timedelta():
            whole = Decimal(value.days * DAY + value.seconds)
            return DaysDuration(NUMBERS.add(whole, Decimal(value.microseconds).scaleb(-6)))
        case Mapping():
            return {str(key): to_feel(item, name=f"{name}.{key}") for key, item in value.items()}
        case list() | tuple():
            return [to_feel(item, name=name) for item in value]
        case _:
            raise WrongInput(
                code="input.type",
                message=f"The input {name} is a {type(value).__name__}, which FEEL does not know",
                remedy="Pass a number, text, boolean, date, list or mapping.",
            )


def _number(value: int | Decimal, name: str) -> Decimal:
    try:
        number = EXACT.create_decimal(value)
    except (Inexact, InvalidOperation, Overflow) as error:
        raise _not_exact(name) from error
    if not number.is_finite():
        raise _not_exact(name)
    return number


def _not_exact(name: str) -> WrongInput:
    return WrongInput(
        code="input.digits",
        message=f"The input {name} is no number of at most 34 digits",
        remedy="Pass a finite number with fewer digits.",
    )


def _time(value: dt.time, holder: dt.datetime | dt.time) -> Time:
    offset = holder.utcoffset()
    zone = None if offset is None else offset.days * DAY + offset.seconds
    second = NUMBERS.add(Decimal(value.second), Decimal(value.microsecond).scaleb(-6))
    return Time(value.hour, value.minute, second, zone)


def check_type(value: Value, kind: FeelType, *, name: str) -> Value:
    """Demand that a value is of the declared type or null. Raises WrongInput."""
    if conforms(value, kind):
        return value
    if isinstance(kind, AllowedType) and conforms(value, kind.base):
        raise WrongInput(
            code="input.value",
            message=f"The input {name} is a {kind_of(value)}, but none that {kind.name} allows",
            remedy=f"Allowed: {kind.text}. Correct the value, or pass None if it is not known.",
        )
    raise WrongInput(
        code="input.type",
        message=f"The input {name} must be a {base_of(kind).name}, and is a {kind_of(value)}",
        remedy="Correct the value, or pass None if it is not known.",
    )


def complete(
    value: Value, kind: FeelType, *, name: str, left_out: Mapping[str, bool | str | Decimal]
) -> Value:
    """Give every context all the entries its type declares; one left out is null: not known.

    left_out: entries that mean something when they are left out. Where there are any, an entry
    the type does not know is refused: a misspelt one would count as left out.
    """
    base = shape_of(kind)
    if isinstance(value, list) and isinstance(base, ListType):
        return [complete(item, base.item, name=name, left_out=left_out) for item in value]
    if not isinstance(value, dict) or not isinstance(base, ContextType):
        return value
    kinds = dict(base.fields)
    unknown = sorted(set(value) - set(kinds)) if left_out else []
    if unknown:
        raise WrongInput(
            code="input.entry",
            message=f"The input {name} has no entry {', '.join(unknown)}",
            remedy=f"It may have: {', '.join(kinds)}.",
        )
    whole = {**{entry: left_out.get(entry) for entry in kinds}, **value}
    return {
        entry: complete(item, kinds[entry], name=f"{name}.{entry}", left_out={})
        if entry in kinds
        else item
        for entry, item in whole.items()
    }


def from_json(value: Any, kind: FeelType, *, name: str) -> Value:
    """Read a JSON value by its declared type: dates and durations are text there.

    An object stands for a list of pairs where the model declares one: {"1999": 72600} for
    [{"year": 1999, "amount": 72600}].
    """
    base = shape_of(kind)
    if isinstance(value, dict) and isinstance(base, ListType):
        value = _pairs(value, shape_of(base.item))
    if isinstance(value, list) and isinstance(base, ListType):
        return [from_json(item, base.item, name=name) for item in value]
    if isinstance(value, dict) and isinstance(base, ContextType):
        kinds = dict(base.fields)
        return {
            key: from_json(item, kinds.get(key, kind), name=f"{name}.{key}")
            for key, item in value.items()
        }
    reader = {
        DATE: parse_date,
        TIME: parse_time,
        DATE_TIME: parse_datetime,
        DAYS_DURATION: parse_duration,
        MONTHS_DURATION: parse_duration,
    }.get(base)
    if reader is None or not isinstance(value, str):
        return to_feel(value, name=name)
    read: Value = reader(value)
    if read is None:
        raise WrongInput(
            code="input.date",
            message=f"The input {name} cannot be read as a {base.name}",
            remedy="Write it as ISO 8601, such as 2024-02-29 or P1Y6M.",
        )
    return read


def _pairs(value: dict[str, Any], item: FeelType) -> Any:
    """Read an object as a list of pairs, if the item is a pair of a number or text and a value."""
    if not isinstance(item, ContextType) or len(item.fields) != len(("key", "value")):
        return value
    (first, kind), (second, _) = item.fields
    if set(value) & {first, second}:
        return value
    return [{first: _key(key, kind), second: content} for key, content in value.items()]


def _key(text: str, kind: FeelType) -> str | Decimal:
    """Read the key of an object, which JSON has as text, as a number where one is declared."""
    is_number = base_of(kind) == NUMBER and _DIGITS.fullmatch(text)
    return Decimal(text) if is_number else text


def to_python(value: Value) -> Any:
    """Give a result to Python: dates as stdlib dates, everything else as it is.

    Raises WrongInput for a result no caller can use (a function or range, a year beyond 9999).
    """
    match value:
        case None | bool() | str() | Decimal() | DaysDuration() | MonthsDuration() | Time():
            return value
        case Date():
            if not 1 <= value.year <= 9999:
                raise _no_result(f"a date in the year {value.year}")
            return dt.date(value.year, value.month, value.day)
        case DateTime():
            return value
        case list():
            return [to_python(item) for item in value]
        case dict():
            return {key: to_python(item) for key, item in value.items()}
        case _:
            raise _no_result(f"a {kind_of(value)}")


def _no_result(what: str) -> WrongInput:
    return WrongInput(
        code="result.type",
        message=f"The decision gives {what}, which no caller can store",
        remedy="Let the decision give a number, text, boolean, date, list or context.",
    )
