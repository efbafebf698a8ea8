"""Money on the pages: matched with a look first, asked back by one and decided by another."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from amparo.delivery.contributions.collection_queries import receipts_page
from amparo.register.queries import find_employers
from tests.interfaces.web.institution import AT, Institution


def _text(answer: object) -> str:
    return " ".join(answer.content.decode().split())  # type: ignore[attr-defined]


def _number(institution: Institution) -> str:
    found = find_employers(text="Kora Textiles", access=institution.access("esther"))
    return found.rows[0].number


def _unknown(institution: Institution) -> str:
    (found,) = receipts_page(
        access=institution.access("carla"), on=AT.date(), only_unknown=True
    ).rows
    return str(found.receipt_id)


def test_money_is_matched_after_a_look_at_whose_it_would_be(
    institution: Institution, sign_in: Callable[[str], Client]
) -> None:
    client, receipt = sign_in("carla"), _unknown(institution)
    address = reverse("web:receipt-match", args=[receipt])
    typed = {"employer": _number(institution), "reason": "Their accountant rang.", "key": "1"}

    looked = client.post(address, typed)
    done = client.post(address, {**typed, "checked": _number(institution)}, follow=True)

    assert "Is this the right employer?" in _text(looked)
    assert "matched and laid on the employer" in _text(done)
    assert "Kora Textiles" in _text(done)


def test_a_match_to_an_unknown_number_is_refused_beside_the_field(
    institution: Institution, sign_in: Callable[[str], Client]
) -> None:
    answer = sign_in("carla").post(
        reverse("web:receipt-match", args=[_unknown(institution)]),
        {"employer": "E-0", "reason": "x", "key": "1"},
    )

    assert "No employer has this number" in _text(answer)


def test_the_employers_account_says_what_is_owed_and_what_waits(
    institution: Institution, sign_in: Callable[[str], Client]
) -> None:
    page = _text(
        sign_in("esther").get(reverse("web:employer-account", args=[institution.employer]))
    )

    assert "Statement of account" in page
    assert "Waiting on the account" in page


def test_a_refund_is_approved_by_another_and_only_once(
    institution: Institution, sign_in: Callable[[str], Client]
) -> None:
    anton = sign_in("anton")
    address = reverse("web:proposal-approve", args=[institution.money_proposal])

    unconfirmed = anton.post(address, {"key": "1"}, follow=True)
    approved = anton.post(address, {"key": "2", "confirmed": "yes"}, follow=True)
    again = anton.post(address, {"key": "3", "confirmed": "yes"}, follow=True)

    assert "Tick the box to confirm" in _text(unconfirmed)
    assert "approved and posted" in _text(approved)
    assert "was decided before" in _text(again)


def test_who_proposed_may_withdraw_and_sees_no_approval(
    institution: Institution, sign_in: Callable[[str], Client]
) -> None:
    client = sign_in("carla")
    page = _text(client.get(reverse("web:proposal", args=[institution.money_proposal])))

    done = client.post(
        reverse("web:proposal-withdraw", args=[institution.money_proposal]),
        {"key": "1"},
        follow=True,
    )

    assert "Withdraw the proposal" in page
    assert "Approve the proposal" not in page
    assert "is withdrawn" in _text(done)


def test_a_write_off_is_proposed_from_the_debt(
    institution: Institution, sign_in: Callable[[str], Client]
) -> None:
    client = sign_in("carla")
    account = _text(client.get(reverse("web:employer-account", args=[institution.employer])))
    address = account.split('href="/debts/')[1].split('"')[0]

    refused = client.post(
        f"/debts/{address}",
        {"kind": "reversal", "amount": "1.00", "reason": "A mistake.", "key": "1"},
    )

    assert "put right by correcting their declaration" in _text(refused)


def test_interest_is_charged_from_the_page_once_it_is_confirmed(
    institution: Institution, sign_in: Callable[[str], Client]
) -> None:
    client, address = sign_in("carla"), reverse("web:interest-charge")

    unconfirmed = client.post(address, {"key": "1"}, follow=True)
    charged = client.post(address, {"key": "2", "confirmed": "yes"}, follow=True)

    assert "Tick the box to confirm" in _text(unconfirmed)
    assert "Interest charged" in _text(charged)


def test_a_month_is_estimated_from_the_page_and_a_typing_error_is_told(
    institution: Institution, sign_in: Callable[[str], Client]
) -> None:
    client, address = sign_in("carla"), reverse("web:month-estimate")

    wrong = client.post(address, {"key": "1", "month": "November"}, follow=True)
    done = client.post(address, {"key": "2", "month": "2026-08"}, follow=True)

    assert "Write the month as 2026-11" in _text(wrong)
    assert "To be looked at: 1" in _text(done)


def test_a_dispute_is_noted_and_closed_on_one_page(
    institution: Institution, sign_in: Callable[[str], Client]
) -> None:
    client = sign_in("carla")
    account = _text(client.get(reverse("web:employer-account", args=[institution.employer])))
    debt = account.split('href="/debts/')[1].split("/")[0]
    address = reverse("web:debt-dispute", args=[debt])

    noted = client.post(address, {"said": "Closed in July.", "key": "1"}, follow=True)
    shown = _text(client.get(address))
    closed = client.post(address, {"said": "It was open.", "key": "2"}, follow=True)

    assert "interest stands still" in _text(noted)
    assert "Closed in July." in shown
    assert "interest runs again" in _text(closed)
