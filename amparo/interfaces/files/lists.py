"""Reading a reference list from a CSV file: `code`, `parent`, `label_<language>`, and details.

A column that is none of the first three is a detail, kept under its name: `first_day` and
`last_day` of an event that people remember, a centre's coordinates. Nothing is guessed: a file
without a code or a label is refused by its line.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from amparo.register.operations import NewCode, UnusableList

_LABEL: Final = re.compile("label_([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)")
_DETAIL: Final = re.compile("[a-z][a-z0-9_]{0,39}")
# A cell of a list is a word or a line, never a text.
_LONGEST_CELL: Final = 500


def read_list(*, path: Path) -> tuple[NewCode, ...]:
    """Return the codes of a file. Raises UnusableList, naming the line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            header = [name.strip() for name in next(rows, [])]
            _check_header(header)
            return tuple(_codes(header, rows))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnusableList(
            _("The file is no CSV in UTF-8. Save it again as “CSV UTF-8”.")
        ) from error


def _check_header(header: list[str]) -> None:
    if "code" not in header or not any(_LABEL.fullmatch(name) for name in header):
        raise UnusableList(
            _("The first line names the columns: code, label_en or another language, and others.")
        )
    wrong = [name for name in header if not (_LABEL.fullmatch(name) or _DETAIL.fullmatch(name))]
    if wrong or len(set(header)) != len(header):
        raise UnusableList(_("Each column has a name of its own in small letters, digits and “_”."))


def _codes(header: list[str], rows: Iterator[list[str]]) -> Iterator[NewCode]:
    for line, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header) or any(len(cell) > _LONGEST_CELL for cell in row):
            raise UnusableList(
                _("Line %(line)d has other columns than the first line, or a cell too long.")
                % {"line": line}
            )
        yield _code({name: cell.strip() for name, cell in zip(header, row, strict=True)})


def _code(cells: Mapping[str, str]) -> NewCode:
    labels, details = {}, {}
    for name, cell in cells.items():
        language = _LABEL.fullmatch(name)
        if language and cell:
            labels[language[1]] = cell
        elif not language and name not in {"code", "parent"} and cell:
            details[name] = cell
    return NewCode(
        code=cells["code"], parent=cells.get("parent", ""), labels=labels, details=details
    )
