"""A change that rests on facts which somebody else has changed since is refused, in every act."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest

from amparo.journal.models import Event
from amparo.register import operations, queries
from amparo.register.facts import FactChangedMeanwhile
from amparo.register.records import (
    Grounds,
    NewAccount,
    NewEmployer,
    NewPerson,
    NewResidence,
)
from amparo.values import Access
from tests.conftest import Clone
from tests.register.test_database_guards import at_once

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
LATER = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 22)
GROUNDS = Grounds(evidence="identity-document", reason="Seen at the counter.")
KORA = NewEmployer(name="Kora Textiles", activity="1392", district="Kora")
Act = Callable[..., object]


@pytest.fixture
def amina(request: pytest.FixtureRequest, bruno: Access) -> UUID:
    return register("Amina", bruno)


def register(name: str, access: Access) -> UUID:
    return operations.register_person(
        person=NewPerson(
            given_names=name,
            sex="female",
            birth_date=date(1963, 2, 28),
            residence=NewResidence(country="XA", district="Kora"),
            account=NewAccount(kind="bank", provider="CBXAXAXA", account_number="001"),
        ),
        access=access,
        at=AT,
    )


def acts(amina: UUID, access: Access) -> Mapping[str, tuple[str, Act, Act]]:
    """Return, by the operation told what it rests on: the kind of fact, and who is quicker."""
    juma, home = register("Juma", access), operations.open_household(access=access, at=AT)
    operations.set_payee(
        person_id=amina,
        representative_id=juma,
        starts_on=DAY,
        ends_before=None,
        access=access,
        at=AT,
    )
    operations.join_household(
        person_id=amina, household_id=home, role="member", starts_on=DAY, access=access, at=AT
    )
    name = partial(operations.change_name, given_names="A", family_name="Li", starts_on=DAY)
    residence = NewResidence(country="XA", district="Lakeside")
    move = partial(operations.move, residence=residence, starts_on=DAY)
    account = NewAccount(kind="bank", provider="CBXAXAXA", account_number="2")
    pay = partial(operations.set_payment_account, account=account, starts_on=DAY)
    payee = partial(operations.set_payee, representative_id=juma, starts_on=DAY, ends_before=None)
    unpaid = partial(operations.end_payee, ends_before=DAY + timedelta(days=1))
    join = partial(operations.join_household, household_id=home, role="member", starts_on=DAY)
    leave = partial(operations.leave_household, ends_before=DAY + timedelta(days=1))
    die = partial(operations.record_death, death_date=date(2026, 11, 19))
    correct = partial(
        operations.correct_vitals,
        fact_id=known(amina, "vitals", access)[0],
        sex="male",
        birth_date=None,
        birth_precision="day",
        death_date=None,
        grounds=GROUNDS,
    )
    return {
        "change_name": ("name", name, name),
        "move": ("residence", move, move),
        "set_payment_account": ("payment-account", pay, pay),
        "set_payee": ("payee", payee, unpaid),
        "end_payee": ("payee", unpaid, payee),
        "join_household": ("household", join, leave),
        "leave_household": ("household", leave, join),
        "found_household": ("household", partial(operations.found_household, starts_on=DAY), join),
        "record_death": ("vitals", die, correct),
    }


def known(person_id: UUID, kind: str, access: Access) -> tuple[UUID, ...]:
    return queries.known_fact_ids(person_id=person_id, kind=kind, access=access)


@pytest.mark.django_db
def test_whoever_rests_on_what_was_is_refused_and_on_what_is_may_write(
    amina: UUID, bruno: Access
) -> None:
    for name, (kind, act, quicker) in acts(amina, bruno).items():
        read = known(amina, kind, bruno)
        told: dict[str, Any] = {"person_id": amina, "access": bruno, "at": LATER}
        quicker(**told)
        now, events = known(amina, kind, bruno), Event.objects.exclude(kind="read").count()

        with pytest.raises(FactChangedMeanwhile):
            act(**told, based_on=read)
        with pytest.raises(FactChangedMeanwhile):
            act(**told, based_on=())

        assert known(amina, kind, bruno) == now, name
        assert Event.objects.exclude(kind="read").count() == events, name
        if name not in {"end_payee", "record_death"}:
            act(**told, based_on=now)
            assert known(amina, kind, bruno) != now, name


@pytest.mark.django_db
def test_an_employment_and_an_employer_are_held_to_the_same(amina: UUID, bruno: Access) -> None:
    employer = operations.register_employer(employer=KORA, access=bruno, at=AT)
    work = operations.start_employment(
        person_id=amina, employer_id=employer, starts_on=DAY, access=bruno, at=AT
    )
    (profile,) = queries.employer_history(employer_id=employer, access=bruno)
    end = partial(
        operations.end_employment,
        person_id=amina,
        employer_id=employer,
        access=bruno,
        at=LATER,
    )
    correct = partial(
        operations.correct_employer,
        employer_id=employer,
        profile=KORA,
        starts_on=None,
        access=bruno,
        at=LATER,
    )

    end(ends_before=date(2026, 12, 1), based_on=[work])
    correct(based_on=[profile.times.fact_id])

    with pytest.raises(FactChangedMeanwhile):
        end(ends_before=date(2026, 11, 30), based_on=[work])
    with pytest.raises(FactChangedMeanwhile):
        correct(based_on=[profile.times.fact_id])
    assert len(queries.employer_history(employer_id=employer, access=bruno)) == 2


def test_of_two_clerks_on_two_connections_one_writes_and_one_is_told(
    cloned_database: Clone, bruno: Access
) -> None:
    amina = register("Amina", bruno)
    read = known(amina, "payment-account", bruno)

    def pay_to(number: str) -> None:
        operations.set_payment_account(
            person_id=amina,
            account=NewAccount(kind="bank", provider="CBXAXAXA", account_number=number),
            starts_on=DAY,
            access=bruno,
            at=LATER,
            based_on=read,
        )

    problems = at_once(*(partial(pay_to, number) for number in ("111", "222", "333")))

    assert [type(problem) for problem in problems] == [FactChangedMeanwhile] * 2
    with psycopg.connect(cloned_database.owner_url) as owner:
        current = owner.execute(
            "SELECT account_number, ends_before FROM register_paymentaccount"
            " WHERE superseded_at IS NULL ORDER BY starts_on"
        ).fetchall()
    assert current[0] == ("001", DAY)
    assert len(current) == 2
