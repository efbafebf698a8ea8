"""What officers do with a claim: one assesses and proposes, another approves or sends back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.delivery.claims.benefits import Benefit, benefit_of
from amparo.delivery.claims.evidence import gather
from amparo.delivery.claims.letters import decision_letter
from amparo.delivery.claims.models import Award, AwardComponent, Claim, ScheduledAmount
from amparo.delivery.claims.operations._common import (
    StepNotOpen,
    held_already,
    move,
    reading_claim,
)
from amparo.delivery.claims.operations.claiming import (
    EVIDENCE_PENDING,
    TO_APPROVE,
    TO_ASSESS,
    AlreadyClaimed,
)
from amparo.delivery.claims.payees import payee_of
from amparo.delivery.claims.schedule import schedule
from amparo.delivery.claims.terms import payable
from amparo.delivery.contributions.account import insurance_record
from amparo.delivery.decisions.freezing import DecisionInput
from amparo.delivery.decisions.models import Decision
from amparo.delivery.decisions.operations import DecisionMade, Subject, decide
from amparo.delivery.decisions.queries import pack_of
from amparo.journal.operations import record
from amparo.office.operations import close_tasks_about, issue_notice, next_number, open_task
from amparo.values import Access, Right, is_readable


class MakerIsNotChecker(Exception):
    """Whoever proposed a decision tried to approve it."""


class ReasonMissing(Exception):
    """A claim was to be sent back without a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What the pack answered. state: the claim's state now; missing: input names in the way."""

    claim_id: UUID
    state: str
    outcome: str
    amount: Decimal | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDecided:
    """The outcome told to the claimant. award_id: None for a refusal."""

    claim_id: UUID
    state: str
    award_id: UUID | None
    notice_id: UUID


@transaction.atomic
def assess_claim(*, claim_id: UUID, access: Access, at: datetime) -> Assessment:
    """Have the pack in force decide, and propose its answer for approval.

    Where data is missing nothing is proposed: the claim waits for evidence, and a task names what
    is missing (invariant 8). Assessing again supersedes the earlier decisions.
    Raises NoSuchClaim, StepNotOpen, UnusableAmount, RightEndedBefore, NoPackInForce,
    UnclearLaw.
    """
    with reading_claim(claim_id=claim_id, access=access, right=Right.CLAIM_PROPOSE) as claim:
        if claim.state not in {"submitted", "evidence pending"}:
            raise StepNotOpen(
                _(
                    "The claim %(number)s is “%(state)s”; only a submitted claim or one waiting "
                    "for evidence is assessed. Nothing was changed."
                )
                % {"number": claim.number, "state": claim.state}
            )
        offered = benefit_of(claim, known_at=at)
        inputs = gather(claim=claim, offered=offered, known_at=at)
        eligibility = _decided(
            claim,
            offered,
            "eligibility",
            inputs=inputs["eligibility"],
            on=claim.contingency_on,
            supersedes=claim.eligibility_id,
            access=access,
            at=at,
        )
        amount = decisive = None
        if eligibility.outcome == "granted":
            amount, decisive = _schedule(
                claim, offered, eligibility, inputs["amount"], access=access, at=at
            )
        outcome = _outcome(eligibility.outcome, decisive.outcome if decisive else None)
        undetermined = outcome == "undetermined"
        monthly = None
        if amount is not None and outcome == "granted":
            monthly = payable(amount.value, claim=claim)
        move(
            claim,
            from_states=("submitted", "evidence pending"),
            state="evidence pending" if undetermined else "proposed",
            eligibility_id=eligibility.id,
            amount_id=amount.id if amount else None,
            proposed_by=None if undetermined else access.actor_id,
            proposed_at=None if undetermined else at,
        )
        doubled: tuple[int, ...] = ()
        if undetermined:
            doubled = insurance_record(
                person_id=claim.person_id, scheme=claim.scheme, before=claim.contingency_on
            ).doubled_years
    decisive = decisive or eligibility
    _hand_on(claim, offered, decisive, outcome=outcome, doubled_years=doubled, access=access, at=at)
    return Assessment(
        claim_id=claim.id,
        state=claim.state,
        outcome=outcome,
        amount=monthly,
        missing=decisive.missing,
    )


@transaction.atomic
def approve_claim(*, claim_id: UUID, access: Access, at: datetime) -> ClaimDecided:
    """Approve the proposed decision: grant the award or refuse the claim, and tell the claimant.

    Raises NoSuchClaim, MakerIsNotChecker, StepNotOpen, AlreadyClaimed.
    """
    with reading_claim(claim_id=claim_id, access=access, right=Right.CLAIM_APPROVE) as claim:
        if claim.proposed_by == access.actor_id:
            raise MakerIsNotChecker(
                _(
                    "You proposed the decision on claim %(number)s, so somebody else must approve "
                    "it. Leave it in the inbox of those who approve."
                )
                % {"number": claim.number}
            )
        eligibility, amount = claim.eligibility, claim.amount
        outcome = _outcome_proposed(eligibility, amount)
        move(
            claim,
            from_states=("proposed",),
            state=outcome,
            approved_by=access.actor_id,
            approved_at=at,
        )
        decisions = [each for each in (eligibility, amount) if each is not None]
        offered = Benefit.of(booked=pack_of(decisions[0]), code=claim.benefit)
        components: list[AwardComponent] = []
        if outcome == "granted":
            components = _grant(claim, offered, amount=decisions[1], at=at)
        notice_id = issue_notice(
            kind=f"claim {outcome}",
            recipient_id=claim.person_id,
            language=claim.language,
            subject_kind="claim",
            subject_id=claim.id,
            content=decision_letter(
                claim=claim, offered=offered, decisions=decisions, components=components, at=at
            ),
            at=at,
        )
    award_id = components[0].award_id if components else None
    close_tasks_about(kind=TO_APPROVE, subject_id=claim.id, outcome=outcome, access=access, at=at)
    record(
        kind=f"claims.{outcome}",
        access=access,
        subject_kind="person",
        subject_id=claim.person_id,
        details={
            "claim": str(claim.id),
            "decision": str(decisions[-1].id),
            "award": str(award_id or ""),
        },
    )
    return ClaimDecided(
        claim_id=claim.id, state=claim.state, award_id=award_id, notice_id=notice_id
    )


@transaction.atomic
def send_back(*, claim_id: UUID, reason: str, access: Access, at: datetime) -> None:
    """Send a proposed decision back to be assessed again, saying why.

    Raises NoSuchClaim, ReasonMissing, StepNotOpen.
    """
    with reading_claim(claim_id=claim_id, access=access, right=Right.CLAIM_APPROVE) as claim:
        if not is_readable(reason):
            raise ReasonMissing(
                _("Say why you send the claim back: the officer who assesses it again reads it.")
            )
        move(
            claim,
            from_states=("proposed",),
            state="submitted",
            proposed_by=None,
            proposed_at=None,
        )
    close_tasks_about(
        kind=TO_APPROVE, subject_id=claim.id, outcome="sent back", access=access, at=at
    )
    open_task(
        kind=TO_ASSESS,
        subject_kind="claim",
        subject_id=claim.id,
        role="claims-officer",
        details={"claim": claim.number, "benefit": claim.benefit, "sent_back_because": reason},
        due_on=claim.due_on,
        at=at,
    )
    record(
        kind="claims.sent_back",
        access=access,
        subject_kind="person",
        subject_id=claim.person_id,
        details={"claim": str(claim.id)},
    )


def _decided(
    claim: Claim,
    offered: Benefit,
    kind: str,
    *,
    inputs: Mapping[str, DecisionInput],
    on: date,
    supersedes: UUID | None,
    access: Access,
    at: datetime,
) -> DecisionMade:
    return decide(
        kind=kind,
        about=Subject(kind="claim", id=claim.id, person_id=claim.person_id),
        booked=offered.booked,
        decision_name=offered.decision(kind).name,
        inputs=inputs,
        on=on,
        known_at=at,
        supersedes=supersedes,
        access=access,
        at=at,
    )


def _schedule(
    claim: Claim,
    offered: Benefit,
    eligibility: DecisionMade,
    inputs: Mapping[str, DecisionInput],
    *,
    access: Access,
    at: datetime,
) -> tuple[DecisionMade, DecisionMade]:
    """Decide every step of what the claim pays; return the first and the last decision.

    The last is the decisive one: where the rules compute no amount, the schedule stops.
    """
    steps = schedule(
        claim=claim, offered=offered, eligibility=eligibility.value, inputs=inputs, known_at=at
    )
    before = dict(
        ScheduledAmount.objects.filter(eligibility_id=claim.eligibility_id).values_list(
            "sequence", "decision_id"
        )
    )
    if claim.amount_id is not None:
        before[1] = claim.amount_id
    made = [
        _decided(
            claim,
            offered,
            "amount",
            inputs=step.inputs,
            on=step.asked_on,
            supersedes=before.get(sequence),
            access=access,
            at=at,
        )
        for sequence, step in enumerate(steps, start=1)
    ]
    ScheduledAmount.objects.bulk_create(
        ScheduledAmount(
            claim_id=claim.id,
            eligibility_id=eligibility.id,
            decision_id=decision.id,
            sequence=sequence,
            amount=step.amount,
            starts_on=step.starts_on,
            ends_before=step.ends_before,
        )
        for sequence, (step, decision) in enumerate(zip(steps, made, strict=True), start=1)
        if step.amount is not None
    )
    return made[0], made[-1]


def _hand_on(
    claim: Claim,
    offered: Benefit,
    decisive: DecisionMade,
    *,
    outcome: str,
    doubled_years: tuple[int, ...],
    access: Access,
    at: datetime,
) -> None:
    """Close what was open, open what comes next, journal."""
    close_tasks_about(
        kind=TO_ASSESS, subject_id=claim.id, outcome=claim.state, access=access, at=at
    )
    details: dict[str, Any] = {"claim": claim.number, "benefit": claim.benefit}
    if claim.state == "evidence pending":
        kind, role = EVIDENCE_PENDING, "claims-officer"
        details["missing"] = list(decisive.missing)
        if doubled_years:
            details["years_held_twice"] = list(doubled_years)
        details["missing_in_words"] = offered.in_words(decisive.missing, settings.LANGUAGE_CODE)
    else:
        close_tasks_about(
            kind=EVIDENCE_PENDING, subject_id=claim.id, outcome="proposed", access=access, at=at
        )
        kind, role = TO_APPROVE, "claims-approver"
        details["outcome"] = outcome
    open_task(
        kind=kind,
        subject_kind="claim",
        subject_id=claim.id,
        role=role,
        details=details,
        due_on=claim.due_on,
        at=at,
    )
    record(
        kind="claims.assessed",
        access=access,
        subject_kind="person",
        subject_id=claim.person_id,
        details={
            "claim": str(claim.id),
            "decision": str(decisive.id),
            "outcome": outcome,
        },
    )


def _grant(
    claim: Claim, offered: Benefit, *, amount: Decision, at: datetime
) -> list[AwardComponent]:
    """Create the award and a component for each step that was proposed with the claim."""
    steps = list(
        ScheduledAmount.objects.filter(eligibility_id=claim.eligibility_id).order_by("sequence")
    )
    starts_on = steps[0].starts_on
    award = Award(
        number=next_number(series="AW", on=timezone.localdate(at)),
        claim_id=claim.id,
        scheme=claim.scheme,
        benefit=claim.benefit,
        person_id=claim.person_id,
        is_single=claim.is_single,
        payee_id=payee_of(person_id=claim.person_id, on=starts_on, known_at=at),
        contingency_on=claim.contingency_on,
        state="in payment",
        starts_on=starts_on,
        ends_before=steps[-1].ends_before,
        granted_by_id=amount.id,
    )
    # On another record of the claimant, no constraint of the tables would see it.
    _refuse_held(claim, offered)
    try:
        with transaction.atomic():
            award.save(force_insert=True)
    except IntegrityError:
        _refuse_held(claim, offered)
        raise  # another rule of the tables was broken: that is a defect, not a refusal
    return AwardComponent.objects.bulk_create(
        AwardComponent(
            award=award,
            component=offered.declared.component,
            amount=step.amount,
            currency=settings.CURRENCY,
            starts_on=step.starts_on,
            ends_before=step.ends_before,
            decision_id=step.decision_id,
            sequence=step.sequence,
        )
        for step in steps
    )


def _refuse_held(claim: Claim, offered: Benefit) -> None:
    held = held_already(
        Award.objects.exclude(state="terminated"),
        offered,
        person_id=claim.person_id,
        contingency_on=claim.contingency_on,
    )
    if held is not None:
        raise AlreadyClaimed(
            _(
                "The claimant of %(number)s holds the award %(award)s of the same benefit. "
                "Nothing was granted. Send the claim back, or withdraw it."
            )
            % {"number": claim.number, "award": held.number}
        )


def _outcome_proposed(eligibility: Decision | None, amount: Decision | None) -> str:
    """Return "granted" only where eligibility is granted and an amount was computed."""
    if eligibility is None:
        return "undetermined"
    return _outcome(eligibility.outcome, amount.outcome if amount else None)


def _outcome(eligibility: str, amount: str | None) -> str:
    """Combine both outcomes: "granted", "refused" or "undetermined"; never a grant by default."""
    if eligibility == "granted" and amount in {"granted", "computed"}:
        return "granted"
    return "refused" if "refused" in {eligibility, amount} else "undetermined"
