"""Parameter rows as an editor writes them, into the text of parameters.toml.

The text that is there stays, to the letter, with its comments: a row is put behind the last row of
its parameter. A row in force is never edited; a draft may take back a row of its own.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from amparo.rules.authoring.faults import Fault, forbidden
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.packs.parameters import Parameter, Row, read_parameters
from amparo.rules.packs.texts import read_toml
from amparo.values import is_readable

_HEAD: Final = re.compile(r"\s*\[\[\s*parameter\s*\]\]\s*(#.*)?")
_ROW_HEAD: Final = re.compile(r"\s*\[\[\s*parameter\s*\.\s*value\s*\]\]\s*(#.*)?")
_NUMBER: Final = re.compile(r"-?\d{1,34}(\.\d{1,34})?")
_NAME: Final = re.compile(r"[^\W\d]\w*")


class FaultyParameter(RuleError):
    """A parameter or row that cannot be taken over, with all its faults, each with its field."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            code="parameter.faulty",
            message=" ".join(str(fault) for fault in self.faults),
            remedy="Nothing was changed.",
        )


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row as typed: value by the parameter's type, dates as 2026-11-30.

    valid_to: the first day it no longer holds; empty while none is known. known_from: a day, or a
    moment with its offset from UTC.
    """

    value: str
    valid_from: str
    known_from: str
    law: str
    valid_to: str = ""
    change: str = ""
    note: str = ""
    is_adopted: bool = True


@dataclass(frozen=True, slots=True)
class NewParameter:
    """type: number, string, boolean or date."""

    name: str
    type: str
    unit: str
    titles: tuple[tuple[str, str], ...]
    gaps_allowed: bool
    row: NewRow


def add_row(text: str, parameter: str, row: NewRow, *, where: str) -> str:
    """Give the file with one more row of a parameter. Raises FaultyParameter."""
    known = _parameter(text, parameter, where)
    _refuse(row_faults(known.type, row))
    lines, blocks = _blocks(text, where)
    place = _order(text, where).index(parameter)
    start, end = blocks[place]
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    return _checked(
        "\n".join([*lines[:end], "", *_row_lines(known.type, row), *lines[end:]]), where
    )


def remove_row(text: str, row: Row, *, where: str) -> str:
    """Give the file without a row: only for a draft's own. Raises FaultyParameter."""
    known = _parameter(text, row.name, where)
    if len(known.rows) == 1:
        fault = Fault(
            "parameter.last-row",
            f"The parameter {row.name} has no other row",
            "Add the row that takes its place first.",
            row=row.name,
        )
        raise FaultyParameter([fault])
    lines, blocks = _blocks(text, where)
    place = _order(text, where).index(row.name)
    start, end = blocks[place]
    heads = [number for number in range(start, end) if _ROW_HEAD.fullmatch(lines[number])]
    wanted = (row.valid_from, row.known_from, row.is_adopted)
    raw: list[dict[str, Any]] = read_toml(text, where=where)["parameter"][place]["value"]
    keys = [
        (one["valid_from"], _instant(one["known_from"]), one.get("adopted", True)) for one in raw
    ]
    if wanted not in keys:
        message = f"The parameter {row.name} has no such row from {row.valid_from.isoformat()}"
        raise FaultyParameter([Fault("parameter.row", message, "Load it again.", row=row.name)])
    number = keys.index(wanted)
    begins = heads[number]
    ends = heads[number + 1] if number + 1 < len(heads) else end
    return _checked("\n".join([*lines[:begins], *lines[ends:]]), where)


def add_parameter(text: str, parameter: NewParameter, *, where: str) -> str:
    """Give the file with one more parameter and its first row. Raises FaultyParameter."""
    _refuse(_parameter_faults(text, parameter, where))
    titles = ", ".join(f"{language} = {_quoted(title)}" for language, title in parameter.titles)
    lines = [
        "[[parameter]]",
        f"name = {_quoted(parameter.name)}",
        f"title = {{ {titles} }}",
        f"unit = {_quoted(parameter.unit)}",
        *(["gaps_allowed = true"] if parameter.gaps_allowed else []),
        "",
        *_row_lines(parameter.type, parameter.row),
    ]
    before = text.rstrip("\n")
    return _checked("\n".join([*([before, ""] if before else []), *lines, ""]), where)


def row_faults(kind: str, row: NewRow) -> Iterator[Fault]:
    """Check a row as typed: kind is the type of its parameter."""
    yield from _value_faults(kind, row.value)
    starts, ends = _day(row.valid_from), _day(row.valid_to)
    if starts is None:
        yield _fault("valid_from", f"“{row.valid_from}” is no date", _DAY_REMEDY)
    if row.valid_to and ends is None:
        yield _fault(
            "valid_to", f"“{row.valid_to}” is no date", f"{_DAY_REMEDY} Or leave it empty."
        )
    if starts is not None and ends is not None and ends <= starts:
        message = "The row ends before it starts"
        yield _fault("valid_to", message, "Give the first day on which it no longer holds.")
    if _moment(row.known_from) is None:
        message = f"“{row.known_from}” is no date and no moment with its offset"
        yield _fault("known_from", message, _DAY_REMEDY)
    for part in ("law", "change", "note"):
        if forbidden(getattr(row, part)):
            message = "The text has a character that cannot be kept"
            yield _fault(part, message, "Type it again.")
    if not is_readable(row.law):
        yield _fault("law", "The legal source is missing", "Name the act, article or notice.")


_DAY_REMEDY: Final = "Write it as 2026-11-30."


def _fault(part: str, message: str, remedy: str) -> Fault:
    return Fault(f"parameter.{part.replace('_', '-')}", message, remedy, part=part)


def _value_faults(kind: str, text: str) -> Iterator[Fault]:
    match kind:
        case "number" if _NUMBER.fullmatch(text) is None:
            yield _fault("value", f"“{text}” is no number", "Write digits, such as 1250.50.")
        case "boolean" if text not in {"true", "false"}:
            yield _fault("value", f"“{text}” is neither true nor false", "Write one of them.")
        case "date" if _day(text) is None:
            yield _fault("value", f"“{text}” is no date", _DAY_REMEDY)
        case "string" if forbidden(text):
            yield _fault("value", "The text has a character that cannot be kept", "Type it again.")
        case "number" | "boolean" | "date" | "string":
            return
        case _:
            remedy = "Write its rows in the file."
            yield _fault("value", f"A {kind} cannot be typed into one field", remedy)


def _parameter_faults(text: str, parameter: NewParameter, where: str) -> Iterator[Fault]:
    if _NAME.fullmatch(parameter.name) is None:
        remedy = "Write letters, digits and underscores, such as lower_limit."
        yield _fault("name", f"“{parameter.name}” cannot be a name", remedy)
    if parameter.name in _order(text, where):
        remedy = "Add a row to it, or choose another name."
        yield _fault("name", f"There is a parameter {parameter.name} already", remedy)
    titles = dict(parameter.titles)
    for language in ("en", "fr"):
        if not is_readable(titles.get(language, "")):
            yield _fault("title", f"The title in “{language}” is missing", "Write it.")
    yield from row_faults(parameter.type, parameter.row)


def _refuse(faults: Iterator[Fault]) -> None:
    found = tuple(faults)
    if found:
        raise FaultyParameter(found)


def _parameter(text: str, name: str, where: str) -> Parameter:
    for known in read_parameters(text, where=where):
        if known.name == name:
            return known
    remedy = "Choose one of the pack."
    raise FaultyParameter([_fault("name", f"There is no parameter {name}", remedy)])


def _order(text: str, where: str) -> list[str]:
    return [str(one.get("name", "")) for one in read_toml(text, where=where).get("parameter", [])]


def _blocks(text: str, where: str) -> tuple[list[str], list[tuple[int, int]]]:
    """Give the lines and, for each parameter, where its block begins and ends."""
    lines = text.split("\n")
    heads = [number for number, line in enumerate(lines) if _HEAD.fullmatch(line)]
    rows = sum(_ROW_HEAD.fullmatch(line) is not None for line in lines)
    raw: list[dict[str, Any]] = read_toml(text, where=where).get("parameter", [])
    if len(heads) != len(raw) or rows != sum(len(one.get("value", [])) for one in raw):
        message = f"{where} is written in a way that cannot be edited row by row"
        remedy = "Give each parameter the head [[parameter]], each row [[parameter.value]]."
        raise FaultyParameter([Fault("parameter.layout", message, remedy)])
    return lines, list(zip(heads, [*heads[1:], len(lines)], strict=True))


def _row_lines(kind: str, row: NewRow) -> list[str]:
    return [
        "[[parameter.value]]",
        f"value = {_quoted(row.value) if kind == 'string' else row.value}",
        f"valid_from = {row.valid_from}",
        *([f"valid_to = {row.valid_to}"] if row.valid_to else []),
        f"known_from = {row.known_from}",
        f"law = {_quoted(row.law.strip())}",
        *([f"change = {_quoted(row.change)}"] if row.change else []),
        *([f"note = {_quoted(row.note)}"] if row.note else []),
        *([] if row.is_adopted else ["adopted = false"]),
    ]


def _quoted(text: str) -> str:
    """Write a TOML string: JSON's escapes are TOML's, but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _checked(text: str, where: str) -> str:
    """Read what was written once more: two rows of one day and one moment are refused there."""
    try:
        tuple(read_parameters(text, where=where))
    except RuleError as error:
        raise FaultyParameter([Fault(error.code, error.message, error.remedy)]) from error
    return text


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-30") else None
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    if (day := _day(text)) is not None:
        return datetime.combine(day, time(), UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and len(text) > len("2026-11-30") else None


def _instant(value: date | datetime) -> datetime:
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time(), UTC)
