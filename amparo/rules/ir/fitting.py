"""Whether a column's type is what a model declares: known before any row is read, or refused."""

from typing import Final

from amparo.rules.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DAYS_DURATION,
    MONTHS_DURATION,
    NUMBER,
    STRING,
    AllowedType,
    ContextType,
    FeelType,
    FunctionType,
    ListType,
    base_of,
)
from amparo.rules.ir import types
from amparo.rules.ir.nodes import Expr
from amparo.rules.ir.refused import Refused
from amparo.rules.ir.values import Closure, Context, Items, Listed, Value

_KINDS: Final = {
    types.NumberType: NUMBER,
    types.TextType: STRING,
    types.BooleanType: BOOLEAN,
    types.DateType: DATE,
    types.MonthsType: MONTHS_DURATION,
    types.DaysType: DAYS_DURATION,
}
DECLARE: Final = "Declare the type the expression has."


def fitted(value: Value, kind: FeelType) -> Value:
    """Give the value where it is of the type on every row; refuse where some row might not be.

    Allowed values are left to the caller: they are a test, not a type.
    """
    if not fits(value, kind):
        raise Refused(f"A value is declared as {base_of(kind).name} and may be another", DECLARE)
    return value


def fits(value: Value, kind: FeelType) -> bool:  # noqa: PLR0911 - one per shape
    base = kind if kind == ANY else base_of(kind)
    if base == ANY:
        return True
    match value:
        case Context():
            return isinstance(base, ContextType) and all(
                name in value.entries and _plain(value.entries[name], wanted)
                for name, wanted in base.fields
            )
        case Listed():
            return isinstance(base, ListType) and all(
                _plain(item, base.item) for item in value.items
            )
        case Items():
            return isinstance(base, ListType) and _plain(value.item, base.item)
        case Closure():
            return isinstance(base, FunctionType) or base.name == "function"
        case Expr():
            if isinstance(value.type, types.NullType):
                return True
            known = _KINDS.get(type(value.type))
            return known is not None and base == known
        case _:
            return False


def _plain(value: Value, kind: FeelType) -> bool:
    """Say whether an inner value fits; its allowed values would have to be tested, too."""
    if isinstance(kind, AllowedType):
        return isinstance(value, Expr) and isinstance(value.type, types.NullType)
    return fits(value, kind)
