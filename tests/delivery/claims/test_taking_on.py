"""Awards from an older system: paid from the first run, each resting on a take-on decision."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from amparo.delivery.claims import queries
from amparo.delivery.claims.models import Award, AwardComponent, TakeOn
from amparo.delivery.claims.operations import (
    AlreadyClaimed,
    AwardToTakeOn,
    PreparerIsApprover,
    TakeOnTotalsDiffer,
    UnableToTakeOn,
    take_on_awards,
)
from amparo.delivery.decisions.models import Decision
from amparo.delivery.decisions.queries import decision_record
from amparo.values import NotPermitted
from tests.delivery.claims.test_claiming import claim_pension
from tests.delivery.world import AT, SCHEME, World, opened


def _row(world: World, **changed: Any) -> AwardToTakeOn:
    row = AwardToTakeOn(
        reference="row 1",
        person_id=world.amina,
        payee_id=world.amina,
        scheme=SCHEME,
        benefit="survivor-pension",
        component="pension",
        amount=Decimal("123.45"),
        contingency_on=date(2016, 2, 29),
        starts_on=date(2026, 11, 1),
    )
    return replace(row, **changed)


def _take_on(world: World, *rows: AwardToTakeOn, **changed: Any) -> None:
    said: dict[str, Any] = {
        "control_count": len(rows),
        "control_total": sum((row.amount for row in rows), Decimal("0.00")),
        "signatory": "D. Ferro, Head of Pensions",
        "received_file_id": world.received_file(kind="awards"),
        "access": world.bruno,
        "approver": world.celia,
        "at": AT,
    }
    take_on_awards(rows=rows, **(said | changed))


def test_an_award_taken_on_leads_to_a_decision_with_file_totals_and_signatory(
    world: World,
) -> None:
    _take_on(world, _row(world))

    (award,) = queries.awards_of_person(person_id=world.amina, access=world.bruno)
    record = queries.award_record(award_id=award.id, access=world.bruno)
    decision = decision_record(decision_id=record.granted_by.id, access=world.bruno)

    assert (award.state, award.monthly) == ("in payment", Decimal("123.45"))
    assert (decision.kind, decision.outcome, decision.value) == (
        "take-on",
        "granted",
        Decimal("123.45"),
    )
    assert decision.inputs["control_total"].value == Decimal("123.45")
    assert decision.inputs["control_count"].value == Decimal(1)
    assert decision.inputs["signatory"].value == "D. Ferro, Head of Pensions"
    assert decision.inputs["reference"].value == "row 1"
    assert (decision.explanation, decision.appeal) == (None, None)


@pytest.mark.parametrize("changed", [{"control_total": Decimal("123.46")}, {"control_count": 2}])
def test_totals_that_differ_take_on_nothing(world: World, changed: dict[str, Any]) -> None:
    with pytest.raises(TakeOnTotalsDiffer, match="Ask the signatory"):
        _take_on(world, _row(world), **changed)

    with opened(world):
        assert not Decision.objects.exists()


def test_an_award_that_stands_twice_in_the_file_takes_on_nothing(world: World) -> None:
    with pytest.raises(UnableToTakeOn):
        _take_on(world, _row(world), _row(world, reference="row 2"))

    with opened(world):
        assert not Award.objects.exists()


def test_an_award_is_taken_on_once(world: World) -> None:
    _take_on(world, _row(world))

    with pytest.raises(UnableToTakeOn):
        _take_on(world, _row(world))

    with opened(world):
        assert Award.objects.count() == Decision.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"scheme": "test/nothing"}, "test/nothing"),
        ({"benefit": "free-lunch"}, "Choose one of: old-age-pension"),
        ({"component": "PENSION"}, "Correct the component"),
        ({"starts_on": date(2026, 9, 1)}, "arrears"),
        ({"starts_on": date(2026, 12, 1)}, "2026-10-01 or 2026-11-01"),
        ({"starts_on": date(2026, 11, 2)}, "2026-10-01 or 2026-11-01"),
    ],
)
def test_what_no_rules_offer_and_arrears_are_not_taken_on(
    world: World, changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(UnableToTakeOn, match=message):
        _take_on(world, _row(world, **changed))

    with opened(world):
        assert not Decision.objects.exists()


def test_a_pension_taken_on_is_claimed_by_nobody_again(world: World) -> None:
    _take_on(world, _row(world, benefit="old-age-pension"))

    with pytest.raises(UnableToTakeOn):
        _take_on(world, _row(world, benefit="old-age-pension", contingency_on=date(2017, 1, 1)))
    with pytest.raises(AlreadyClaimed):
        claim_pension(world)


def test_taking_on_takes_as_many_statements_for_one_award_as_for_five_hundred(
    world: World,
) -> None:
    counts = []
    # The first file of a process also reads the pack, once.
    for year, size in ((1999, 1), (2001, 1), (2003, 500)):
        rows = [
            _row(
                world,
                reference=f"row {number}",
                contingency_on=date(year, 1, 31) + timedelta(days=number),
            )
            for number in range(size)
        ]
        file_id = world.received_file(kind="awards")
        with CaptureQueriesContext(connection) as captured:
            _take_on(world, *rows, received_file_id=file_id)
        counts.append(len(captured))

    assert counts[1] == counts[2]


@pytest.mark.parametrize("who", ["access", "approver"])
def test_dario_takes_on_nothing(world: World, who: str) -> None:
    with pytest.raises(NotPermitted):
        _take_on(world, _row(world), **{who: world.dario})


def test_nobody_approves_the_awards_they_prepared(world: World) -> None:
    both_hats = replace(world.celia, actor_id=world.bruno.actor_id)

    with pytest.raises(PreparerIsApprover, match="Let somebody else approve"):
        _take_on(world, _row(world), approver=both_hats)

    _take_on(world, _row(world))
    taken = TakeOn.objects.get()
    assert (taken.prepared_by, taken.approved_by) == (world.bruno.actor_id, world.celia.actor_id)
    with pytest.raises(IntegrityError, match="take_on_maker_is_not_checker"), transaction.atomic():
        TakeOn.objects.create(
            received_file_id=world.received_file(kind="awards"),
            control_count=1,
            control_total=Decimal(1),
            signatory="D. Ferro",
            prepared_by=world.bruno.actor_id,
            approved_by=world.bruno.actor_id,
            approved_at=AT,
        )


def test_an_award_without_an_approved_file_or_claim_is_refused_by_the_database(
    world: World,
) -> None:
    _take_on(world, _row(world))
    with opened(world):
        award = Award.objects.get()
        component = AwardComponent.objects.get()
    award.id, award.number, award.contingency_on = uuid4(), "AW-2", date(2016, 3, 1)
    award.is_single = False
    component.id, component.sequence, component.starts_on = uuid4(), 2, date(2027, 1, 1)

    for take_on_id in (award.take_on_id, None):
        award.take_on_id = take_on_id
        with (
            opened(world),
            pytest.raises(IntegrityError, match="rests on its granted claim"),
            transaction.atomic(),
        ):
            award.save(force_insert=True)
    component.decision_id = uuid4()
    with opened(world), pytest.raises(IntegrityError), transaction.atomic():
        component.save(force_insert=True)
