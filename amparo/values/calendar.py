"""Months and ages as the law counts them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Self


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, the period basis of wages, contributions and pensions."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 12 or not 1 <= self.year <= 9998:
            message = f"{self.year}-{self.number} is not a calendar month such as 2026-11."
            raise ValueError(message)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "2026-11"; raise ValueError otherwise."""
        year, dash, number = text.partition("-")
        if (
            not dash
            or len(year) != 4
            or len(number) != 2
            or not (year + number).isascii()
            or not (year + number).isdigit()
        ):
            message = f"“{text}” is not a month written as year-month, such as 2026-11."
            raise ValueError(message)
        return cls(int(year), int(number))

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, day.month)

    @property
    def starts_on(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def ends_before(self) -> date:
        return self.next().starts_on

    def next(self) -> Self:
        return type(self)(self.year + self.number // 12, self.number % 12 + 1)

    def previous(self) -> Self:
        if self.number == 1:
            return type(self)(self.year - 1, 12)
        return type(self)(self.year, self.number - 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


def month_starts(*, first: Month, last: Month) -> Iterator[Month]:
    """Yield each month from first to last, both included."""
    month = first
    while month <= last:
        yield month
        month = month.next()


def age_on(*, birth_date: date, on: date) -> int:
    """Return completed years of age.

    Somebody born on 29 February completes a year on 1 March of a common year: the day the calendar
    first shows that the whole year has passed. Packs whose law says otherwise state their own rule.
    """
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
