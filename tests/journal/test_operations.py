from contextlib import suppress
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction

from amparo.journal.models import Event
from amparo.journal.operations import (
    OutsideTransaction,
    record,
    record_without_mandate,
    salted_hash,
)
from tests.cast import Cast
from tests.conftest import Clone


def test_an_event_says_who_under_which_mandate_for_which_purpose(cast: Cast) -> None:
    bruno, claim = cast.access("bruno"), uuid4()

    record(
        kind="claims.proposed",
        access=bruno,
        subject_kind="claim",
        subject_id=claim,
        details={"facts": [claim], "on": date(2026, 3, 2), "amount": Decimal("10.50")},
    )

    event = Event.objects.get(kind="claims.proposed")
    assert (event.actor_id, event.role, event.mandate_id) == (
        cast["bruno"],
        "claims-officer",
        bruno.mandate_id,
    )
    assert event.purpose == "SocialWelfareEligibilityAssessment"
    assert event.details == {"facts": [str(claim)], "on": "2026-03-02", "amount": "10.50"}


def test_an_event_without_mandate_names_no_role(cast: Cast) -> None:
    record_without_mandate(kind="accounts.sign_in_failed", actor_id=cast["dario"])

    event = Event.objects.get(kind="accounts.sign_in_failed")
    assert (event.actor_id, event.role, event.mandate_id) == (cast["dario"], "", None)


def test_no_act_without_its_transaction(cloned_database: Clone) -> None:
    with pytest.raises(OutsideTransaction, match=r"claims.proposed"):
        record_without_mandate(kind="claims.proposed")

    assert not Event.objects.filter(kind="claims.proposed").exists()


def test_an_event_goes_with_the_act_that_is_rolled_back(cloned_database: Clone) -> None:
    class Undone(Exception):
        pass

    with suppress(Undone), transaction.atomic():
        record_without_mandate(kind="claims.proposed")
        raise Undone

    assert not Event.objects.filter(kind="claims.proposed").exists()


def test_a_salted_hash_finds_the_same_text_and_tells_nothing() -> None:
    assert salted_hash(text="Amina") == salted_hash(text="Amina") != salted_hash(text="Amine")
    assert len(salted_hash(text="Amina")) == 64
