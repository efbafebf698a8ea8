"""Two records that prove to be one person's: what they hold is read as one, and decided on."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from amparo.delivery.claims import queries
from amparo.delivery.claims.operations import (
    AlreadyClaimed,
    approve_claim,
    assess_claim,
    withdraw_claim,
)
from amparo.delivery.claims.operations.joining import (
    AWARDS_TOUCHED,
    HELD_TWICE,
    approve_merge,
    approve_unmerge,
    weigh_open_reviews,
)
from amparo.delivery.contributions.account import insurance_record
from amparo.delivery.contributions.queries import wage_lines_of_person
from amparo.journal.reading import reading
from amparo.office.models import Task
from amparo.register.identities import MergedIntoAnother
from amparo.register.models import DuplicateReview
from amparo.values import Right
from tests.delivery.claims.test_claiming import claim_pension
from tests.delivery.claims.test_taking_on import _row, _take_on
from tests.delivery.world import AT, SCHEME, World, opened
from tests.register.merging import STEWARD, Pair, merged, review_of, undone


@pytest.fixture
def again(world: World) -> UUID:
    """Register Amina a second time, under another number."""
    return world.person(given_names="Amina", born=date(1963, 2, 28), identifier="1963022802")


def merge(world: World, again: UUID) -> UUID:
    """Link the second record to the first; the two do not differ."""
    link, _review = merged(Pair(world.amina, again), choices={}, approve=approve_merge)
    return link


def months(world: World, person_id: UUID) -> int:
    with reading(access=world.bruno, right=Right.CLAIM_READ):
        return insurance_record(person_id=person_id, scheme=SCHEME, before=date(2026, 11, 1)).months


def test_the_account_of_a_merged_person_holds_the_wages_of_both_records(
    world: World, again: UUID
) -> None:
    world.pay_in("2026-05")
    world.declare("2026-06", ("1963022802", "1000.00"))
    assert (months(world, world.amina), months(world, again)) == (1, 1)

    link = merge(world, again)
    joined = [months(world, each) for each in (world.amina, again)]
    lines = wage_lines_of_person(person_id=world.amina, access=world.bruno).total
    undone(link)

    assert joined == [2, 2]
    assert lines == 2
    assert (months(world, world.amina), months(world, again)) == (1, 1)


def test_wages_that_still_name_the_merged_number_reach_the_person(
    world: World, again: UUID
) -> None:
    merge(world, again)

    world.declare("2026-06", ("1963022802", "1000.00"))

    assert months(world, world.amina) == 1


def test_claims_and_awards_of_both_records_are_listed_under_the_one_person(
    world: World, again: UUID
) -> None:
    _take_on(world, _row(world))
    claim = claim_pension(world, person_id=again)

    merge(world, again)

    listed = queries.claims_page(access=world.bruno, person_id=world.amina)
    assert [(row.number, row.person_id) for row in listed.rows] == [(claim.number, world.amina)]
    assert len(queries.awards_of_person(person_id=again, access=world.bruno)) == 1


def test_what_the_other_record_holds_is_not_granted_a_second_time(
    world: World, again: UUID
) -> None:
    world.pay_in("2026-05", "2026-06", "2026-07")
    first, second = claim_pension(world), claim_pension(world, person_id=again)
    merge(world, again)

    for claim in (first, second):
        assess_claim(claim_id=claim.claim_id, access=world.bruno, at=AT)
    approve_claim(claim_id=first.claim_id, access=world.celia, at=AT)

    with pytest.raises(AlreadyClaimed, match="holds the award"):
        approve_claim(claim_id=second.claim_id, access=world.celia, at=AT)
    withdraw_claim(claim_id=second.claim_id, access=world.bruno, at=AT)
    with pytest.raises(AlreadyClaimed, match="of the same benefit is in being"):
        claim_pension(world)


def test_no_claim_is_taken_for_a_merged_record(world: World, again: UUID) -> None:
    merge(world, again)

    with pytest.raises(MergedIntoAnother):
        claim_pension(world, person_id=again)


def test_an_award_held_twice_is_a_task_and_goes_on(world: World, again: UUID) -> None:
    _take_on(world, _row(world), _row(world, person_id=again, reference="OLD-2"))

    merge(world, again)

    task = Task.objects.get(kind=HELD_TWICE)
    numbers = {
        award.number for award in queries.awards_of_person(person_id=again, access=world.bruno)
    }
    assert (task.role, task.subject_id) == ("claims-officer", world.amina)
    assert set(task.details["awards"].split(", ")) == numbers
    states = {a.state for a in queries.awards_of_person(person_id=again, access=world.bruno)}
    assert states == {"in payment"}


def test_awards_of_a_record_that_is_parted_again_are_looked_at(world: World, again: UUID) -> None:
    _take_on(world, _row(world, person_id=again))
    link = merge(world, again)
    Task.objects.filter(kind=AWARDS_TOUCHED).update(closed_at=AT)

    undone(link, approve=approve_unmerge)

    assert Task.objects.filter(kind=AWARDS_TOUCHED, closed_at=None).count() == 1


def test_a_merge_that_touches_no_award_asks_nobody(world: World, again: UUID) -> None:
    merge(world, again)

    assert not Task.objects.filter(kind__in=[HELD_TWICE, AWARDS_TOUCHED]).exists()


def test_the_money_at_stake_puts_the_queue_in_order(world: World, again: UUID) -> None:
    _take_on(world, _row(world))
    review_id = review_of(Pair(world.amina, again), decision="")

    assert weigh_open_reviews(access=STEWARD, at=AT) == 1
    assert weigh_open_reviews(access=STEWARD, at=AT) == 0

    with opened(world):
        review = DuplicateReview.objects.get(pk=review_id)
        assert review.priority == review.money_at_stake > Decimal(0)
