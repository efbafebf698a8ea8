"""Two records that prove to be one person's: linked by two people, and parted again by two.

A merge adds a link and moves nothing: both records stay with their facts, numbers and identifiers,
and whoever reads follows the link (`amparo.register.identities`). Where the two cannot both be
right, a steward says whose word holds; where that is the merged record's, it is stated on the
surviving one as a correction, with the merge as its source.

Undoing it supersedes the link, takes those corrections back, and brings back what the surviving
record said before. What was written since then is somebody's: for each such fact a steward says
whose, and it goes there.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from amparo.journal.operations import record
from amparo.journal.reading import reading
from amparo.register import facts
from amparo.register.differences import (
    Stated,
    differences,
    facts_since,
    known_before,
    learnt_since,
    owned,
    stated_by_merge,
    touched_by_merge_alone,
)
from amparo.register.duplicates import SIDES
from amparo.register.identities import records_of
from amparo.register.models import (
    DuplicateReview,
    Fact,
    IdentityLink,
    Kinship,
    MergeProposal,
)
from amparo.register.operations._common import (
    UnableToGround,
    explained,
    ground,
    life_events,
    lock_person,
)
from amparo.register.operations.own import refuse_own
from amparo.register.records import EVIDENCE, UNKNOWN_START, Grounds, Origin
from amparo.values import Access, Right


class UnableToMerge(Exception):
    """The two records cannot be merged as things stand."""


class UnableToUndo(Exception):
    """The merge cannot be undone as things stand."""


class NoSuchProposal(Exception):
    """There is no proposal with this id."""


class ProposalClosed(Exception):
    """Somebody decided the proposal before."""


class MakerIsNotChecker(Exception):
    """The person who proposed would decide."""


class ChangedSinceProposed(Exception):
    """Facts became known after the proposal: what was chosen then may be wrong now."""


@transaction.atomic
def propose_merge(
    *,
    review_id: UUID,
    survivor_id: UUID,
    choices: Mapping[str, str],
    grounds: Grounds,
    access: Access,
    at: datetime,
) -> UUID:
    """Propose that the two records of a review decided *same* are one person's; return the id.

    survivor_id: the record that everybody is led to. choices: for each kind of fact on which the
    two differ, "survivor" or "merged". Raises UnableToMerge, UnableToGround.
    """
    access.require(Right.MERGE_PROPOSE)
    _check_grounds(grounds)
    with reading(access=access, right=Right.MERGE_PROPOSE, details={"review": str(review_id)}):
        review = DuplicateReview.objects.select_for_update().filter(pk=review_id).first()
        if review is None or review.state != "same":
            raise UnableToMerge(
                _("Only a pair that was decided to be the same person is merged. Decide it first.")
            )
        pair = {review.first_id, review.second_id}
        if survivor_id not in pair:
            raise UnableToMerge(_("The surviving record is one of the two. Choose again."))
        (merged_id,) = pair - {survivor_id}
        _lock(merged_id, survivor_id)
        _check_mergeable(access, merged_id=merged_id, survivor_id=survivor_id)
        _check_choices(choices, merged_id=merged_id, survivor_id=survivor_id)
        proposal = MergeProposal(
            kind="merge",
            merged_id=merged_id,
            survivor_id=survivor_id,
            review_id=review_id,
            choices=dict(choices),
            evidence=grounds.evidence,
            reference=grounds.reference.strip(),
            reason=grounds.reason.strip(),
            proposed_at=at,
            proposed_by=access.actor_id,
        )
        waiting = UnableToMerge(
            _("A proposal about this record waits already. Let somebody decide that one first.")
        )
        with explained({"one_open_proposal_a_record": waiting}):
            proposal.save(force_insert=True)
    _journal("register.merge_proposed", access, proposal)
    return proposal.id


@transaction.atomic
def approve_merge(*, proposal_id: UUID, access: Access, at: datetime) -> UUID:
    """Link the two records as proposed by somebody else; return the link's id.

    Raises NoSuchProposal, ProposalClosed, MakerIsNotChecker, ChangedSinceProposed, UnableToMerge.
    """
    access.require(Right.MERGE_APPROVE)
    with reading(access=access, right=Right.MERGE_APPROVE, details={"proposal": str(proposal_id)}):
        proposal = _open_proposal(proposal_id, kind="merge")
        _check_checker(proposal, access)
        merged_id, survivor_id = proposal.merged_id, proposal.survivor_id
        _lock(merged_id, survivor_id)
        _check_mergeable(access, merged_id=merged_id, survivor_id=survivor_id)
        _refuse_stale(proposal)
        _check_choices(proposal.choices, merged_id=merged_id, survivor_id=survivor_id)
        _close(proposal, state="approved", reason="", access=access, at=at)
        link = IdentityLink(
            person_id=merged_id,
            survivor_id=survivor_id,
            approval=proposal,
            starts_on=UNKNOWN_START,
            recorded_at=at,
            recorded_by=access.actor_id,
        )
        with explained(_GUARDED):
            link.save(force_insert=True)
        with _possible(UnableToMerge):
            _state_choices(proposal, access=access, at=at)
        _publish("merge", link, at=at)
    _journal("register.merged", access, proposal, link=link.id)
    return link.id


@transaction.atomic
def refuse_proposal(*, proposal_id: UUID, reason: str, access: Access, at: datetime) -> None:
    """Send a proposal back, to merge or to undo: nothing changes but that it is closed.

    Raises NoSuchProposal, ProposalClosed, UnableToMerge without a reason.
    """
    access.require(Right.MERGE_APPROVE)
    if not reason.strip():
        raise UnableToMerge(_("Say why the proposal is refused: who made it must know."))
    with reading(access=access, right=Right.MERGE_APPROVE, details={"proposal": str(proposal_id)}):
        proposal = _open_proposal(proposal_id)
        _close(proposal, state="refused", reason=reason.strip(), access=access, at=at)
    _journal("register.proposal_refused", access, proposal)


@transaction.atomic
def propose_unmerge(
    *,
    link_id: UUID,
    choices: Mapping[str, str],
    grounds: Grounds,
    access: Access,
    at: datetime,
) -> UUID:
    """Propose that two records linked before are two people's after all; return the id.

    choices: for each fact written on the surviving record since, by its id, "survivor" or
    "merged": whose it is. Raises UnableToUndo, UnableToGround.
    """
    access.require(Right.MERGE_PROPOSE)
    _check_grounds(grounds)
    with reading(access=access, right=Right.MERGE_PROPOSE, details={"link": str(link_id)}):
        link = _live_link(link_id)
        _lock(link.person_id, link.survivor_id)
        _check_undoable(access, link)
        _check_assigned(choices, link)
        proposal = MergeProposal(
            kind="unmerge",
            merged_id=link.person_id,
            survivor_id=link.survivor_id,
            review_id=link.approval.review_id,
            undoes=link,
            choices=dict(choices),
            evidence=grounds.evidence,
            reference=grounds.reference.strip(),
            reason=grounds.reason.strip(),
            proposed_at=at,
            proposed_by=access.actor_id,
        )
        waiting = UnableToUndo(
            _("A proposal about this record waits already. Let somebody decide that one first.")
        )
        with explained({"one_open_proposal_a_record": waiting}):
            proposal.save(force_insert=True)
    _journal("register.unmerge_proposed", access, proposal)
    return proposal.id


@transaction.atomic
def approve_unmerge(*, proposal_id: UUID, access: Access, at: datetime) -> UUID:
    """Part the two records as proposed by somebody else; return the link that is no longer known.

    Raises NoSuchProposal, ProposalClosed, MakerIsNotChecker, ChangedSinceProposed, UnableToUndo.
    """
    access.require(Right.MERGE_APPROVE)
    with reading(access=access, right=Right.MERGE_APPROVE, details={"proposal": str(proposal_id)}):
        proposal = _open_proposal(proposal_id, kind="unmerge")
        _check_checker(proposal, access)
        link = _live_link(proposal.undoes_id)
        _lock(link.person_id, link.survivor_id)
        _check_undoable(access, link)
        _refuse_stale(proposal)
        _check_assigned(proposal.choices, link)
        _close(proposal, state="approved", reason="", access=access, at=at)
        with _possible(UnableToUndo):
            _take_back(link, proposal, access=access, at=at)
        IdentityLink.objects.filter(pk=link.id, superseded_at=None).update(superseded_at=at)
        _publish("unmerge", link, at=at)
    _journal("register.unmerged", access, proposal, link=link.id)
    return link.id


# --- what must hold -----------------------------------------------------------------------------


_GUARDED: Mapping[str, Exception] = {
    "one_survivor_at_a_time": UnableToMerge(
        _("One of the two was merged into a third meanwhile. Look at the pair again.")
    ),
    "no_circle_of_identities": UnableToMerge(
        _("The two are linked already, the other way round. Look at the pair again.")
    ),
    "relatives_are_two": UnableToMerge(
        _("A family tie between the two is recorded: relatives are two people. Correct it first.")
    ),
}


def _check_grounds(grounds: Grounds) -> None:
    if not grounds.reason.strip() or grounds.evidence not in EVIDENCE:
        raise UnableToGround(
            _("Say on which evidence you write this, and why: whoever reads the history needs it.")
        )


def _lock(*person_ids: UUID) -> None:
    """Lock both anchors, in one order for everybody, so that two stewards never wait in a ring."""
    for person_id in sorted(person_ids):
        lock_person(person_id, may_be_merged=True)


def _check_mergeable(access: Access, *, merged_id: UUID, survivor_id: UUID) -> None:
    merged, survivor = records_of(person_id=merged_id), records_of(person_id=survivor_id)
    refuse_own(access=access, person_ids=(*merged, *survivor))
    if merged[0] == survivor[0]:
        raise UnableToMerge(_("The two are known to be one person already."))
    if merged[0] != merged_id or survivor[0] != survivor_id:
        raise UnableToMerge(
            _(
                "One of the two was merged into a third record. Review that record and the other "
                "one as a pair."
            )
        )
    ties = Kinship.objects.filter(superseded_at=None)
    if (
        ties.filter(person_id__in=merged, relative_id__in=survivor).exists()
        or ties.filter(person_id__in=survivor, relative_id__in=merged).exists()
    ):
        raise UnableToMerge(str(_GUARDED["relatives_are_two"]))


def _check_choices(choices: Mapping[str, str], *, merged_id: UUID, survivor_id: UUID) -> None:
    """Want a choice for each kind of fact on which the two differ, and for no other."""
    differing = {one.kind for one in differences(merged_id=merged_id, survivor_id=survivor_id)}
    if set(choices) != differing or not set(choices.values()) <= set(SIDES):
        raise UnableToMerge(
            _("For each kind of fact on which the two differ, say whose word holds.")
        )


def _check_undoable(access: Access, link: IdentityLink) -> None:
    refuse_own(access=access, person_ids=(link.person_id, link.survivor_id))
    if IdentityLink.objects.filter(person_id=link.survivor_id, superseded_at=None).exists():
        raise UnableToUndo(
            _("The surviving record was itself merged into another since. Undo that merge first.")
        )


def _check_assigned(choices: Mapping[str, str], link: IdentityLink) -> None:
    """Want an owner for each fact written since, and for no other."""
    later = {str(one.row.pk) for one in facts_since(link)}
    if set(choices) != later or not set(choices.values()) <= set(SIDES):
        raise UnableToUndo(_("For each fact written since the merge, say whose it is."))


def _open_proposal(proposal_id: UUID, *, kind: str = "") -> MergeProposal:
    proposal = MergeProposal.objects.select_for_update().filter(pk=proposal_id).first()
    if proposal is None or (kind and proposal.kind != kind):
        raise NoSuchProposal(_("There is no such proposal. Look at the list again."))
    if proposal.state != "open":
        raise ProposalClosed(_("Somebody decided on this proposal before. Read what they wrote."))
    return proposal


def _check_checker(proposal: MergeProposal, access: Access) -> None:
    if proposal.proposed_by == access.actor_id:
        raise MakerIsNotChecker(
            _("You proposed this yourself. Somebody else approves it, or refuses it.")
        )


def _refuse_stale(proposal: MergeProposal) -> None:
    for person_id in (proposal.merged_id, proposal.survivor_id):
        if learnt_since(person_id=person_id, since=proposal.proposed_at):
            raise ChangedSinceProposed(
                _(
                    "Facts of one of the two changed after this was proposed. Refuse it, and let "
                    "it be proposed again on what is known now."
                )
            )


def _live_link(link_id: UUID | None) -> IdentityLink:
    live = IdentityLink.objects.select_for_update(of=("self",)).filter(superseded_at=None)
    link = live.select_related("approval").filter(pk=link_id).first() if link_id else None
    if link is None:
        raise UnableToUndo(_("These two are not linked, or no longer. Look at the pair again."))
    return link


def _close(
    proposal: MergeProposal, *, state: str, reason: str, access: Access, at: datetime
) -> None:
    proposal.state, proposal.decided_reason = state, reason
    proposal.decided_at, proposal.decided_by = at, access.actor_id
    proposal.save(update_fields=["state", "decided_reason", "decided_at", "decided_by"])


# --- what is written ----------------------------------------------------------------------------


def _state_choices(proposal: MergeProposal, *, access: Access, at: datetime) -> None:
    """State on the surviving record what the merged one says, where its word holds."""
    origin = Origin(source="officer", source_id=proposal.id, recorded_by=access.actor_id, at=at)
    grounds = Grounds(
        evidence=proposal.evidence, reference=proposal.reference, reason=proposal.reason
    )
    chosen = {kind for kind, side in proposal.choices.items() if side == "merged"}
    for stated in owned(person_id=proposal.merged_id, kinds_of=chosen):
        fact_id = _state(stated, person_id=proposal.survivor_id, origin=origin)
        ground(
            person_id=proposal.survivor_id, fact_id=fact_id, grounds=grounds, access=access, at=at
        )


def _take_back(
    link: IdentityLink, proposal: MergeProposal, *, access: Access, at: datetime
) -> None:
    """Undo what the merge stated, and hand each later fact to whom it belongs."""
    actor = access.actor_id
    theirs = [one for one in facts_since(link) if proposal.choices[str(one.row.pk)] == "merged"]
    for stated in stated_by_merge(link):
        if QuerySet(stated.kind.model).filter(pk=stated.row.pk, superseded_at=None).exists():
            _withdraw(stated, link, actor=actor, at=at)
    for stated in theirs:
        _withdraw(stated, link, actor=actor, at=at)
        row = stated.row
        origin = Origin(
            source=row.source,
            source_id=row.source_id,
            recorded_by=actor,
            at=at,
            confidence=row.confidence,
        )
        _state(stated, person_id=link.person_id, origin=origin)


def _state(stated: Stated, *, person_id: UUID, origin: Origin) -> UUID:
    """State what a fact of one record says on another record of the person."""
    of, values = stated.on(person_id)
    return facts.state(
        model=stated.kind.model,
        of=of,
        values=values,
        starts_on=stated.row.starts_on,
        ends_before=stated.row.ends_before,
        origin=origin,
    )


def _withdraw(stated: Stated, link: IdentityLink, *, actor: UUID, at: datetime) -> None:
    """Stop knowing a fact of the survivor; of its days, what was known before is known again.

    Where the merge alone had changed the history, it is then period for period what it was.
    """
    model, row, survivor = stated.kind.model, stated.row, {stated.kind.column: link.survivor_id}
    if stated.kind.column != "person_id":
        facts.supersede(model=model, of=survivor, fact_ids=[row.pk], at=at)
        return
    history, before = stated.history(), known_before(stated.history(), link)
    if touched_by_merge_alone(history, link):
        since = history.filter(superseded_at=None, recorded_at__gte=link.recorded_at)
        gone = [one.pk for one in since]
        facts.supersede(model=model, of=survivor, fact_ids=gone, at=at)
        again = [(one, one.starts_on, one.ends_before) for one in before if one.superseded_at]
    else:
        facts.supersede(model=model, of=survivor, fact_ids=[row.pk], at=at)
        again = [
            (one, max(one.starts_on, row.starts_on), _earlier(one.ends_before, row.ends_before))
            for one in before
            if one.superseded_at
        ]
    for one, starts_on, ends_before in again:
        if ends_before is None or starts_on < ends_before:
            _say_again(one, starts_on, ends_before, actor=actor, at=at)


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)


def _say_again(
    before: Fact, starts_on: date, ends_before: date | None, *, actor: UUID, at: datetime
) -> None:
    """Repeat what was known: its source stays, the writer is the new one."""
    type(before)(
        **facts.stated_values(before),
        starts_on=starts_on,
        ends_before=ends_before,
        recorded_at=at,
        source=before.source,
        source_id=before.source_id,
        recorded_by=actor,
        confidence=before.confidence,
    ).save(force_insert=True)


# --- what is said of it -------------------------------------------------------------------------


def _publish(kind: str, link: IdentityLink, *, at: datetime) -> None:
    """Tell the rooms that decide and pay, on either record."""
    life_events(
        kind=kind,
        on_date=localdate(at),
        facts=[(link.person_id, None, link.id), (link.survivor_id, None, link.id)],
        at=at,
    )


def _journal(kind: str, access: Access, proposal: MergeProposal, link: UUID | None = None) -> None:
    details = {"proposal": str(proposal.id), "merged": str(proposal.merged_id)}
    if link is not None:
        details["link"] = str(link)
    record(
        kind=kind,
        access=access,
        subject_kind="person",
        subject_id=proposal.survivor_id,
        details=details,
    )


@contextmanager
def _possible(refusal: type[Exception]) -> Iterator[None]:
    """Turn what no life can hold, by the database's word, into a refusal that says what to do."""
    try:
        yield
    except IntegrityError as error:
        raise refusal(
            _(
                "The facts of the two records contradict each other in a way that no life can. "
                "Correct the wrong one on its record first."
            )
        ) from error
