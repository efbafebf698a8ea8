"""Pairs of persons who may be one: found, shown, and decided by a steward.

Nothing here links two records: a decision says what somebody saw. What was found *different* is
remembered, and the pair is not found again until one of the two has a new fact that could change
the answer: a name, sex, birth or death, an identifier.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from amparo.journal.operations import record
from amparo.journal.reading import reading
from amparo.register.duplicates import REVIEW_DECISIONS, REVIEW_SOURCES, LikelyPair
from amparo.register.models import DuplicateReview
from amparo.register.operations.own import refuse_own
from amparo.values import Access, Right

# Whoever brings people in may find that somebody is there already; so may the nightly sweep.
FINDERS: Final = (
    Right.DUPLICATE_REVIEW,
    Right.DUPLICATE_FIND,
    Right.PERSON_REGISTER,
    Right.REGISTER_IMPORT,
)


class NotAPair(Exception):
    """These two cannot be reviewed as a pair."""


class NoSuchReview(Exception):
    """There is no review with this id."""


class AlreadyDecided(Exception):
    """Somebody decided the review before."""


class UnableToDecide(Exception):
    """The decision on a pair lacks what it needs."""


# All pairs in one statement, whatever their number. Left out: who is known to be one person, who is
# in the queue already, and who was decided on with nothing new since that a decision rests on.
_OPEN: Final = """
WITH found AS (
    SELECT DISTINCT ON (first_id, second_id) first_id, second_id, score, evidence
    FROM unnest(%(firsts)s::uuid[], %(seconds)s::uuid[], %(scores)s::numeric[],
                %(evidence)s::jsonb[]) AS given (first_id, second_id, score, evidence)
    ORDER BY first_id, second_id, score DESC NULLS LAST
), decided AS (
    SELECT DISTINCT ON (r.first_id, r.second_id) r.first_id, r.second_id, r.decided_at
    FROM found f JOIN register_duplicatereview r USING (first_id, second_id)
    WHERE r.state <> 'open'
    ORDER BY r.first_id, r.second_id, r.decided_at DESC
), pending AS (
    SELECT f.*, d.decided_at FROM found f LEFT JOIN decided d USING (first_id, second_id)
    WHERE NOT EXISTS (SELECT FROM register_identitylink l
                      WHERE l.person_id IN (f.first_id, f.second_id) AND l.superseded_at IS NULL)
)
INSERT INTO register_duplicatereview (
    id, first_id, second_id, score, source, evidence, model_hash, money_at_stake, opened_at,
    opened_by, state, reason)
SELECT gen_random_uuid(), p.first_id, p.second_id, p.score, %(source)s, p.evidence, %(model)s, 0,
       %(at)s, %(by)s, 'open', ''
FROM pending p
WHERE %(insists)s OR p.decided_at IS NULL OR EXISTS (
    SELECT FROM register_personname n WHERE n.person_id IN (p.first_id, p.second_id)
      AND n.recorded_at > p.decided_at
    UNION ALL
    SELECT FROM register_vitals v WHERE v.person_id IN (p.first_id, p.second_id)
      AND v.recorded_at > p.decided_at
    UNION ALL
    SELECT FROM register_identifier i WHERE i.person_id IN (p.first_id, p.second_id)
      AND greatest(i.recorded_at, i.superseded_at) > p.decided_at)
ON CONFLICT (first_id, second_id) WHERE state = 'open' DO NOTHING
"""


@transaction.atomic
def open_duplicate_review(
    *,
    pair: tuple[UUID, UUID],
    score: Decimal | None,
    evidence: Mapping[str, Any],
    model_hash: str,
    source: str,
    access: Access,
    at: datetime,
) -> bool:
    """Put a pair into the queue; say whether it went there.

    It does not where the two are known to be one person, where the pair waits already, and where
    it was decided on and nothing was learnt since. source: "online", "sweep" or "officer"; what an
    officer sees is always looked at again. Raises NotAPair.
    """
    found = LikelyPair(pair=pair, score=score, evidence=evidence, model_hash=model_hash)
    return (
        open_duplicate_reviews(
            pairs=[found], model_hash=model_hash, source=source, access=access, at=at
        )
        == 1
    )


@transaction.atomic
def open_duplicate_reviews(
    *,
    pairs: Sequence[LikelyPair],
    model_hash: str,
    source: str,
    access: Access,
    at: datetime,
) -> int:
    """Put pairs into the queue in one statement; return how many went there. See above."""
    access.require_any(*FINDERS)
    if source not in REVIEW_SOURCES:
        raise NotAPair(_("A pair is found online, by the sweep or by an officer. Say which."))
    if any(first == second for first, second in (one.pair for one in pairs)):
        raise NotAPair(_("One record is no pair. Name two different people."))
    ordered = [sorted(one.pair) for one in pairs]
    values = {
        "firsts": [first for first, _second in ordered],
        "seconds": [second for _first, second in ordered],
        "scores": [one.score for one in pairs],
        "evidence": [Jsonb(dict(one.evidence)) for one in pairs],
        "source": source,
        "model": model_hash,
        "at": at,
        "by": access.actor_id,
        "insists": source == "officer",
    }
    right = next(right for right in FINDERS if access.allows(right))
    with (
        reading(access=access, right=right, details={"looked_for": "pairs", "count": len(pairs)}),
        connection.cursor() as cursor,
    ):
        opened = _opened(cursor, values) if pairs else 0
    details = {"found": len(pairs), "opened": opened, "source": source, "model": model_hash}
    if len(pairs) == 1:
        details |= {"first": str(ordered[0][0]), "second": str(ordered[0][1])}
    record(kind="register.duplicates_found", access=access, details=details)
    return opened


def _opened(cursor: CursorWrapper, values: Mapping[str, Any]) -> int:
    try:
        cursor.execute(_OPEN, values)
    except IntegrityError as error:
        raise NotAPair(
            _("A pair names two people of the register, with a probability from 0 to 1.")
        ) from error
    count: int = cursor.rowcount
    return count


@transaction.atomic
def decide_review(
    *, review_id: UUID, decision: str, reason: str, access: Access, at: datetime
) -> None:
    """Say what a pair is: "same", "different" or "unsure", with the reason.

    "same" changes nothing yet: a merge is proposed next. Raises NoSuchReview, AlreadyDecided,
    UnableToDecide.
    """
    access.require(Right.DUPLICATE_REVIEW)
    if decision not in REVIEW_DECISIONS or not reason.strip():
        raise UnableToDecide(
            _("Say whether the two are the same, and why: whoever looks later needs both.")
        )
    with reading(access=access, right=Right.DUPLICATE_REVIEW, details={"review": str(review_id)}):
        review = DuplicateReview.objects.select_for_update().filter(pk=review_id).first()
        if review is None:
            raise NoSuchReview(_("There is no such pair. Look at the queue again."))
        refuse_own(access=access, person_ids=(review.first_id, review.second_id))
        if review.state != "open":
            raise AlreadyDecided(
                _("Somebody decided on this pair meanwhile. Read what they wrote.")
            )
        review.state, review.reason = decision, reason.strip()
        review.decided_at, review.decided_by = at, access.actor_id
        review.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    record(
        kind="register.duplicate_decided",
        access=access,
        subject_kind="duplicate-review",
        subject_id=review_id,
        details={"decision": decision},
    )


@transaction.atomic
def weigh_reviews(*, stakes: Mapping[UUID, Decimal], access: Access, at: datetime) -> int:
    """Say of open reviews how much money is at stake; return how many changed.

    stakes: by review the amount paid a month to the two, in the institution's currency. The rooms
    that pay know it; the register keeps it to put the queue in order.
    """
    access.require_any(Right.DUPLICATE_REVIEW, Right.DUPLICATE_FIND)
    right = next(r for r in (Right.DUPLICATE_REVIEW, Right.DUPLICATE_FIND) if access.allows(r))
    with (
        reading(access=access, right=right, details={"looked_for": "stakes"}),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            """
            UPDATE register_duplicatereview r SET money_at_stake = given.stake
            FROM unnest(%(ids)s::uuid[], %(stakes)s::numeric[]) AS given (id, stake)
            WHERE r.id = given.id AND r.state = 'open' AND r.money_at_stake <> given.stake
            """,
            {"ids": list(stakes), "stakes": list(stakes.values())},
        )
        changed: int = cursor.rowcount
    record(
        kind="register.duplicates_weighed",
        access=access,
        details={"weighed": len(stakes), "changed": changed, "at": at.isoformat()},
    )
    return changed
