"""FEEL types: what ``instance of`` asks and what a DMN ``typeRef`` promises."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias


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


@dataclass(frozen=True, slots=True)
class NamedType(FeelType):
    """A type within its own definition, such as the branches of a tree: known by its name there.

    known: the types of the model by name; the type itself is among them once all are read.
    """

    known: Mapping[str, FeelType] = field(compare=False, repr=False)


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


Pairs: TypeAlias = frozenset[tuple[FeelType, FeelType]]


def is_subtype(  # noqa: PLR0911 - one per shape
    narrow: FeelType, wide: FeelType, assumed: Pairs = frozenset()
) -> bool:
    """Say whether each value of one type is of another.

    assumed: pairs under question already. Where a type that contains itself leads back to one, no
    difference has been found on the way.
    """
    if wide in (ANY, narrow) or narrow == NULL or (narrow, wide) in assumed:
        return True
    if isinstance(narrow, NamedType) or isinstance(wide, NamedType):
        return is_subtype(unfolded(narrow), unfolded(wide), assumed | {(narrow, wide)})
    if isinstance(narrow, AllowedType):
        return is_subtype(narrow.base, wide, assumed)
    match narrow, wide:
        case ListType(), ListType():
            return is_subtype(narrow.item, wide.item, assumed)
        case RangeType(), RangeType():
            return is_subtype(narrow.item, wide.item, assumed)
        case ContextType(), ContextType():
            have = dict(narrow.fields)
            return all(
                name in have and is_subtype(have[name], kind, assumed) for name, kind in wide.fields
            )
        case FunctionType(), FunctionType():
            demanded = zip(wide.parameters, narrow.parameters, strict=True)
            return (
                len(narrow.parameters) == len(wide.parameters)
                and all(is_subtype(theirs, ours, assumed) for theirs, ours in demanded)
                and is_subtype(narrow.result, wide.result, assumed)
            )
        case _:
            return False


def unfolded(kind: FeelType) -> FeelType:
    """Give the type itself where only its name stands."""
    while isinstance(kind, NamedType):
        kind = kind.known[kind.name]
    return kind


def shape_of(kind: FeelType) -> FeelType:
    """Take allowed values and names off a type: what is left says how its values are built."""
    while isinstance(kind, AllowedType | NamedType):
        kind = unfolded(base_of(kind))
    return kind


def base_of(kind: FeelType) -> FeelType:
    """Take the allowed values off a type."""
    while isinstance(kind, AllowedType):
        kind = kind.base
    return kind
