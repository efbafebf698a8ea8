"""A page of a list: what a screen shows at once, and how much there is."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Row]):
    """Some rows of a list. `number` counts pages from 1; `total` counts rows, not pages."""

    rows: tuple[Row, ...]
    number: int
    size: int
    total: int

    def __post_init__(self) -> None:
        if self.number < 1 or self.size < 1 or self.total < 0 or len(self.rows) > self.size:
            message = (
                f"Page {self.number} of {self.size} rows cannot hold {len(self.rows)} rows of "
                f"{self.total}: pages count from 1 and hold at most their size."
            )
            raise ValueError(message)

    @property
    def page_count(self) -> int:
        """How many pages there are; an empty list has one, which is empty."""
        return max(1, -(-self.total // self.size))

    @property
    def has_next(self) -> bool:
        return self.number < self.page_count

    @property
    def has_previous(self) -> bool:
        return self.number > 1
