"""Registering one person at the counter: people alike are shown before anything is saved."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.test import Client
from django.utils import timezone

from amparo.register.models import Person
from amparo.register.queries import find_persons, person_record
from tests.interfaces.web.institution import AT, Institution

SignIn = Callable[[str], Client]
NEWCOMER = {
    "given_names": "Leila",
    "family_name": "Haddad-Ouédraogo",
    "sex": "female",
    "birth": "2000-02-29",
    "national_id": "2000 0229 01",
    "district": "Kora",
    "address": "3 Well Lane",
    "lives_there_since": "2024-02-29",
    "key": "first",
}


def register(client: Client, **typed: str) -> Any:
    return client.post("/people/new/", NEWCOMER | typed)


def checked(**typed: str) -> dict[str, str]:
    """Return what the form remembers of the first step, so that the second one saves."""
    said = NEWCOMER | typed
    birth = said["birth"]
    whole = {4: "-01-01", 7: "-01", 10: ""}[len(birth)]
    precision = {4: "year", 7: "month", 10: "day"}[len(birth)]
    day = date.fromisoformat(birth + whole)
    number = said["national_id"].replace(" ", "")
    return {
        "checked": "|".join(
            [said["given_names"], said["family_name"], str((day, precision)), number]
        )
    }


def test_nobody_is_saved_before_people_alike_were_shown(
    institution: Institution, sign_in: SignIn
) -> None:
    client, before = sign_in("rosa"), Person.objects.count()

    first = register(client)

    assert first.status_code == 200
    assert "Nobody in the register resembles this person" in first.content.decode()
    assert Person.objects.count() == before
    assert first.context["act"].form.data["checked"] == checked()["checked"]


def test_a_newcomer_is_registered_with_every_fact_and_once(
    institution: Institution, sign_in: SignIn
) -> None:
    client = sign_in("rosa")

    saved = register(client, **checked())
    again = register(client, **checked())

    assert (saved.status_code, again.status_code) == (302, 302)
    assert saved["Location"] == again["Location"]
    (found,) = find_persons(text="2000022901", access=institution.access("bruno")).rows
    assert saved["Location"] == f"/people/{found.person_id}/"
    record = person_record(
        person_id=found.person_id,
        access=institution.access("bruno"),
        as_of=AT.date(),
        known_at=timezone.now(),
    )
    assert record.vitals is not None
    assert record.residence is not None
    assert (found.name, record.vitals.birth_date) == ("Leila Haddad-Ouédraogo", date(2000, 2, 29))
    assert record.residence.times.starts_on == date(2024, 2, 29)


def test_somebody_alike_is_shown_with_what_agrees_and_must_be_compared(
    institution: Institution, sign_in: SignIn
) -> None:
    client, before = sign_in("rosa"), Person.objects.count()
    twin = {
        "given_names": "Josefina",
        "family_name": "Mbeki",
        "birth": "1956-02-29",
        "national_id": "",
    }

    first = register(client, **twin).content.decode()
    unticked = register(client, **twin, **checked(**twin)).content.decode()

    assert f"/people/{institution.people['josefa']}/" in first
    assert "Probably the same person" in first or "Perhaps the same person" in first
    assert "birth, sex" in first
    assert "say whether it is one" in unticked
    assert Person.objects.count() == before


def test_a_tick_for_other_people_than_those_shown_counts_for_nothing(
    institution: Institution, sign_in: SignIn
) -> None:
    client, before = sign_in("rosa"), Person.objects.count()
    alike = {"given_names": "Tomas", "family_name": "Banda", "national_id": ""}

    answer = register(client, **alike, is_new="on", **checked())

    assert Person.objects.count() == before
    assert "is_new" not in answer.context["act"].form.data
    namesake = register(client, **alike, is_new="on", **checked(**alike))
    assert namesake.status_code == 302
    assert Person.objects.count() == before + 1


def test_an_identity_number_that_somebody_bears_is_refused_and_nothing_typed_is_lost(
    institution: Institution, sign_in: SignIn
) -> None:
    client = sign_in("rosa")
    register(client, **checked())
    before = Person.objects.count()
    again = {"given_names": "Nour", "family_name": "Traoré", "key": "second"}

    first = register(client, **again).content.decode()
    answer = register(client, **again, is_new="on", **checked(**again)).content.decode()

    assert "Perhaps the same person" in first or "Probably the same person" in first
    assert "identity number" in first
    assert "in the register already" in answer
    assert 'value="3 Well Lane"' in answer
    assert Person.objects.count() == before


def test_what_is_mistyped_is_said_beside_its_field_and_in_a_summary(
    institution: Institution, sign_in: SignIn
) -> None:
    answer = register(
        sign_in("rosa"),
        given_names=" ",
        family_name="",
        birth="2001-02-29",
        national_id="2000 0229 02",
        sex="",
    ).content.decode()

    for fault in (
        "A person needs a name",
        "There is no such day",
        "The check digit is wrong",
        "There is a problem",
    ):
        assert fault in answer, fault


def test_only_those_who_register_people_are_let_in(
    institution: Institution, sign_in: SignIn
) -> None:
    before = Person.objects.count()

    answers = {
        name: register(sign_in(name), **checked()).status_code
        for name in ("bruno", "celia", "esther", "amadou", "dario")
    }

    assert answers == dict.fromkeys(answers, 403)
    assert Person.objects.count() == before
