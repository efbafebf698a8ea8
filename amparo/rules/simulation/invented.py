"""Facts made up for people who are made up: plausible, never of anybody, the same for a seed.

What the register would say follows from the person; what only a claim or an officer says is drawn
near the numbers and texts the packs themselves mention, because there the rules turn.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from amparo.rules.backends.rowwise.verify import likely_values
from amparo.rules.ir.schema import Schema
from amparo.rules.ir.types import (
    BooleanType,
    ColumnType,
    DateType,
    ListType,
    NumberType,
    StructType,
    TextType,
)
from amparo.rules.packs import Pack
from amparo.rules.simulation.population import schema_of

# In so many cases of a hundred a fact that may be unknown is.
_UNKNOWN: Final = 2
_LARGEST_HOUSEHOLD: Final = 6
_PERCENT: Final = 100


class InventedFacts:
    """Makes the facts of one case after another."""

    def __init__(self, *, packs: Sequence[Pack], benefit: str, on: date, random: Random) -> None:
        self.on = on
        self.random = random
        self.schema: Schema = schema_of(packs, benefit)
        self.sources = {
            item.name: item.source for pack in reversed(packs) for item in pack.manifest.inputs
        }
        self.likely: dict[str, list[Any]] = {}
        for pack in reversed(packs):
            own = {n: k for n, k in self.schema.columns.items() if n in _inputs(pack)}
            self.likely |= likely_values(pack, Schema(own))

    def of(self, known: Mapping[str, Any]) -> dict[str, Any]:
        """Give a case's facts. known: what is said of the person, by the words of sources."""
        return {
            name: known[self.sources[name]]
            if self.sources[name] in known
            else self._drawn(name, kind)
            for name, kind in self.schema.columns.items()
        }

    def _drawn(self, name: str, kind: ColumnType) -> Any:  # noqa: PLR0911 - one per kind
        if kind.nullable and self.random.randrange(_PERCENT) < _UNKNOWN:
            return None
        match kind:
            case StructType():
                return {field: self._drawn(f"{name}.{field}", of) for field, of in kind.fields}
            case ListType():
                most = min(kind.max_items, _LARGEST_HOUSEHOLD)
                item = kind.item
                return [self._drawn(name, item) for _ in range(self.random.randint(0, most))]
            case BooleanType():
                return self.random.randrange(_PERCENT) < _PERCENT // 2
            case TextType():
                texts = self.likely.get(name, [""])
                return self.random.choice(texts)
            case DateType():
                day = self.on - timedelta(days=self.random.randrange(3 * 365))
                return min(max(day, kind.low), kind.high)
            case NumberType():
                return self._number(name, kind)
            case _:
                return None

    def _number(self, name: str, kind: NumberType) -> Decimal:
        """Draw up to twice a number that the packs mention: small ones more often than large."""
        mentioned = [value for value in self.likely.get(name, ()) if value > 0]
        top = 2 * self.random.choice(mentioned) if mentioned else min(kind.high, Decimal(1000))
        scale = kind.scale if top < 10 else min(kind.scale, 2)
        steps = int(min(top, kind.high).scaleb(scale))
        drawn = min(self.random.randint(0, steps), self.random.randint(0, steps))
        return min(max(Decimal(drawn).scaleb(-scale), kind.low), kind.high)


def _inputs(pack: Pack) -> frozenset[str]:
    return frozenset(item.name for item in pack.manifest.inputs)
