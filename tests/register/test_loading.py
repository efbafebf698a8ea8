"""Loading whole files: one at a time, and giving way to an officer who was faster."""

import threading
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connections

from amparo.register import operations
from amparo.register.operations import load_persons
from amparo.register.records import (
    EmploymentRow,
    NewEmployer,
    NewIdentifier,
    NewPerson,
    PersonRow,
)
from amparo.values import Access, NotPermitted
from amparo.values.rows import RowsRefused
from tests.conftest import Clone

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def row(number: int, national_id: str = "") -> PersonRow:
    return PersonRow(
        row=number,
        person_ref=f"r{number}",
        given_names="Amina",
        family_name="Kipsang",
        sex="female",
        birth_date=date(1963, 2, 28),
        birth_precision="day",
        national_id=national_id,
        district="Kora",
        address="",
        payment_kind="",
        payment_provider="",
        payment_account="",
        household_ref="",
        household_role="member",
        parent_refs=(),
    )


@pytest.mark.django_db
def test_an_empty_file_loads_nobody(bruno: Access) -> None:
    loaded = load_persons(rows=[], received_file_id=uuid4(), access=bruno, at=AT)

    assert (loaded.count, loaded.numbers) == (0, ())


@pytest.mark.django_db
def test_two_files_load_one_after_the_other_in_one_transaction(bruno: Access) -> None:
    loads = [
        load_persons(rows=[row(2)], received_file_id=uuid4(), access=bruno, at=AT)
        for _nth in range(2)
    ]

    assert [load.count for load in loads] == [1, 1]
    assert loads[0].numbers != loads[1].numbers


@pytest.mark.django_db
def test_nothing_is_loaded_without_the_right(dario: Access) -> None:
    with pytest.raises(NotPermitted):
        load_persons(rows=[row(2)], received_file_id=uuid4(), access=dario, at=AT)


def test_a_load_gives_way_to_an_officer_who_takes_the_identifier_meanwhile(
    cloned_database: Clone, bruno: Access
) -> None:
    josefa = operations.register_person(
        person=NewPerson(given_names="Josefa", sex="female"), access=bruno, at=AT
    )
    refusals: list[RowsRefused] = []

    def load() -> None:
        try:
            load_persons(rows=[row(2, "1234567897")], received_file_id=uuid4(), access=bruno, at=AT)
        except RowsRefused as refusal:
            refusals.append(refusal)
        finally:
            connections.close_all()

    with psycopg.connect(cloned_database.owner_url) as owner:
        # The load has checked the identifier when it comes to take numbers, and waits here.
        owner.execute("LOCK TABLE office_numberseries IN SHARE MODE")
        loading = threading.Thread(target=load)
        loading.start()
        wait_for_a_lock(cloned_database)
        add_identifier(josefa, bruno)
        owner.rollback()
        loading.join(timeout=30)
        assert owner.execute("SELECT count(*) FROM register_person").fetchone() == (1,)

    (refusal,) = refusals
    assert "Send the file again" in refusal.errors[0].remedy


def add_identifier(person_id: UUID, access: Access) -> None:
    operations.add_identifier(
        person_id=person_id,
        identifier=NewIdentifier(value="1234567897"),
        access=access,
        at=AT,
    )


def wait_for_a_lock(clone: Clone) -> None:
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
    deadline = time.monotonic() + 30
    with psycopg.connect(clone.admin_url, autocommit=True) as admin:
        while admin.execute(query, [clone.name]).fetchone() != (1,):
            assert time.monotonic() < deadline, "The load never reached the lock."
            time.sleep(0.02)


@pytest.mark.django_db
def test_a_circle_of_ancestors_inside_a_file_is_named_by_its_rows(bruno: Access) -> None:
    people = [
        replace(row(number), birth_date=None, parent_refs=(f"r{parent}",))
        for number, parent in ((2, 3), (3, 4), (4, 2))
    ]
    sound = replace(row(5), birth_date=None, parent_refs=("r2",))

    with pytest.raises(RowsRefused) as refused:
        load_persons(rows=[*people, sound], received_file_id=uuid4(), access=bruno, at=AT)

    found = [(fault.row, fault.column) for fault in refused.value.errors]
    assert found == [(2, "parent_refs"), (3, "parent_refs"), (4, "parent_refs")]


@pytest.mark.django_db
def test_a_file_that_hires_the_dead_is_refused_by_row(bruno: Access) -> None:
    amina = operations.register_person(
        person=NewPerson(
            given_names="Amina",
            sex="female",
            birth_date=date(1963, 2, 28),
            identifiers=(NewIdentifier(value="1234567897"),),
        ),
        access=bruno,
        at=AT,
    )
    operations.record_death(person_id=amina, death_date=date(2020, 5, 4), access=bruno, at=AT)
    operations.register_employer(
        employer=NewEmployer(name="Kora Textiles", activity="1311", district="Kora", number="E-7"),
        access=bruno,
        at=AT,
    )
    days = ((2, date(2020, 5, 4)), (3, date(2020, 5, 5)), (4, date(1963, 2, 27)))

    with pytest.raises(RowsRefused) as refused:
        operations.load_employments(
            rows=[
                EmploymentRow(
                    row=number,
                    employer_number="E-7",
                    national_id="1234567897",
                    starts_on=day,
                    ends_before=day + timedelta(days=1),
                    occupation="",
                )
                for number, day in days
            ],
            received_file_id=uuid4(),
            access=bruno,
            at=AT,
        )

    assert [fault.row for fault in refused.value.errors] == [3, 4]
