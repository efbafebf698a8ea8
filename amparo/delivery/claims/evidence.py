"""Gather what a pack asks for, from the sources its manifest names.

Nothing is guessed: what the register, the account, the awards or the claimant do not say is None,
and the pack answers "undetermined" where it matters (invariant 8).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _

from amparo.delivery.claims.benefits import Benefit
from amparo.delivery.claims.models import Award, Claim
from amparo.delivery.contributions.account import InsuranceRecord, insurance_record
from amparo.delivery.decisions.freezing import DecisionInput, thaw
from amparo.register.queries import facts_for_decision
from amparo.register.records import DecisionFacts


class UnknownSource(Exception):
    """A pack's manifest names a source of facts that claims do not have."""


_ACCOUNT: Final[Mapping[str, Callable[[InsuranceRecord], Decimal | None]]] = {
    "contributed_months": lambda account: Decimal(account.months),
    "total_insurable_earnings": lambda account: account.total_earnings,
    "average_monthly_earnings": lambda account: account.average_monthly_earnings,
    "pending_months": lambda account: Decimal(account.pending_months),
}


def gather(*, claim: Claim, offered: Benefit, known_at: datetime) -> dict[str, DecisionInput]:
    """Return every input the benefit asks for, with its source; call it inside `reading`.

    An account with months in doubt (pending in suspense, or undated in a year taken on) that fails
    the conditions, but would pass if those months counted, is given to the pack as unknown: data we
    do not hold refuses nobody.
    """
    sources = _Sources(claim=claim, known_at=known_at)
    inputs = {
        each.name: sources.input(name=each.name, source=each.source) for each in offered.inputs
    }
    doubtful = sources.months_in_doubt()
    if not doubtful:
        return inputs
    counted = {
        name: DecisionInput(value=given.value + doubtful, source=given.source)
        for name, given in inputs.items()
        if given.source == "account.contributed_months"
    }
    if not counted or not _refused(offered, claim, inputs, known_at):
        return inputs
    if _refused(offered, claim, inputs | counted, known_at):
        return inputs
    unknown = {
        name: DecisionInput(value=None, source=given.source) for name, given in counted.items()
    }
    return inputs | unknown


def _refused(
    offered: Benefit, claim: Claim, inputs: Mapping[str, DecisionInput], known_at: datetime
) -> bool:
    result = offered.booked.pack.evaluate(
        offered.eligibility,
        {name: inputs[name].value for name in sorted(inputs)},
        on=claim.contingency_on,
        known_at=known_at,
    )
    return bool(result.outcome == "refused")


class _Sources:
    """The places facts come from, each read once and only when asked."""

    def __init__(self, *, claim: Claim, known_at: datetime) -> None:
        self._claim = claim
        self._known_at = known_at
        self._facts: DecisionFacts | None = None
        self._account: InsuranceRecord | None = None

    def input(self, *, name: str, source: str) -> DecisionInput:
        place, _dot, what = source.partition(".")
        match place:
            case "register":
                return self._from_register(what, source)
            case "account" if what in _ACCOUNT:
                return DecisionInput(value=_ACCOUNT[what](self._read_account()), source=source)
            case "awards":
                return DecisionInput(value=self._holds(what), source=source)
            case "claim" if what == "contingency_on":
                return DecisionInput(value=self._claim.contingency_on, source=source)
            case "claim":
                answer = self._claim.answers.get(what or name)
                return DecisionInput(value=thaw(answer), source=source)
        raise UnknownSource(
            _(
                "The rules of %(scheme)s take “%(name)s” from “%(source)s”, which claims cannot "
                "read. Nothing was decided. Tell the policy office: the pack needs another source."
            )
            % {"scheme": self._claim.scheme, "name": name, "source": source}
        )

    def months_in_doubt(self) -> int:
        if self._account is None:
            return 0
        return self._account.pending_months + self._account.undated_months

    def _read_account(self) -> InsuranceRecord:
        if self._account is None:
            self._account = insurance_record(
                person_id=self._claim.person_id,
                scheme=self._claim.scheme,
                before=self._claim.contingency_on,
            )
        return self._account

    def _from_register(self, what: str, source: str) -> DecisionInput:
        if self._facts is None:
            self._facts = facts_for_decision(
                person_id=self._claim.person_id,
                as_of=self._claim.contingency_on,
                known_at=self._known_at,
            )
        if what not in self._facts.values:
            raise UnknownSource(
                _(
                    "The rules of %(scheme)s ask the register for “%(source)s”, which it does not "
                    "state. Nothing was decided. Tell the policy office."
                )
                % {"scheme": self._claim.scheme, "source": source}
            )
        return DecisionInput(
            value=self._facts.values[what], source=source, fact_ids=self._facts.fact_ids
        )

    def _holds(self, what: str) -> bool:
        """Say whether the person has an award in being on the day; never unknown, for it is ours."""
        day = self._claim.contingency_on
        others = Award.objects.filter(
            Q(ends_before=None) | Q(ends_before__gt=day),
            person_id=self._claim.person_id,
            starts_on__lte=day,
        ).exclude(state="terminated")
        if what == "other_pension":
            return others.exclude(benefit=self._claim.benefit).exists()
        return others.filter(benefit=what).exists()
