"""How a scheme collects: when contributions are due, what delay costs, in which order money counts.

A scheme that collects answers a lookup by the month alone. Its result is a context: `due_day` of
the following month, `rest_days` (names of weekdays) and `holidays` (MM-DD every year, or one day as
YYYY-MM-DD) on which nothing is due, `interest_rate` for each month or part, `allocation_order` of
the kinds of debt, `estimate_months` and `estimate_factor`, `missed_instalments` that end a plan,
`law`. A scheme without this lookup states no due date: its debts are never late.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from amparo.rules.book.queries import BookedPack, NoPackInForce, pack_in_force, packs_listed
from amparo.rules.packs import DeclaredDecision
from amparo.values import Month

_MONTH: Final = "declaration.month"
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# The order where a scheme states none: what was spent on the debt first, the debt itself last.
KINDS: Final = ("cost", "interest", "penalty", "contribution")
# A calendar in which a month has no day to work in is a mistake of the pack.
_LONGEST_REST: Final = 31


class UnusableTerms(Exception):
    """A pack's terms of collection cannot be used. Nothing was posted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A scheme's terms for a month, as known at an instant."""

    scheme: str
    version_id: UUID
    due_day: int
    rest_days: frozenset[str]
    holidays: frozenset[str]
    interest_rate: Decimal
    allocation_order: tuple[str, ...]
    estimate_months: int
    estimate_factor: Decimal
    missed_instalments: int
    law: str

    def due_on(self, month: Month) -> date:
        """Return the day the month's contributions are due: a working day of the next month."""
        following = month.next()
        last = (following.ends_before - timedelta(days=1)).day
        day = following.starts_on.replace(day=min(self.due_day, last))
        for _attempt in range(_LONGEST_REST):
            if self.is_working_day(day):
                return day
            day += timedelta(days=1)
        raise UnusableTerms(
            _("%(scheme)s knows no working day after %(day)s. Have its calendar put right.")
            % {"scheme": self.scheme, "day": day}
        )

    def is_working_day(self, day: date) -> bool:
        if _WEEKDAYS[day.weekday()] in self.rest_days:
            return False
        return not {f"{day:%m-%d}", f"{day:%Y-%m-%d}"} & self.holidays


def terms_of(*, month: Month, known_at: datetime) -> Mapping[str, Terms]:
    """Return the terms of every scheme in force in the month that states any, by scheme."""
    found: dict[str, Terms] = {}
    for scheme in sorted({listed.scheme for listed in packs_listed()}):
        try:
            booked = pack_in_force(scheme=scheme, on=month.starts_on, known_at=known_at)
        except NoPackInForce:
            continue
        terms = terms_in(booked, month=month, known_at=known_at)
        if terms is not None:
            found[scheme] = terms
    return found


def terms_in(booked: BookedPack, *, month: Month, known_at: datetime) -> Terms | None:
    """Return one pack's terms for a month; None where it states none. Raises UnusableTerms."""
    lookup = _lookup(booked.pack.manifest.decisions)
    if lookup is None:
        return None
    asked = {
        each.name: month.starts_on if each.type == "date" else str(month) for each in lookup.inputs
    }
    result = booked.pack.evaluate(
        lookup.name, asked, on=month.starts_on, known_at=known_at, trace=False
    )
    try:
        return _terms(booked, result.value)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise UnusableTerms(
            _(
                "%(scheme)s %(version)s gives no usable terms of collection for %(month)s. "
                "Nothing was posted. Tell the policy office: the lookup must give each entry."
            )
            % {"scheme": booked.scheme, "version": booked.version, "month": month}
        ) from error


def ranks(terms: Iterable[Terms]) -> dict[tuple[str, str], int]:
    """Return by scheme and kind of debt its place in the scheme's order of allocation."""
    return {
        (each.scheme, kind): place
        for each in terms
        for place, kind in enumerate(each.allocation_order)
    }


def _lookup(decisions: Iterable[DeclaredDecision]) -> DeclaredDecision | None:
    return next(
        (
            each
            for each in decisions
            if each.kind == "lookup" and {one.source for one in each.inputs} == {_MONTH}
        ),
        None,
    )


def _terms(booked: BookedPack, value: Mapping[str, Any]) -> Terms:
    terms = Terms(
        scheme=booked.scheme,
        version_id=booked.version_id,
        due_day=_whole(value["due_day"]),
        rest_days=frozenset(value["rest_days"]),
        holidays=frozenset(value["holidays"]),
        interest_rate=Decimal(value["interest_rate"]),
        allocation_order=tuple(value["allocation_order"]),
        estimate_months=_whole(value["estimate_months"]),
        estimate_factor=Decimal(value["estimate_factor"]),
        missed_instalments=_whole(value["missed_instalments"]),
        law=str(value["law"]),
    )
    if (
        not 1 <= terms.due_day <= 31
        or not terms.rest_days < set(_WEEKDAYS)
        or terms.interest_rate < 0
        or sorted(terms.allocation_order) != sorted(KINDS)
        or terms.estimate_months < 1
        or terms.estimate_factor <= 0
        or terms.missed_instalments < 1
    ):
        raise ValueError(booked.scheme)
    return terms


def _whole(value: Decimal) -> int:
    if value != int(value):
        raise ValueError(value)
    return int(value)
