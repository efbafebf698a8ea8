"""Whether a value is of a type, and how a value is fitted into the type a model declares."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from amparo.rules.feel.temporal import (
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    at_midnight,
)
from amparo.rules.feel.types import (
    ANY,
    DATE_TIME,
    AllowedType,
    ContextType,
    FeelType,
    FunctionType,
    ListType,
    NamedType,
    RangeType,
    is_subtype,
    shape_of,
    unfolded,
)
from amparo.rules.feel.values import Function, Range, Value

_CLASSES: Final[Mapping[str, type]] = {
    "number": Decimal,
    "string": str,
    "boolean": bool,
    "date": Date,
    "time": Time,
    "date and time": DateTime,
    "days and time duration": DaysDuration,
    "years and months duration": MonthsDuration,
    "function": Function,
}


def class_of(kind: FeelType) -> type | None:
    """Give the class whose instances are all of a type, where one settles it."""
    return _CLASSES.get(kind.name) if type(kind) is FeelType else None


def conforms(value: Value, wanted: FeelType) -> bool:  # noqa: PLR0911 - one per shape
    """Say whether a value is of a type; null is of every type but takes part in no range."""
    if wanted == ANY or value is None:
        return True
    if isinstance(wanted, AllowedType):
        return conforms(value, wanted.base) and wanted.test(value)
    if isinstance(wanted, ListType):
        return isinstance(value, list) and all(conforms(item, wanted.item) for item in value)
    if isinstance(wanted, ContextType):
        return isinstance(value, dict) and all(
            name in value and conforms(value[name], kind) for name, kind in wanted.fields
        )
    if isinstance(wanted, RangeType):
        ends = (value.low, value.high) if isinstance(value, Range) else ()
        return isinstance(value, Range) and all(
            end is not None and conforms(end, wanted.item) for end in ends if end is not None
        )
    if isinstance(wanted, FunctionType):
        return isinstance(value, Function) and _function_conforms(value, wanted)
    if isinstance(wanted, NamedType):
        return conforms(value, unfolded(wanted))
    known = _CLASSES.get(wanted.name)
    return known is not None and isinstance(value, known)


def _function_conforms(value: Function, wanted: FunctionType) -> bool:
    if len(value.parameters) != len(wanted.parameters):
        return False
    signature = value.signature
    if signature is None:
        return True
    given, result = signature
    # A function may demand less than the type offers and give more than it promises.
    return all(
        is_subtype(offered, demanded)
        for offered, demanded in zip(wanted.parameters, given, strict=True)
    ) and (result == ANY or is_subtype(result, wanted.result))


class DoesNotFit(Exception):
    """A value cannot be fitted into the declared type."""


def fit(value: Value, wanted: FeelType) -> Value:
    """Fit a value into a declared type by FEEL's implicit conversions.

    A list of one stands for its item, an item for a list of one, a date for its midnight.
    Raises DoesNotFit when none of them helps.
    """
    if conforms(value, wanted):
        return value
    base = shape_of(wanted)
    if isinstance(base, ListType) and not isinstance(value, list):
        changed: Value = [value]
    elif isinstance(value, list) and len(value) == 1:
        changed = value[0]
    elif base == DATE_TIME and isinstance(value, Date):
        changed = at_midnight(value, zone=0)
    else:
        raise DoesNotFit
    if not conforms(changed, wanted):
        raise DoesNotFit
    return changed
