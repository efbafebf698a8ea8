"""One thing a careful reader would object to."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """model: the file. element: decision, parameter or reason. position: the place inside it.

    remedy: what to do. row, column: of a table, its rule's id and the column's place from 0.
    """

    severity: Literal["error", "warning"]
    code: str
    message: str
    remedy: str
    model: str = ""
    element: str = ""
    position: str = ""
    row: str = ""
    column: int | None = None

    @property
    def where(self) -> str:
        return ", ".join(part for part in (self.model, self.element, self.position) if part)
