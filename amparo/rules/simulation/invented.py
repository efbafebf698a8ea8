"""People made up with their facts: plausible, never anybody, the same for a seed and a day.

What the register would say follows from the person; what only a claim or an officer says is drawn
near the numbers and texts the packs themselves mention, because there the rules turn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final, Self

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
from amparo.rules.simulation.population import DAY_SOURCES, Population, population_of, schema_of
from amparo.values import age_on

# In so many cases of a hundred a fact that may be unknown is.
_UNKNOWN: Final = 2
_LARGEST_HOUSEHOLD: Final = 6
_PERCENT: Final = 100
# Of a hundred people so many are of an age in completed years, first and last included.
_AGES: Final = (
    (26, 0, 17),
    (34, 18, 39),
    (22, 40, 59),
    (10, 60, 69),
    (6, 70, 79),
    (2, 80, 95),
)
# Of a hundred births so many are known by their year alone, as those of old people often are.
_BLURRED: Final = 3
_REGIONS: Final = 12
_DISTRICT: Final = "register.district"


def made_up(*, packs: Sequence[Pack], benefit: str, count: int, seed: int, on: date) -> Population:
    """Make up so many people with the facts that the packs ask for."""
    random = Random(seed)  # noqa: S311 - no secret: the same seed must give the same people
    facts = InventedFacts(packs=packs, benefit=benefit, on=on, random=random)
    rows, about = [], []
    for number in range(1, count + 1):
        person = _Person.drawn(random, on)
        region = facts.region()
        rows.append(facts.of({**person.known(on), _DISTRICT: region}))
        about.append(
            {
                "reference": f"person {number}",
                "sex": person.sex,
                "birth_date": person.birth_date,
                "region": region,
            }
        )
    return population_of(
        rows,
        about,
        packs=packs,
        benefit=benefit,
        origin=f"a population made up with seed {seed}",
    )


@dataclass(frozen=True, slots=True)
class _Person:
    sex: str
    birth_date: date | None
    is_resident: bool

    @classmethod
    def drawn(cls, random: Random, on: date) -> Self:
        weights = [weight for weight, _, _ in _AGES]
        ((_, youngest, oldest),) = random.choices(_AGES, weights)
        age = random.randint(youngest, oldest)
        # Born so many years and up to a year ago: a day within that year, leap days included.
        born = _years_before(on, age) - timedelta(days=random.randrange(365))
        return cls(
            sex=random.choice(("female", "male")),
            birth_date=None if random.randrange(_PERCENT) < _BLURRED else born,
            is_resident=random.randrange(_PERCENT) > 0,
        )

    def known(self, on: date) -> dict[str, Any]:
        born = self.birth_date
        return {
            **dict.fromkeys(DAY_SOURCES, on),
            "register.date_of_birth": born,
            "register.year_of_birth": born and born.year,
            "register.age": None if born is None else age_on(birth_date=born, on=on),
            "register.sex": self.sex,
            "register.is_resident": self.is_resident,
        }


def _years_before(day: date, years: int) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year - years, 2, 28)
    return day.replace(year=day.year - years)


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

    def region(self) -> str:
        """Give a district: one that the packs mention, where they ask for it."""
        asked = (name for name, source in self.sources.items() if source == _DISTRICT)
        mentioned = [text for name in asked for text in self.likely.get(name, ())]
        return str(
            self.random.choice(mentioned or [f"region {n:02}" for n in range(1, _REGIONS + 1)])
        )

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
