"""A sheet as an Excel workbook and back: every cell a text, no formula, nothing half read."""

import io
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from openpyxl import Workbook, load_workbook  # type: ignore[import-untyped]
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell  # type: ignore[import-untyped]
from openpyxl.styles import Alignment, Font, PatternFill  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]
from openpyxl.worksheet.worksheet import Worksheet  # type: ignore[import-untyped]

from amparo.rules.authoring.faults import Fault, FaultyTable
from amparo.rules.authoring.grids import GRIDS, RULES, Grid, GridReader, Place, grids_of
from amparo.rules.authoring.sheet import Sheet

MAX_BYTES: Final = 5_000_000
MAX_UNPACKED: Final = 50_000_000
MAX_CELLS: Final = 2_000_000
# A part of a workbook needs no document type; one that has it may hide entities.
_DOCTYPES: Final = tuple("<!DOCTYPE".encode(code) for code in ("ascii", "utf-16-le", "utf-16-be"))
LONGEST: Final = 32_767  # what a cell of Excel can hold
_WIDEST: Final = 60
_HEAD: Final = PatternFill("solid", start_color="FFE8EEF4")


def to_excel(sheet: Sheet) -> bytes:
    """Give the workbook of a table. Raises FaultyTable for a text that Excel cannot hold."""
    grids = grids_of(sheet)
    faults = list(_not_for_excel(grids))
    if faults:
        raise FaultyTable(faults)
    book = Workbook()
    book.remove(book.worksheets[0])
    # The rules come first: that is what one opens the file for.
    for name in (RULES, *(grid for grid in GRIDS if grid != RULES)):
        _fill(book.create_sheet(name), grids[name])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _not_for_excel(grids: dict[str, Grid]) -> Iterator[Fault]:
    for name, grid in grids.items():
        for row, line in enumerate(grid):
            for column, text in enumerate(line):
                where = cell_name(Place(name, row, column))
                if len(text) > LONGEST:
                    message = f"The text has {len(text)} characters; Excel holds {LONGEST}"
                    yield Fault("excel.text", message, "Export as Markdown.", where=where)
                elif ILLEGAL_CHARACTERS_RE.search(text) or "\r" in text or "_x" in text:
                    message = "The text has characters that Excel would change"
                    yield Fault("excel.text", message, "Export as Markdown.", where=where)


def _fill(page: Worksheet, grid: Grid) -> None:
    for row, line in enumerate(grid, start=1):
        for column, text in enumerate(line, start=1):
            cell = page.cell(row=row, column=column)
            if isinstance(cell, MergedCell):  # a new page has none
                continue
            cell.number_format = "@"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if text:
                cell.value = text
                cell.data_type = "s"  # also what starts with =, which would be a formula
                cell.quotePrefix = text[0] in "=+-@'"
            if row == 1:
                cell.font = Font(bold=True)
                cell.fill = _HEAD
    page.freeze_panes = "B2"
    for column in range(len(grid[0])):
        longest = max((len(line[column]) for line in grid if column < len(line)), default=0)
        page.column_dimensions[get_column_letter(column + 1)].width = min(_WIDEST, longest + 3)


def cell_name(place: Place) -> str:
    return f"{place.grid}!{get_column_letter(place.column + 1)}{place.row + 1}"


def from_excel(content: bytes, *, where: str) -> tuple[Sheet, GridReader]:
    """Read a workbook back. Raises FaultyTable with every fault, each with its cell."""
    book = _opened(content, where)
    reader = GridReader({}, cell_name)
    grids: dict[str, Grid] = {}
    for page in book.worksheets:
        if page.title not in GRIDS:
            message = f"There is a sheet “{page.title}” too many"
            reader.fault(Place(page.title, 0, 0), message, f"Keep: {', '.join(GRIDS)}.")
            continue
        grids[page.title] = [
            [_text(cell, page.title, reader) for cell in line] for line in page.iter_rows()
        ]
    reader.grids = grids
    sheet = None if reader.faults else reader.sheet()
    if sheet is None:
        raise FaultyTable(reader.faults, where=where)
    return sheet, reader


def _opened(content: bytes, where: str) -> Workbook:
    """Open a workbook that is none too large, packed or unpacked. Raises FaultyTable."""
    if len(content) > MAX_BYTES:
        raise _too_large(where)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _look_into(archive, where)
        book = load_workbook(io.BytesIO(content), data_only=False)
        cells = sum(page.max_row * page.max_column for page in book.worksheets)
    except FaultyTable:
        raise
    except Exception as error:  # what a broken archive makes the library raise is not to be listed
        raise FaultyTable([_unreadable("The file is no Excel workbook")], where=where) from error
    if cells > MAX_CELLS:
        raise _too_large(where)
    return book


def _too_large(where: str) -> FaultyTable:
    return FaultyTable([_unreadable("The workbook is too large")], where=where)


def _look_into(archive: zipfile.ZipFile, where: str) -> None:
    """Refuse an archive that unpacks to too much, or a part that declares a document type."""
    if sum(item.file_size for item in archive.infolist()) > MAX_UNPACKED:
        raise _too_large(where)
    for item in archive.infolist():
        content = archive.read(item)
        if any(mark in content for mark in _DOCTYPES):
            message = f"The part {item.filename} declares a document type"
            raise FaultyTable([_unreadable(message)], where=where)


def _unreadable(message: str) -> Fault:
    return Fault("excel.file", message, "Save the table as .xlsx and try again.")


def _text(  # noqa: PLR0911 - one line per kind of value
    cell: Cell | MergedCell, page: str, reader: GridReader
) -> str:
    """Read a cell as the text a rule has. Notes a fault for what is no such text."""
    place = Place(page, (cell.row or 1) - 1, (cell.column or 1) - 1)
    value = cell.value
    if isinstance(cell, MergedCell):
        reader.fault(place, "The cell is merged with another", "Unmerge it.")
        return ""
    if cell.data_type == "f":
        reader.fault(place, "The cell holds a formula", "Write the value itself, as text.")
        return ""
    if cell.data_type == "e":
        reader.fault(place, f"The cell holds the error {value}", "Write the value, as text.")
        return ""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value.strip() if page == RULES else value
        case int():
            return str(value)
        case float() if value == int(value):
            return str(Decimal(int(value)))
        case _:
            message = f"The cell holds a {type(value).__name__} as Excel keeps it, not a text"
            remedy = "Format the cell as text and type it again, a date as date(2026, 11, 30)."
            reader.fault(place, message, remedy)
            return ""
