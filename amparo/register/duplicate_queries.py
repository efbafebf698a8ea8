"""What the register answers about records that may be one person's, and about those that were."""

from collections.abc import Collection, Iterable
from typing import Any, Final
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from amparo.journal.reading import reading
from amparo.register.differences import (
    Told,
    differences,
    differences_between,
    later_facts,
    told_of,
)
from amparo.register.duplicates import (
    Difference,
    EarlierReview,
    LaterFact,
    LinkRecord,
    ProposalRecord,
    ReviewRecord,
    ReviewSummary,
    SaidOfPair,
)
from amparo.register.identities import records_of_each
from amparo.register.models import (
    DuplicateReview,
    HouseholdMember,
    IdentityLink,
    MergeProposal,
)
from amparo.register.operations.merging import NoSuchProposal
from amparo.register.operations.reviews import NoSuchReview
from amparo.register.queries import records_as_they_stand
from amparo.values import Access, Page, Right

PAGE_SIZE: Final = 20


class NoSuchLink(Exception):
    """There is no merge with this id."""


# How the queue may be put in order. Ties end with the id, so that pages never overlap.
ORDERS: Final = {
    "risk": (F("priority").desc(), F("score").desc(nulls_last=True), "id"),
    "score": (F("score").desc(nulls_first=True), "id"),
    "oldest": ("opened_at", "id"),
    "newest": ("-opened_at", "id"),
}


def reviews_page(
    *,
    access: Access,
    state: str = "open",
    source: str = "",
    order: str = "risk",
    page: int = 1,
    page_size: int = PAGE_SIZE,
) -> Page[ReviewSummary]:
    """Return pairs by state and by who found them; empty means all. The greatest risk comes first.

    order: one of ORDERS. Risk is the probability that the two are one, times the money at stake.
    """
    with reading(
        access=access, right=Right.DUPLICATE_READ, details={"looked_for": "pairs", "state": state}
    ):
        found = DuplicateReview.objects.all()
        if state:
            found = found.filter(state=state)
        if source:
            found = found.filter(source=source)
        rows = found.order_by(*ORDERS[order])[(page - 1) * page_size : page * page_size]
        return Page(rows=_review_summaries(rows), number=page, size=page_size, total=found.count())


def review_record(*, review_id: UUID, access: Access) -> ReviewRecord:
    """Return one review with what was decided of the pair before. Raises NoSuchReview."""
    with reading(
        access=access,
        right=Right.DUPLICATE_READ,
        subject_kind="duplicate-review",
        subject_id=review_id,
    ):
        row = DuplicateReview.objects.filter(pk=review_id).first()
        if row is None:
            raise NoSuchReview(_("There is no such pair. Look at the queue again."))
        others = DuplicateReview.objects.filter(first_id=row.first_id, second_id=row.second_id)
        told = told_of(row.first_id, row.second_id)
        return ReviewRecord(
            summary=_review_summaries([row])[0],
            said=_said(told, first_id=row.first_id, second_id=row.second_id),
            differing=differences_between(told, merged_id=row.second_id, survivor_id=row.first_id),
            evidence=row.evidence,
            model_hash=row.model_hash,
            opened_by=row.opened_by,
            decided_at=row.decided_at,
            decided_by=row.decided_by,
            reason=row.reason,
            earlier=tuple(
                EarlierReview(
                    review_id=one.id,
                    state=one.state,
                    source=one.source,
                    opened_at=one.opened_at,
                    decided_at=one.decided_at,
                    decided_by=one.decided_by,
                    reason=one.reason,
                )
                for one in others.exclude(pk=review_id).order_by("-opened_at", "id")
            ),
        )


def reviews_of_person(*, person_id: UUID, access: Access) -> tuple[ReviewSummary, ...]:
    """Return the open pairs that a record belongs to, the greatest risk first."""
    with reading(
        access=access, right=Right.DUPLICATE_READ, subject_kind="person", subject_id=person_id
    ):
        either = Q(first_id=person_id) | Q(second_id=person_id)
        found = DuplicateReview.objects.filter(either, state="open")
        return _review_summaries(found.order_by(*ORDERS["risk"]))


def differences_of(*, merged_id: UUID, survivor_id: UUID, access: Access) -> tuple[Difference, ...]:
    """Return where two records cannot both be right: a merge wants a choice for each."""
    with reading(access=access, right=Right.DUPLICATE_READ, details={"compared": "records"}):
        return differences(merged_id=merged_id, survivor_id=survivor_id)


def proposals_page(
    *, access: Access, state: str = "open", page: int = 1, page_size: int = PAGE_SIZE
) -> Page[ProposalRecord]:
    """Return proposals to merge or to undo, the oldest first; an empty state means all."""
    with reading(access=access, right=Right.DUPLICATE_READ, details={"looked_for": "proposals"}):
        found = MergeProposal.objects.all()
        if state:
            found = found.filter(state=state)
        order = ("proposed_at", "id") if state == "open" else ("-proposed_at", "id")
        rows = found.order_by(*order)[(page - 1) * page_size : page * page_size]
        return Page(rows=_proposals(rows), number=page, size=page_size, total=found.count())


def proposal_record(*, proposal_id: UUID, access: Access) -> ProposalRecord:
    """Return one proposal. Raises NoSuchProposal."""
    with reading(
        access=access,
        right=Right.DUPLICATE_READ,
        subject_kind="merge-proposal",
        subject_id=proposal_id,
    ):
        found = _proposals(MergeProposal.objects.filter(pk=proposal_id))
    if not found:
        raise NoSuchProposal(_("There is no such proposal. Look at the list again."))
    return found[0]


def proposals_of_review(*, review_id: UUID, access: Access) -> tuple[ProposalRecord, ...]:
    """Return what was proposed on a pair, the latest first."""
    with reading(access=access, right=Right.DUPLICATE_READ, details={"review": str(review_id)}):
        found = MergeProposal.objects.filter(review_id=review_id)
        return _proposals(found.order_by("-proposed_at", "id"))


def links_page(
    *, access: Access, person_id: UUID | None = None, page: int = 1, page_size: int = PAGE_SIZE
) -> Page[LinkRecord]:
    """Return merges, the latest first, those undone too; of one person's records where asked."""
    with reading(
        access=access,
        right=Right.DUPLICATE_READ,
        subject_kind="person" if person_id else "",
        subject_id=person_id,
        details={"looked_for": "merges"},
    ):
        found = IdentityLink.objects.all()
        if person_id is not None:
            records = records_of_each(person_ids=[person_id])[person_id]
            found = found.filter(Q(person_id__in=records) | Q(survivor_id__in=records))
        rows = found.order_by("-recorded_at", "id")[(page - 1) * page_size : page * page_size]
        return Page(rows=_links(rows), number=page, size=page_size, total=found.count())


def link_record(*, link_id: UUID, access: Access) -> LinkRecord:
    """Return one merge. Raises NoSuchLink."""
    with reading(access=access, right=Right.DUPLICATE_READ, details={"link": str(link_id)}):
        found = _links(IdentityLink.objects.filter(pk=link_id))
    if not found:
        raise NoSuchLink(_("There is no such merge. Look at the list again."))
    return found[0]


def later_facts_of(*, link_id: UUID, access: Access) -> tuple[LaterFact, ...]:
    """Return what was written on the surviving record since a merge, the latest first."""
    with reading(access=access, right=Right.DUPLICATE_READ, details={"link": str(link_id)}):
        link = IdentityLink.objects.filter(pk=link_id).first()
        return () if link is None else later_facts(link)


# --- what two records say -----------------------------------------------------------------------

# In this order; further fields of a fact only say how it is written.
_COMPARED: Final = (
    ("name", "given_names"),
    ("name", "family_name"),
    ("vitals", "sex"),
    ("vitals", "birth_date"),
    ("vitals", "death_date"),
    ("identifier", "value"),
    ("residence", "district"),
    ("residence", "address"),
    ("contact", "value"),
    ("nationality", "country"),
    ("payment-account", "account_number"),
    ("household", "household_id"),
    ("kinship", "relative_id"),
)


def _said(told: Collection[Told], *, first_id: UUID, second_id: UUID) -> tuple[SaidOfPair, ...]:
    """Return what the two say, relatives by their names, households by who lives in them."""
    named = _named(told)
    said = []
    for kind, column in _COMPARED:
        sides: dict[UUID, set[str]] = {first_id: set(), second_id: set()}
        for one in told:
            if one.kind.name == kind and (value := one.values.get(column)):
                sides[one.person_id].add(named.get((column, str(value)), str(value)))
        said.append(
            SaidOfPair(
                kind=kind,
                field=column,
                first=tuple(sorted(sides[first_id])),
                second=tuple(sorted(sides[second_id])),
            )
        )
    return tuple(said)


def _named(told: Collection[Told]) -> dict[tuple[str, str], str]:
    """Return what stands for the ids of relatives and households."""
    relatives = {UUID(o.values["relative_id"]) for o in told if o.kind.name == "kinship"}
    households = {UUID(o.values["household_id"]) for o in told if o.kind.name == "household"}
    members = list(
        HouseholdMember.objects.filter(household_id__in=households, superseded_at=None)
        .select_related("household")
        .order_by("starts_on", "id")
    )
    people = records_as_they_stand(person_ids=relatives | {member.person_id for member in members})
    named = {
        ("relative_id", str(one)): f"{people[one].name} ({people[one].number})" for one in relatives
    }
    for household_id in households:
        living = [one for one in members if one.household_id == household_id]
        names = ", ".join(dict.fromkeys(people[one.person_id].name for one in living))
        number = living[0].household.number if living else ""
        named["household_id", str(household_id)] = f"{number}: {names}"
    return named


# --- rows into plain values ---------------------------------------------------------------------


def _review_summaries(
    rows: QuerySet[DuplicateReview] | Collection[DuplicateReview],
) -> tuple[ReviewSummary, ...]:
    reviews = list(rows)
    sides = {side for one in reviews for side in (one.first_id, one.second_id)}
    people = records_as_they_stand(person_ids=sides)
    records = records_of_each(person_ids=sides)
    return tuple(
        ReviewSummary(
            review_id=one.id,
            first=people[one.first_id],
            second=people[one.second_id],
            score=one.score,
            source=one.source,
            money_at_stake=one.money_at_stake,
            priority=one.priority,
            opened_at=one.opened_at,
            state=one.state,
            are_linked=records[one.first_id][0] == records[one.second_id][0],
        )
        for one in reviews
    )


def _proposals(rows: QuerySet[Any]) -> tuple[ProposalRecord, ...]:
    proposals: list[MergeProposal] = list(rows)
    sides = {side for one in proposals for side in (one.merged_id, one.survivor_id)}
    people = records_as_they_stand(person_ids=sides)
    return tuple(
        ProposalRecord(
            proposal_id=one.id,
            kind=one.kind,
            review_id=one.review_id,
            undoes=one.undoes_id,
            merged=people[one.merged_id],
            survivor=people[one.survivor_id],
            choices=one.choices,
            evidence=one.evidence,
            reference=one.reference,
            reason=one.reason,
            proposed_at=one.proposed_at,
            proposed_by=one.proposed_by,
            state=one.state,
            decided_at=one.decided_at,
            decided_by=one.decided_by,
            decided_reason=one.decided_reason,
        )
        for one in proposals
    )


def _links(rows: Iterable[IdentityLink]) -> tuple[LinkRecord, ...]:
    links = list(rows)
    sides = {side for one in links for side in (one.person_id, one.survivor_id)}
    people = records_as_they_stand(person_ids=sides)
    approvals = MergeProposal.objects.in_bulk([one.approval_id for one in links])
    undone = {
        proposal.undoes_id: proposal
        for proposal in MergeProposal.objects.filter(undoes__in=links, state="approved")
    }
    return tuple(
        LinkRecord(
            link_id=one.id,
            review_id=approvals[one.approval_id].review_id,
            merged=people[one.person_id],
            survivor=people[one.survivor_id],
            proposed_by=approvals[one.approval_id].proposed_by,
            reason=approvals[one.approval_id].reason,
            recorded_at=one.recorded_at,
            recorded_by=one.recorded_by,
            undone_at=one.superseded_at,
            undone_by=undone[one.id].decided_by if one.id in undone else None,
        )
        for one in links
    )
