"""Two officers at once: really two connections, each in its own transaction."""

from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

from django.db import connection, transaction

from amparo.delivery.claims.models import Award, Claim
from amparo.delivery.claims.operations import (
    AlreadyClaimed,
    ClaimReceipt,
    StepNotOpen,
    approve_claim,
    assess_claim,
)
from tests.delivery.claims.test_claiming import claim_pension
from tests.delivery.world import AT, World, build, opened


def _at_once(*acts: Callable[[], Any]) -> list[object]:
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


def _proposed(world: World) -> Any:
    world.pay_in("2026-05", "2026-06", "2026-07")
    receipt = claim_pension(world)
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)
    return receipt


def test_two_approvals_at_once_grant_one_award(cloned_database: object, tmp_path: Path) -> None:
    world = build(tmp_path)
    receipt = _proposed(world)

    def approve() -> Any:
        return approve_claim(claim_id=receipt.claim_id, access=world.celia, at=AT)

    results = _at_once(approve, approve)

    assert sum(isinstance(result, StepNotOpen) for result in results) == 1
    with opened(world):
        assert Award.objects.count() == 1


def test_the_same_claim_twice_at_once_is_one_claim(cloned_database: object, tmp_path: Path) -> None:
    world = build(tmp_path)

    results = _at_once(lambda: claim_pension(world), lambda: claim_pension(world, channel="web"))

    assert sum(isinstance(result, AlreadyClaimed) for result in results) == 1
    with opened(world):
        assert Claim.objects.count() == 1


def test_assessing_again_while_another_approves_never_mixes_the_two(
    cloned_database: object, tmp_path: Path
) -> None:
    world = build(tmp_path)
    receipt = _proposed(world)

    results = _at_once(
        lambda: approve_claim(claim_id=receipt.claim_id, access=world.celia, at=AT),
        lambda: assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT),
    )

    assert isinstance(results[1], StepNotOpen)
    with opened(world):
        claim = Claim.objects.get()
        assert claim.state == "granted"
        assert Award.objects.get().granted_by_id == claim.amount_id


def test_a_claim_that_waits_for_the_same_ones_commit_is_refused_naming_it(
    cloned_database: object, tmp_path: Path
) -> None:
    """The second passes the check before the first commits; the database holds it back."""
    world = build(tmp_path)
    submitted, looked = Event(), Event()

    def first() -> Any:
        with transaction.atomic():
            receipt = claim_pension(world)
            submitted.set()
            looked.wait(timeout=2)  # the second stands at a lock, so nobody sets it
            return receipt

    def second() -> Any:
        submitted.wait()
        try:
            return claim_pension(world, channel="web")
        finally:
            looked.set()

    receipt, refused = _at_once(first, second)

    assert isinstance(refused, AlreadyClaimed)
    assert isinstance(receipt, ClaimReceipt)
    assert receipt.number in str(refused)
