"""FEEL types: what ``instance of`` asks and what a DMN ``typeRef`` promises."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class FeelType:
    """Any FEEL type; its name is as it is written in a model."""

    name: str


@dataclass(frozen=True, slots=True)
class ListType(FeelType):
    item: FeelType


@dataclass(frozen=True, slots=True)
class ContextType(FeelType):
    fields: tuple[tuple[str, FeelType], ...]


@dataclass(frozen=True, slots=True)
class RangeType(FeelType):
    item: FeelType


@dataclass(frozen=True, slots=True)
class FunctionType(FeelType):
    parameters: tuple[FeelType, ...]
    result: FeelType


@dataclass(frozen=True, slots=True)
class AllowedType(FeelType):
    """A type whose values must also pass a test (DMN allowed values)."""

    base: FeelType
    test: Callable[[object], bool] = field(compare=False)
    # The allowed values as the author wrote them; output priorities follow their order.
    text: str = ""


ANY: Final = FeelType("Any")
NULL: Final = FeelType("Null")
NUMBER: Final = FeelType("number")
STRING: Final = FeelType("string")
BOOLEAN: Final = FeelType("boolean")
DATE: Final = FeelType("date")
TIME: Final = FeelType("time")
DATE_TIME: Final = FeelType("date and time")
DAYS_DURATION: Final = FeelType("days and time duration")
MONTHS_DURATION: Final = FeelType("years and months duration")
LIST: Final = ListType("list", ANY)
CONTEXT: Final = ContextType("context", ())
RANGE: Final = RangeType("range", ANY)
FUNCTION: Final = FeelType("function")

BUILT_IN_TYPES: Final[Mapping[str, FeelType]] = {
    **{
        known.name: known
        for known in (
            ANY,
            NULL,
            NUMBER,
            STRING,
            BOOLEAN,
            DATE,
            TIME,
            DATE_TIME,
            DAYS_DURATION,
            MONTHS_DURATION,
            LIST,
            CONTEXT,
            RANGE,
            FUNCTION,
        )
    },
    # Spellings of older models.
    "dateTime": DATE_TIME,
    "dayTimeDuration": DAYS_DURATION,
    "yearMonthDuration": MONTHS_DURATION,
}


def is_subtype(narrow: FeelType, wide: FeelType) -> bool:  # noqa: PLR0911 - one per shape
    if wide in (ANY, narrow) or narrow == NULL:
        return True
    if isinstance(narrow, AllowedType):
        return is_subtype(narrow.base, wide)
    if isinstance(narrow, ListType) and isinstance(wide, ListType):
        return is_subtype(narrow.item, wide.item)
    if isinstance(narrow, RangeType) and isinstance(wide, RangeType):
        return is_subtype(narrow.item, wide.item)
    if isinstance(narrow, ContextType) and isinstance(wide, ContextType):
        have = dict(narrow.fields)
        return all(name in have and is_subtype(have[name], kind) for name, kind in wide.fields)
    if isinstance(narrow, FunctionType) and isinstance(wide, FunctionType):
        return (
            len(narrow.parameters) == len(wide.parameters)
            and all(
                is_subtype(theirs, ours)
                for theirs, ours in zip(wide.parameters, narrow.parameters, strict=True)
            )
            and is_subtype(narrow.result, wide.result)
        )
    return False


def base_of(kind: FeelType) -> FeelType:
    """Take the allowed values off a type."""
    while isinstance(kind, AllowedType):
        kind = kind.base
    return kind
