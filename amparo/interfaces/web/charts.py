"""Charts as SVG: stacked columns in whole units of their own coordinates, drawn by the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from amparo.interfaces.web import formats
from amparo.interfaces.web.parts import Bar, Chart, Label
from amparo.interfaces.web.tables import Table

WIDTH: Final = 600
HEIGHT: Final = 200
_FLOOR: Final = 172  # the line on which columns stand; their names are below it
_CEILING: Final = 14
LOOKS: Final = ("first", "second", "third")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its name, and its pieces from the floor up, in the order of the legend."""

    name: str
    pieces: Sequence[Decimal | int]


def stacked(
    *, name: str, title: str, legend: Sequence[str], columns: Sequence[Column], table: Table
) -> Chart:
    """Draw columns one on the other; each piece says what it stands for."""
    most = max((sum(column.pieces, Decimal(0)) for column in columns), default=Decimal(0))
    pitch = WIDTH // max(1, len(columns))
    width = pitch * 3 // 5
    bars, labels = [], []
    for place, column in enumerate(columns):
        x, floor = place * pitch + (pitch - width) // 2, _FLOOR
        for look, meaning, piece in zip(LOOKS, legend, column.pieces, strict=False):
            height = int((_FLOOR - _CEILING) * piece / most) if most else 0
            floor -= height
            if height:
                said = f"{column.name}, {meaning}: {formats.figure(piece)}"
                bars.append(Bar(x=x, y=floor, width=width, height=height, look=look, said=said))
        labels.append(Label(x=x + width // 2, y=_FLOOR + 18, text=column.name))
    return Chart(
        name=name,
        title=title,
        bars=bars,
        labels=labels,
        legend=tuple(zip(LOOKS, legend, strict=False)),
        top=formats.figure(most),
        table=table,
    )
