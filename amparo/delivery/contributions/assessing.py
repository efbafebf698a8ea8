"""Have a month's wages assessed by every scheme that collects on declarations.

A pack collects on declarations when it declares an assessment of the month's wage. Its result is a
context with `insurable`, `worker` and `employer`. Equal wages of workers of one age owe equal
contributions in a month, so each distinct pair is asked about once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from amparo.rules.book.queries import BookedPack, NoPackInForce, pack_in_force, packs_listed
from amparo.rules.packs import DeclaredDecision, Input, Result
from amparo.values import Month, age_on, rounded_amount

_WAGE: Final = "declaration.wage"
_MONTH: Final = "declaration.month"
_AGE: Final = "register.age"
_ENTRIES: Final = ("insurable", "worker", "employer")


class UnableToAssess(Exception):
    """A pack gave no usable contribution for a wage. Nothing was posted."""


class WorkerNotBorn(UnableToAssess):
    """A wage is declared for a month before its worker's birth. Nothing was posted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """What is due on one wage under one scheme, rounded as the pack rounds."""

    insurable: Decimal
    worker_share: Decimal
    employer_share: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessor:
    """One scheme's assessment for one month; it remembers what it was asked about."""

    booked: BookedPack
    decision: DeclaredDecision
    month: Month
    known_at: datetime
    _remembered: dict[tuple[Decimal, int | None], Assessed] = field(default_factory=dict)

    @property
    def scheme(self) -> str:
        return self.booked.scheme

    @property
    def version_id(self) -> UUID:
        return self.booked.version_id

    @property
    def asks_for_age(self) -> bool:
        return any(each.source == _AGE for each in self.decision.inputs)

    def assess(self, *, wage: Decimal, birth_date: date | None) -> Assessed:
        """Return what is due on a wage of the month. Raises UnableToAssess, WorkerNotBorn.

        birth_date: None where it is not known to the day, or nobody knows whose wage it is.
        """
        age = self._age(birth_date)
        if age is not None and age < 0:
            raise WorkerNotBorn(
                _(
                    "A worker of the declaration for %(month)s was born after that month began. "
                    "Nothing was posted. Check the identifier, the month, and the date of birth."
                )
                % {"month": self.month}
            )
        if (wage, age) not in self._remembered:
            self._remembered[wage, age] = self._asked(wage, age)
        return self._remembered[wage, age]

    def explained(self, *, wage: Decimal, birth_date: date | None) -> Result:
        """Assess once more, with the trace that an explanation is made from."""
        return self._evaluated(wage, self._age(birth_date), trace=True)

    def _age(self, birth_date: date | None) -> int | None:
        if birth_date is None or not self.asks_for_age:
            return None
        return age_on(birth_date=birth_date, on=self.month.starts_on)

    def _evaluated(self, wage: Decimal, age: int | None, *, trace: bool) -> Result:
        return self.booked.pack.evaluate(
            self.decision.name,
            {each.name: self._given(each, wage, age) for each in self.decision.inputs},
            on=self.month.starts_on,
            known_at=self.known_at,
            trace=trace,
        )

    def _asked(self, wage: Decimal, age: int | None) -> Assessed:
        result = self._evaluated(wage, age, trace=False)
        value = result.value
        if result.outcome != "computed" or not _is_complete(value):
            raise UnableToAssess(
                _(
                    "%(scheme)s %(version)s gives no contribution for a wage of %(wage)s in "
                    "%(month)s. Nothing was posted. Tell the policy office: the pack must say what "
                    "is due on every wage, as insurable, worker and employer."
                )
                % {
                    "scheme": self.scheme,
                    "version": self.booked.version,
                    "wage": wage,
                    "month": self.month,
                }
            )
        return Assessed(
            insurable=rounded_amount(value["insurable"]),
            worker_share=rounded_amount(value["worker"]),
            employer_share=rounded_amount(value["employer"]),
        )

    def _given(self, asked: Input, wage: Decimal, age: int | None) -> object:
        if asked.source == _WAGE:
            return wage
        if asked.source == _AGE:
            return age
        return self.month.starts_on if asked.type == "date" else str(self.month)


def assessors_of(*, month: Month, known_at: datetime) -> tuple[Assessor, ...]:
    """Return the assessments of every scheme that collects on declarations in the month."""
    schemes = sorted({listed.scheme for listed in packs_listed()})
    found: list[Assessor] = []
    for scheme in schemes:
        try:
            booked = pack_in_force(scheme=scheme, on=month.starts_on, known_at=known_at)
        except NoPackInForce:
            continue  # the scheme began after this month: nothing is due to it
        found += assessors_in(booked, month=month, known_at=known_at)
    return tuple(found)


def assessors_in(booked: BookedPack, *, month: Month, known_at: datetime) -> list[Assessor]:
    """Return the assessments of one pack that are made on declarations."""
    return [
        Assessor(booked=booked, decision=decision, month=month, known_at=known_at)
        for decision in booked.pack.manifest.decisions
        if _collects_on_declarations(decision)
    ]


def _collects_on_declarations(decision: DeclaredDecision) -> bool:
    sources = {each.source for each in decision.inputs}
    return decision.kind == "assessment" and _WAGE in sources and sources <= {_WAGE, _MONTH, _AGE}


def _is_complete(value: Any) -> bool:
    """Say whether the result has all three amounts, none of them below zero."""
    return isinstance(value, Mapping) and all(
        isinstance(value.get(name), Decimal) and value[name] >= 0 for name in _ENTRIES
    )
