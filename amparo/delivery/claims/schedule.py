"""From a granted right to the amounts it pays, month by month, until it ends or no end is known.

A pack says in its values until when they hold: `ends_before` in the eligibility (the right) and in
the amount (the band, the rate). At each such day the amount is asked again. Where the benefit
follows the rates, it is also asked on every day from which a parameter of the pack has another
value, as known now; so back-dated and announced rates are right.

The amount of a month is the one that applies on the month's first day; the first step alone is
asked on the day claimed for. Facts other than that day stay as they were gathered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.delivery.claims.benefits import CLAIMED_DAY, Benefit
from amparo.delivery.claims.models import Claim
from amparo.delivery.claims.terms import UnusableAmount, ends_before, first_payable_day, payable
from amparo.delivery.decisions.freezing import DecisionInput
from amparo.values import Month

# Far beyond any life: a pack whose amounts never stop ending is a mistake, not a schedule.
_QUESTIONS_AT_MOST: Final = 500
_DAY_SOURCES: Final = frozenset(f"claim.{what}" for what in CLAIMED_DAY)


class RightEndedBefore(Exception):
    """The right ended before the first month for which the claim can still bring anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One amount over months. asked_on: the day whose law and age decide; inputs: as of that day.

    outcome: of the amount decision. amount: None where it is not computed: such a step is the last.
    """

    asked_on: date
    inputs: Mapping[str, DecisionInput]
    outcome: str
    amount: Decimal | None
    starts_on: date
    ends_before: date | None


def first_day_paid(*values: Any, claim: Claim, offered: Benefit) -> date:
    """Return the later of the first payable day and the earliest month the law lets a claim reach.

    values: the decisions' values, the one that comes first decides.
    """
    earliest = Month.of(timezone.localdate(claim.submitted_at))
    for _month in range(offered.process.backdating_months):
        earliest = earliest.previous()
    return max(first_payable_day(*values, claim=claim), earliest.starts_on)


def schedule(
    *,
    claim: Claim,
    offered: Benefit,
    eligibility: Any,
    inputs: Mapping[str, DecisionInput],
    known_at: datetime,
) -> tuple[Step, ...]:
    """Return the steps of a granted claim, at least one.

    eligibility: the value of the decision that grants; inputs: of the amount decision.
    Raises UnusableAmount, RightEndedBefore.
    """
    asking = _Asking(claim=claim, offered=offered, inputs=inputs, known_at=known_at)
    asked_on = claim.contingency_on
    value, step = asking.ask(asked_on, starts_on=asked_on)
    if step.amount is None:
        return (step,)
    starts_on = first_day_paid(value, eligibility, claim=claim, offered=offered)
    right_ends = _month_from(ends_before(eligibility))
    if right_ends is not None and right_ends <= starts_on:
        raise RightEndedBefore(
            _(
                "The right that claim %(number)s is about ended before %(right_ends)s, and the "
                "claim reaches back to %(starts_on)s at most. Nothing was proposed. Tell the "
                "claimant so, and let them withdraw the claim or claim for a later day."
            )
            % {"number": claim.number, "right_ends": right_ends, "starts_on": starts_on}
        )
    if offered.declared.follows_rates:
        asked_on = max(asked_on, starts_on)
        value, step = asking.ask(asked_on, starts_on=starts_on)
    while (band_ends := _month_from(ends_before(value))) is not None and band_ends <= starts_on:
        asked_on = _later(band_ends, than=asked_on, claim=claim)
        value, step = asking.ask(asked_on, starts_on=starts_on)
    steps = [replace(step, starts_on=starts_on)]
    for _question in range(_QUESTIONS_AT_MOST):
        ends = [_month_from(ends_before(value)), asking.next_rates(asked_on), right_ends]
        until = min((day for day in ends if day is not None), default=None)
        steps[-1] = replace(steps[-1], ends_before=until)
        if until is None or until == right_ends:
            return tuple(steps)
        asked_on = _later(until, than=asked_on, claim=claim)
        value, step = asking.ask(asked_on, starts_on=until)
        if step.amount != steps[-1].amount:  # else the amount goes on, and so does its decision
            steps.append(step)
        if step.amount is None:
            return tuple(steps)
    raise _endless(claim)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """The amount decision of a claim, asked on several days; nothing is kept."""

    claim: Claim
    offered: Benefit
    inputs: Mapping[str, DecisionInput]
    known_at: datetime

    def ask(self, on: date, *, starts_on: date) -> tuple[Any, Step]:
        """Return the value on a day, and the step it makes; its end is not known yet."""
        inputs = {
            name: replace(given, value=on) if given.source in _DAY_SOURCES else given
            for name, given in self.inputs.items()
        }
        result = self.offered.booked.pack.evaluate(
            self.offered.declared.amount,
            {name: given.value for name, given in inputs.items()},
            on=on,
            known_at=self.known_at,
            trace=False,
        )
        computed = result.outcome in {"granted", "computed"}
        return result.value, Step(
            asked_on=on,
            inputs=inputs,
            outcome=result.outcome,
            amount=payable(result.value, claim=self.claim) if computed else None,
            starts_on=starts_on,
            ends_before=None,
        )

    def next_rates(self, after: date) -> date | None:
        """Return the first month after a day in which a parameter has another value."""
        if not self.offered.declared.follows_rates:
            return None
        days = (
            _month_from(day)
            for parameter in self.offered.booked.pack.parameters
            for row in parameter.rows
            if row.is_adopted and row.known_from <= self.known_at
            for day in (row.valid_from, row.valid_to)
            if day is not None
        )
        return min((day for day in days if day is not None and day > after), default=None)


def _month_from(day: date | None) -> date | None:
    """Return the first day of a month that is not before the day."""
    if day is None or day.day == 1:
        return day
    return Month.of(day).ends_before


def _later(day: date, *, than: date, claim: Claim) -> date:
    if day <= than:
        raise _endless(claim)
    return day


def _endless(claim: Claim) -> UnusableAmount:
    return UnusableAmount(
        _(
            "The rules of %(scheme)s give claim %(number)s amounts that end before they begin, or "
            "never stop ending. Nothing was changed. Tell the policy office: the rule must give a "
            "later day, or none."
        )
        % {"scheme": claim.scheme, "number": claim.number}
    )
