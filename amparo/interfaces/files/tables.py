"""Tables that arrive as CSV, read strictly: what is not certain is refused, never guessed.

A file is UTF-8 (with or without a byte order mark), its cells are separated by commas, its first
line names the columns, and its last line ends like all others: so a file that was cut off is
noticed. docs/reference/files.md says the same to people who make such files.
"""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from amparo.register import days
from amparo.register.identifiers import IdentifierRule
from amparo.register.naming import (
    NotAName,
    clean_name,
    clean_words,
    identifier_form,
    number_form,
)
from amparo.values import Month
from amparo.values.rows import RowError, RowsRefused

Progress = Callable[[int, int], None]

# More faults than this help nobody; the rest is counted.
ERRORS_LISTED: Final = 10_000
_LONGEST_CELL: Final = 10_000
_REPORT_EVERY: Final = 1_000

# What else people send under the name of a CSV file, by its first bytes.
_OTHER_FORMATS: Final = (
    (b"PK\x03\x04", "spreadsheet"),  # xlsx, ods: a zip archive
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "spreadsheet"),  # xls: an OLE document
    (b"%PDF", "document"),
    (b"<", "markup"),  # XML and HTML, the latter from “save as web page”
)
_UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_AMOUNT: Final = re.compile(r"[0-9]{1,16}(\.[0-9]{1,2})?")
_WHOLE: Final = re.compile(r"[0-9]{1,9}")
_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_PARTS_OF_A_DAY: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


@dataclass(slots=True)
class Faults:
    """The faults found in a file so far, and the corrections made without asking.

    repaired: cells in which blanks, dashes or invisible characters of an identifier were dropped.
    """

    listed: list[RowError] = field(default_factory=list)
    total: int = 0
    repaired: int = 0

    def add(self, *, row: int, column: str, reason: str, remedy: str) -> None:
        self.total += 1
        if len(self.listed) < ERRORS_LISTED:
            self.listed.append(RowError(row=row, column=column, reason=reason, remedy=remedy))

    def refuse_if_any(self) -> None:
        """Raise RowsRefused if there is a fault."""
        if self.total:
            raise RowsRefused(errors=self.listed, total=self.total)


class Row:
    """One row: its cells are asked for by name and kind; what is wrong with them is noted.

    Every method returns a value of its kind even then, so that all faults of a row are found; use
    the row only when `is_sound`.
    """

    def __init__(self, *, line: int, cells: dict[str, str], faults: Faults) -> None:
        self.line = line
        self.is_sound = True
        self._cells = cells
        self._faults = faults

    def wrong(self, column: str, reason: str, remedy: str) -> None:
        self.is_sound = False
        self._faults.add(row=self.line, column=column, reason=reason, remedy=remedy)

    def _not_longer(self, column: str, text: str, at_most: int) -> str:
        """Refuse what grew: one typographic character may stand for many ordinary ones."""
        if len(text) <= at_most:
            return text
        self.wrong(
            column,
            _("The cell has more than %(count)d characters.") % {"count": at_most},
            _("Shorten it."),
        )
        return ""

    def text(self, column: str, *, at_most: int, required: bool = True) -> str:
        """Return a cell without blanks around it; a cell that begins like a formula is refused."""
        cell = self._cells.get(column, "")
        text = cell.strip()
        if cell.startswith(_FORMULA) or text.startswith(_FORMULA):
            self.wrong(
                column,
                _("The cell begins like a formula (=, +, -, @ or a tab)."),
                _("Write the value itself. Spreadsheets would run the formula on other desks."),
            )
            return ""
        if not text and required:
            self.wrong(column, _("The cell is empty."), _("Fill it in."))
        if len(text) > at_most:
            self.wrong(
                column,
                _("The cell has more than %(count)d characters.") % {"count": at_most},
                _("Shorten it."),
            )
            return ""
        return text

    def name(self, column: str, *, at_most: int = 120) -> str:
        """Return a person's name in any script, free of what cannot be seen; it may be empty."""
        return self._readable(column, clean_name, at_most=at_most, required=False)

    def words(self, column: str, *, at_most: int, required: bool = True) -> str:
        """Return the name of a place or an employer, free of what cannot be seen."""
        return self._readable(column, clean_words, at_most=at_most, required=required)

    def _readable(
        self, column: str, clean: Callable[..., str], *, at_most: int, required: bool
    ) -> str:
        typed = self.text(column, at_most=at_most, required=required)
        try:
            words = clean(typed, at_most=at_most)
            is_readable = bool(words) or not (typed and required)
        except NotAName:
            words, is_readable = "", False
        if not is_readable:
            self.wrong(
                column,
                _("Nothing in it can be read, or it holds control characters or angle brackets."),
                _("Type it again, with letters; leave the cell empty where it may be empty."),
            )
        return words

    def identifier(self, column: str, *, at_most: int = 60, required: bool = True) -> str:
        """Return an identifier without the blanks, dashes and invisible characters in it."""
        typed = self._cells.get(column, "")
        text = identifier_form(self.text(column, at_most=at_most, required=required))
        self._note_repair(typed, text)
        return self._not_longer(column, text, at_most)

    def number(self, column: str, *, at_most: int = 20, required: bool = True) -> str:
        """Return one of our own numbers, which keep their dashes."""
        typed = self._cells.get(column, "")
        text = number_form(self.text(column, at_most=at_most, required=required))
        self._note_repair(typed, text)
        return self._not_longer(column, text, at_most)

    def checked_identifier(self, column: str, *, rule: IdentifierRule) -> str:
        """Return an identifier that follows its rule, or nothing when the cell is empty."""
        value = self.identifier(column, required=False)
        if value and not rule.has_the_right_form(value):
            self.wrong(
                column,
                _("The identifier does not have the form of a national identifier."),
                _("Copy it from the document again."),
            )
        elif value and not rule.has_the_right_check_digit(value):
            self.wrong(
                column,
                _("The check digit does not fit: at least one character is mistyped."),
                _("Copy the identifier from the document again."),
            )
        return value

    def choice(self, column: str, allowed: Sequence[str], *, empty_means: str | None = None) -> str:
        text = self.text(column, at_most=60, required=empty_means is None)
        if not text and empty_means is not None:
            return empty_means
        if text not in allowed and text:
            self.wrong(
                column,
                _("The cell holds none of the words allowed here."),
                _("Write one of: %(words)s.") % {"words": ", ".join(w for w in allowed if w)},
            )
        return text

    def day(self, column: str, *, required: bool = True) -> date | None:
        text = self.text(column, at_most=20, required=required)
        if not text:
            return None
        if (parts := _DAY.fullmatch(text)) is None:
            self._wrong_date(column)
            return None
        return self._calendar_day(column, *(int(part) for part in parts.groups()))

    def day_month_or_year(self, column: str) -> tuple[date | None, str]:
        """Return the first possible day and how much is known: "day", "month" or "year"."""
        text = self.text(column, at_most=20, required=False)
        if not text:
            return None, "day"
        if (parts := _PARTS_OF_A_DAY.fullmatch(text)) is None:
            self._wrong_date(column)
            return None, "day"
        year, month, day = parts.groups()
        precision = "day" if day else "month" if month else "year"
        return self._calendar_day(column, int(year), int(month or 1), int(day or 1)), precision

    def month(self, column: str) -> Month | None:
        text = self.text(column, at_most=20)
        if not text:
            return None
        try:
            return Month.parse(text)
        except ValueError:
            self.wrong(
                column,
                _("The cell is not a month."),
                _("Write year and month, such as 2026-11."),
            )
            return None

    def amount(self, column: str) -> Decimal | None:
        """Return an amount of money of zero or more, with at most two decimals."""
        text = self._cells.get(column, "").strip()
        if _AMOUNT.fullmatch(text):
            return Decimal(text)
        remedy = _("Write digits with a point before the cents, such as 1234.50.")
        if not text:
            self.wrong(column, _("The cell is empty."), remedy)
        elif "," in text and _AMOUNT.fullmatch(text.lstrip("-").replace(",", "")):
            self.wrong(column, _("The amount has a comma, which may mean two things."), remedy)
        elif text.startswith("-") and _AMOUNT.fullmatch(text[1:]):
            self.wrong(
                column,
                _("The amount is negative."),
                _("An amount here is zero or more. A correction is made by its own declaration."),
            )
        else:
            self.wrong(column, _("The cell is not an amount."), remedy)
        return None

    def whole(self, column: str, *, least: int, most: int) -> int | None:
        text = self._cells.get(column, "").strip()
        if _WHOLE.fullmatch(text) and least <= int(text) <= most:
            return int(text)
        self.wrong(
            column,
            _("The cell is not a whole number within its limits."),
            _("Write a number from %(least)d to %(most)d.") % {"least": least, "most": most},
        )
        return None

    def _calendar_day(self, column: str, year: int, month: int, day: int) -> date | None:
        try:
            written = date(year, month, day)
        except ValueError:
            self.wrong(
                column,
                _("The calendar has no such day."),
                _("Check day and month. Where the day is not known, write year and month only."),
            )
            return None
        if not days.is_possible(written):
            self.wrong(column, _("No such day can be meant."), days.outside_the_bounds())
            return None
        return written

    def _wrong_date(self, column: str) -> None:
        self.wrong(
            column,
            _("The date is not written as year-month-day."),
            _("Write it as 2026-11-30."),
        )

    def _note_repair(self, typed: str, stored: str) -> None:
        if typed.upper() != stored:
            self._faults.repaired += 1


def rows_of(
    *,
    path: Path,
    required: Sequence[str],
    optional: Sequence[str] = (),
    faults: Faults,
    progress: Progress | None = None,
) -> Iterator[Row]:
    """Yield the rows of a file one by one; its size in memory does not matter.

    Rows with too few or too many cells are noted in `faults` and left out. Raises RowsRefused for
    what concerns the file as a whole.
    """
    _refuse_other_formats(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = _Lines(file, size=path.stat().st_size, progress=progress)
            yield from _rows(lines, required, optional, faults)
    except UnicodeDecodeError as error:
        raise _whole_file(
            _("The file is not UTF-8 text: byte %(position)d belongs to another encoding.")
            % {"position": _position_of_bad_byte(path)},
            _("Save it again as “CSV UTF-8”."),
        ) from error


def write_error_file(*, path: Path, errors: Sequence[RowError], total: int) -> None:
    """Write the faults of a file as CSV, for the person who corrects it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["row", "column", "reason", "remedy"])
        table.writerows([e.row, e.column, e.reason, e.remedy] for e in errors)
        if total > len(errors):
            more = _("%(count)d more faults are not listed.") % {"count": total - len(errors)}
            table.writerow([0, "", more, _("Correct these first.")])


# --- the parts --------------------------------------------------------------------------------


class _Lines:
    """The lines of a file on their way to the CSV reader, looked at one by one."""

    def __init__(self, file: Iterator[str], *, size: int, progress: Progress | None) -> None:
        self._file, self._size, self._progress = file, size, progress
        self.count = 0
        self._characters = 0
        self._ended = True

    def __iter__(self) -> Iterator[str]:
        for line in self._file:
            self.count += 1
            self._characters += len(line)
            if "\0" in line:
                raise _whole_file(
                    _("Line %(line)d holds a zero byte, which no text has.") % {"line": self.count},
                    _("The file is damaged. Export it again."),
                    row=self.count,
                )
            self._ended = line.endswith(("\n", "\r"))
            if self._progress is not None and self.count % _REPORT_EVERY == 0:
                self._progress(min(self._characters, self._size), self._size)
            yield line
        if self._progress is not None:
            self._progress(self._size, self._size)

    def refuse_half_a_line(self) -> None:
        if not self._ended:
            raise _whole_file(
                _("The file stops in the middle of its last line: a part may be missing."),
                _("Export it again. The last line, too, ends with a line break."),
                row=self.count,
            )


def _rows(
    lines: _Lines, required: Sequence[str], optional: Sequence[str], faults: Faults
) -> Iterator[Row]:
    reader = csv.reader(iter(lines), strict=True)
    row_starts = 1
    try:
        header = _header(next(reader, []), required, optional)
        row_starts = lines.count + 1
        is_empty = True
        for cells in reader:
            line, row_starts = row_starts, lines.count + 1
            if not cells:
                continue  # an empty line says nothing
            is_empty = False
            if len(cells) != len(header):
                faults.add(
                    row=line,
                    column="",
                    reason=_("The row has %(found)d cells; the header names %(columns)d columns.")
                    % {"found": len(cells), "columns": len(header)},
                    remedy=_("Put cells that contain a comma between quotation marks."),
                )
                continue
            if max(map(len, cells)) > _LONGEST_CELL:
                raise _never_closed(line)
            yield Row(line=line, cells=dict(zip(header, cells, strict=True)), faults=faults)
    except csv.Error as error:
        # The reader stops for quotation marks alone: open at the end, or in the middle of a cell.
        raise _never_closed(row_starts) from error
    lines.refuse_half_a_line()
    if is_empty:
        raise _whole_file(
            _("The file has a header and no row."),
            _("There is nothing to take in. Send the file with its rows."),
        )


def _header(cells: list[str], required: Sequence[str], optional: Sequence[str]) -> list[str]:
    """Return the names of the columns, which may come in any order."""
    names = [cell.strip() for cell in cells]
    if not any(names):
        raise _whole_file(_("The file is empty."), _("Send a file with a header and rows."))
    if len(names) == 1 and len(required) > 1 and re.search(r"[;\t|]", names[0]):
        raise _whole_file(
            _("The cells are not separated by commas."),
            _("Save the file as “CSV (comma separated)”; some countries' spreadsheets use “;”."),
            row=1,
        )
    known = {*required, *optional}
    twice = sorted({name for name in names if name in known and names.count(name) > 1})
    missing = [name for name in required if name not in names]
    # By place and not by name: a file without a header has a person's name there.
    unknown = [str(place) for place, name in enumerate(names, start=1) if name not in known]
    problems = [
        text % {"names": ", ".join(found)}
        for text, found in (
            (_("Missing columns: %(names)s."), missing),
            (_("Columns with an unknown name: number %(names)s."), unknown),
            (_("Columns named twice: %(names)s."), twice),
        )
        if found
    ]
    if problems:
        raise _whole_file(
            " ".join(problems),
            _("The first line must name: %(names)s.") % {"names": ", ".join(required)},
            row=1,
        )
    return names


def _refuse_other_formats(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(8)
    for mark, kind in _OTHER_FORMATS:
        if start.startswith(mark):
            raise _whole_file(
                _("This is no CSV file but a %(kind)s.")
                % {
                    "kind": {
                        "spreadsheet": _("spreadsheet"),
                        "document": _("PDF document"),
                        "markup": _("web page or XML file"),
                    }[kind]
                },
                _("Open it and use “Save as”, type “CSV UTF-8 (comma delimited)”."),
            )
    if start.startswith(_UTF_16_MARKS):
        raise _whole_file(
            _("The file is not UTF-8 text: byte 0 belongs to UTF-16."),
            _("Save it again as “CSV UTF-8”."),
        )


def _position_of_bad_byte(path: Path) -> int:
    """Return where the file stops being UTF-8, counted from 0."""
    position = 0
    with path.open("rb") as file:
        for line in file:  # no byte of a longer UTF-8 sequence is a line feed
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                return position + error.start
            position += len(line)
    return position


def _never_closed(row: int) -> RowsRefused:
    return _whole_file(
        _("A quotation mark in row %(row)d is never closed, or stands inside a cell.")
        % {"row": row},
        _("Close it, or double it if it belongs to the text."),
        row=row,
    )


def _whole_file(reason: str, remedy: str, *, row: int = 0) -> RowsRefused:
    return RowsRefused(errors=[RowError(row=row, column="", reason=reason, remedy=remedy)], total=1)
