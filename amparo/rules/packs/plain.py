"""Quick readers of plain values: what most callers pass, taken without a detour."""

from collections.abc import Callable
from decimal import Decimal, Inexact, InvalidOperation, Overflow
from typing import Any, Final, TypeAlias

from amparo.rules.feel.types import (
    BOOLEAN,
    NUMBER,
    STRING,
    AllowedType,
    ContextType,
    FeelType,
    ListType,
)
from amparo.rules.feel.values import Value, kind_of
from amparo.rules.packs.boundary import EXACT


class NotPlain(Exception):
    """A value needs more care than a plain reader takes."""


PlainReader: TypeAlias = Callable[[Any], Value]
_exact: Final = EXACT.create_decimal
# Whole numbers of at most 18 digits have 34 to spare.
_SMALL: Final = 10**18


def plain_reader(kind: FeelType) -> PlainReader | None:
    """Give a quick reader for a type; None where there is none.

    It takes what most callers pass, just as ``to_feel``, ``complete`` and ``check_type`` would, and
    raises NotPlain for all else, which those three then convert, complete or refuse.
    """
    match kind:
        case AllowedType():
            inside = plain_reader(kind.base)
            return None if inside is None else _plain_allowed(inside, kind)
        case ListType():
            item = plain_reader(kind.item)
            return None if item is None else _plain_list(item)
        case ContextType() if kind.fields:
            readers = [(name, plain_reader(field)) for name, field in kind.fields]
            known = [(name, reader) for name, reader in readers if reader is not None]
            return _plain_context(known) if len(known) == len(readers) else None
        case _:
            return {NUMBER: _plain_number, STRING: _plain_text, BOOLEAN: _plain_boolean}.get(kind)


def refuse_plain(value: Any) -> Value:
    """Read nothing: for a type that has no quick reader."""
    raise NotPlain(kind_of(value))


def _plain_number(value: Any) -> Value:
    if type(value) is Decimal and value.is_finite():
        try:
            return _exact(value)
        except (Inexact, InvalidOperation, Overflow) as error:
            raise NotPlain from error
    if type(value) is int and -_SMALL < value < _SMALL:
        return Decimal(value)
    if value is None:
        return None
    raise NotPlain


def _plain_text(value: Any) -> Value:
    if type(value) is str or value is None:
        return value
    raise NotPlain


def _plain_boolean(value: Any) -> Value:
    if type(value) is bool or value is None:
        return value
    raise NotPlain


def _plain_allowed(inside: PlainReader, kind: AllowedType) -> PlainReader:
    def read(value: Any) -> Value:
        plain = inside(value)
        if plain is None or kind.test(plain):
            return plain
        raise NotPlain

    return read


def _plain_list(item: PlainReader) -> PlainReader:
    def read(value: Any) -> Value:
        if type(value) is list or type(value) is tuple:
            return [item(each) for each in value]
        if value is None:
            return None
        raise NotPlain

    return read


def _plain_context(readers: list[tuple[str, PlainReader]]) -> PlainReader:
    def read(value: Any) -> Value:
        if type(value) is dict and len(value) == len(readers):
            try:
                return {name: reader(value[name]) for name, reader in readers}
            except KeyError as error:
                raise NotPlain from error
        if value is None:
            return None
        raise NotPlain

    return read
