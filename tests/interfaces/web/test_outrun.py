"""Two clerks change one fact at once: the second is told, overwrites nothing and loses nothing."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.test import Client

from amparo.interfaces.web.formats import day
from amparo.register.queries import employer_record, fact_history
from tests.interfaces.web.institution import AT, Institution
from tests.interfaces.web.test_facts import GROUNDS, opened, record, send

SignIn = Callable[[str], Client]
Typed = Mapping[str, str]
ACCOUNT = {"kind": "bank", "provider": "CBXAXAXA", "starts_on": "2026-11-01"}
HOME = {"country": "XA", "address": "", "starts_on": "2026-11-01"}
NAME = {"given_names": "Pedro", "family_name": "Sosa", "what": "change", "starts_on": "2026-11-01"}

# The page, what the first clerk types, what the second types, and what of both must be shown.
OUTRUN: Mapping[str, tuple[Typed, Typed, tuple[str, ...]]] = {
    "residence": (
        HOME | {"district": "Lakeside"},
        HOME | {"district": "Old Port"},
        ("Kora", "Lakeside", "Old Port"),
    ),
    "account": (
        ACCOUNT | {"account_number": "111222"},
        ACCOUNT | {"account_number": "333444"},
        ("111222", "333444", "bank account"),
    ),
    "name": (NAME | {"family_name": "Souza", "what": "correct"}, NAME, ("Sousa", "Souza", "Sosa")),
    "vitals": (
        {"sex": "male", "birth": "1950-01"},
        {"sex": "male", "birth": "1951"},
        ("1950-01-31", "1950-01", "1951"),
    ),
    "payee": (
        {"representative": "1990061234", "checked": "1990061234", "starts_on": "2026-11-01"},
        {"representative": "1963022801", "checked": "1963022801", "starts_on": "2026-11-02"},
        ("Tomasi Banda", "1963022801"),
    ),
}


def hidden(answer: Any) -> dict[str, str]:
    """Return what the form of an answer hides, to be sent with it again."""
    fields = answer.context["act"].form.hidden_fields()
    return {field.name: str(field.value()) for field in fields if field.value() is not None}


def test_the_second_sees_before_now_and_their_own_and_decides_knowingly(
    institution: Institution, sign_in: SignIn
) -> None:
    one, other = sign_in("rosa"), sign_in("rosa")
    for page, (first, second, shown) in OUTRUN.items():
        address = f"/people/{institution.people['pedro']}/{page}/"
        opened_by_one, opened_by_other = opened(one, address), opened(other, address)

        quicker = one.post(address, GROUNDS | opened_by_one | dict(first))
        known = known_facts(institution)
        outrun = other.post(address, GROUNDS | opened_by_other | dict(second))
        text = outrun.content.decode()

        assert quicker.status_code == HTTPStatus.FOUND, page
        assert outrun.status_code == HTTPStatus.CONFLICT, page
        assert known_facts(institution) == known, page
        assert "Somebody else changed this fact meanwhile" in text
        for said in (*shown, *second.values(), GROUNDS["reason"], "Rosa Nkemelu", "not recorded"):
            assert said in text, (page, said)

        decided = other.post(address, GROUNDS | hidden(outrun) | dict(second))

        assert decided.status_code == HTTPStatus.FOUND, (page, decided.content.decode())
        assert known_facts(institution) != known, page


def known_facts(institution: Institution) -> set[object]:
    lines = fact_history(person_id=institution.people["pedro"], access=institution.access("rosa"))
    return {line.times.fact_id for line in lines if line.times.superseded_at is None}


def test_a_death_an_end_and_a_number_that_changed_meanwhile_are_told_too(
    institution: Institution, sign_in: SignIn
) -> None:
    one, other = sign_in("rosa"), sign_in("rosa")
    josefa, tomasi = institution.people["josefa"], institution.people["tomasi"]
    send(
        one,
        josefa,
        "payee",
        representative="1990061234",
        checked="1990061234",
        starts_on="2026-10-01",
    )
    (number,) = record(institution, "tomasi").identifiers
    pages: Mapping[str, tuple[str, Typed, Typed, str]] = {
        "end": (
            f"/people/{josefa}/payee/end/",
            {"ends_on": "2026-10-10"},
            {"ends_on": "2026-10-20"},
            "Tomasi Banda",
        ),
        "number": (
            f"/people/{tomasi}/identifiers/{number.times.fact_id}/",
            {"what": "correct", "kind": "passport", "value": "AB 1", "issuer": "YY"},
            {"what": "correct", "kind": "passport", "value": "AB 2", "issuer": "YY"},
            "AB1",
        ),
        "death": (
            f"/people/{tomasi}/death/",
            {"death_date": "2026-10-30"},
            {"death_date": "2026-10-31"},
            "30\N{NO-BREAK SPACE}Oct\N{NO-BREAK SPACE}2026",
        ),
    }
    for page, (address, first, second, shown) in pages.items():
        opened_by_one, opened_by_other = opened(one, address), opened(other, address)

        quicker = one.post(address, GROUNDS | opened_by_one | dict(first))
        outrun = other.post(address, GROUNDS | opened_by_other | dict(second))
        decided = other.post(address, GROUNDS | hidden(outrun) | dict(second))

        assert quicker.status_code == HTTPStatus.FOUND, page
        assert outrun.status_code == HTTPStatus.CONFLICT, page
        assert shown in outrun.content.decode(), page
        if page == "death":  # Nobody dies twice: a wrong day is corrected on its own page.
            assert "A death is already recorded" in decided.content.decode()
        elif page == "number":
            assert decided.status_code == HTTPStatus.FOUND
            assert [n.value for n in record(institution, "tomasi").identifiers] == ["AB2"]


def test_an_employment_and_an_employer_changed_meanwhile_are_told_too(
    institution: Institution, sign_in: SignIn
) -> None:
    one, other = sign_in("esther"), sign_in("esther")
    employer = institution.employer
    end = f"/people/{institution.people['amina']}/employments/{employer}/end/"
    facts = f"/employers/{employer}/facts/"
    kora = {"name": "Kora Textiles", "activity": "1311", "district": "Lakeside", "what": "correct"}
    pages: Mapping[str, tuple[Typed, Typed, str]] = {
        end: ({"ends_on": "2026-09-30"}, {"ends_on": "2026-08-31"}, "29\N{NO-BREAK SPACE}Feb"),
        facts: (kora, kora | {"district": "Old Port"}, "Lakeside"),
    }
    for address, (first, second, shown) in pages.items():
        opened_by_one, opened_by_other = opened(one, address), opened(other, address)

        quicker = one.post(address, GROUNDS | opened_by_one | dict(first))
        outrun = other.post(address, GROUNDS | opened_by_other | dict(second))

        assert quicker.status_code == HTTPStatus.FOUND, address
        assert outrun.status_code == HTTPStatus.CONFLICT, address
        assert shown in outrun.content.decode(), address
    (work,) = record(institution, "amina").employments
    assert employer is not None
    now = employer_record(
        employer_id=employer,
        access=institution.access("esther"),
        as_of=AT.date(),
        known_at=record(institution, "amina").known_at,
    )
    assert day(work.times.ends_before) == day(AT.date().replace(month=10, day=1))
    assert now.district == "Lakeside"


def test_a_form_that_does_not_say_what_it_rests_on_writes_nothing(
    institution: Institution, sign_in: SignIn
) -> None:
    client, pedro = sign_in("rosa"), institution.people["pedro"]
    known = known_facts(institution)

    for seen in ({}, {"seen": "'; DROP TABLE"}, {"seen": str(pedro)}):
        answer = client.post(
            f"/people/{pedro}/residence/", GROUNDS | HOME | {"district": "Old Port"} | seen
        )

        assert answer.status_code in {HTTPStatus.OK, HTTPStatus.CONFLICT}
    assert known_facts(institution) == known
