"""Assessing, proposing, approving, refusing: two people, one law, every reason told."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from django.db import IntegrityError, transaction

from amparo.delivery.claims import queries
from amparo.delivery.claims.models import Award, AwardComponent, Claim
from amparo.delivery.claims.operations import (
    AlreadyClaimed,
    MakerIsNotChecker,
    ReasonMissing,
    StepNotOpen,
    add_answers,
    approve_claim,
    assess_claim,
    send_back,
)
from amparo.delivery.decisions.models import Decision
from amparo.journal.models import Event
from amparo.office.models import Task
from amparo.office.queries import notice
from amparo.register.models import FactUse
from amparo.register.operations import set_payee
from amparo.values import NotPermitted
from tests.delivery.claims.test_claiming import claim_pension
from tests.delivery.world import AMINA_NUMBER, AT, World, opened

THREE_MONTHS = ("2026-05", "2026-06", "2026-07")


def test_amina_is_granted_her_pension_by_two_people(world: World) -> None:
    world.pay_in(*THREE_MONTHS, wage="1000.01")
    receipt = claim_pension(world)

    proposed = assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)
    decided = approve_claim(claim_id=receipt.claim_id, access=world.celia, at=AT)

    assert (proposed.state, proposed.outcome) == ("proposed", "granted")
    assert proposed.amount == Decimal("400.00")
    assert decided.state == "granted"
    assert decided.award_id is not None
    award = queries.award_record(award_id=decided.award_id, access=world.bruno)
    (component,) = award.components
    assert (component.amount, component.currency) == (Decimal("400.00"), "XTS")
    assert award.summary.starts_on == component.starts_on == date(2026, 11, 1)
    assert award.summary.payee_id == world.amina
    assert award.granted_by.id == component.decision_id
    record = queries.claim_record(claim_id=receipt.claim_id, access=world.bruno)
    assert (record.proposed_by, record.approved_by) == (
        world.bruno.actor_id,
        world.celia.actor_id,
    )


def test_the_letter_says_what_why_on_which_law_from_when_and_how_to_appeal(world: World) -> None:
    world.pay_in(*THREE_MONTHS)
    receipt = claim_pension(world)
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)

    decided = approve_claim(claim_id=receipt.claim_id, access=world.celia, at=AT)

    letter = notice(notice_id=decided.notice_id, access=world.bruno).content
    eligibility, amount = letter["why"]
    assert letter["award"]["amount"] == "400.00"
    assert letter["award"]["starts_on"] == "2026-11-01"
    assert eligibility["reasons"] == [
        {
            "code": "conditions-met",
            "text": "You have reached the pension age and paid for enough months.",
            "law": "Test Act, Art. 2",
        }
    ]
    assert {fact["title"] for fact in eligibility["facts"]} >= {"Date of birth"}
    assert amount["arithmetic"]
    assert letter["appeal"] == {
        "to": "Social Security Tribunal, Port Amparo",
        "days": 60,
        "until": "2027-01-19",
        "law": "Test Act, Art. 20",
    }


def test_a_refusal_tells_its_reason_and_law_in_the_claimants_language(world: World) -> None:
    world.pay_in("2026-07")
    receipt = claim_pension(world, language="fr")

    proposed = assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)
    decided = approve_claim(claim_id=receipt.claim_id, access=world.celia, at=AT)

    assert (proposed.outcome, decided.state, decided.award_id) == ("refused", "refused", None)
    letter = notice(notice_id=decided.notice_id, access=world.bruno)
    (why,) = letter.content["why"]
    assert (letter.kind, letter.language) == ("claim refused", "fr")
    assert why["reasons"] == [
        {
            "code": "too-few-months",
            "text": "Vous avez cotisé pendant trop peu de mois.",
            "law": "Test Act, Art. 4",
        }
    ]
    assert letter.content["appeal"]["until"] == "2027-01-19"
    with opened(world):
        assert not Award.objects.exists()


def test_a_missing_answer_waits_for_evidence_and_a_task_names_it_in_words(world: World) -> None:
    world.pay_in(*THREE_MONTHS)
    receipt = claim_pension(world, answers={})

    assessed = assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)

    task = Task.objects.get(kind="evidence pending", subject_id=receipt.claim_id)
    assert (assessed.state, assessed.missing) == ("evidence pending", ("has_stopped_work",))
    assert task.role == "claims-officer"
    assert task.details["missing_in_words"] == ["Whether you have stopped working"]
    with pytest.raises(StepNotOpen):
        approve_claim(claim_id=receipt.claim_id, access=world.celia, at=AT)


def test_with_the_answer_the_claim_goes_on_and_its_decision_supersedes_the_first(
    world: World,
) -> None:
    world.pay_in(*THREE_MONTHS)
    receipt = claim_pension(world, answers={})
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)

    add_answers(
        claim_id=receipt.claim_id, answers={"has_stopped_work": True}, access=world.bruno, at=AT
    )
    again = assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)

    assert again.outcome == "granted"
    with opened(world):
        first, second = Decision.objects.filter(kind="eligibility").order_by("supersedes_id")
        later, earlier = (first, second) if first.supersedes_id else (second, first)
    assert later.supersedes_id == earlier.id
    assert earlier.outcome == "undetermined"
    assert not Task.objects.filter(kind="evidence pending", closed_at=None).exists()


def test_nobody_approves_what_they_proposed(world: World) -> None:
    world.pay_in(*THREE_MONTHS)
    receipt = claim_pension(world)
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)
    both_hats = replace(world.celia, actor_id=world.bruno.actor_id)

    with pytest.raises(MakerIsNotChecker, match=receipt.number):
        approve_claim(claim_id=receipt.claim_id, access=both_hats, at=AT)

    with opened(world), pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.update(state="granted", approved_by=world.bruno.actor_id, approved_at=AT)


def test_the_database_refuses_to_grant_anything_but_what_was_proposed(world: World) -> None:
    world.pay_in(*THREE_MONTHS)
    receipt = claim_pension(world)
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)

    for change in (
        {"proposed_by": world.emil.actor_id},
        {"amount_id": None},
        {"contingency_on": date(2020, 1, 1)},
    ):
        with opened(world), pytest.raises(IntegrityError), transaction.atomic():
            Claim.objects.update(
                state="granted", approved_by=world.celia.actor_id, approved_at=AT, **change
            )


def test_a_decided_claim_is_decided_once(world: World) -> None:
    world.pay_in(*THREE_MONTHS)
    receipt = claim_pension(world)
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)
    approve_claim(claim_id=receipt.claim_id, access=world.celia, at=AT)

    with pytest.raises(StepNotOpen):
        approve_claim(claim_id=receipt.claim_id, access=world.celia, at=AT)

    with opened(world):
        assert Award.objects.count() == 1


def test_a_claim_sent_back_is_assessed_again_with_the_reason_before_ones_eyes(
    world: World,
) -> None:
    world.pay_in(*THREE_MONTHS)
    receipt = claim_pension(world)
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)

    send_back(
        claim_id=receipt.claim_id, reason="August is not declared yet.", access=world.celia, at=AT
    )
    task = Task.objects.get(kind="claim to assess", closed_at=None)
    again = assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)

    assert task.details["sent_back_because"] == "August is not declared yet."
    assert again.state == "proposed"


def test_a_claim_is_not_sent_back_without_a_reason(world: World) -> None:
    world.pay_in(*THREE_MONTHS)
    receipt = claim_pension(world)
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)

    with pytest.raises(ReasonMissing):
        send_back(claim_id=receipt.claim_id, reason=" ", access=world.celia, at=AT)


def test_a_second_claim_for_an_award_in_being_is_refused_naming_the_award(world: World) -> None:
    world.pay_in(*THREE_MONTHS)
    receipt = claim_pension(world)
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)
    decided = approve_claim(claim_id=receipt.claim_id, access=world.celia, at=AT)
    assert decided.award_id is not None
    number = queries.award_record(award_id=decided.award_id, access=world.bruno).summary.number

    with pytest.raises(AlreadyClaimed, match=number):
        claim_pension(world)


def test_a_pension_is_held_once_whatever_day_is_claimed_for(world: World) -> None:
    number = granted(world)

    with pytest.raises(AlreadyClaimed, match=number):
        claim_pension(world, contingency_on=date(2026, 10, 1))


def test_a_benefit_that_repeats_is_held_once_a_contingency(world: World) -> None:
    world.pay_in(*THREE_MONTHS)
    days = (date(2026, 11, 1), date(2026, 11, 2))
    for day in days:
        receipt = claim_pension(world, benefit="survivor-pension", contingency_on=day)
        assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)
        approve_claim(claim_id=receipt.claim_id, access=world.celia, at=AT)

    with pytest.raises(AlreadyClaimed):
        claim_pension(world, benefit="survivor-pension", contingency_on=days[0])
    with opened(world):
        assert Award.objects.filter(is_single=False).count() == 2


def granted(world: World) -> str:
    """Grant Amina her pension; return the award's number."""
    world.pay_in(*THREE_MONTHS)
    receipt = claim_pension(world)
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)
    decided = approve_claim(claim_id=receipt.claim_id, access=world.celia, at=AT)
    assert decided.award_id is not None
    return queries.award_record(award_id=decided.award_id, access=world.bruno).summary.number


@pytest.mark.parametrize(
    ("born", "retires", "outcome"),
    [
        (date(1964, 2, 29), date(2027, 2, 28), "refused"),
        (date(1964, 2, 29), date(2027, 3, 1), "granted"),
        (date(1963, 11, 30), date(2026, 11, 29), "refused"),
        (date(1963, 11, 30), date(2026, 11, 30), "granted"),
    ],
)
def test_the_pension_age_is_reached_on_its_day_also_by_those_born_on_29_february(
    world: World, born: date, retires: date, outcome: str
) -> None:
    person_id = world.person(given_names="Leonie", born=born, identifier="777")
    for month in THREE_MONTHS:
        world.declare(month, ("777", "1000.00"))
    at = max(AT, datetime.combine(retires, AT.timetz()))
    receipt = claim_pension(world, person_id=person_id, contingency_on=retires, at=at)

    assert assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=at).outcome == outcome


def test_missing_data_never_refuses_and_never_grants(world: World) -> None:
    """Each fact present or absent: only the complete claim is granted, none is refused."""
    world.pay_in(*THREE_MONTHS)
    outcomes = {}
    for number, (is_born_known, has_answered) in enumerate(product([True, False], repeat=2)):
        identifier = f"55{number}"
        person_id = world.person(
            given_names="Amina",
            born=date(1963, 2, 28) if is_born_known else None,
            identifier=identifier,
        )
        for month in ("2026-01", "2026-02", "2026-03"):
            world.declare(
                month,
                (identifier, "1000.00"),
                employer_id=world.employer(name=f"Mill {number} {month}"),
            )
        receipt = claim_pension(
            world,
            person_id=person_id,
            answers={"has_stopped_work": True} if has_answered else {},
        )
        assessed = assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)
        outcomes[is_born_known, has_answered] = (assessed.outcome, assessed.state)

    assert outcomes.pop((True, True)) == ("granted", "proposed")
    assert set(outcomes.values()) == {("undetermined", "evidence pending")}


def test_months_in_suspense_that_may_be_hers_hold_a_refusal_back(world: World) -> None:
    world.pay_in("2026-06", "2026-07")
    world.employ(world.amina, world.kora, starts_on=date(2026, 1, 1))
    world.declare("2026-08", ("mistyped", "1000.00"))
    receipt = claim_pension(world)

    assessed = assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)

    assert (assessed.outcome, assessed.missing) == ("undetermined", ("contributed_months",))


def test_months_in_suspense_do_not_hold_back_what_is_refused_anyway(world: World) -> None:
    world.employ(world.amina, world.kora, starts_on=date(2026, 1, 1))
    world.declare("2026-08", ("mistyped", "1000.00"))
    receipt = claim_pension(world)

    assessed = assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)

    assert assessed.outcome == "refused"


def test_the_named_payee_receives(world: World) -> None:
    world.pay_in(*THREE_MONTHS)
    niece = world.person(given_names="Nadia", born=date(1990, 5, 31))
    set_payee(
        person_id=world.amina,
        representative_id=niece,
        starts_on=date(2026, 1, 1),
        ends_before=None,
        access=world.rosa,
        at=AT - timedelta(hours=1),
    )
    receipt = claim_pension(world)
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)

    decided = approve_claim(claim_id=receipt.claim_id, access=world.celia, at=AT)

    assert decided.award_id is not None
    award = queries.award_record(award_id=decided.award_id, access=world.bruno)
    assert (award.summary.person_id, award.summary.payee_id) == (world.amina, niece)


def test_every_step_is_in_the_journal_under_the_claimant_with_nothing_personal(
    world: World,
) -> None:
    world.pay_in(*THREE_MONTHS)
    receipt = claim_pension(world)
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)
    approve_claim(claim_id=receipt.claim_id, access=world.celia, at=AT)

    events = Event.objects.filter(subject_id=world.amina)
    kinds = set(events.values_list("kind", flat=True))

    assert kinds >= {"claims.submitted", "claims.assessed", "claims.granted", "read"}
    assert AMINA_NUMBER not in str(list(events.values_list("details", flat=True)))


def test_the_facts_a_decision_rests_on_are_noted_as_used(world: World) -> None:
    world.pay_in(*THREE_MONTHS)
    receipt = claim_pension(world)

    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)

    with opened(world):
        decision = Decision.objects.get(kind="eligibility")
    used = FactUse.objects.filter(used_in="decision", used_id=decision.id)
    named = {fact for kept in decision.inputs.values() for fact in kept["facts"]}
    assert {str(use.fact_id) for use in used} == named != set()


def test_dario_decides_nothing(world: World) -> None:
    receipt = claim_pension(world)

    with pytest.raises(NotPermitted):
        assess_claim(claim_id=receipt.claim_id, access=world.dario, at=AT)
    with pytest.raises(NotPermitted):
        approve_claim(claim_id=receipt.claim_id, access=world.dario, at=AT)
    with pytest.raises(NotPermitted):
        send_back(claim_id=receipt.claim_id, reason="-", access=world.dario, at=AT)


def test_an_awards_amount_cannot_be_changed_and_no_month_is_due_twice(world: World) -> None:
    world.pay_in(*THREE_MONTHS)
    receipt = claim_pension(world)
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)
    approve_claim(claim_id=receipt.claim_id, access=world.celia, at=AT)
    with opened(world):
        component = AwardComponent.objects.get()

    with (
        opened(world),
        pytest.raises(IntegrityError, match="keeps its amount"),
        transaction.atomic(),
    ):
        AwardComponent.objects.update(amount=Decimal("4000.00"))
    second = AwardComponent(
        award_id=component.award_id,
        component=component.component,
        amount=component.amount,
        currency="XTS",
        starts_on=date(2027, 1, 1),
        decision_id=component.decision_id,
        sequence=2,
    )
    with pytest.raises(IntegrityError, match="one_amount"), transaction.atomic():
        second.save(force_insert=True)
    with opened(world), pytest.raises(IntegrityError), transaction.atomic():
        Award.objects.update(starts_on=date(2020, 1, 1))
