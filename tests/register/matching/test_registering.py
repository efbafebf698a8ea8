"""Registering somebody: keys come with the record, and who looks alike goes into the queue."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection, connections

from amparo.journal.reading import reading
from amparo.register import operations
from amparo.register.likeness import people_alike
from amparo.register.matching.candidates import traits_by_person
from amparo.register.matching.keys import MOST_IN_A_BLOCK, keys_of
from amparo.register.models import DuplicateReview, MatchKey
from amparo.register.operations.loading import load_persons
from amparo.register.records import (
    NewAccount,
    NewIdentifier,
    NewPerson,
    NewResidence,
    PersonRow,
)
from amparo.values import Access, Right
from tests.conftest import Clone

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
AMINA = NewPerson(
    given_names="Amina",
    family_name="Kipsang",
    sex="female",
    birth_date=date(1963, 2, 28),
    identifiers=(NewIdentifier(value="1234567897"),),
    residence=NewResidence(country="XA", district="Kora", address="Plot 7"),
    account=NewAccount(kind="wallet", provider="MOXAXAXA", account_number="299700100200"),
)
AGAIN = NewPerson(
    given_names="Ameena",
    family_name="Kipsan",
    sex="female",
    birth_date=date(1963, 2, 28),
    residence=NewResidence(country="XA", district="Kora", address="Plot 7"),
)
TOMASI = NewPerson(
    given_names="Tomasi", family_name="Banda", sex="male", birth_date=date(1988, 5, 17)
)


def register(person: NewPerson, access: Access) -> UUID:
    return operations.register_person(person=person, access=access, at=AT)


def kept_keys(person_id: UUID, access: Access) -> set[int]:
    with reading(access=access, right=Right.PERSON_READ):
        return set(MatchKey.objects.filter(person=person_id).values_list("key_hash", flat=True))


def due_keys(person_id: UUID, access: Access) -> set[int]:
    """Return the keys that the facts of a person give them, read from the register."""
    with reading(access=access, right=Right.PERSON_READ):
        ((_id, traits),) = traits_by_person(person_ids=[person_id])
    return set(keys_of(traits))


def reviews(access: Access) -> list[DuplicateReview]:
    with reading(access=access, right=Right.PERSON_READ):
        return list(DuplicateReview.objects.all())


@pytest.mark.django_db
def test_a_newcomer_gets_the_keys_of_their_facts(bruno: Access) -> None:
    amina = register(AMINA, bruno)
    child = register(replace(TOMASI, parent_ids=(amina,)), bruno)

    for person_id in (amina, child):
        assert kept_keys(person_id, bruno) == due_keys(person_id, bruno) != set()


@pytest.mark.django_db
def test_somebody_alike_is_registered_and_put_into_the_queue(bruno: Access) -> None:
    amina = register(AMINA, bruno)

    again = register(AGAIN, bruno)

    (review,) = reviews(bruno)
    assert {review.first_id, review.second_id} == {amina, again}
    assert (review.source, review.state) == ("online", "open")
    assert review.score is not None
    assert review.score > 0.9
    assert review.evidence["birth"]["says"] == "agrees"
    assert review.evidence["given"]["says"] == "resembles"
    assert "Amina" not in str(review.evidence)


@pytest.mark.django_db
def test_a_stranger_is_new_and_nothing_is_put_into_the_queue(bruno: Access) -> None:
    register(AMINA, bruno)

    found = people_alike(person=TOMASI, access=bruno, at=AT)
    register(TOMASI, bruno)

    assert (found.checked.verdict, found.lookalikes, reviews(bruno)) == ("new", (), [])


@pytest.mark.django_db
def test_a_twin_with_the_number_that_follows_is_for_a_person_to_judge(bruno: Access) -> None:
    child = replace(
        AMINA,
        given_names="Zuri",
        birth_date=date(2019, 6, 4),
        identifiers=(NewIdentifier(value="2000022901"),),
    )
    twin = replace(child, given_names="Baraka", identifiers=(NewIdentifier(value="2000022919"),))
    register(child, bruno)

    found = people_alike(person=twin, access=bruno, at=AT)

    assert found.checked.verdict in {"new", "review"}


@pytest.mark.django_db
def test_what_is_known_of_people_alike_is_shown_with_what_speaks_for_it(bruno: Access) -> None:
    amina = register(AMINA, bruno)

    found = people_alike(person=replace(AMINA, account=None), access=bruno, at=AT)

    (lookalike,) = found.lookalikes
    assert lookalike.person.person_id == amina
    assert (lookalike.alike.verdict, found.checked.verdict) == ("same", "same")
    assert {one.comparison for one in lookalike.alike.evidence if one.says == "agrees"} >= {
        "given",
        "birth",
        "number",
    }
    assert lookalike.alike.weight == pytest.approx(
        sum(one.weight for one in lookalike.alike.evidence) + _prior(), abs=1e-9
    )


def _prior() -> float:
    from amparo.register.matching.model import shipped_model  # noqa: PLC0415

    return shipped_model().prior_weight


@pytest.mark.django_db
def test_a_corrected_name_changes_the_keys_of_the_person_and_of_their_children(
    bruno: Access,
) -> None:
    amina = register(AMINA, bruno)
    child = register(replace(TOMASI, parent_ids=(amina,)), bruno)
    before = kept_keys(child, bruno)

    operations.change_name(
        person_id=amina,
        given_names="Zuri",
        family_name="Okoro",
        starts_on=date(2020, 1, 1),
        access=bruno,
        at=AT.replace(hour=10),
    )

    for person_id in (amina, child):
        assert kept_keys(person_id, bruno) == due_keys(person_id, bruno)
    assert kept_keys(child, bruno) != before


@pytest.mark.django_db
def test_an_added_identifier_is_a_key_at_once(bruno: Access) -> None:
    tomasi = register(TOMASI, bruno)

    operations.add_identifier(
        person_id=tomasi, identifier=NewIdentifier(value="2000022901"), access=bruno, at=AT
    )

    assert kept_keys(tomasi, bruno) == due_keys(tomasi, bruno)
    found = people_alike(
        person=NewPerson(
            sex="male", given_names="T", identifiers=(NewIdentifier(value="2000022901"),)
        ),
        access=bruno,
        at=AT,
    )
    assert found.checked.compared == 1


@pytest.mark.django_db
def test_a_file_writes_the_same_keys_as_a_screen(bruno: Access) -> None:
    grandmother = register(AMINA, bruno)
    (number,) = _numbers(grandmother)
    rows = [
        row(2, "m", given="Rahel", sex="female", born=date(1990, 1, 1), parents=(number,)),
        row(3, "c", given="Yara Zuri", sex="female", born=date(2015, 3, 3), parents=("m", "f")),
        row(4, "f", given="Kofi", sex="male", born=date(1988, 7, 9), national_id="2000022901"),
        row(5, "x", given="សុខា", sex="unknown", born=None),
    ]

    load_persons(rows=rows, received_file_id=uuid4(), access=bruno, at=AT)

    with reading(access=bruno, right=Right.PERSON_READ):
        due = {person: set(keys_of(one)) for person, one in traits_by_person(person_ids=None)}
    assert len(due) == 5
    assert {person: kept_keys(person, bruno) for person in due} == due


@pytest.mark.django_db
def test_a_key_that_too_many_share_is_named_and_not_looked_at(bruno: Access) -> None:
    crowd = [
        row(n, f"r{n}", given="Amina", sex="female", born=date(1963, 2, 28))
        for n in range(2, MOST_IN_A_BLOCK + 4)
    ]
    load_persons(rows=crowd, received_file_id=uuid4(), access=bruno, at=AT)

    found = people_alike(person=AMINA, access=bruno, at=AT)

    assert "names and birth year" in found.checked.not_checked
    assert found.checked.compared == 0
    assert found.checked.verdict == "new"


def test_of_two_clerks_who_register_one_person_at_once_the_second_finds_the_first(
    cloned_database: Clone, bruno: Access
) -> None:
    failures: list[Exception] = []

    def work(person: NewPerson) -> None:
        try:
            register(person, bruno)
        except Exception as failure:  # noqa: BLE001 — the thread's own failure is asserted below
            failures.append(failure)
        finally:
            connections.close_all()

    with psycopg.connect(cloned_database.owner_url) as owner:
        owner.execute("LOCK TABLE office_numberseries IN SHARE MODE")
        clerks = [threading.Thread(target=work, args=(one,)) for one in (AMINA, AGAIN)]
        for clerk in clerks:
            clerk.start()
        _wait_for_locks(cloned_database, count=2)
        owner.rollback()
        for clerk in clerks:
            clerk.join(timeout=30)

    assert failures == []
    assert len(reviews(bruno)) == 1


def _wait_for_locks(clone: Clone, *, count: int) -> None:
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
    with psycopg.connect(clone.admin_url, autocommit=True) as admin:
        for _attempt in range(1500):
            if admin.execute(query, [clone.name]).fetchone() == (count,):
                return
            threading.Event().wait(0.02)
    pytest.fail("The clerks never waited for each other.")


def _numbers(person_id: UUID) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM register_person WHERE id = %s", [person_id])
        return [number for (number,) in cursor.fetchall()]


def row(
    number: int,
    ref: str,
    *,
    given: str,
    sex: str,
    born: date | None,
    parents: tuple[str, ...] = (),
    national_id: str = "",
) -> PersonRow:
    return PersonRow(
        row=number,
        person_ref=ref,
        given_names=given,
        family_name="Kipsang",
        sex=sex,
        birth_date=born,
        birth_precision="day",
        national_id=national_id,
        district="Kora",
        address="Plot 7",
        payment_kind="wallet" if national_id else "",
        payment_provider="MOXAXAXA" if national_id else "",
        payment_account="299700100200" if national_id else "",
        household_ref="",
        household_role="member",
        parent_refs=parents,
    )
