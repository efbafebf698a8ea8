"""Facts written down one at a time: on evidence, with a reason, the old ones staying visible."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from amparo.journal.models import Event
from amparo.register.queries import person_record
from amparo.register.records import PersonRecord
from tests.interfaces.web.institution import Institution

SignIn = Callable[[str], Client]
GROUNDS = {"evidence": "identity-document", "reference": "ID 77", "reason": "Seen at the counter."}


def record(institution: Institution, name: str, *, on: date | None = None) -> PersonRecord:
    now = timezone.now()
    return person_record(
        person_id=institution.people[name],
        access=institution.access("bruno"),
        as_of=on or timezone.localdate(now),
        known_at=now,
    )


def opened(client: Client, address: str) -> dict[str, str]:
    """Return what a page hides in its form: among it, the facts that it shows."""
    page = client.get(address)
    if page.status_code != HTTPStatus.OK:
        return {}
    fields = page.context["act"].form.hidden_fields()
    return {field.name: str(field.value()) for field in fields if field.value() is not None}


def send(client: Client, person_id: UUID, page: str, **typed: str) -> Any:
    """Open a page's form and send it filled in."""
    address = f"/people/{person_id}/{page}/"
    return client.post(address, GROUNDS | opened(client, address) | typed)


def acts() -> set[str]:
    return set(Event.objects.filter(kind__startswith="register.").values_list("kind", flat=True))


def test_a_corrected_name_stands_beside_the_old_one_with_its_reason(
    institution: Institution, sign_in: SignIn
) -> None:
    pedro, client = institution.people["pedro"], sign_in("rosa")

    answer = send(
        client,
        pedro,
        "name",
        given_names="Pedro",
        family_name="Souza",
        what="correct",
    )

    assert answer.status_code == 302
    history = client.get(f"/people/{pedro}/history/").content.decode()
    for said in ("Pedro · Souza", "Pedro · Sousa", "identity document:", "Seen at the counter."):
        assert said in history, said
    assert "register.name_corrected" in acts()


def test_a_name_borne_from_a_day_on_needs_the_day(
    institution: Institution, sign_in: SignIn
) -> None:
    luisa, client = institution.people["luisa"], sign_in("rosa")
    married = {
        "given_names": "Luísa",
        "family_name": "Otieno",
        "what": "change",
    }

    without = send(client, luisa, "name", **married).content.decode()
    answer = send(client, luisa, "name", **married, starts_on="2026-02-28")

    assert "Say from which day" in without
    assert answer.status_code == 302
    now, before = (
        record(institution, "luisa").name,
        record(institution, "luisa", on=date(2026, 2, 27)).name,
    )
    assert now is not None
    assert before is not None
    assert (now.family_name, before.family_name) == ("Otieno", "Nyambura")


@pytest.mark.parametrize("page", ["name", "vitals"])
def test_a_fact_of_somebody_else_is_not_touched_by_naming_its_id(
    institution: Institution, sign_in: SignIn, page: str
) -> None:
    luisa = record(institution, "luisa")
    fact = luisa.name if page == "name" else luisa.vitals
    assert fact is not None
    typed = {"given_names": "Zuri", "what": "correct", "sex": "male", "birth": "1951"}

    answer = send(
        sign_in("rosa"),
        institution.people["pedro"],
        page,
        **{"fact_id" if page == "name" else "seen": str(fact.times.fact_id)},
        **typed,
    )

    after = record(institution, "luisa")
    assert answer.status_code == 200
    assert "Read the person&#x27;s page again" in answer.content.decode()
    assert (after.name, after.vitals) == (luisa.name, luisa.vitals)
    assert not {"register.name_corrected", "register.vitals_corrected"} & acts()


def test_a_death_is_recorded_and_put_right_where_it_was_a_mistake(
    institution: Institution, sign_in: SignIn
) -> None:
    pedro, client = institution.people["pedro"], sign_in("rosa")

    answer = send(client, pedro, "death", death_date="2026-10-31")
    twice = send(client, pedro, "death", death_date="2026-10-30").content.decode()
    dead = record(institution, "pedro").vitals
    assert dead is not None
    links = client.get(f"/people/{pedro}/").content.decode()
    send(
        client,
        pedro,
        "vitals",
        sex="male",
        birth="1950-01-31",
        death_date="",
    )

    alive = record(institution, "pedro").vitals
    assert alive is not None
    assert answer.status_code == 302
    assert "already recorded" in twice
    assert (dead.death_date, alive.death_date) == (date(2026, 10, 31), None)
    assert "Record a death" not in links
    assert "Take a claim" not in links
    assert "Claim what was due until the death" in links
    assert {"register.death_recorded", "register.vitals_corrected"} <= acts()


def test_an_identifier_is_added_corrected_and_withdrawn(
    institution: Institution, sign_in: SignIn
) -> None:
    luisa, client = institution.people["luisa"], sign_in("rosa")

    mistyped = send(client, luisa, "identifiers/new", kind="national-id", value="2000 0229 02")
    empty = send(client, luisa, "identifiers/new", kind="passport", value="")
    send(client, luisa, "identifiers/new", kind="passport", value="ab 12-3", issuer="yy")
    (added,) = record(institution, "luisa").identifiers
    page = f"identifiers/{added.times.fact_id}"
    send(client, luisa, page, what="correct", kind="passport", value="AB 124", issuer="YY")
    (corrected,) = record(institution, "luisa").identifiers
    send(client, luisa, f"identifiers/{corrected.times.fact_id}", what="withdraw", kind="passport")

    assert "The check digit is wrong" in mistyped.content.decode()
    assert "Write the number." in empty.content.decode()
    assert (added.value, added.issuer, corrected.value) == ("AB123", "YY", "AB124")
    assert record(institution, "luisa").identifiers == ()
    gone = client.get(f"/people/{luisa}/identifiers/{added.times.fact_id}/")
    assert gone.status_code == 404


def test_a_move_is_recorded_from_its_day(institution: Institution, sign_in: SignIn) -> None:
    pedro = institution.people["pedro"]

    send(
        sign_in("rosa"),
        pedro,
        "residence",
        district="Lakeside",
        address="9 Pier",
        country="xa",
        starts_on="2026-10-01",
    )

    now, before = (
        record(institution, "pedro").residence,
        record(institution, "pedro", on=date(2026, 9, 30)).residence,
    )
    assert now is not None
    assert before is not None
    assert (now.district, now.country, before.district) == ("Lakeside", "XA", "Kora")


def test_a_new_account_waits_for_its_operator_before_anything_is_paid_to_it(
    institution: Institution, sign_in: SignIn
) -> None:
    pedro, client = institution.people["pedro"], sign_in("rosa")
    typed = {"kind": "bank", "account_number": "00 123-4", "starts_on": "2026-10-01"}

    short = send(client, pedro, "account", provider="CBX", **typed).content.decode()
    send(client, pedro, "account", provider="CBXA XAXA", **typed)

    account = record(institution, "pedro").account
    assert account is not None
    assert "A BIC has 8 or 11 characters" in short
    assert (account.provider, account.account_number) == ("CBXAXAXA", "001234")
    assert account.verified_on is None
    assert "nothing can be paid to it" in client.get(f"/people/{pedro}/").content.decode()


def test_who_a_payee_is_is_shown_before_they_are_named_and_they_end_again(
    institution: Institution, sign_in: SignIn
) -> None:
    josefa, client = institution.people["josefa"], sign_in("rosa")
    typed = {"representative": "1990 0612 34", "starts_on": "2026-10-01"}

    nobody = send(client, josefa, "payee", representative="77", starts_on="2026-10-01")
    first = send(client, josefa, "payee", **typed)
    shown, unsaved = first.content.decode(), record(institution, "josefa").payee
    send(client, josefa, "payee", checked=first.context["act"].form.data["checked"], **typed)
    named = record(institution, "josefa").payee
    page = client.get(f"/people/{josefa}/").content.decode()
    send(client, josefa, "payee/end", ends_on="2026-09-30")

    assert "Nobody in the register has this number" in nobody.content.decode()
    assert "Tomasi Banda" in shown
    assert unsaved is None
    assert named is not None
    assert named.person_id == institution.people["tomasi"]
    assert "Receives for this person" in page
    assert record(institution, "josefa", on=date(2026, 10, 2)).payee is None
    assert "register.payee_ended" in acts()


def test_an_employment_is_started_and_ended_by_those_who_keep_employers(
    institution: Institution, sign_in: SignIn
) -> None:
    luisa, client = institution.people["luisa"], sign_in("esther")
    number = record(institution, "amina").employments[0].employer_number
    typed = {"employer": number, "starts_on": "2026-02-28", "occupation": "7531"}

    nobody = send(client, luisa, "employments/new", employer="E-0", starts_on="2026-02-28")
    first = send(client, luisa, "employments/new", **typed)
    send(client, luisa, "employments/new", checked=number, **typed)
    (working,) = record(institution, "luisa").employments
    overlapping = send(client, luisa, "employments/new", checked=number, **typed)
    page = client.get(f"/people/{luisa}/").content.decode()
    send(client, luisa, f"employments/{working.employer_id}/end", ends_on="2026-09-30")

    assert "No employer has this number" in nobody.content.decode()
    assert "Is this the right employer?" in first.content.decode()
    assert "works for this employer already" in overlapping.content.decode()
    assert f"/employments/{working.employer_id}/end/" in page
    (ended,) = record(institution, "luisa").employments
    assert ended.times.ends_before == date(2026, 10, 1)
    assert {"register.hire", "register.leave"} <= acts()


ACCOUNT = {"kind": "bank", "provider": "CBXAXAXA", "account_number": "77"}
HOME = {"district": "Kora", "country": "XA"}
NAME = {"what": "change", "family_name": "Li"}


@pytest.mark.parametrize(
    ("page", "typed", "said"),
    [
        ("payee/end", {"ends_on": "9999-12-31"}, "Check the year"),
        ("payee", {"starts_on": "2026-10-01", "ends_on": "9999-12-31"}, "Check the year"),
        ("death", {"death_date": "1800-01-01"}, "Check the year"),
        ("account", ACCOUNT | {"starts_on": "0001-01-01"}, "Check the year"),
        ("account", ACCOUNT | {"starts_on": "2100-01-01"}, "more than two years ahead"),
        ("account", ACCOUNT | {"starts_on": "1949-12-31"}, "before the person&#x27;s birth"),
        ("account", ACCOUNT | {"account_number": "1" * 35}, "1 to 34 Latin letters"),
        ("account", ACCOUNT | {"account_number": "---"}, "1 to 34 Latin letters"),
        ("account", ACCOUNT | {"provider": "12345678"}, "A BIC has 8 or 11 characters"),
        ("identifiers/new", {"kind": "tax", "value": "---"}, "Write the number."),
        ("identifiers/new", {"kind": "tax", "value": "7", "issuer": "|b"}, "The issuer is"),
        (
            "identifiers/new",
            {"kind": "national-id", "value": "123", "issuer": "xa"},
            "does not have the form",
        ),
        ("residence", HOME | {"district": "\u200b"}, "This field is required"),
        ("residence", HOME | {"country": "??"}, "in two letters, such as XA"),
        ("name", NAME | {"given_names": "\u200d"}, "at least one letter"),
        ("vitals", {"sex": "male", "birth": "0001"}, "Check the year"),
    ],
)
def test_what_cannot_be_is_said_at_the_form_and_nothing_is_written(
    institution: Institution, sign_in: SignIn, page: str, typed: dict[str, str], said: str
) -> None:
    pedro, before = institution.people["pedro"], record(institution, "pedro")

    answer = send(sign_in("rosa"), pedro, page, **({"starts_on": "2026-10-01"} | typed))

    after = record(institution, "pedro")
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert replace(after, known_at=before.known_at) == before


@pytest.mark.parametrize("missing", ["evidence", "reason"])
def test_nothing_is_written_without_its_evidence_and_reason(
    institution: Institution, sign_in: SignIn, missing: str
) -> None:
    pedro = institution.people["pedro"]

    answer = send(sign_in("rosa"), pedro, "death", death_date="2026-10-31", **{missing: ""})

    vitals = record(institution, "pedro").vitals
    assert vitals is not None
    assert vitals.death_date is None
    assert "This field is required" in answer.content.decode()


def test_no_link_leads_where_the_role_may_not_go(institution: Institution, sign_in: SignIn) -> None:
    page = f"/people/{institution.people['amina']}/"

    seen = {name: sign_in(name).get(page).content.decode() for name in ("bruno", "rosa", "esther")}

    assert "Write down what changed" not in seen["bruno"]
    assert "Record a death" in seen["rosa"]
    assert "Start an employment" not in seen["rosa"]
    assert "Start an employment" in seen["esther"]
    assert "Record a death" not in seen["esther"]
