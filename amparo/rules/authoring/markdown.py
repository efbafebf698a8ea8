"""A sheet as Markdown and back: tables that read well in a review, escaped to lose nothing."""

import re
from collections.abc import Iterator
from typing import Final

from amparo.rules.authoring.faults import FaultyTable
from amparo.rules.authoring.grids import GRIDS, Grid, GridReader, Place, grids_of
from amparo.rules.authoring.sheet import Sheet

_ESCAPES: Final = {"\\": "\\\\", "|": "\\|", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_UNESCAPED: Final = {
    "\\": "\\",
    "|": "|",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "s": " ",
}
_ESCAPE: Final = re.compile(r"\\(.)")
_RULER: Final = re.compile(r"\|(?:\s*:?-+:?\s*\|)+")


def to_markdown(sheet: Sheet) -> str:
    """Give the Markdown of a table: a heading and a table for each grid."""
    title = " ".join(sheet.name.split())
    blocks = [f"# Decision table: {title}"]
    for name, grid in grids_of(sheet).items():
        blocks.append(f"## {name}\n\n{_table(grid)}")
    return "\n\n".join(blocks) + "\n"


def _table(grid: Grid) -> str:
    lines = [[_escaped(text) for text in line] for line in grid]
    widths = [max(3, *(len(line[place]) for line in lines)) for place in range(len(lines[0]))]

    def written(line: list[str]) -> str:
        padded = (text.ljust(width) for text, width in zip(line, widths, strict=True))
        return f"| {' | '.join(padded)} |"

    ruler = f"| {' | '.join('-' * width for width in widths)} |"
    return "\n".join([written(lines[0]), ruler, *map(written, lines[1:])])


def _escaped(text: str) -> str:
    inside = "".join(_ESCAPES.get(letter, letter) for letter in text)
    if inside.startswith(" "):
        inside = "\\s" + inside[1:]
    if inside.endswith(" "):
        inside = inside[:-1] + "\\s"
    return inside


def from_markdown(text: str, *, where: str) -> tuple[Sheet, GridReader]:
    """Read Markdown back. Raises FaultyTable with every fault, each with its line."""
    lines: dict[tuple[str, int], int] = {}

    def line_of(place: Place) -> str:
        number = lines.get((place.grid, place.row)) or lines.get((place.grid, 0), 1)
        return f"line {number}, column {place.column + 1}"

    reader = GridReader({}, line_of)
    grids: dict[str, list[list[str]]] = {}
    name = ""
    # Split at line feeds alone: other separators may stand inside a text.
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if line.startswith("## "):
            name = line.removeprefix("## ").strip()
            lines[name, 0] = number
            if name not in GRIDS or name in grids:
                message = f"The heading “{name}” is unknown or stands twice"
                reader.fault(Place(name, 0, 0), message, f"Keep each once: {', '.join(GRIDS)}.")
            grids[name] = []
        elif line.strip() and not line.startswith("# "):
            _take(line, number, grids.get(name), lines, name, reader)
    reader.grids = grids
    sheet = None if reader.faults else reader.sheet()
    if sheet is None:
        raise FaultyTable(reader.faults, where=where)
    return sheet, reader


def _take(
    line: str,
    number: int,
    grid: list[list[str]] | None,
    lines: dict[tuple[str, int], int],
    name: str,
    reader: GridReader,
) -> None:
    stripped = line.strip()
    row = 0 if grid is None else len(grid)
    if grid is None or not stripped.startswith("|") or not stripped.endswith("|"):
        lines[name, row] = number
        reader.fault(Place(name, row, 0), "The line is no line of a table", "Start and end with |.")
    elif row == 1 and (name, -1) not in lines:
        lines[name, -1] = number
        if not _RULER.fullmatch(stripped.replace(" ", "")):
            lines[name, row] = number
            reader.fault(Place(name, row, 0), "The line below the head is missing", "Add | --- |.")
    else:
        lines[name, row] = number
        grid.append(list(_cells(stripped)))


def _cells(line: str) -> Iterator[str]:
    """Split at bars that are not escaped."""
    found: list[str] = []
    position = 1
    while position < len(line):
        letter = line[position]
        if letter == "\\":
            found.append(line[position : position + 2])
            position += 1
        elif letter == "|":
            yield _ESCAPE.sub(_meant, "".join(found).strip())
            found = []
        else:
            found.append(letter)
        position += 1


def _meant(escape: re.Match[str]) -> str:
    return _UNESCAPED.get(escape[1], escape[0])
