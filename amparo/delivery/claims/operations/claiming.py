"""What a claimant, or an officer for them, does with a claim."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.delivery.claims.benefits import Benefit, benefit_in_force, benefit_of
from amparo.delivery.claims.letters import receipt
from amparo.delivery.claims.models import Award, Claim
from amparo.delivery.claims.operations._common import held_already, move, reading_claim
from amparo.delivery.decisions.freezing import freeze
from amparo.journal.operations import record
from amparo.journal.reading import reading
from amparo.office.operations import close_tasks_about, issue_notice, next_number, open_task
from amparo.register.identities import refuse_merged
from amparo.register.models import Person, Vitals
from amparo.values import Access, Right

TO_ASSESS: Final = "claim to assess"
EVIDENCE_PENDING: Final = "evidence pending"
TO_APPROVE: Final = "claim to approve"


class AlreadyClaimed(Exception):
    """The person has an open claim for the benefit, or holds it, and may have it once only."""


class ClaimantDead(Exception):
    """The claimant died before the day that the right depends on."""


class ContingencyToCome(Exception):
    """The day that the right depends on has not come yet."""


class UnknownClaimant(Exception):
    """The claimant is not in the register."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimReceipt:
    """What the claimant takes home at once: the number, and until when they must have an answer."""

    claim_id: UUID
    number: str
    due_on: date


@transaction.atomic
def submit_claim(
    *,
    person_id: UUID,
    scheme: str,
    benefit: str,
    contingency_on: date,
    answers: Mapping[str, Any],
    channel: str,
    language: str = "en",
    access: Access,
    at: datetime,
) -> ClaimReceipt:
    """Receive a claim, start the statutory clock, give a receipt.

    contingency_on: the day the right depends on, today or earlier; the pack in force on it decides.
    answers: what the claimant states, by input name; None or absent means not known yet.
    channel: "officer", "web", "file" or "paper"; language: of the letters to the claimant.
    Raises UnknownClaimant, ClaimantDead, AlreadyClaimed, ContingencyToCome, BenefitNotOffered,
    AnswerNotUnderstood, NoPackInForce, UnclearLaw.
    """
    today = timezone.localdate(at)
    _refuse_early(contingency_on, today=today)
    offered = benefit_in_force(
        scheme=scheme, benefit=benefit, on=contingency_on, claimed_on=today, known_at=at
    )
    stated = offered.understood(answers)
    with reading(
        access=access, right=Right.CLAIM_RECEIVE, subject_kind="person", subject_id=person_id
    ):
        if not Person.objects.filter(id=person_id).exists():
            raise UnknownClaimant(
                _("The claimant is not in the register. Register them first, then take the claim.")
            )
        refuse_merged(person_id=person_id)
        _refuse_the_dead(person_id, contingency_on)
        _refuse_second(offered, person_id=person_id, contingency_on=contingency_on)
        claim = Claim(
            id=uuid4(),
            number=next_number(series="CL", on=today),
            scheme=scheme,
            benefit=benefit,
            person_id=person_id,
            is_single=offered.is_single,
            state="submitted",
            contingency_on=contingency_on,
            answers=freeze(stated)["context"],
            language=language,
            channel=channel,
            submitted_at=at,
            submitted_by=access.actor_id,
            due_on=offered.due_on(submitted_on=today),
        )
        try:
            with transaction.atomic():
                claim.save(force_insert=True)
        except IntegrityError:
            # The same claim arrived twice at one moment: the other one is visible now.
            _refuse_second(offered, person_id=person_id, contingency_on=contingency_on)
            raise
    _confirm_receipt(claim, offered, at=at)
    open_task(
        kind=TO_ASSESS,
        subject_kind="claim",
        subject_id=claim.id,
        role="claims-officer",
        details={"claim": claim.number, "benefit": benefit},
        due_on=claim.due_on,
        at=at,
    )
    record(
        kind="claims.submitted",
        access=access,
        subject_kind="person",
        subject_id=person_id,
        details={"claim": str(claim.id), "benefit": benefit, "channel": channel},
    )
    return ClaimReceipt(claim_id=claim.id, number=claim.number, due_on=claim.due_on)


@transaction.atomic
def add_answers(
    *, claim_id: UUID, answers: Mapping[str, Any], access: Access, at: datetime
) -> None:
    """Add or replace what the claimant states; the claim goes back to be assessed.

    Raises NoSuchClaim, StepNotOpen, AnswerNotUnderstood.
    """
    with reading_claim(claim_id=claim_id, access=access, right=Right.CLAIM_RECEIVE) as claim:
        offered = benefit_of(claim, known_at=at)
        stated = freeze(offered.understood(answers))["context"]
        move(
            claim,
            from_states=("submitted", "evidence pending"),
            state="submitted",
            answers={**claim.answers, **stated},
        )
    close_tasks_about(
        kind=EVIDENCE_PENDING, subject_id=claim.id, outcome="answers received", access=access, at=at
    )
    open_task(
        kind=TO_ASSESS,
        subject_kind="claim",
        subject_id=claim.id,
        role="claims-officer",
        details={"claim": claim.number, "benefit": claim.benefit},
        due_on=claim.due_on,
        at=at,
    )
    record(
        kind="claims.answers_added",
        access=access,
        subject_kind="person",
        subject_id=claim.person_id,
        details={"claim": str(claim.id), "answers": sorted(stated)},
    )


@transaction.atomic
def withdraw_claim(*, claim_id: UUID, access: Access, at: datetime) -> None:
    """Withdraw a claim that is not decided yet, at the claimant's wish; they may claim again.

    Raises NoSuchClaim, StepNotOpen.
    """
    with reading_claim(claim_id=claim_id, access=access, right=Right.CLAIM_RECEIVE) as claim:
        move(
            claim,
            from_states=("submitted", "evidence pending", "proposed"),
            state="withdrawn",
        )
    for kind in (TO_ASSESS, EVIDENCE_PENDING, TO_APPROVE):
        close_tasks_about(
            kind=kind, subject_id=claim.id, outcome="claim withdrawn", access=access, at=at
        )
    record(
        kind="claims.withdrawn",
        access=access,
        subject_kind="person",
        subject_id=claim.person_id,
        details={"claim": str(claim.id)},
    )


def _refuse_early(contingency_on: date, *, today: date) -> None:
    if contingency_on > today:
        raise ContingencyToCome(
            _(
                "%(day)s has not come yet, and what the right depends on may still change. Nothing "
                "was added. Claim again from that day on; nothing is lost by waiting."
            )
            % {"day": contingency_on}
        )


def _refuse_the_dead(person_id: UUID, contingency_on: date) -> None:
    """Refuse a right that would begin after death; what was due until then may be claimed still."""
    known = Vitals.objects.filter(person_id=person_id, superseded_at=None)
    died_on = known.values_list("death_date", flat=True).first()
    if died_on is not None and contingency_on > died_on:
        raise ClaimantDead(
            _(
                "The person died before the day that the right depends on. Survivors claim in "
                "their own names; what was due until the death is claimed with a day until then."
            )
        )


def _refuse_second(offered: Benefit, *, person_id: UUID, contingency_on: date) -> None:
    """Refuse what the person claims or holds already: of a benefit that repeats, for the same day.

    What was claimed or granted as single stays so, whatever a later pack says of the benefit.
    """
    open_claim = held_already(
        Claim.objects.filter(state__in=["submitted", "evidence pending", "proposed"]),
        offered,
        person_id=person_id,
        contingency_on=contingency_on,
    )
    if open_claim is not None:
        raise AlreadyClaimed(
            _(
                "The claim %(number)s for the same benefit is open. Nothing was added. "
                "Go on with that claim."
            )
            % {"number": open_claim.number}
        )
    award = held_already(
        Award.objects.exclude(state="terminated"),
        offered,
        person_id=person_id,
        contingency_on=contingency_on,
    )
    if award is not None:
        raise AlreadyClaimed(
            _(
                "The award %(number)s of the same benefit is in being. Nothing was added. "
                "Report a change to that award instead."
            )
            % {"number": award.number}
        )


def _confirm_receipt(claim: Claim, offered: Benefit, *, at: datetime) -> None:
    issue_notice(
        kind="claim received",
        recipient_id=claim.person_id,
        language=claim.language,
        subject_kind="claim",
        subject_id=claim.id,
        content=receipt(claim=claim, offered=offered),
        at=at,
    )
