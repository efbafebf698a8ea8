"""Tables as data: a view fills the cells, one template part and one CSV writer show them."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse, QueryDict

from amparo.interfaces.web import formats
from amparo.values import Page

Kind = Literal["text", "money", "number", "day", "month", "instant", "identifier", "state"]
Value = str | Decimal | int | date | datetime | None
_FIGURES = {"money", "number"}
_WHEN = {"day", "month", "instant"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a column is called and how its values are written."""

    title: str
    kind: Kind = "text"
    key: str = ""  # name in the address when the table can be sorted by this column

    @property
    def alignment(self) -> str:
        if self.kind in _FIGURES:
            return "am-figure"
        return "am-when" if self.kind in _WHEN else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One value, perhaps a link, perhaps with a second line."""

    value: Value
    href: str = ""
    note: str = ""
    tone: str = ""  # for states: done, open, wait, stop, past
    hint: str = ""  # the code behind the words, shown to who points at the cell
    note_tone: str = ""  # where the second line is itself a state, such as "overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    cells: tuple[Cell, ...]
    emphasis: str = ""  # "am-matched", "am-former"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCell:
    text: str
    href: str
    note: str
    tone: str
    hint: str
    note_tone: str
    kind: Kind
    alignment: str
    is_negative: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    title: str
    alignment: str
    href: str
    order: str  # ascending | descending | none | "" where the column does not sort


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLink:
    number: int | None  # None: a gap
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table ready to be shown: captions are part of it, the empty state says what to do."""

    caption: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    empty: str
    empty_remedy: str = ""
    totals: tuple[Cell, ...] = ()
    paging: Page[Any] | None = None
    page_key: str = "page"  # name in the address of the page shown, where two tables have pages
    query: QueryDict = field(default_factory=QueryDict)
    name: str = "table"
    is_exportable: bool = True

    # --- what the template asks for -----------------------------------------------------------

    def headings(self) -> list[Heading]:
        chosen, descending = _order(self.query)
        return [
            Heading(
                title=column.title,
                alignment=column.alignment,
                href=self._sorted_by(column, ascending=chosen != column.key or descending),
                order=_spoken_order(column, chosen=chosen, descending=descending),
            )
            for column in self.columns
        ]

    def shown_rows(self) -> list[tuple[str, list[ShownCell]]]:
        return [(row.emphasis, self._shown(row.cells)) for row in self.ordered_rows()]

    def shown_totals(self) -> list[ShownCell]:
        """Return the foot of the table; its label is text, whatever its column holds."""
        return [
            replace(cell, kind="text") if isinstance(total.value, str) else cell
            for cell, total in zip(self._shown(self.totals), self.totals, strict=False)
        ]

    def export_href(self) -> str:
        return self._address(format="csv", table=self.name) if self.is_exportable else ""

    def page_links(self) -> list[PageLink]:
        if self.paging is None or self.paging.total <= self.paging.size:
            return []
        last = -(-self.paging.total // self.paging.size)
        return [
            PageLink(
                number=number,
                href=self._address(**{self.page_key: str(number)}) if number else "",
                is_current=number == self.paging.number,
            )
            for number in _pages_to_show(self.paging.number, last)
        ]

    def ordered_rows(self) -> Sequence[Row]:
        """Rows in the order the reader chose; only complete tables are sorted here."""
        chosen, descending = _order(self.query)
        position = next(
            (i for i, column in enumerate(self.columns) if column.key and column.key == chosen),
            None,
        )
        if position is None or self.paging is not None:
            return self.rows
        empty = [row for row in self.rows if row.cells[position].value is None]
        filled = [row for row in self.rows if row.cells[position].value is not None]
        filled.sort(key=lambda row: _sort_key(row.cells[position].value), reverse=descending)
        return [*filled, *empty]

    # --- helpers ------------------------------------------------------------------------------

    def _shown(self, cells: tuple[Cell, ...]) -> list[ShownCell]:
        return [
            ShownCell(
                text=written(cell.value, kind=column.kind),
                href=cell.href,
                note=cell.note,
                tone=cell.tone,
                hint=cell.hint,
                note_tone=cell.note_tone,
                kind=column.kind,
                alignment=column.alignment,
                is_negative=isinstance(cell.value, Decimal) and cell.value < 0,
            )
            for column, cell in zip(self.columns, cells, strict=True)
        ]

    def _address(self, **changes: str) -> str:
        query = self.query.copy()
        for name, value in changes.items():
            query[name] = value
        return f"?{query.urlencode()}"

    def _sorted_by(self, column: Column, *, ascending: bool) -> str:
        if not column.key or self.paging is not None:
            return ""
        return self._address(sort=column.key if ascending else f"-{column.key}")


def written(value: Value, *, kind: Kind) -> str:
    """Write a value as its column says."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime):
        return formats.instant(value)
    if isinstance(value, date):
        return formats.month(value) if kind == "month" else formats.day(value)
    if isinstance(value, Decimal):
        return formats.money(value) if kind == "money" else formats.figure(value)
    if isinstance(value, int):
        return formats.figure(value)
    return formats.identifier(value) if kind == "identifier" else str(value)


def exported(request: HttpRequest, *tables: Table) -> HttpResponse | None:
    """Return the table that the address asks for as a CSV file; None where a page is asked for."""
    if request.GET.get("format") != "csv":
        return None
    name = request.GET.get("table", "")
    table = next((one for one in tables if one.name == name and one.is_exportable), None)
    if table is None:
        return None
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([column.title for column in table.columns])
    for row in table.ordered_rows():
        writer.writerow([_plain(cell.value) for cell in row.cells])
    response = HttpResponse(buffer.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _plain(value: Value) -> str:
    """Write a value for a machine; text that a spreadsheet would run as a formula is quoted."""
    if value is None:
        return ""
    if isinstance(value, date | datetime):
        return value.isoformat()
    text = str(value)
    if isinstance(value, str) and text.startswith(_FORMULA):
        return f"'{text}"
    return text


def _order(query: QueryDict) -> tuple[str, bool]:
    chosen = query.get("sort") or ""
    return chosen.removeprefix("-"), chosen.startswith("-")


def _spoken_order(column: Column, *, chosen: str, descending: bool) -> str:
    if not column.key:
        return ""
    if column.key != chosen:
        return "none"
    return "descending" if descending else "ascending"


def _sort_key(value: Value) -> tuple[str, Decimal | str]:
    """Make values of one column comparable, text without regard to case."""
    if isinstance(value, Decimal | int):
        return "", Decimal(value)
    if isinstance(value, date | datetime):
        return "", value.isoformat()
    return "", str(value).casefold()


def _pages_to_show(current: int, last: int) -> list[int | None]:
    """Return first, last and the neighbours of the current page; None stands for a gap."""
    wanted = sorted({1, last, *range(max(1, current - 2), min(last, current + 2) + 1)})
    shown: list[int | None] = []
    for number in wanted:
        if shown and shown[-1] is not None and number - shown[-1] > 1:
            shown.append(None)
        shown.append(number)
    return shown
