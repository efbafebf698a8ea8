"""Rows made from a schema: edges, nulls, ties, leap days and month ends more often than chance."""

import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from amparo.rules.ir.schema import Schema
from amparo.rules.ir.types import (
    EXACT,
    BooleanType,
    ColumnType,
    DateType,
    ListType,
    NumberType,
    StructType,
    TextType,
)

_WORDS: Final = ("", "a", "A", "é", "😀", "2024-02", "2024-02-29", "2023-02-29", "12", "-3", "1e3")


class Samples:
    """Rows for one schema. likely: values per column that a pack mentions, tried most of all.

    nulls: of a hundred values that may be null, how many are.
    """

    def __init__(
        self,
        schema: Schema,
        likely: dict[str, list[Any]] | None = None,
        *,
        seed: int = 1,
        nulls: int = 12,
    ) -> None:
        self.schema = schema
        self.likely = likely or {}
        self.nulls = nulls
        self.random = random.Random(seed)  # noqa: S311 - samples, not secrets

    def rows(self, count: int) -> Iterator[dict[str, Any]]:
        for _ in range(count):
            yield {name: self.value(kind, name) for name, kind in self.schema.columns.items()}

    def one_in_hundred(self, times: int) -> bool:
        """Say yes so many times in a hundred."""
        return self.random.randrange(100) < times

    def value(self, kind: ColumnType, name: str) -> Any:  # noqa: PLR0911 - one per kind
        if kind.nullable and self.one_in_hundred(self.nulls):
            return None
        if isinstance(kind, StructType):
            return {field: self.value(of, f"{name}.{field}") for field, of in kind.fields}
        if isinstance(kind, ListType):
            size = self.random.choice((0, 0, 1, 2, 3, self.random.randint(0, 8)))
            return [self.value(kind.item, name) for _ in range(min(size, kind.max_items))]
        known = self.likely.get(name)
        often = 97 if isinstance(kind, TextType) else 60
        if known and self.one_in_hundred(often):
            return self.random.choice(known)
        match kind:
            case NumberType():
                return self.number(kind)
            case TextType():
                return self.text(kind)
            case BooleanType():
                return self.one_in_hundred(50)
            case DateType():
                return self.day(kind)
            case _:
                return None

    def number(self, kind: NumberType) -> Decimal:
        unit = Decimal(1).scaleb(-kind.scale)
        steps = int(EXACT.divide(EXACT.subtract(kind.high, kind.low), unit))
        choice = self.random.randrange(100)
        if choice < 15:
            return self.random.choice((kind.low, kind.high))
        if choice < 30:
            value = Decimal(self.random.randint(-3, 3))
        elif choice < 70:
            value = Decimal(self.random.randint(0, 200_000)).scaleb(-min(kind.scale, 2))
        else:
            value = EXACT.add(kind.low, EXACT.multiply(unit, Decimal(self._step(steps))))
        return min(max(value, kind.low), kind.high)

    def _step(self, steps: int) -> int:
        return self.random.randint(0, max(steps, 0))

    def text(self, kind: TextType) -> str:
        fitting = [word for word in _WORDS if len(word) <= kind.max_length]
        return self.random.choice(fitting)

    def day(self, kind: DateType) -> date:
        choice = self.random.randrange(100)
        if choice < 10:
            return self.random.choice((kind.low, kind.high))
        usual = date(1930, 1, 1), date(2030, 12, 31)
        low, high = max(kind.low, usual[0]), min(kind.high, usual[1])
        if choice > 90 or low > high:
            low, high = kind.low, kind.high
        found = low + timedelta(days=self.random.randint(0, (high - low).days))
        if choice < 40:
            found = self.random.choice(list(_near(found)))
        return min(max(found, kind.low), kind.high)


def _near(day: date) -> Iterable[date]:
    """Give days at which calendars go wrong: month ends, first days, leap days."""
    yield day.replace(day=1)
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    yield following - timedelta(days=1)
    leap = day.year - day.year % 4
    if leap % 100 and leap > 0:
        yield date(leap, 2, 29)
        yield date(leap, 2, 28)
        yield date(leap, 3, 1)
