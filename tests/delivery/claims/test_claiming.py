"""Taking a claim: the receipt, the clock, and never twice."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from amparo.delivery.claims import queries
from amparo.delivery.claims.benefits import AnswerNotUnderstood, BenefitNotOffered
from amparo.delivery.claims.models import Claim
from amparo.delivery.claims.operations import (
    AlreadyClaimed,
    ClaimantDead,
    ClaimReceipt,
    ContingencyToCome,
    NoSuchClaim,
    StepNotOpen,
    UnknownClaimant,
    add_answers,
    assess_claim,
    submit_claim,
    withdraw_claim,
)
from amparo.office.models import Task
from amparo.office.queries import notices_of
from amparo.register.operations import record_death
from amparo.rules.book.queries import NoPackInForce
from amparo.values import NotPermitted
from tests.delivery.world import AT, SCHEME, World, opened

RETIRES = date(2026, 11, 1)


def claim_pension(world: World, **changed: Any) -> ClaimReceipt:
    said: dict[str, Any] = {
        "person_id": world.amina,
        "scheme": SCHEME,
        "benefit": "old-age-pension",
        "contingency_on": RETIRES,
        "answers": {"has_stopped_work": True},
        "channel": "officer",
        "access": world.bruno,
        "at": AT,
    }
    return submit_claim(**(said | changed))


def test_a_claim_gets_a_number_and_a_statutory_day_at_once(world: World) -> None:
    receipt = claim_pension(world, language="fr")

    record = queries.claim_record(claim_id=receipt.claim_id, access=world.bruno)
    (notice,) = notices_of(recipient_id=world.amina, access=world.bruno)
    task = Task.objects.get(subject_id=receipt.claim_id)

    assert receipt.due_on == date(2026, 12, 20)
    assert (record.summary.state, record.summary.number) == ("submitted", receipt.number)
    assert record.answers == {"has_stopped_work": True}
    assert (notice.kind, notice.language) == ("claim received", "fr")
    assert notice.content["benefit"] == "Pension de vieillesse"
    assert notice.content["answer_due_on"] == "2026-12-20"
    assert (task.kind, task.role, task.due_on) == (
        "claim to assess",
        "claims-officer",
        receipt.due_on,
    )


def test_the_same_claim_again_names_the_open_one_and_adds_nothing(world: World) -> None:
    first = claim_pension(world)

    with pytest.raises(AlreadyClaimed, match=first.number):
        claim_pension(world, channel="paper")

    with opened(world):
        assert Claim.objects.count() == 1


def test_a_claim_for_another_day_of_the_same_benefit_names_the_open_one(world: World) -> None:
    first = claim_pension(world)

    with pytest.raises(AlreadyClaimed, match=first.number):
        claim_pension(world, contingency_on=date(2026, 10, 1))

    with opened(world):
        twin = Claim.objects.get(id=first.claim_id)
        twin.id, twin.number, twin.contingency_on = uuid4(), "CL-2026-999999-9", date(2026, 10, 1)
        with pytest.raises(IntegrityError, match="single_benefit"), transaction.atomic():
            twin.save(force_insert=True)


def test_a_benefit_that_repeats_is_claimed_for_each_day(world: World) -> None:
    for day in (date(2026, 11, 1), date(2026, 11, 2)):
        claim_pension(world, benefit="survivor-pension", contingency_on=day)

    with opened(world):
        assert Claim.objects.filter(is_single=False).count() == 2


def test_a_day_to_come_is_claimed_for_when_it_has_come(world: World) -> None:
    with pytest.raises(ContingencyToCome, match="Claim again from that day"):
        claim_pension(world, contingency_on=date(2026, 11, 21))

    assert claim_pension(world, contingency_on=date(2026, 11, 20)).number


def test_nothing_begins_after_death_and_what_was_due_until_then_is_still_claimed(
    world: World,
) -> None:
    record_death(person_id=world.amina, death_date=RETIRES, access=world.rosa, at=AT)

    with pytest.raises(ClaimantDead, match="Survivors claim in their own names"):
        claim_pension(world, contingency_on=date(2026, 11, 2))
    receipt = claim_pension(world, contingency_on=RETIRES)

    assert receipt.number


def test_the_database_refuses_a_second_open_claim_too(world: World) -> None:
    first = claim_pension(world)

    with opened(world):
        twin = Claim.objects.get(id=first.claim_id)
        twin.id, twin.number = uuid4(), "CL-2026-999999-9"
        with pytest.raises(IntegrityError, match="one_open_claim"), transaction.atomic():
            twin.save(force_insert=True)


def test_a_withdrawn_claim_can_be_made_again(world: World) -> None:
    first = claim_pension(world)

    withdraw_claim(claim_id=first.claim_id, access=world.bruno, at=AT)
    second = claim_pension(world)

    assert second.claim_id != first.claim_id
    assert not Task.objects.filter(subject_id=first.claim_id, closed_at=None).exists()


def test_a_withdrawn_claim_stays_as_it_is(world: World) -> None:
    receipt = claim_pension(world)
    withdraw_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)

    with pytest.raises(StepNotOpen, match="withdrawn"):
        assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)
    with pytest.raises(StepNotOpen):
        add_answers(claim_id=receipt.claim_id, answers={}, access=world.bruno, at=AT)
    with opened(world), pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.update(state="submitted")


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"shoe_size": Decimal(38)}, "does not ask for: shoe_size"),
        ({"date_of_birth": date(1950, 1, 1)}, "does not ask for: date_of_birth"),
        ({"has_stopped_work": "yes"}, "must be a boolean"),
        ({"has_stopped_work": 1}, "must be a boolean"),
    ],
)
def test_an_answer_that_was_not_asked_for_or_is_of_another_kind_is_refused(
    world: World, answers: dict[str, Any], message: str
) -> None:
    with pytest.raises(AnswerNotUnderstood, match=message):
        claim_pension(world, answers=answers)


def test_a_benefit_nobody_offers_is_refused_with_the_list_of_those_offered(world: World) -> None:
    with pytest.raises(BenefitNotOffered, match="Choose one of: old-age-pension"):
        claim_pension(world, benefit="free-lunch")


def test_a_contingency_before_the_scheme_began_is_refused(world: World) -> None:
    with pytest.raises(NoPackInForce):
        claim_pension(world, contingency_on=date(1999, 12, 31))


def test_somebody_unknown_cannot_claim(world: World) -> None:
    with pytest.raises(UnknownClaimant):
        claim_pension(world, person_id=uuid4())


def test_a_claim_nobody_made_is_not_found(world: World) -> None:
    with pytest.raises(NoSuchClaim):
        assess_claim(claim_id=uuid4(), access=world.bruno, at=AT)
    with pytest.raises(NoSuchClaim):
        queries.claim_record(claim_id=uuid4(), access=world.bruno)


def test_dario_can_neither_claim_nor_look(world: World) -> None:
    receipt = claim_pension(world)

    with pytest.raises(NotPermitted):
        claim_pension(world, access=world.dario)
    with pytest.raises(NotPermitted):
        queries.claim_record(claim_id=receipt.claim_id, access=world.dario)
    with pytest.raises(NotPermitted):
        queries.claims_page(access=world.dario)
    with pytest.raises(NotPermitted):
        withdraw_claim(claim_id=receipt.claim_id, access=world.dario, at=AT)


def test_claims_show_themselves_to_a_reading_only(world: World) -> None:
    claim_pension(world)

    assert Claim.objects.count() == 0
    with opened(world):
        assert Claim.objects.count() == 1
