"""A source under its schema: typed columns, and the reason for every row that breaks a promise."""

# ruff: noqa: S608 - every name in these texts is quoted, and no text of a row enters them

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types

from amparo.rules.backends.emitter import ROW, SOURCE_ROW, Emitter
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.ir.types import (
    BooleanType,
    ColumnType,
    DateType,
    ListType,
    NumberType,
    StructType,
    TextType,
    kind_name,
)

BAD: Final = "__bad"


class WrongSource(RuleError):
    """A source cannot be read under its schema at all."""


def load(
    emitter: Emitter,
    source: str,
    given: pa.Schema,
    wanted: Mapping[str, ColumnType],
    keep: Sequence[str],
) -> str:
    """Write the SELECT of typed columns over a relation, with the columns __row and __bad.

    A row that breaks a promise has its reason in __bad. A column that is missing is null.
    """
    check_source(given, wanted)
    chosen: list[str] = [f"{emitter.row_number()} AS {ROW}"]
    reasons: list[str] = []
    for name, kind in wanted.items():
        column = emitter.quote(name)
        if name not in given.names:
            chosen.append(f"CAST(NULL AS {emitter.type_name(kind)}) AS {column}")
            continue
        chosen.append(f"{emitter.loaded(column, kind)} AS {column}")
        reasons.append(f"WHEN {_bad(emitter, column, kind)} THEN {emitter.text_literal(name)}")
    chosen += [f"{emitter.quote(name)} AS {emitter.quote(f'kept {name}')}" for name in keep]
    bad = f"CASE {' '.join(reasons)} END" if reasons else "CAST(NULL AS VARCHAR)"
    columns = _LINE.join([chosen[0], f"{bad} AS {BAD}", *chosen[1:]])
    return f"SELECT {columns}\n  FROM {source}"


def check_source(given: pa.Schema, wanted: Mapping[str, ColumnType]) -> None:
    """Raise WrongSource for a source that is not of the schema at all."""
    for name in given.names:
        if name.casefold() == SOURCE_ROW:
            raise _wrong(name, "has the name of the number of a row", "Call it otherwise.")
    for name, kind in wanted.items():
        if name in given.names:
            _check_field(name, given.field(name).type, kind)
        elif not kind.nullable:
            raise _wrong(name, "is missing", "Give it, or declare it nullable.")


def load_usual(
    emitter: Emitter,
    source: str,
    given: pa.Schema,
    usual: Mapping[str, ColumnType],
    absent: Iterable[str],
    keep: Sequence[str],
) -> str:
    """Write the SELECT of the rows that keep every promise, with the column __row.

    usual: the columns of the narrower schema. absent: columns that are null on these rows.
    """
    chosen = [f"{emitter.row_number()} AS {ROW}"]
    promises = [f"{emitter.quote(name)} IS NULL" for name in absent if name in given.names]
    for name, kind in usual.items():
        column = emitter.quote(name)
        if name not in given.names:
            chosen.append(f"CAST(NULL AS {emitter.type_name(kind)}) AS {column}")
            continue
        chosen.append(f"{emitter.loaded(column, kind)} AS {column}")
        promises += _promises(emitter, column, given.field(name).type, kind)
    chosen += [f"{emitter.quote(name)} AS {emitter.quote(f'kept {name}')}" for name in keep]
    kept_ones = "\n    AND ".join(promises) or "TRUE"
    return f"SELECT {_LINE.join(chosen)}\n  FROM {source}\n  WHERE {kept_ones}"


def _promises(emitter: Emitter, column: str, field: pa.DataType, kind: ColumnType) -> list[str]:
    """Say in SQL what is true where a value keeps the promise of its type, and there alone."""
    if isinstance(kind, ListType):
        found = [f"{emitter.list_length(column)} <= {kind.max_items}"]
        of_item = " AND ".join(_promises(emitter, "x", field.value_type, kind.item))
        found.append(f"NOT {emitter.any_item(column, 'x', f'({of_item}) IS NOT TRUE')}")
    elif isinstance(kind, StructType):
        # A field that is not null is the field of a context that is not null.
        is_told = any(not of.nullable for _, of in kind.fields)
        found = [] if is_told else [f"{column} IS NOT NULL"]
        for name, of in kind.fields:
            inner = f"{column}.{emitter.quote(name)}"
            found += _promises(emitter, inner, field.field(name).type, of)
    else:
        found = [_promise(emitter, column, field, kind)]
    if kind.nullable:
        return [f"({column} IS NULL OR ({' AND '.join(found)}))"]
    return found


def _promise(emitter: Emitter, column: str, field: pa.DataType, kind: ColumnType) -> str:
    match kind:
        case NumberType():
            name = emitter.type_name(kind)
            low, high = (f"CAST('{bound:f}' AS {name})" for bound in (kind.low, kind.high))
            if pa.types.is_decimal(field) and field.scale <= kind.scale:
                return f"{column} BETWEEN {low} AND {high}"
            cast = f"TRY_CAST({column} AS {name})"
            return f"{cast} = {column} AND {cast} BETWEEN {low} AND {high}"
        case TextType():
            return f"length({column}) <= {kind.max_length}"
        case DateType():
            low, high = kind.low.isoformat(), kind.high.isoformat()
            return f"{column} BETWEEN DATE '{low}' AND DATE '{high}'"
        case _:
            return f"{column} IS NOT NULL"


_LINE: Final = ",\n    "


def kept(emitter: Emitter, source: str, names: Sequence[str], bad: str, keep: Sequence[str]) -> str:
    """Blank out the columns of rows set aside, so that nothing is computed from them."""
    blank = [
        f"CASE WHEN ({bad}) IS NULL THEN {emitter.quote(name)} END AS {emitter.quote(name)}"
        for name in names
    ]
    carried = [emitter.quote(f"kept {name}") for name in keep]
    columns = _LINE.join([ROW, f"{bad} AS {BAD}", *blank, *carried])
    return f"SELECT {columns}\n  FROM {source}"


def _wrong(name: str, problem: str, remedy: str) -> WrongSource:
    return WrongSource(code="source.column", message=f"The column {name} {problem}", remedy=remedy)


def _check_field(name: str, field: pa.DataType, kind: ColumnType) -> None:
    """Refuse a column of another type than declared; binary floats never come in."""
    if pa.types.is_floating(field):
        raise _wrong(name, "is a binary float", "Write decimals: floats cannot hold money exactly.")
    if pa.types.is_null(field):
        return
    if not _fits(field, kind):
        message = f"holds {field}, where {kind_name(kind)} is declared"
        raise _wrong(name, message, "Correct one of them.")
    if isinstance(kind, ListType):
        _check_field(name, field.value_type, kind.item)
    for inner, of in kind.fields if isinstance(kind, StructType) else ():
        if field.get_field_index(inner) < 0:
            raise _wrong(f"{name}.{inner}", "is missing", "Every item needs it.")
        _check_field(f"{name}.{inner}", field.field(inner).type, of)


def _fits(field: pa.DataType, kind: ColumnType) -> bool:
    match kind:
        case NumberType() if pa.types.is_decimal(field):
            whole = max(field.precision - field.scale, kind.whole_digits)
            found = whole + max(field.scale, kind.scale) <= 38
        case NumberType():
            found = pa.types.is_integer(field)
        case TextType():
            found = _is_text(field)
        case BooleanType():
            found = pa.types.is_boolean(field)
        case DateType():
            found = pa.types.is_date32(field)
        case ListType():
            found = pa.types.is_list(field) or pa.types.is_large_list(field)
        case StructType():
            found = pa.types.is_struct(field)
        case _:
            found = False
    return bool(found)


def _is_text(field: pa.DataType) -> bool:
    if pa.types.is_dictionary(field):
        return _is_text(field.value_type)
    return bool(
        pa.types.is_string(field)
        or pa.types.is_large_string(field)
        or pa.types.is_string_view(field)
    )


def _bad(emitter: Emitter, column: str, kind: ColumnType) -> str:
    """Say in SQL where a value breaks the promise of its type. Never null."""
    if isinstance(kind, ListType):
        item = f"x IS NULL OR {_bad(emitter, 'x', kind.item)}"
        too_many = f"{emitter.list_length(column)} > {kind.max_items}"
        wrong = f"{too_many} OR {emitter.any_item(column, 'x', item)}"
    elif isinstance(kind, StructType):
        tests = [_bad(emitter, f"{column}.{emitter.quote(name)}", of) for name, of in kind.fields]
        wrong = " OR ".join(tests) or "FALSE"
    else:
        wrong = _wrong_scalar(emitter, column, kind)
    if kind.nullable:
        return f"({column} IS NOT NULL AND ({wrong}))"
    return f"({column} IS NULL OR ({wrong}))"


def _wrong_scalar(emitter: Emitter, column: str, kind: ColumnType) -> str:
    match kind:
        case NumberType():
            name = emitter.type_name(kind)
            cast = f"TRY_CAST({column} AS {name})"
            low, high = (f"CAST('{bound:f}' AS {name})" for bound in (kind.low, kind.high))
            return f"{cast} IS NULL OR {cast} <> {column} OR {cast} < {low} OR {cast} > {high}"
        case TextType():
            return f"length({column}) > {kind.max_length}"
        case DateType():
            low, high = kind.low.isoformat(), kind.high.isoformat()
            return f"{column} < DATE '{low}' OR {column} > DATE '{high}'"
        case _:
            return "FALSE"
