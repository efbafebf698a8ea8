"""Two stewards at once: really two connections, each in its own transaction."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

from django.db import connection

from amparo.register.identities import survivor_of
from amparo.register.models import IdentityLink, MergeProposal
from amparo.register.operations.merging import (
    ProposalClosed,
    UnableToMerge,
    approve_merge,
    propose_merge,
)
from amparo.register.operations.reviews import AlreadyDecided, decide_review
from tests.register.merging import (
    GROUNDS,
    STEWARD,
    SUPERVISOR,
    Pair,
    at,
    reading_as_steward,
    review_of,
    two_records,
)


def at_once(*acts: Callable[[], Any]) -> list[object]:
    """Run each act in a thread of its own, all starting together; return results or errors."""
    start = Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        start.wait()
        try:
            results[place] = act()
        except Exception as error:  # noqa: BLE001 - the test looks at every error
            results[place] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def proposed(pair: Pair, review_id: UUID, *, survivor_id: UUID) -> UUID:
    return propose_merge(
        review_id=review_id,
        survivor_id=survivor_id,
        choices={"name": "survivor"},
        grounds=GROUNDS,
        access=STEWARD,
        at=at(2),
    )


def test_two_stewards_decide_a_pair_once(cloned_database: object) -> None:
    review_id = review_of(two_records(), decision="")

    def decide() -> None:
        decide_review(
            review_id=review_id, decision="same", reason="One card.", access=STEWARD, at=at(2)
        )

    results = at_once(decide, decide)

    assert sum(isinstance(each, AlreadyDecided) for each in results) == 1
    assert results.count(None) == 1


def test_two_proposals_at_once_leave_one(cloned_database: object) -> None:
    pair = two_records()
    review_id = review_of(pair)

    def propose() -> UUID:
        return proposed(pair, review_id, survivor_id=pair.first)

    results = at_once(propose, propose)

    assert sum(isinstance(each, UnableToMerge) for each in results) == 1
    with reading_as_steward():
        assert MergeProposal.objects.count() == 1


def test_two_approvals_at_once_merge_once(cloned_database: object) -> None:
    pair = two_records()
    proposal_id = proposed(pair, review_of(pair), survivor_id=pair.first)

    def approve() -> UUID:
        return approve_merge(proposal_id=proposal_id, access=SUPERVISOR, at=at(3))

    results = at_once(approve, approve)

    assert sum(isinstance(each, ProposalClosed) for each in results) == 1
    with reading_as_steward():
        assert IdentityLink.objects.count() == 1


def test_a_circle_is_not_closed_from_both_ends_at_once(cloned_database: object) -> None:
    pair = two_records()
    review_id = review_of(pair)
    ways = [
        proposed(pair, review_id, survivor_id=survivor_id)
        for survivor_id in (pair.first, pair.second)
    ]

    def approval(way: UUID) -> Callable[[], UUID]:
        return lambda: approve_merge(proposal_id=way, access=SUPERVISOR, at=at(3))

    results = at_once(*map(approval, ways))

    assert sum(isinstance(each, UnableToMerge) for each in results) == 1
    with reading_as_steward():
        link = IdentityLink.objects.get()
        assert survivor_of(person_id=link.person_id) == link.survivor_id
