"""Mandates on their page: seen by administrators and auditors, granted and ended by the former."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from amparo.accounts.models import Mandate
from amparo.accounts.operations import UnableToEnd, end_mandate
from amparo.journal.models import Event
from tests.interfaces.web.institution import AT, Institution

SignIn = Callable[[str], Client]


def mandate_of(staff: Institution, name: str) -> UUID:
    return Mandate.objects.get(user_id=staff.staff[name]).id


def test_a_mandate_is_granted_and_opens_the_roles_pages(
    staff: Institution, sign_in: SignIn
) -> None:
    dario = sign_in("dario")
    typed = {
        "username": "dario",
        "role": "registration-officer",
        "starts_on": timezone.localdate().isoformat(),
        "key": "1",
    }

    refused = dario.get("/people/").status_code
    granted = sign_in("agnes").post("/mandates/", typed, follow=True).content.decode()

    assert refused == 403
    assert "Granted: Dario Moreau, Registration officer." in granted
    assert dario.get("/people/").status_code == 200


def test_what_cannot_be_granted_is_said_and_nothing_typed_is_lost(
    staff: Institution, sign_in: SignIn
) -> None:
    client, today = sign_in("agnes"), timezone.localdate()
    typed = {"role": "claims-approver", "starts_on": today.isoformat()}

    nobody = client.post("/mandates/", {**typed, "username": "nobody"}).content.decode()
    both = client.post("/mandates/", {**typed, "username": "bruno"}).content.decode()
    oneself = client.post("/mandates/", {**typed, "username": "agnes"}).content.decode()
    backwards = client.post(
        "/mandates/",
        {**typed, "username": "dario", "ends_on": (today - timedelta(days=1)).isoformat()},
    ).content.decode()

    before = client.post(
        "/mandates/",
        {**typed, "username": "dario", "starts_on": (today - timedelta(days=1)).isoformat()},
    ).content.decode()

    assert "A mandate begins today at the earliest" in before
    assert "Nobody signs in by this name" in nobody
    assert "do not go together" in both
    assert 'value="bruno"' in both
    assert "Nobody grants a mandate to themselves" in oneself
    assert "The last day lies before the first" in backwards
    assert Mandate.objects.filter(role_id="claims-approver").count() == 1


def test_an_ended_mandate_closes_the_roles_pages_at_once(
    staff: Institution, sign_in: SignIn
) -> None:
    bruno, agnes = sign_in("bruno"), sign_in("agnes")
    page = f"/mandates/{mandate_of(staff, 'bruno')}/end/"
    yesterday = timezone.localdate() - timedelta(days=1)

    before = bruno.get("/claims/").status_code
    shown = agnes.get(page).content.decode()
    ended = agnes.post(page, {"ends_on": yesterday.isoformat(), "key": "1"}, follow=True)

    assert (before, bruno.get("/claims/").status_code) == (200, 403)
    assert "Bruno Keita" in shown
    assert "The mandate ends: Bruno Keita, Claims officer." in ended.content.decode()
    event = Event.objects.get(kind="accounts.mandate_ended")
    assert event.actor_id == staff.staff["agnes"]


def test_a_mandate_does_not_end_in_the_past(staff: Institution, sign_in: SignIn) -> None:
    mandate_id = mandate_of(staff, "bruno")

    answer = sign_in("agnes").post(f"/mandates/{mandate_id}/end/", {"ends_on": "2026-03-01"})

    assert "ends today at the earliest" in answer.content.decode()
    assert Mandate.objects.get(id=mandate_id).ends_before is None


def test_the_last_administrator_keeps_the_mandate(staff: Institution) -> None:
    with pytest.raises(UnableToEnd, match="only administrator"):
        end_mandate(
            mandate_id=mandate_of(staff, "agnes"),
            ends_before=date(2027, 2, 28),
            access=staff.access("agnes"),
            at=AT,
        )


def test_an_auditor_sees_mandates_and_changes_none(staff: Institution, sign_in: SignIn) -> None:
    client = sign_in("amadou")

    page = client.get("/mandates/").content.decode()
    client.post("/mandates/", {"username": "dario", "role": "auditor", "starts_on": "2026-11-03"})

    assert "Bruno Keita" in page
    assert "Grant a mandate" not in page
    assert client.get(f"/mandates/{mandate_of(staff, 'bruno')}/end/").status_code == 403
    assert not Mandate.objects.filter(user_id=staff.staff["dario"]).exists()
