"""Gather what a pack asks for, from the sources its manifest names.

Nothing is guessed: what the register, the account, the awards or the claimant do not say is None,
and the pack answers "undetermined" where it matters (invariant 8).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from amparo.delivery.claims.benefits import CLAIMED_DAY, Benefit
from amparo.delivery.claims.models import AwardComponent, Claim
from amparo.delivery.contributions.account import InsuranceRecord, insurance_record
from amparo.delivery.decisions.freezing import DecisionInput, thaw
from amparo.register import facts
from amparo.register.identities import records_of, survivors_of
from amparo.register.models import Kinship, Vitals
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


def gather(
    *, claim: Claim, offered: Benefit, known_at: datetime
) -> dict[str, dict[str, DecisionInput]]:
    """Return the inputs of "eligibility" and of "amount", with sources; call it inside `reading`.

    An account with months in doubt (pending in suspense, or undated in a year taken on) that fails
    the conditions, but would pass if those months counted, is given to the pack as unknown: data we
    do not hold refuses nobody.
    """
    sources = _Sources(claim=claim, known_at=known_at)
    inputs = {
        name: sources.input(name=name, source=each.source) for name, each in offered.inputs.items()
    }
    unknown = _months_that_would_help(offered, claim, inputs, sources.months_in_doubt(), known_at)
    return {
        kind: {each.name: (inputs | unknown)[each.name] for each in offered.decision(kind).inputs}
        for kind in ("eligibility", "amount")
    }


def _months_that_would_help(
    offered: Benefit,
    claim: Claim,
    inputs: Mapping[str, DecisionInput],
    in_doubt: int,
    known_at: datetime,
) -> dict[str, DecisionInput]:
    """Return the month counts as unknown if the months in doubt decide about a refusal."""
    asked = {each.name for each in offered.decision("eligibility").inputs}
    given = {name: inputs[name] for name in sorted(asked)}
    with_doubtful = {
        name: DecisionInput(value=each.value + in_doubt, source=each.source)
        for name, each in given.items()
        if each.source == "account.contributed_months" and each.value is not None
    }
    if not in_doubt or not with_doubtful:
        return {}

    def refused(values: Mapping[str, DecisionInput]) -> bool:
        result = offered.booked.pack.evaluate(
            offered.declared.eligibility,
            {name: each.value for name, each in values.items()},
            on=claim.contingency_on,
            known_at=known_at,
        )
        return result.outcome == "refused"

    if refused(given) and not refused(given | with_doubtful):
        return {
            name: DecisionInput(value=None, source=each.source)
            for name, each in with_doubtful.items()
        }
    return {}


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
                account = self._read_account()
                # A month that is there twice makes every sum over the account a guess.
                is_certain = not account.doubled_years or what == "pending_months"
                return DecisionInput(
                    value=_ACCOUNT[what](account) if is_certain else None, source=source
                )
            case "awards":
                return self._from_awards(what, source)
            case "claim" if what in CLAIMED_DAY:
                return DecisionInput(value=self._claim.contingency_on, source=source)
            case "claim" | "officer":
                answer = self._claim.answers.get(name)
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
            value=self._facts.values[what],
            source=source,
            fact_ids=self._facts.facts_of.get(what, ()),
        )

    def _from_awards(self, what: str, source: str) -> DecisionInput:
        """Return what is paid on the day.

        other_pension_amount: the monthly sum of the person's other benefits; other_pension: whether
        there is one: both always known here. deceased_pension: what the deceased was paid at death.
        """
        day = self._claim.contingency_on
        records = records_of(person_id=self._claim.person_id)
        others = AwardComponent.objects.filter(award__person_id__in=records).exclude(
            award__benefit=self._claim.benefit
        )
        match what:
            case "other_pension_amount":
                return DecisionInput(value=_paid_on(others, day) or Decimal("0.00"), source=source)
            case "other_pension":
                return DecisionInput(value=_paid_on(others, day) is not None, source=source)
            case "deceased_pension":
                return self._of_the_deceased(source)
        raise UnknownSource(
            _(
                "The rules of %(scheme)s ask for “%(source)s”, which awards do not state. Nothing "
                "was decided. Tell the policy office."
            )
            % {"scheme": self._claim.scheme, "source": source}
        )

    def _of_the_deceased(self, source: str) -> DecisionInput:
        """Return what the one dead spouse or parent was paid; unknown where it is not one."""
        records = records_of(person_id=self._claim.person_id, known_at=self._known_at)
        # A union is one row, whichever of the two stands first in it.
        ties = facts.known(
            Kinship.objects.filter(
                Q(person_id__in=records, kind__in=["spouse", "parent"])
                | Q(relative_id__in=records, kind="spouse")
            ),
            at=self._known_at,
        )
        related = [
            (tie, tie.relative_id if tie.person_id in records else tie.person_id) for tie in ties
        ]
        named = {other for _tie, other in related}
        # Who has several records died where the surviving one says so.
        whose = dict.fromkeys(named) | survivors_of(person_ids=named, known_at=self._known_at)
        people = {relative: survivor or relative for relative, survivor in whose.items()}
        vitals = facts.known(
            Vitals.objects.filter(
                person_id__in=set(people.values()),
                death_date__lte=self._claim.contingency_on,
            ),
            at=self._known_at,
        )
        dead = [each for each in vitals if _was_tied(related, each, people)]
        if len(dead) != 1 or dead[0].death_date is None:
            return DecisionInput(value=None, source=source)
        theirs = records_of(person_id=dead[0].person_id, known_at=self._known_at)
        paid = AwardComponent.objects.filter(award__person_id__in=theirs)
        return DecisionInput(
            value=_paid_on(paid, dead[0].death_date), source=source, fact_ids=(dead[0].id,)
        )


def _was_tied(
    related: Sequence[tuple[Kinship, UUID]], dead: Vitals, people: Mapping[UUID, UUID]
) -> bool:
    """Say whether somebody was the parent, or still the spouse on the day of death.

    related: each tie with the other of the two. people: by each relative's record, the surviving
    record of that person.
    A marriage that death itself ended ends on that day; one that ended before leaves no survivor.
    """
    return any(
        tie.kind == "parent"
        or (
            tie.starts_on <= dead.death_date
            and (tie.ends_before is None or tie.ends_before >= dead.death_date)
        )
        for tie, other in related
        if people[other] == dead.person_id and dead.death_date is not None
    )


def _paid_on(components: QuerySet[AwardComponent], day: date) -> Decimal | None:
    """Return the monthly sum of the components that run on a day; None where none does.

    What an award is today says nothing about the day; only a terminated one without an end, of
    which nobody knows when it ended, counts for none.
    """
    running = components.filter(
        Q(ends_before=None) | Q(ends_before__gt=day),
        Q(award__ends_before=None) | Q(award__ends_before__gt=day),
        starts_on__lte=day,
    ).exclude(award__state="terminated", award__ends_before=None)
    total: Decimal | None = running.aggregate(total=Sum("amount"))["total"]
    return total
