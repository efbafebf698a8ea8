"""What a granted decision says about payment: how much, from which day, and until when.

A pack gives an amount either as a number or as a context with `amount`; the first payable day is
`starts_on` in the context of either decision, where the law sets one. `ends_before` in the context
is the first day on which the right, or the amount, no longer holds.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from amparo.delivery.claims.models import Claim
from amparo.values import rounded_amount


class UnusableAmount(Exception):
    """The pack granted a benefit with an amount that cannot be paid."""


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


def ends_before(value: Any) -> date | None:
    """Return the first day on which what the value says no longer holds; None where none is set."""
    ends = value.get("ends_before") if isinstance(value, Mapping) else None
    return ends if isinstance(ends, date) else None
