"""Family ties on their pages: recorded from either side, ended, corrected, withdrawn."""

from collections.abc import Callable
from datetime import date
from http import HTTPStatus

from django.test import Client

from amparo.journal.models import Event
from tests.interfaces.web.institution import Institution
from tests.interfaces.web.test_facts import GROUNDS, opened, record, send
from tests.interfaces.web.test_households import twice
from tests.interfaces.web.test_outrun import hidden

SignIn = Callable[[str], Client]
AMINA, TOMASI, PEDRO, JOSEFA = "amina", "tomasi", "pedro", "josefa"


def kin(institution: Institution, name: str) -> list[tuple[str, str, str]]:
    return [(one.kind, one.name, one.form) for one in record(institution, name).kin]


def test_a_tie_is_recorded_from_either_side_and_shows_on_both(
    institution: Institution, sign_in: SignIn
) -> None:
    client, page = sign_in("rosa"), f"/people/{institution.people[AMINA]}/ties/new/"
    number = record(institution, PEDRO).number

    shown, recorded = twice(
        client, page, relative="1990061234", kind="child", form="birth", starts_on=""
    )
    twice(client, page, relative=number, kind="spouse", form="civil", starts_on="1988-02-29")
    text = client.get(f"/people/{institution.people[AMINA]}/").content.decode()

    assert "Tomasi Banda" in shown.content.decode()
    assert recorded.status_code == HTTPStatus.FOUND
    assert kin(institution, TOMASI) == [("parent", "Amina Juma", "birth")]
    assert kin(institution, PEDRO) == [("spouse", "Amina Juma", "civil")]
    assert "civil marriage" in text
    kinds = set(Event.objects.values_list("kind", flat=True))
    assert {"register.parent_recorded", "register.union_recorded"} <= kinds


def test_a_tie_that_cannot_be_is_said_and_not_recorded(
    institution: Institution, sign_in: SignIn
) -> None:
    client, page = sign_in("rosa"), f"/people/{institution.people[AMINA]}/ties/new/"
    own = record(institution, AMINA).number
    refused = {
        "A parent would be born after the child": {"relative": "1990061234", "kind": "parent"},
        "Nobody is their own": {"relative": own, "kind": "child"},
        "Say from which day the two are a couple": {"relative": "1990061234", "kind": "spouse"},
        "It does not go with this tie": {
            "relative": "1990061234",
            "kind": "child",
            "form": "civil",
        },
        "Nobody in the register has this number": {"relative": "77", "kind": "child"},
        "before the person&#x27;s birth": {
            "relative": "1990061234",
            "kind": "child",
            "starts_on": "1980-01-01",
        },
    }

    for words, typed in refused.items():
        address = opened(client, page)
        shown = client.post(page, GROUNDS | address | typed)
        sent = client.post(page, GROUNDS | hidden(shown) | typed)

        assert words in sent.content.decode(), words
    assert kin(institution, AMINA) == []


def test_a_union_ends_with_an_outcome_and_a_parent_is_corrected_or_withdrawn(
    institution: Institution, sign_in: SignIn
) -> None:
    client, amina = sign_in("rosa"), institution.people[AMINA]
    page, number = f"/people/{amina}/ties/new/", record(institution, PEDRO).number
    twice(client, page, relative=number, kind="spouse", form="civil", starts_on="1988-02-29")
    twice(client, page, relative="1990061234", kind="child", form="birth")
    (child, union) = sorted(record(institution, AMINA).kin, key=lambda one: one.kind)
    end = {"what": "end", "ends_on": "2026-10-31"}

    without = send(client, amina, f"ties/{union.times.fact_id}", **end)
    ended = send(client, amina, f"ties/{union.times.fact_id}", **end, outcome="divorced")
    send(client, amina, f"ties/{child.times.fact_id}", what="correct", form="adoption")
    (adopted,) = record(institution, AMINA).kin
    gone = client.get(f"/people/{amina}/ties/{child.times.fact_id}/")
    send(
        client,
        institution.people[TOMASI],
        f"ties/{adopted.times.fact_id}",
        what="withdraw",
    )

    assert "Say how the union ended" in without.content.decode()
    assert ended.status_code == HTTPStatus.FOUND
    assert adopted.form == "adoption"
    assert gone.status_code == HTTPStatus.NOT_FOUND
    assert kin(institution, AMINA) == []
    assert record(institution, PEDRO, on=date(2026, 10, 31)).kin != ()
    kinds = set(Event.objects.values_list("kind", flat=True))
    assert {
        "register.union_ended",
        "register.tie_corrected",
        "register.tie_withdrawn",
    } <= kinds


def test_of_two_clerks_who_change_a_tie_the_second_is_told(
    institution: Institution, sign_in: SignIn
) -> None:
    one, other = sign_in("rosa"), sign_in("rosa")
    page = f"/people/{institution.people[AMINA]}/ties/new/"
    twice(one, page, relative="1990061234", kind="child", form="birth")
    (child,) = record(institution, AMINA).kin
    mine = f"/people/{institution.people[AMINA]}/ties/{child.times.fact_id}/"
    theirs = f"/people/{institution.people[TOMASI]}/ties/{child.times.fact_id}/"
    read = opened(other, theirs)

    send(
        one,
        institution.people[AMINA],
        f"ties/{child.times.fact_id}",
        what="correct",
        form="adoption",
    )
    outrun = other.post(theirs, GROUNDS | read | {"what": "correct", "form": "foster"})
    before = kin(institution, TOMASI)
    decided = other.post(theirs, GROUNDS | hidden(outrun) | {"what": "correct", "form": "foster"})

    assert one.get(mine).status_code == HTTPStatus.NOT_FOUND
    assert outrun.status_code == HTTPStatus.CONFLICT
    for said in ("by adoption", "by birth", "in foster care", "Amina Juma"):
        assert said in outrun.content.decode(), said
    assert before == [("parent", "Amina Juma", "adoption")]
    assert decided.status_code == HTTPStatus.FOUND
    assert kin(institution, TOMASI) == [("parent", "Amina Juma", "foster")]
