"""What the register states for a decision: known, unknown, and on which facts."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from amparo.journal.reading import reading
from amparo.register import operations, queries
from amparo.register.records import (
    DecisionFacts,
    NewAccount,
    NewPerson,
    NewResidence,
)
from amparo.values import Access, Right

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 1)


def stated(
    person_id: UUID, access: Access, *, on: date = ON, known_at: datetime | None = None
) -> DecisionFacts:
    with reading(access=access, right=Right.PERSON_READ):
        return queries.facts_for_decision(
            person_id=person_id,
            as_of=on,
            known_at=known_at or datetime(2026, 11, 30, tzinfo=UTC),
        )


def test_a_person_of_whom_all_is_known(bruno: Access, at: datetime) -> None:
    mother = operations.register_person(
        person=NewPerson(
            given_names="Amina",
            sex="female",
            birth_date=date(1996, 2, 29),
            residence=NewResidence(country="XA", district="Kora", starts_on=date(2010, 1, 1)),
            account=NewAccount(kind="bank", provider="CBXAXAXA", account_number="1"),
            household_id=operations.open_household(access=bruno, at=at),
        ),
        access=bruno,
        at=at,
    )
    born = [date(2024, 2, 29), date(2026, 11, 1), date(2026, 11, 2)]
    children = [
        operations.register_person(
            person=NewPerson(
                given_names=f"Child {n}", sex="male", birth_date=day, parent_ids=(mother,)
            ),
            access=bruno,
            at=at,
        )
        for n, day in enumerate(born)
    ]

    facts = stated(mother, bruno)

    assert facts.values["date_of_birth"] == date(1996, 2, 29)
    assert (facts.values["age"], facts.values["year_of_birth"]) == (30, 1996)
    assert facts.values["sex"] == "female"
    assert facts.values["is_resident"] is True
    assert facts.values["is_alive"] is True
    assert facts.values["country_of_residence"] == "XA"
    assert facts.values["resident_since"] == date(2010, 1, 1)
    assert facts.values["household_size"] == 1
    assert facts.values["has_payment_account"] is True
    assert facts.values["children"] == [
        {
            "person_id": str(child),
            "date_of_birth": day,
            "date_of_death": None,
            "is_alive": True,
        }
        for child, day in list(zip(children, born, strict=True))[:2]
    ]
    assert len(set(facts.fact_ids)) == len(facts.fact_ids) == 8
    assert stated(children[0], bruno).values["parents"] == 1


def test_a_person_of_whom_nothing_is_known_is_not_stated_to_be_nothing(
    bruno: Access, at: datetime
) -> None:
    person_id = operations.register_person(
        person=NewPerson(given_names="Sokarno", sex="unknown"), access=bruno, at=at
    )

    values = stated(person_id, bruno).values

    for name in (
        "date_of_birth",
        "earliest_date_of_birth",
        "latest_date_of_birth",
        "sex",
        "age",
        "year_of_birth",
        "country_of_residence",
        "is_resident",
        "is_citizen",
        "district",
        "resident_since",
        "household_size",
        "date_of_death",
    ):
        assert values[name] is None, name


@pytest.mark.parametrize(
    ("birth_date", "precision", "latest", "age"),
    [
        (date(1961, 1, 1), "year", date(1961, 12, 31), None),
        (date(1960, 2, 1), "month", date(1960, 2, 29), 66),
        (date(1960, 12, 1), "month", date(1960, 12, 31), 65),
        (date(1960, 11, 1), "month", date(1960, 11, 30), None),
    ],
)
def test_a_birth_known_to_the_month_or_year_is_no_day_but_has_bounds(
    birth_date: date, precision: str, latest: date, age: int | None, bruno: Access, at: datetime
) -> None:
    person_id = operations.register_person(
        person=NewPerson(
            given_names="Josefa", sex="female", birth_date=birth_date, birth_precision=precision
        ),
        access=bruno,
        at=at,
    )

    values = stated(person_id, bruno).values

    assert values["date_of_birth"] is None
    assert values["earliest_date_of_birth"] == birth_date
    assert values["latest_date_of_birth"] == latest
    assert values["age"] == age


def test_a_decision_known_at_an_instant_does_not_see_later_corrections(
    bruno: Access, at: datetime
) -> None:
    person_id = operations.register_person(
        person=NewPerson(given_names="Josefa", sex="female", birth_date=date(1956, 6, 18)),
        access=bruno,
        at=at,
    )
    later = datetime(2026, 11, 25, tzinfo=UTC)
    operations.record_death(
        person_id=person_id, death_date=date(2026, 10, 30), access=bruno, at=later
    )

    assert stated(person_id, bruno, known_at=at).values["is_alive"] is True
    known_now = stated(person_id, bruno, known_at=later).values
    assert known_now["is_alive"] is False
    assert known_now["date_of_death"] == date(2026, 10, 30)
    before_death = stated(person_id, bruno, on=date(2026, 10, 29), known_at=later).values
    assert before_death["is_alive"] is True
