"""Lists of claims and awards."""

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from amparo.delivery.claims import queries
from amparo.delivery.claims.operations import approve_claim, assess_claim, withdraw_claim
from amparo.delivery.decisions.queries import reproduce
from amparo.values import NotPermitted
from tests.delivery.claims.test_claiming import claim_pension
from tests.delivery.claims.test_taking_on import _row, _take_on
from tests.delivery.world import AT, SCHEME, World


def test_claims_are_listed_by_state_and_person_with_the_first_due_on_top(world: World) -> None:
    lea = world.person(given_names="Lea", born=date(1950, 1, 31))
    withdrawn = claim_pension(world, person_id=lea)
    withdraw_claim(claim_id=withdrawn.claim_id, access=world.bruno, at=AT)
    waiting = claim_pension(world)

    of_lea = queries.claims_page(access=world.bruno, person_id=lea)
    submitted = queries.claims_page(access=world.bruno, state="submitted")

    assert [row.number for row in of_lea.rows] == [withdrawn.number]
    assert [row.number for row in submitted.rows] == [waiting.number]
    assert submitted.rows[0].person_name == "Amina Kipsang"
    assert queries.claims_page(access=world.bruno).total == 2


def test_a_list_takes_as_many_statements_for_one_claim_as_for_many(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        person_id = world.person(given_names=f"P{number}", born=date(1950, 1, 31))
        claim_pension(world, person_id=person_id)

    with django_assert_max_num_queries(10):
        page = queries.claims_page(access=world.bruno)

    assert len(page.rows) == 12


def test_awards_of_a_person_are_listed_with_their_payee(world: World) -> None:
    _take_on(world, _row(world), _row(world, benefit="old-age-pension"))

    awards = queries.awards_of_person(person_id=world.amina, access=world.bruno)

    assert {(row.scheme, row.benefit, row.payee_name) for row in awards} == {
        (SCHEME, "survivor-pension", "Amina Kipsang"),
        (SCHEME, "old-age-pension", "Amina Kipsang"),
    }


def test_an_award_nobody_has_is_not_found(world: World) -> None:
    with pytest.raises(queries.NoSuchAward):
        queries.award_record(award_id=world.amina, access=world.bruno)


def test_an_older_systems_decision_cannot_be_made_again_and_says_so(world: World) -> None:
    _take_on(world, _row(world))
    (award,) = queries.awards_of_person(person_id=world.amina, access=world.bruno)
    record = queries.award_record(award_id=award.id, access=world.bruno)

    again = reproduce(decision_id=record.granted_by.id, access=world.bruno)

    assert not again.is_equal
    assert [difference.part for difference in again.differences] == ["pack_version"]


def test_an_award_shows_the_claim_it_came_from(world: World) -> None:
    world.pay_in("2026-05", "2026-06", "2026-07")
    receipt = claim_pension(world)
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)
    decided = approve_claim(claim_id=receipt.claim_id, access=world.celia, at=AT)
    assert decided.award_id is not None

    record = queries.award_record(award_id=decided.award_id, access=world.bruno)

    assert (record.claim_id, record.claim_number) == (receipt.claim_id, receipt.number)


def test_dario_sees_no_award(world: World) -> None:
    with pytest.raises(NotPermitted):
        queries.awards_of_person(person_id=world.amina, access=world.dario)
