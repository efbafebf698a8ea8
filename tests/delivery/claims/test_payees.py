"""Who receives for a child: guardian, then a living parent at home, then another parent."""

from datetime import date
from uuid import UUID

from amparo.delivery.claims.payees import payee_of
from amparo.journal.reading import reading
from amparo.register.operations import record_death
from amparo.values import Right
from tests.delivery.world import AT, World


def _payee(world: World, person_id: UUID, *, on: date = date(2026, 11, 1)) -> UUID:
    with reading(access=world.bruno, right=Right.CLAIM_READ):
        return payee_of(person_id=person_id, on=on, known_at=AT)


def test_a_grown_up_receives_in_person(world: World) -> None:
    assert _payee(world, world.amina) == world.amina


def test_a_parent_receives_for_a_child_until_the_day_they_are_eighteen(world: World) -> None:
    mother = world.person(given_names="Mira", born=date(1985, 6, 30))
    child = world.person(given_names="Noor", born=date(2008, 2, 29), parents=(mother,))

    assert _payee(world, child, on=date(2026, 2, 28)) == mother
    assert _payee(world, child, on=date(2026, 3, 1)) == child


def test_a_dead_parent_receives_nothing(world: World) -> None:
    mother = world.person(given_names="Mira", born=date(1985, 6, 30))
    father = world.person(given_names="Tomasi", born=date(1980, 1, 31))
    child = world.person(given_names="Noor", born=date(2020, 2, 29), parents=(mother, father))
    record_death(person_id=mother, death_date=date(2026, 1, 15), access=world.rosa, at=AT)

    assert _payee(world, child) == father


def test_an_orphan_with_nobody_named_stays_their_own_payee_and_is_seen(world: World) -> None:
    child = world.person(given_names="Noor", born=date(2020, 2, 29))

    assert _payee(world, child) == child
