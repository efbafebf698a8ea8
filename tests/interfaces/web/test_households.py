"""Households on their pages: founded, joined, left, and moved between by two clerks at once."""

from collections.abc import Callable
from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.test import Client
from django.utils import timezone

from amparo.journal.models import Event
from amparo.register.households import household_record
from amparo.register.records import HouseholdRecord
from tests.interfaces.web.institution import Institution
from tests.interfaces.web.test_facts import GROUNDS, opened, record, send
from tests.interfaces.web.test_outrun import hidden

SignIn = Callable[[str], Client]
JOIN = {"what": "join", "role": "member", "starts_on": "2026-10-01"}


def twice(client: Client, address: str, **typed: str) -> tuple[Any, Any]:
    """Send a form of two steps: what it leads to is shown, then done."""
    shown = client.post(address, GROUNDS | opened(client, address) | typed)
    return shown, client.post(address, GROUNDS | hidden(shown) | typed)


def living(
    institution: Institution, household_id: UUID | None, *, on: date | None = None
) -> list[tuple[str, str]]:
    assert household_id is not None
    now = timezone.now()
    found: HouseholdRecord = household_record(
        household_id=household_id,
        access=institution.access("bruno"),
        as_of=on or timezone.localdate(now),
        known_at=now,
    )
    return [(one.name, one.role) for one in found.members]


def test_who_lives_in_a_household_is_added_changed_and_leaves(
    institution: Institution, sign_in: SignIn
) -> None:
    client, home = sign_in("rosa"), institution.household
    page, pedro = f"/households/{home}/", institution.people["pedro"]
    number = record(institution, "pedro").number

    typed = {"member": number, "role": "member", "starts_on": "2026-10-01"}
    shown, added = twice(client, f"{page}members/new/", **typed)
    text = client.get(page).content.decode()
    changed = twice(
        client,
        f"/people/{pedro}/household/",
        **JOIN | {"household": number, "role": "reference-person", "starts_on": "2026-10-10"},
    )[1]
    both = living(institution, home)
    send(client, pedro, "household/end", ends_on="2026-10-20")

    assert "Is this the right person?" in shown.content.decode()
    assert (added.status_code, added["Location"]) == (HTTPStatus.FOUND, page)
    assert "Pedro Sousa" in text
    assert f"/people/{pedro}/household/end/" in text
    assert changed.status_code == HTTPStatus.FOUND
    assert both == [
        ("Josefa Mbeki", "reference-person"),
        ("Pedro Sousa", "reference-person"),
    ]
    assert living(institution, home, on=date(2026, 10, 5))[1] == ("Pedro Sousa", "member")
    assert living(institution, home) == [("Josefa Mbeki", "reference-person")]
    kinds = Event.objects.filter(subject_id=pedro).values_list("kind", flat=True)
    assert {"register.household_joined", "register.household_left"} <= set(kinds)


def test_a_household_is_founded_and_moving_leaves_the_former_one(
    institution: Institution, sign_in: SignIn
) -> None:
    client, josefa = sign_in("rosa"), institution.people["josefa"]

    shown, founded = twice(
        client,
        f"/people/{josefa}/household/",
        what="found",
        role="member",
        starts_on="2026-10-01",
    )

    own = record(institution, "josefa").household
    assert own is not None
    assert "a new one" in shown.content.decode()
    assert founded.status_code == HTTPStatus.FOUND
    assert own.household_id != institution.household
    assert [one.role for one in own.members] == ["reference-person"]
    assert living(institution, institution.household) == []
    assert living(institution, institution.household, on=date(2026, 9, 30)) != []


def test_what_cannot_be_is_said_and_nothing_is_written(
    institution: Institution, sign_in: SignIn
) -> None:
    client, pedro = sign_in("rosa"), institution.people["pedro"]
    page, number = f"/people/{pedro}/household/", record(institution, "josefa").number
    send(client, pedro, "death", death_date="2026-10-15")

    nobody = client.post(page, GROUNDS | opened(client, page) | JOIN | {"household": "H-0"})
    dead = twice(client, page, **JOIN | {"household": number, "starts_on": "2026-10-16"})[1]
    unborn = twice(client, page, **JOIN | {"household": number, "starts_on": "1949-01-01"})[1]
    none = send(client, pedro, "household/end", ends_on="2026-10-01")

    assert "No household has this number" in nobody.content.decode()
    assert "The person died before that day" in dead.content.decode()
    assert "before the person&#x27;s birth" in unborn.content.decode()
    assert "lives in no household beyond that day" in none.content.decode()
    assert record(institution, "pedro").household is None


def test_of_two_clerks_who_move_somebody_the_second_is_told(
    institution: Institution, sign_in: SignIn
) -> None:
    one, other, pedro = sign_in("rosa"), sign_in("rosa"), institution.people["pedro"]
    page, number = f"/people/{pedro}/household/", record(institution, "josefa").number
    adding = f"/households/{institution.household}/members/new/"
    typed = {"what": "found", "role": "member", "starts_on": "2026-10-01"}
    member = {"member": record(institution, "pedro").number, "role": "member"}
    shown = other.post(
        adding, GROUNDS | opened(other, adding) | member | {"starts_on": "2026-10-02"}
    )
    by_page = other.post(page, GROUNDS | opened(other, page) | JOIN | {"household": number})

    twice(one, page, **typed)
    own = record(institution, "pedro").household
    outrun = [
        other.post(adding, GROUNDS | hidden(shown) | member | {"starts_on": "2026-10-02"}),
        other.post(page, GROUNDS | hidden(by_page) | JOIN | {"household": number}),
    ]

    assert own is not None
    for answer in outrun:
        assert answer.status_code == HTTPStatus.CONFLICT
        assert own.number in answer.content.decode()
    assert living(institution, institution.household) == [("Josefa Mbeki", "reference-person")]
