"""Answers about claims and awards, to those who may read them."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import (
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Max,
    Min,
    Q,
    QuerySet,
)
from django.db.models.functions import TruncDate, TruncMonth
from django.utils.translation import gettext as _

from amparo.delivery.claims.models import Award, AwardComponent, Claim, ScheduledAmount
from amparo.delivery.claims.terms import HeldBack, held_back
from amparo.delivery.decisions.freezing import thaw
from amparo.delivery.decisions.models import Decision
from amparo.delivery.decisions.queries import DecisionRecord, explained, pack_of
from amparo.journal.reading import reading
from amparo.register.identities import records_of
from amparo.register.queries import summaries_of
from amparo.values import Access, Month, Page, Right

PAGE_SIZE: Final = 25


class NoSuchClaim(Exception):
    """There is no claim with this id."""


class NoSuchAward(Exception):
    """There is no award with this id."""


# A claim that the law still wants an answer to.
WAITING: Final = ("submitted", "evidence pending", "proposed")


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingClaims:
    """The claims for one benefit that wait for a decision.

    days: from submission to the law's day, as the pack said when each was submitted; the shortest
    and the longest where they differ.
    """

    scheme: str
    benefit: str
    count: int
    late: int
    oldest_on: date
    days: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthOfDecisions:
    """How many claims a month granted and refused, and how many it found undetermined."""

    month: Month
    granted: int
    refused: int
    undetermined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFigures:
    """What waits, what came in and was decided lately, and the decisions of each month."""

    waiting: tuple[WaitingClaims, ...]
    taken: int
    decided: int
    months: tuple[MonthOfDecisions, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSummary:
    """A claim as a line of a list."""

    id: UUID
    number: str
    scheme: str
    benefit: str
    person_id: UUID
    person_number: str
    person_name: str
    state: str
    contingency_on: date
    submitted_at: datetime
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledRecord:
    """An amount that a claim would pay over a period. ends_before: None while it goes on."""

    amount: Decimal
    currency: str
    starts_on: date
    ends_before: date | None
    decision_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRecord:
    """A claim with what was stated and decided.

    answers: what the claimant stated, by input name. eligibility, amount: the decisions in force
    for the claim with their explanations, None while there is none. schedule: what the proposal or
    the award pays, step by step. held_back: why the first step starts after the right.
    """

    summary: ClaimSummary
    answers: dict[str, Any]
    language: str
    channel: str
    submitted_by: UUID
    eligibility: DecisionRecord | None
    amount: DecisionRecord | None
    schedule: tuple[ScheduledRecord, ...]
    held_back: HeldBack | None
    proposed_by: UUID | None
    proposed_at: datetime | None
    approved_by: UUID | None
    approved_at: datetime | None
    award_id: UUID | None
    award_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentRecord:
    """A monthly amount over a period. ends_before: None while it goes on."""

    component: str
    sequence: int
    amount: Decimal
    currency: str
    starts_on: date
    ends_before: date | None
    decision_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardSummary:
    """An award as a line of a list.

    monthly: the sum of the components on the day asked for; on the first day where that lies ahead
    or no day was asked for.
    """

    id: UUID
    number: str
    scheme: str
    benefit: str
    person_id: UUID
    person_name: str
    payee_id: UUID
    payee_name: str
    state: str
    contingency_on: date
    starts_on: date
    ends_before: date | None
    monthly: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardRecord:
    """An award with its components and the decision that granted it.

    held_back: why the first amount starts after the right; None for an award taken on.
    """

    summary: AwardSummary
    claim_id: UUID | None
    claim_number: str
    granted_by: DecisionRecord
    components: tuple[ComponentRecord, ...]
    held_back: HeldBack | None


def claims_page(
    *,
    access: Access,
    state: str | None = None,
    is_waiting: bool = False,
    due_before: date | None = None,
    person_id: UUID | None = None,
    page: int = 1,
    page_size: int = PAGE_SIZE,
) -> Page[ClaimSummary]:
    """Return claims, the one due first on top. is_waiting: only those not decided yet."""
    with reading(
        access=access,
        right=Right.CLAIM_READ,
        subject_kind="person" if person_id else "",
        subject_id=person_id,
        details={"read": "claims"},
    ):
        found = Claim.objects.all()
        if state is not None:
            found = found.filter(state=state)
        if is_waiting:
            found = found.filter(state__in=WAITING)
        if due_before is not None:
            found = found.filter(due_on__lt=due_before)
        if person_id is not None:
            found = found.filter(person_id__in=records_of(person_id=person_id))
        rows = list(_cut(found.select_related("person"), page, page_size, "due_on", "number"))
        return Page(rows=_claim_summaries(rows), number=page, size=page_size, total=found.count())


def claim_figures(
    *, access: Access, on: date, lately: datetime, months: Sequence[Month], since: datetime
) -> ClaimFigures:
    """Count claims and decisions on them. No person is shown, so one reading covers all counts.

    lately: the instant from which what came in and what was decided is counted; since: the first
    instant of the first month.
    """
    with reading(access=access, right=Right.FIGURES_READ, details={"read": "claims counted"}):
        flow = Claim.objects.aggregate(
            taken=Count("id", filter=Q(submitted_at__gte=lately)),
            decided=Count("id", filter=Q(approved_at__gte=lately)),
        )
        return ClaimFigures(
            waiting=_waiting(on=on), months=_decided_in(months, since=since), **flow
        )


def _waiting(*, on: date) -> tuple[WaitingClaims, ...]:
    """Count the claims that wait, by benefit, those past the law's day first."""
    kept = ExpressionWrapper(F("due_on") - TruncDate("submitted_at"), output_field=DurationField())
    rows = (
        Claim.objects.filter(state__in=WAITING)
        .values("scheme", "benefit")
        .annotate(
            count=Count("id"),
            late=Count("id", filter=Q(due_on__lt=on)),
            oldest_on=TruncDate(Min("submitted_at")),
            shortest=Min(kept),
            longest=Max(kept),
        )
        .order_by("-late", "-count", "scheme", "benefit")
    )
    return tuple(
        WaitingClaims(
            scheme=row["scheme"],
            benefit=row["benefit"],
            count=row["count"],
            late=row["late"],
            oldest_on=row["oldest_on"],
            days=(row["shortest"].days, row["longest"].days),
        )
        for row in rows
    )


def _decided_in(months: Sequence[Month], *, since: datetime) -> tuple[MonthOfDecisions, ...]:
    """Count decisions by month; a claim found undetermined twice in a month counts once in it."""
    decided = (
        Claim.objects.filter(state__in=["granted", "refused"], approved_at__gte=since)
        .annotate(month=TruncMonth("approved_at"))
        .values_list("month", "state")
        .annotate(count=Count("id"))
    )
    undetermined = (
        Decision.objects.filter(
            kind="eligibility",
            subject_kind="claim",
            outcome="undetermined",
            decided_at__gte=since,
        )
        .annotate(month=TruncMonth("decided_at"))
        .values_list("month")
        .annotate(count=Count("subject_id", distinct=True))
    )
    counts = {(Month.of(month.date()), state): count for month, state, count in decided}
    counts |= {(Month.of(month.date()), "undetermined"): count for month, count in undetermined}
    return tuple(
        MonthOfDecisions(
            month=month,
            granted=counts.get((month, "granted"), 0),
            refused=counts.get((month, "refused"), 0),
            undetermined=counts.get((month, "undetermined"), 0),
        )
        for month in months
    )


def claim_record(*, claim_id: UUID, access: Access, language: str = "en") -> ClaimRecord:
    """Return one claim with its decisions explained in the asked language. Raises NoSuchClaim."""
    with _reading_about(claim_id, access=access, absent=NoSuchClaim):
        claim = Claim.objects.select_related("person", "eligibility", "amount").get(id=claim_id)
        award = Award.objects.filter(claim_id=claim_id).first()
        steps = _schedule_of(claim)
        return ClaimRecord(
            summary=_claim_summaries([claim])[0],
            answers={name: thaw(answer) for name, answer in sorted(claim.answers.items())},
            language=claim.language,
            channel=claim.channel,
            submitted_by=claim.submitted_by,
            eligibility=_explained(claim.eligibility, language),
            amount=_explained(claim.amount, language),
            schedule=steps,
            held_back=_held_back(claim, starts_on=steps[0].starts_on) if steps else None,
            proposed_by=claim.proposed_by,
            proposed_at=claim.proposed_at,
            approved_by=claim.approved_by,
            approved_at=claim.approved_at,
            award_id=award.id if award else None,
            award_number=award.number if award else "",
        )


def awards_of_person(
    *, person_id: UUID, access: Access, on: date | None = None
) -> tuple[AwardSummary, ...]:
    """Return a person's awards, those paid to others for them included, the latest first."""
    with reading(
        access=access,
        right=Right.CLAIM_READ,
        subject_kind="person",
        subject_id=person_id,
        details={"read": "awards"},
    ):
        found = Award.objects.filter(person_id__in=records_of(person_id=person_id))
        found = found.order_by("-starts_on", "number")
        return _award_summaries(list(found), on=on)


def awards_of_records(
    *, person_ids: Collection[UUID], access: Access, on: date
) -> tuple[tuple[UUID, AwardSummary], ...]:
    """Return the awards granted on records, each with the record it stands on, by number."""
    with reading(access=access, right=Right.CLAIM_READ, details={"read": "awards of records"}):
        found = list(Award.objects.filter(person_id__in=person_ids).order_by("number"))
        summaries = _award_summaries(found, on=on)
        return tuple(zip((award.person_id for award in found), summaries, strict=True))


def award_record(
    *, award_id: UUID, access: Access, language: str = "en", on: date | None = None
) -> AwardRecord:
    """Return one award with its components and granting decision. Raises NoSuchAward."""
    with _reading_about(award_id, access=access, absent=NoSuchAward):
        award = Award.objects.select_related(
            "claim__eligibility", "claim__amount", "granted_by"
        ).get(id=award_id)
        components = AwardComponent.objects.filter(award_id=award_id)
        return AwardRecord(
            summary=_award_summaries([award], on=on)[0],
            claim_id=award.claim_id,
            claim_number=award.claim.number if award.claim else "",
            granted_by=explained(award.granted_by, language=language),
            components=tuple(
                ComponentRecord(
                    component=row.component,
                    sequence=row.sequence,
                    amount=row.amount,
                    currency=row.currency,
                    starts_on=row.starts_on,
                    ends_before=row.ends_before,
                    decision_id=row.decision_id,
                )
                for row in components.order_by("component", "sequence")
            ),
            held_back=_held_back(award.claim, starts_on=award.starts_on) if award.claim else None,
        )


def claim_numbered(*, number: str, access: Access) -> UUID | None:
    """Return the claim that bears a number; None where none does."""
    with reading(access=access, right=Right.CLAIM_READ, details={"looked_for": "claim number"}):
        return Claim.objects.filter(number=number).values_list("id", flat=True).first()


def award_numbered(*, number: str, access: Access) -> UUID | None:
    """Return the award that bears a number; None where none does."""
    with reading(access=access, right=Right.CLAIM_READ, details={"looked_for": "award number"}):
        return Award.objects.filter(number=number).values_list("id", flat=True).first()


@contextmanager
def _reading_about(
    asked_id: UUID, *, access: Access, absent: type[NoSuchClaim | NoSuchAward]
) -> Iterator[None]:
    """Open the rows of the person whose claim or award it is; raise `absent` where it is not."""
    access.require(Right.CLAIM_READ)
    with connection.cursor() as cursor:
        cursor.execute("SELECT claims_person_of(%s)", [asked_id])
        person_id = cursor.fetchone()[0]
    if person_id is None:
        raise absent(_("There is nothing at this address. Look for it on the person's page."))
    with reading(
        access=access,
        right=Right.CLAIM_READ,
        subject_kind="person",
        subject_id=person_id,
        details={"read": str(asked_id)},
    ):
        yield


def _explained(decision: Decision | None, language: str) -> DecisionRecord | None:
    return explained(decision, language=language) if decision else None


def _schedule_of(claim: Claim) -> tuple[ScheduledRecord, ...]:
    """Return the steps of the eligibility in force; those of earlier assessments are history."""
    if claim.amount_id is None:
        return ()
    rows = ScheduledAmount.objects.filter(claim_id=claim.id, eligibility_id=claim.eligibility_id)
    return tuple(
        ScheduledRecord(
            amount=row.amount,
            currency=settings.CURRENCY,
            starts_on=row.starts_on,
            ends_before=row.ends_before,
            decision_id=row.decision_id,
        )
        for row in rows.order_by("sequence")
    )


def _held_back(claim: Claim, *, starts_on: date) -> HeldBack | None:
    """Tell from the decisions of a claim, and from the pack that made them, why it starts late."""
    made = [each for each in (claim.amount, claim.eligibility) if each is not None]
    process = pack_of(made[-1]).pack.manifest.process if made else None
    if process is None:
        return None
    values = (thaw(each.value) for each in made)
    return held_back(*values, claim=claim, starts_on=starts_on, process=process)


def _cut(found: QuerySet[Any], page: int, page_size: int, *order: str) -> QuerySet[Any]:
    return found.order_by(*order)[(page - 1) * page_size : page * page_size]


def _claim_summaries(claims: Iterable[Claim]) -> tuple[ClaimSummary, ...]:
    claims = list(claims)
    people = summaries_of(person_ids={claim.person_id for claim in claims})
    return tuple(
        ClaimSummary(
            id=claim.id,
            number=claim.number,
            scheme=claim.scheme,
            benefit=claim.benefit,
            person_id=people[claim.person_id].person_id,
            person_number=people[claim.person_id].number,
            person_name=people[claim.person_id].name,
            state=claim.state,
            contingency_on=claim.contingency_on,
            submitted_at=claim.submitted_at,
            due_on=claim.due_on,
        )
        for claim in claims
    )


def _award_summaries(awards: Iterable[Award], *, on: date | None) -> tuple[AwardSummary, ...]:
    awards = list(awards)
    people = summaries_of(
        person_ids={each for award in awards for each in (award.person_id, award.payee_id)}
    )
    starts = {award.id: award.starts_on for award in awards}
    monthly = dict.fromkeys(starts, Decimal("0.00"))
    for row in AwardComponent.objects.filter(award_id__in=starts):
        day = max(on or starts[row.award_id], starts[row.award_id])
        if row.starts_on <= day and (row.ends_before is None or row.ends_before > day):
            monthly[row.award_id] += row.amount
    return tuple(
        AwardSummary(
            id=award.id,
            number=award.number,
            scheme=award.scheme,
            benefit=award.benefit,
            person_id=people[award.person_id].person_id,
            person_name=people[award.person_id].name,
            payee_id=award.payee_id,
            payee_name=people[award.payee_id].name,
            state=award.state,
            contingency_on=award.contingency_on,
            starts_on=award.starts_on,
            ends_before=award.ends_before,
            monthly=monthly[award.id],
            currency=settings.CURRENCY,
        )
        for award in awards
    )
