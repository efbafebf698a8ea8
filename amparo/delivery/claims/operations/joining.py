"""What claims and awards make of two records that prove to be one person's.

Nothing is ended, joined or moved: each award goes on under the number it was granted on. Where the
two records hold what one person may hold once, a task asks an officer to decide.
"""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from amparo.delivery.claims.models import Award
from amparo.journal.operations import record
from amparo.journal.reading import reading
from amparo.office.operations import NewTask, open_tasks
from amparo.register.identities import records_of
from amparo.register.models import DuplicateReview, IdentityLink
from amparo.register.operations import merging
from amparo.register.operations.reviews import weigh_reviews
from amparo.values import Access, Right

# Two live awards of which one person may hold one.
HELD_TWICE: Final = "awards held twice"
# A merge, or its undoing, on whose records something is paid.
AWARDS_TOUCHED: Final = "awards of merged records"
_DECIDES: Final = "claims-officer"


@transaction.atomic
def approve_merge(*, proposal_id: UUID, access: Access, at: datetime) -> UUID:
    """Link two records, and ask for a decision on the awards that this touches; return the link.

    Raises what `register.operations.merging.approve_merge` raises.
    """
    link_id = merging.approve_merge(proposal_id=proposal_id, access=access, at=at)
    _ask_for_decisions(link_id, access=access, at=at)
    return link_id


@transaction.atomic
def approve_unmerge(*, proposal_id: UUID, access: Access, at: datetime) -> UUID:
    """Part two records, and ask for a look at the awards that this touches; return the link.

    Raises what `register.operations.merging.approve_unmerge` raises.
    """
    link_id = merging.approve_unmerge(proposal_id=proposal_id, access=access, at=at)
    _ask_for_decisions(link_id, access=access, at=at)
    return link_id


@transaction.atomic
def weigh_open_reviews(*, access: Access, at: datetime) -> int:
    """Put into each open pair what is paid a month on its two records; return how many changed.

    Three statements, whatever the number of pairs.
    """
    access.require_any(Right.DUPLICATE_REVIEW, Right.DUPLICATE_FIND)
    right = next(r for r in (Right.DUPLICATE_REVIEW, Right.DUPLICATE_FIND) if access.allows(r))
    with reading(access=access, right=right, details={"looked_for": "money at stake"}):
        with connection.cursor() as cursor:
            cursor.execute(_AT_STAKE, {"on": at.date()})
            stakes: dict[UUID, Decimal] = dict(cursor.fetchall())
        unpaid = DuplicateReview.objects.filter(state="open", money_at_stake__gt=0)
        for review_id in unpaid.exclude(pk__in=stakes).values_list("pk", flat=True):
            stakes[review_id] = Decimal(0)
        return weigh_reviews(stakes=stakes, access=access, at=at)


_AT_STAKE: Final = """
SELECT r.id, sum(c.amount)
FROM register_duplicatereview r
JOIN claims_award a ON a.person_id IN (r.first_id, r.second_id) AND a.state <> 'terminated'
JOIN claims_awardcomponent c ON c.award_id = a.id AND c.starts_on <= %(on)s
     AND (c.ends_before IS NULL OR c.ends_before > %(on)s)
WHERE r.state = 'open'
GROUP BY r.id
"""


def _ask_for_decisions(link_id: UUID, *, access: Access, at: datetime) -> None:
    """Open one task about the link where awards are touched, naming those of which one is due."""
    with reading(access=access, right=Right.MERGE_APPROVE, details={"link": str(link_id)}):
        link = IdentityLink.objects.get(pk=link_id)
        live = list(
            Award.objects.exclude(state="terminated")
            .filter(person_id__in={link.person_id, *records_of(person_id=link.survivor_id)})
            .order_by("number")
        )
    touched = [award for award in live if award.person_id == link.person_id]
    if not touched:
        return
    twice = _held_twice(live)
    open_tasks(
        tasks=[
            NewTask(
                kind=HELD_TWICE if twice and link.superseded_at is None else AWARDS_TOUCHED,
                subject_kind="person",
                subject_id=link.survivor_id,
                role=_DECIDES,
                details={"awards": ", ".join(award.number for award in (twice or touched))},
            )
        ],
        at=at,
    )
    record(
        kind="claims.awards_touched",
        access=access,
        subject_kind="person",
        subject_id=link.survivor_id,
        details={"link": str(link_id), "touched": len(touched), "held_twice": len(twice)},
    )


def _held_twice(awards: Collection[Award]) -> list[Award]:
    """Return the live awards of a benefit that one person holds once, where there are several."""
    by_benefit: dict[tuple[object, ...], list[Award]] = {}
    for award in awards:
        contingency = None if award.is_single else award.contingency_on
        by_benefit.setdefault((award.scheme, award.benefit, contingency), []).append(award)
    return [award for held in by_benefit.values() if len(held) > 1 for award in held]
