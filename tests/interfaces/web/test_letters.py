"""Letters say what their reader needs, by the institution's calendar."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from amparo.delivery.claims.operations import approve_claim, assess_claim, withdraw_claim
from amparo.interfaces.web.views.letters import _content
from amparo.office.queries import NoticeRow
from tests.interfaces.web.institution import AT, Institution, claim

_AWARD = {
    "number": "AW-2026-000001-9",
    "amount": "45.00",
    "currency": "XTS",
    "starts_on": "2026-08-01",
}


def _issued(content: dict[str, Any], *, at: datetime) -> NoticeRow:
    return NoticeRow(
        notice_id=uuid4(),
        number="NT-2026-000001-9",
        kind="claim granted",
        recipient_id=uuid4(),
        language="en",
        subject_kind="claim",
        subject_id=uuid4(),
        content=content,
        issued_at=at,
    )


def _written(award: dict[str, Any]) -> tuple[list[tuple[str, str]], str]:
    """Return the lines about the amounts, and why the award starts when it does."""
    content = _content(_issued({"award": award}, at=datetime(2026, 11, 3, tzinfo=UTC)))
    lines = [(_plain(one.label), _plain(one.text)) for one in content["lines"]]  # type: ignore[attr-defined]
    return lines[2:], _plain(str(content["held_back"]))


def _plain(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("issued_at", "dated"),
    [
        (datetime(2026, 12, 31, 21, 30, tzinfo=UTC), "1 Jan 2027"),
        (datetime(2028, 2, 28, 21, 0, tzinfo=UTC), "29 Feb 2028"),
        (datetime(2026, 11, 23, 20, 59, tzinfo=UTC), "23 Nov 2026"),
    ],
)
def test_a_letter_bears_the_day_of_the_legal_time_zone(issued_at: datetime, dated: str) -> None:
    written = str(_content(_issued({}, at=issued_at))["dated"])

    assert " ".join(written.split()) == dated


def test_a_letter_says_each_amount_with_its_first_day_and_the_last_day_of_all() -> None:
    later = [{"amount": "35.00", "starts_on": "2027-08-01"}]

    lines, held_back = _written({**_AWARD, "later": later, "ends_before": "2040-03-01"})

    assert lines == [
        ("From 1 Aug 2026", "45.00 XTS"),
        ("From 1 Aug 2027", "35.00 XTS"),
        ("Last day", "29 Feb 2040"),
    ]
    assert held_back == ""


def test_a_letter_without_later_amounts_or_a_known_end_invents_none() -> None:
    assert _written(_AWARD) == ([("From 1 Aug 2026", "45.00 XTS")], "")


@pytest.mark.parametrize(
    ("months", "language", "said"),
    [
        (3, "en", "at most 3 months before the month of the claim, so it is paid from 1 Aug 2026"),
        (1, "en", "at most 1 month before the month of the claim"),
        (0, "en", "lets no benefit start before the month of the claim"),
        (3, "fr", "au plus tôt 3 mois avant le mois de la demande"),
    ],
)
def test_a_letter_says_why_the_start_was_held_back(months: int, language: str, said: str) -> None:
    limit = {"right_from": "2024-02-01", "months": months, "law": "Test Act, Art. 5"}

    with translation.override(language):
        _lines, held_back = _written({**_AWARD, "backdated": limit})

    assert said in held_back
    assert "2024" in held_back
    assert "Test Act, Art. 5" in held_back


def test_pages_of_claim_and_award_say_from_when_and_why_not_earlier(
    institution: Institution, sign_in: Callable[[str], Client]
) -> None:
    bruno = institution.access("bruno")
    withdraw_claim(claim_id=institution.claims["proposed"], access=bruno, at=AT)
    late = claim(institution, "pedro", on=date(2026, 2, 1))
    assess_claim(claim_id=late, access=bruno, at=AT)
    decided = approve_claim(claim_id=late, access=institution.access("celia"), at=AT)
    client = sign_in("celia")

    for name, record in (
        ("claim", late),
        ("award", decided.award_id),
        ("notice", decided.notice_id),
    ):
        text = _plain(client.get(reverse(f"web:{name}", args=[record])).content.decode())
        assert "1 May 2026" in text, name
        assert "132.00" in text, name
        assert "at most 6 months before the month of the claim" in text, name
