"""A sheet as four grids of texts, the form that a workbook and a Markdown file share.

About: what the table is. Requires: what it is connected with. Columns: one line a column. Rules:
one line a rule, a column for each of those, the rule's id first and its description last.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, cast

from amparo.rules.authoring.faults import Fault
from amparo.rules.authoring.sheet import (
    CONNECTIONS,
    KINDS,
    Column,
    ColumnKind,
    Connection,
    ConnectionKind,
    Sheet,
    SheetRow,
    grouped,
)

Grid: TypeAlias = Sequence[Sequence[str]]
ABOUT: Final = "About"
REQUIRES: Final = "Requires"
COLUMNS: Final = "Columns"
RULES: Final = "Rules"
GRIDS: Final = (ABOUT, REQUIRES, COLUMNS, RULES)
_ABOUT_HEAD: Final = ("property", "value")
_REQUIRES_HEAD: Final = ("kind", "name", "id")
_COLUMNS_HEAD: Final = (
    "kind",
    "id",
    "label",
    "expression or name",
    "type",
    "allowed values",
    "has default",
    "default",
)
_FIELDS: Final = {
    "decision": "decision",
    "name": "name",
    "table": "table",
    "type": "type",
    "hit policy": "hit_policy",
    "aggregation": "aggregation",
    "description": "description",
}
_RULE: Final = "rule"
_DESCRIPTION: Final = "description"


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of a grid; row 0 is the head."""

    grid: str
    row: int
    column: int


def grids_of(sheet: Sheet) -> dict[str, Grid]:
    about = [[label, str(getattr(sheet, field))] for label, field in _FIELDS.items()]
    return {
        ABOUT: [_ABOUT_HEAD, *about],
        REQUIRES: [_REQUIRES_HEAD, *([one.kind, one.name, one.id] for one in sheet.connections)],
        COLUMNS: [_COLUMNS_HEAD, *map(_column_line, sheet.columns)],
        RULES: [
            [_RULE, *(column.title for column in sheet.columns), _DESCRIPTION],
            *([row.id, *row.cells, row.description] for row in sheet.rows),
        ],
    }


def _column_line(column: Column) -> list[str]:
    has_default = "" if column.default is None else "yes"
    texts = [column.kind, column.id, column.label, column.name, column.type, column.values]
    return [*texts, has_default, column.default or ""]


class GridReader:
    """Reads grids back into a sheet, gathering every fault with its place."""

    def __init__(self, grids: Mapping[str, Grid], where: Callable[[Place], str]) -> None:
        self.grids = grids
        self.where = where
        self.faults: list[Fault] = []

    def fault(self, place: Place, message: str, remedy: str) -> None:
        self.faults.append(Fault("file.table", message, remedy, where=self.where(place)))

    def sheet(self) -> Sheet | None:
        """Give the sheet; None where there are faults."""
        for name in GRIDS:
            if not self.grids.get(name):
                self.fault(Place(name, 0, 0), f"There is no {name}", "Export the table again.")
        if self.faults:
            return None
        about = self.about()
        connections = grouped(self.connections())
        columns = tuple(self.columns())
        rows = tuple(self.rows(columns))
        if self.faults:
            return None
        return Sheet(connections=connections, columns=columns, rows=rows, **about)

    def lines(self, grid: str, head: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
        """Give the lines below the head, each as wide as the head. Blank lines are passed over."""
        lines = self.grids[grid]
        for place, wanted in enumerate(head):
            found = lines[0][place] if place < len(lines[0]) else ""
            if found.strip() != wanted.strip():
                message = f"The head says “{found}” instead of “{wanted}”"
                self.fault(Place(grid, 0, place), message, "Leave the heads as exported.")
        for place, text in enumerate(lines[0][len(head) :], start=len(head)):
            if text:
                message = f"There is a column “{text}” too many"
                remedy = "Add a column in the grid Columns as well, or remove it."
                self.fault(Place(grid, 0, place), message, remedy)
        for number, line in enumerate(lines[1:], start=1):
            for place, text in enumerate(line[len(head) :], start=len(head)):
                if text:
                    message = "There is text beside the table"
                    self.fault(Place(grid, number, place), message, "Remove it.")
            if any(line):
                yield number, (*line, *[""] * (len(head) - len(line)))[: len(head)]

    def about(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for number, (label, value) in self.lines(ABOUT, _ABOUT_HEAD):
            field = _FIELDS.get(label)
            if field is None or field in found:
                message = f"The property “{label}” is " + ("unknown" if not field else "twice")
                self.fault(Place(ABOUT, number, 0), message, f"Use each once: {_listed(_FIELDS)}.")
            else:
                found[field] = value
        for label, field in _FIELDS.items():
            if field not in found:
                self.fault(Place(ABOUT, 0, 0), f"The property “{label}” is missing", "Add it.")
        return found

    def connections(self) -> Iterator[Connection]:
        for number, (kind, name, identifier) in self.lines(REQUIRES, _REQUIRES_HEAD):
            if self.one_of(Place(REQUIRES, number, 0), kind, CONNECTIONS):
                yield Connection(cast("ConnectionKind", kind), name, identifier)

    def one_of(self, place: Place, kind: str, kinds: Sequence[str]) -> bool:
        if kind not in kinds:
            self.fault(place, f"The kind “{kind}” does not exist", f"Use: {', '.join(kinds)}.")
        return kind in kinds

    def columns(self) -> Iterator[Column]:
        last = 0
        counts = dict.fromkeys(KINDS, 0)
        for number, line in self.lines(COLUMNS, _COLUMNS_HEAD):
            kind, identifier, label, name, type_ref, values, has_default, default = line
            if not self.one_of(Place(COLUMNS, number, 0), kind, KINDS):
                continue
            known = cast("ColumnKind", kind)
            if KINDS.index(known) < last:
                message = f"An {kind} stands behind a column of a later kind"
                self.fault(Place(COLUMNS, number, 0), message, f"Keep {', '.join(KINDS)}.")
            last = KINDS.index(known)
            counts[known] += 1
            if has_default not in {"", "yes"} or (default and not has_default):
                message = f"“has default” says “{has_default}”"
                self.fault(Place(COLUMNS, number, 6), message, "Write yes, or leave both empty.")
            yield Column(
                key=identifier or f"{kind} {counts[known]}",
                kind=known,
                id=identifier,
                label=label,
                name=name,
                type=type_ref,
                values=values,
                default=default if has_default else None,
            )

    def rows(self, columns: Sequence[Column]) -> Iterator[SheetRow]:
        head = [_RULE, *(column.title for column in columns), _DESCRIPTION]
        for number, line in self.lines(RULES, head):
            if not line[0]:
                message = "The rule has no id"
                self.fault(Place(RULES, number, 0), message, "Give it one of its own.")
            yield SheetRow(line[0], tuple(line[1:-1]), line[-1])

    def placed(self, fault: Fault, sheet: Sheet) -> Fault:
        """Give a fault of the sheet the place it has in the file."""
        return replace(fault, where=self.where(_place_of(fault, sheet)))


def _listed(words: Mapping[str, str]) -> str:
    return ", ".join(words)


_COLUMN_PARTS: Final = {
    "id": 1,
    "label": 2,
    "name": 3,
    "type": 4,
    "values": 5,
    "default": 7,
}


def _place_of(fault: Fault, sheet: Sheet) -> Place:
    keys = [column.key for column in sheet.columns]
    ids = [row.id for row in sheet.rows]
    if fault.row in ids:
        column = keys.index(fault.column) + 1 if fault.column in keys else 0
        return Place(RULES, _last(ids, fault.row) + 1, column)
    if fault.column in keys:
        place = _last(keys, fault.column) + 1
        return Place(COLUMNS, place, _COLUMN_PARTS.get(fault.part, 0))
    if fault.part.startswith("connection "):
        return Place(REQUIRES, int(fault.part.removeprefix("connection ")) + 1, 2)
    if fault.part == "connections":
        return Place(REQUIRES, 0, 0)
    labels = list(_FIELDS)
    return Place(ABOUT, labels.index(fault.part) + 1 if fault.part in labels else 0, 1)


def _last(texts: Sequence[str], text: str) -> int:
    """Give the last place: of two with one id, the later is the one to look at."""
    return len(texts) - 1 - list(reversed(texts)).index(text)
