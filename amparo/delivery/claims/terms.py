"""What a granted decision says about payment: how much, from which day, and until when.

A pack gives an amount either as a number or as a context with `amount`; the first payable day is
`starts_on` in the context of either decision, where the law sets one. `ends_before` in the context
is the first day on which the right, or the amount, no longer holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from amparo.delivery.claims.models import Claim
from amparo.rules.packs.manifest import Process
from amparo.values import rounded_amount


class UnusableAmount(Exception):
    """The pack granted a benefit with an amount that cannot be paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """Why a benefit starts later than the right to it: the claim came late.

    months: how many months before the month of the claim it may start, by the law named.
    """

    right_from: date
    starts_on: date
    months: int
    law: str


def payable(value: Any, *, claim: Claim) -> Decimal:
    """Return the amount of one period; raise UnusableAmount where it is not above zero."""
    amount = value.get("amount") if isinstance(value, Mapping) else value
    if not isinstance(amount, Decimal) or amount <= 0:
        raise UnusableAmount(
            _(
                "The rules of %(scheme)s grant claim %(number)s an amount that is not above zero. "
                "Nothing was changed. Tell the policy office: the rule must refuse with a reason."
            )
            % {"scheme": claim.scheme, "number": claim.number}
        )
    return rounded_amount(amount)


def first_payable_day(*values: Any, claim: Claim) -> date:
    """Return the day the values state, or the first day of the contingency's month.

    values: the decisions' values, the one that comes first decides.
    """
    for value in values:
        starts_on = value.get("starts_on") if isinstance(value, Mapping) else None
        if isinstance(starts_on, date):
            return starts_on
    return claim.contingency_on.replace(day=1)


def held_back(*values: Any, claim: Claim, starts_on: date, process: Process) -> HeldBack | None:
    """Return why the first amount starts after the first payable day; None where it does not.

    values: as for first_payable_day.
    """
    right_from = first_payable_day(*values, claim=claim)
    if right_from >= starts_on:
        return None
    return HeldBack(
        right_from=right_from,
        starts_on=starts_on,
        months=process.backdating_months,
        law=process.law,
    )


def ends_before(value: Any) -> date | None:
    """Return the first day on which what the value says no longer holds; None where none is set."""
    ends = value.get("ends_before") if isinstance(value, Mapping) else None
    return ends if isinstance(ends, date) else None
