"""Bitemporal parameters: which value was in force on a day, as far as was known at a moment.

Rows are never edited: a correction is a new row with a later ``known_from``. Two recorded values
may stand side by side when sources disagree; then one is adopted and a note says why.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from amparo.rules.feel.numbers import NUMBERS
from amparo.rules.feel.temporal import Date
from amparo.rules.feel.values import Value, kind_of
from amparo.rules.packs.errors import NoParameterValue, WrongInput
from amparo.rules.packs.texts import Table, read_toml


@dataclass(frozen=True, slots=True)
class Row:
    """One value. valid_to: the first day it no longer holds; None while none is known.

    change: the act or notice that brought the row. is_adopted: False for a value kept on record
    beside the one that is used.
    """

    name: str
    value: Value
    valid_from: date
    valid_to: date | None
    known_from: datetime
    law: str
    change: str
    note: str
    is_adopted: bool

    def covers(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


@dataclass(frozen=True, slots=True)
class Parameter:
    """gaps_allowed: a day without a value gives null (an officer looks) instead of an error.

    is_series: a rule needs the values of many years at once, such as average wages, and gets the
    list of all values begun by the day asked. type: of one row's value.
    """

    name: str
    type: str
    unit: str
    titles: Mapping[str, str]
    gaps_allowed: bool
    is_series: bool
    rows: tuple[Row, ...]

    @property
    def title(self) -> str:
        return self.titles["en"]

    def resolve(self, *, on: date, known_at: datetime | None = None) -> Row | None:
        """Give the adopted row covering a day that was known last; None if there is none.

        known_at None means: with everything recorded so far. Of a series, the row holds the list
        of values, oldest first; of rows that start on one day, only the one known last counts.
        Raises WrongInput for a moment without a time zone.
        """
        if known_at is not None and known_at.tzinfo is None:
            raise WrongInput(
                code="input.time-zone",
                message="known_at has no time zone",
                remedy="Pass an aware datetime.",
            )
        covering = [
            row
            for row in self.rows
            if row.is_adopted
            and row.covers(on)
            and (known_at is None or row.known_from <= known_at)
        ]
        if self.is_series:
            return _series(covering)
        return max(covering, key=lambda row: (row.known_from, row.valid_from), default=None)

    def no_value(self, *, on: date, known_at: datetime | None) -> NoParameterValue:
        known = "" if known_at is None else f" as known at {known_at.isoformat()}"
        starts = ", ".join(row.valid_from.isoformat() for row in self.rows)
        return NoParameterValue(
            code="parameter.no-value",
            message=f"The parameter {self.name} has no value on {on.isoformat()}{known}",
            remedy=f"Choose a date it covers (rows start {starts}), or add a row with its law.",
        )


def _series(rows: list[Row]) -> Row | None:
    """Put the rows of a series into one, which cites every law of them once."""
    by_start = {row.valid_from: row for row in sorted(rows, key=lambda row: row.known_from)}
    chosen = [by_start[start] for start in sorted(by_start)]
    if not chosen:
        return None
    return replace(
        chosen[-1],
        value=[row.value for row in chosen],
        known_from=max(row.known_from for row in chosen),
        law="; ".join(dict.fromkeys(row.law for row in chosen)),
        change="",
        note="",
    )


def read_parameters(text: str, *, where: str) -> Iterator[Parameter]:
    table = Table(read_toml(text, where=where), where)
    for item in table.tables("parameter"):
        yield _parameter(item)
    table.finish()


def _parameter(table: Table) -> Parameter:
    name = table.string("name")
    rows = tuple(_row(item, name) for item in table.tables("value"))
    if not rows:
        raise table.refuse(f"The parameter {name} has no value", "Add a row.")
    kinds = {kind_of(row.value) for row in rows}
    if len(kinds) > 1:
        message = f"The parameter {name} has values of several types: {', '.join(sorted(kinds))}"
        raise table.refuse(message, "Give every row the same type.")
    parameter = Parameter(
        name=name,
        type=kinds.pop(),
        unit=table.string("unit", ""),
        titles=table.texts("title"),
        gaps_allowed=table.boolean("gaps_allowed", default=False),
        is_series=table.boolean("series", default=False),
        rows=tuple(sorted(rows, key=lambda row: (row.valid_from, row.known_from))),
    )
    table.finish()
    _refuse_ties(parameter, table)
    ending = next((row for row in rows if row.valid_to is not None), None)
    if parameter.is_series and ending is not None:
        message = f"{name} is a series, and its row from {ending.valid_from} has an end"
        raise table.refuse(message, "Remove valid_to: the values of a series stay on record.")
    return parameter


def _row(table: Table, name: str) -> Row:
    starts = table.day("valid_from")
    ends = table.day("valid_to", None)
    if starts is None or (ends is not None and ends <= starts):
        raise table.refuse(f"A row of {name} ends before it starts", "Correct valid_to.")
    row = Row(
        name=name,
        value=_value(table.anything("value"), table),
        valid_from=starts,
        valid_to=ends,
        known_from=_moment(table.anything("known_from"), table),
        law=table.string("law"),
        change=table.string("change", ""),
        note=table.string("note", ""),
        is_adopted=table.boolean("adopted", default=True),
    )
    table.finish()
    return row


def _moment(value: Any, table: Table) -> datetime:
    """Read when a row became known: an instant, or a day, which starts at midnight UTC."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise table.refuse("known_from has no time zone", "Write it with Z or an offset.")
        return value
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    raise table.refuse("known_from is no date", "Write a date or a date and time.")


def _value(value: Any, table: Table) -> Value:
    match value:
        case bool() | str():
            return value
        case int() | Decimal():
            return NUMBERS.create_decimal(value)
        case date() if not isinstance(value, datetime):
            return Date(value.year, value.month, value.day)
        case list():
            return [_value(item, table) for item in value]
        case dict():
            return {key: _value(item, table) for key, item in value.items()}
        case _:
            message = f"A parameter value cannot be a {type(value).__name__}"
            raise table.refuse(message, "Use a number, text, boolean, date, list or table.")


def _refuse_ties(parameter: Parameter, table: Table) -> None:
    """Two adopted rows of the same day, known at the same moment, would be a toss-up."""
    seen: set[tuple[date, datetime]] = set()
    for row in parameter.rows:
        place = (row.valid_from, row.known_from)
        if row.is_adopted and place in seen:
            message = f"{parameter.name} has two adopted rows from {row.valid_from.isoformat()}"
            raise table.refuse(message, "Adopt one, or give the later its own known_from.")
        if row.is_adopted:
            seen.add(place)
