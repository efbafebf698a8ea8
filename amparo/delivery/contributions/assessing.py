"""Have a month's wages assessed by every scheme that collects on declarations.

A pack collects on declarations when it declares an assessment whose inputs all come from the
declaration. Its result is a context with `insurable`, `worker_share` and `employer_share`. Equal
wages of a month owe equal contributions, so each distinct wage is asked about once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from amparo.rules.book.queries import BookedPack, NoPackInForce, pack_in_force, packs_listed
from amparo.rules.packs import DeclaredDecision
from amparo.values import Month, rounded_amount

_WAGE: Final = "declaration.wage"
_MONTH: Final = "declaration.month"
_SHARES: Final = ("insurable", "worker_share", "employer_share")


class UnableToAssess(Exception):
    """A pack gave no usable contribution for a wage. Nothing was posted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """What is due on one wage under one scheme, rounded as the pack rounds."""

    insurable: Decimal
    worker_share: Decimal
    employer_share: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessor:
    """One scheme's assessment for one month; it remembers the wages it was asked about."""

    booked: BookedPack
    decision: DeclaredDecision
    month: Month
    known_at: datetime
    _remembered: dict[Decimal, Assessed] = field(default_factory=dict)

    @property
    def scheme(self) -> str:
        return self.booked.scheme

    @property
    def version_id(self) -> UUID:
        return self.booked.version_id

    def assess(self, wage: Decimal) -> Assessed:
        """Return what is due on a wage of the month. Raises UnableToAssess."""
        if wage not in self._remembered:
            self._remembered[wage] = self._asked(wage)
        return self._remembered[wage]

    def _asked(self, wage: Decimal) -> Assessed:
        result = self.booked.pack.evaluate(
            self.decision.name,
            {each.name: self._given(each.source, each.type, wage) for each in self.decision.inputs},
            on=self.month.starts_on,
            known_at=self.known_at,
            trace=False,
        )
        value = result.value
        if result.outcome != "computed" or not _is_complete(value):
            raise UnableToAssess(
                _(
                    "%(scheme)s %(version)s gives no contribution for a wage of %(wage)s in "
                    "%(month)s. Nothing was posted. Tell the policy office: the pack must say what "
                    "is due on every wage, as insurable, worker_share and employer_share."
                )
                % {
                    "scheme": self.scheme,
                    "version": self.booked.version,
                    "wage": wage,
                    "month": self.month,
                }
            )
        return Assessed(**{name: rounded_amount(value[name]) for name in _SHARES})

    def _given(self, source: str, kind: str, wage: Decimal) -> object:
        if source == _WAGE:
            return wage
        return self.month.starts_on if kind == "date" else str(self.month)


def assessors_of(*, month: Month, known_at: datetime) -> tuple[Assessor, ...]:
    """Return the assessments of every scheme that collects on declarations in the month."""
    schemes = sorted({listed.scheme for listed in packs_listed()})
    found = []
    for scheme in schemes:
        try:
            booked = pack_in_force(scheme=scheme, on=month.starts_on, known_at=known_at)
        except NoPackInForce:
            continue  # the scheme began after this month: nothing is due to it
        found += [
            Assessor(booked=booked, decision=decision, month=month, known_at=known_at)
            for decision in booked.pack.manifest.decisions
            if _collects_on_declarations(decision)
        ]
    return tuple(found)


def _collects_on_declarations(decision: DeclaredDecision) -> bool:
    sources = {each.source for each in decision.inputs}
    return decision.kind == "assessment" and _WAGE in sources and sources <= {_WAGE, _MONTH}


def _is_complete(value: Any) -> bool:
    """Say whether the result has all three amounts, none of them below zero."""
    return isinstance(value, Mapping) and all(
        isinstance(value.get(name), Decimal) and value[name] >= 0 for name in _SHARES
    )
