"""What is wrong with a row of a file, in words that hold no personal value."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """One fault in one row.

    row: the line of the file, the header being line 1; 0 concerns the file as a whole.
    column: the name in the header, empty when the whole row is meant.
    reason, remedy: what is wrong and what to do. Neither repeats the cell: the error file travels
    by e-mail and lies on desks.
    """

    row: int
    column: str
    reason: str
    remedy: str


class RowsRefused(Exception):
    """Rows of a file cannot be taken in; nothing of the file was kept.

    errors: the faults found, at most as many as the loading operation lists.
    total: how many there are.
    """

    def __init__(self, *, errors: Sequence[RowError], total: int) -> None:
        super().__init__(f"{total} rows cannot be taken in. Nothing was kept; see the error file.")
        self.errors = tuple(errors)
        self.total = total
