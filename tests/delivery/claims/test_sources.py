"""Where facts come from: a pack may ask for anything, and gets what exists or a clear refusal."""

import shutil
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from amparo.delivery.claims.benefits import benefit_of
from amparo.delivery.claims.evidence import UnknownSource, gather
from amparo.delivery.claims.models import Award, Claim
from amparo.delivery.claims.operations import (
    AwardToTakeOn,
    UnusableAmount,
    assess_claim,
    take_on_awards,
)
from amparo.delivery.claims.terms import first_payable_day, payable
from amparo.delivery.contributions.operations import NewYear, take_on_years
from amparo.delivery.decisions.freezing import DecisionInput
from amparo.governance.kernel.operations import activate_scheme_folder
from amparo.journal.reading import reading
from amparo.office.models import Task
from amparo.register.models import Kinship
from amparo.register.operations import record_death, register_person
from amparo.register.records import NewPerson
from amparo.values import NotARoundedAmount, Right
from tests.cast import NOW
from tests.delivery.claims.test_claiming import RETIRES, claim_pension
from tests.delivery.world import AT, PACKS, SCHEME, World, opened


def put_in_force(world: World, folder: Path, *changes: tuple[str, str, str]) -> None:
    """Put a changed copy of the test pack in force. changes: file, old text, new text."""
    shutil.copytree(PACKS / "old-age", folder)
    for file, old, new in (("scheme.toml", '"2020.1"', '"2020.2"'), *changes):
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new))
    activate_scheme_folder(
        path=folder,
        applies_from=date(2026, 10, 1),
        proposer=world.cast.access("pia"),
        approver=world.cast.access("omar"),
        at=NOW + timedelta(days=1),
    )


def gathered(world: World, person_id: UUID, name: str) -> DecisionInput:
    """Return one input of a claim of the person, as the pack in force would get it."""
    receipt = claim_pension(world, person_id=person_id)
    with reading(access=world.bruno, right=Right.CLAIM_PROPOSE):
        claim = Claim.objects.get(id=receipt.claim_id)
        offered = benefit_of(claim, known_at=AT)
        return gather(claim=claim, offered=offered, known_at=AT)["eligibility"][name]


@pytest.mark.parametrize("source", ["awards.shoes", "register.shoes", "account.shoes", "moon.age"])
def test_a_source_that_does_not_exist_is_refused_by_name(
    world: World, tmp_path: Path, source: str
) -> None:
    put_in_force(world, tmp_path / "pack", ("scheme.toml", "awards.other_pension", source))
    receipt = claim_pension(world)

    with pytest.raises(UnknownSource, match=source):
        assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)

    with opened(world):
        assert Claim.objects.get().state == "submitted"


def test_what_an_officer_finds_is_asked_like_an_answer(world: World, tmp_path: Path) -> None:
    put_in_force(
        world, tmp_path / "pack", ("scheme.toml", "awards.other_pension", "officer.other_pension")
    )
    receipt = claim_pension(world, answers={"has_stopped_work": True, "other_pension": True})

    assessed = assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)

    assert assessed.outcome == "refused"


def test_only_the_facts_behind_a_value_are_named_with_it(world: World) -> None:
    inputs = gathered(world, world.amina, "date_of_birth")

    assert (inputs.value, inputs.source) == (date(1963, 2, 28), "register.date_of_birth")
    assert len(inputs.fact_ids) == 1
    assert (
        gathered(
            replace(world, amina=world.amina),
            world.person(given_names="Lea", born=None),
            "claimed_on",
        ).fact_ids
        == ()
    )


@pytest.mark.parametrize(
    ("died_on", "paid", "expected"),
    [
        (date(2026, 10, 3), "350.00", Decimal("350.00")),
        (date(2026, 10, 3), None, None),
        (None, "350.00", None),
    ],
)
def test_a_survivors_claim_looks_at_what_the_one_dead_parent_was_paid(
    world: World, tmp_path: Path, died_on: date | None, paid: str | None, expected: Decimal | None
) -> None:
    put_in_force(
        world,
        tmp_path / "pack",
        ("scheme.toml", "account.contributed_months", "awards.deceased_pension"),
    )
    orphan = register_person(
        person=NewPerson(
            given_names="Noor",
            sex="female",
            birth_date=date(2020, 2, 29),
            parent_ids=(world.amina,),
        ),
        access=world.rosa,
        at=NOW,
    )
    if paid is not None:
        taken_on(world, paid)
    if died_on is not None:
        record_death(
            person_id=world.amina,
            death_date=died_on,
            access=world.rosa,
            at=AT - timedelta(hours=1),
        )

    assert gathered(world, orphan, "contributed_months").value == expected


def test_a_grant_of_nothing_is_proposed_to_nobody(world: World, tmp_path: Path) -> None:
    put_in_force(world, tmp_path / "pack", ("parameters.toml", "value = 0.40", "value = 0"))
    world.pay_in("2026-05", "2026-06", "2026-07")
    receipt = claim_pension(world)

    with pytest.raises(UnusableAmount, match="must refuse with a reason"):
        assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)

    with opened(world):
        assert Claim.objects.get().state == "submitted"


CLAIM = Claim(number="CL-1", scheme=SCHEME, contingency_on=date(2024, 2, 29))


def test_an_amount_may_stand_in_a_context_with_its_first_day() -> None:
    value = {"amount": Decimal("12.5"), "starts_on": date(2024, 3, 1)}

    assert payable(value, claim=CLAIM) == Decimal("12.50")
    assert first_payable_day(value, claim=CLAIM) == date(2024, 3, 1)


def test_payment_starts_in_the_month_of_the_contingency_where_the_law_sets_no_day() -> None:
    assert first_payable_day(Decimal(1), {"eligible": True}, claim=CLAIM) == date(2024, 2, 1)


@pytest.mark.parametrize("value", [Decimal(0), Decimal(-1), None, True, {"amount": None}, "12"])
def test_what_is_not_an_amount_above_zero_is_never_paid(value: object) -> None:
    with pytest.raises(UnusableAmount):
        payable(value, claim=CLAIM)


def test_half_a_cent_is_the_packs_to_round() -> None:
    with pytest.raises(NotARoundedAmount):
        payable(Decimal("10.005"), claim=CLAIM)


@pytest.mark.parametrize(
    ("tie_ends_before", "expected"),
    [
        (None, Decimal("350.00")),
        (date(2026, 10, 3), Decimal("350.00")),
        (date(2026, 5, 1), None),
    ],
)
@pytest.mark.parametrize("stands_first", [True, False])
def test_whoever_was_divorced_before_the_death_is_no_survivor(
    world: World,
    tmp_path: Path,
    tie_ends_before: date | None,
    expected: Decimal | None,
    *,
    stands_first: bool,
) -> None:
    put_in_force(
        world,
        tmp_path / "pack",
        ("scheme.toml", "account.contributed_months", "awards.deceased_pension"),
    )
    widow = world.person(given_names="Noor", born=date(1960, 2, 29))
    Kinship.objects.create(
        person_id=widow if stands_first else world.amina,
        relative_id=world.amina if stands_first else widow,
        kind="spouse",
        starts_on=date(1990, 1, 1),
        ends_before=tie_ends_before,
        recorded_at=NOW,
        source="officer",
        recorded_by=world.rosa.actor_id,
    )
    taken_on(world, "350.00")
    record_death(
        person_id=world.amina,
        death_date=date(2026, 10, 3),
        access=world.rosa,
        at=AT - timedelta(hours=1),
    )

    assert gathered(world, widow, "contributed_months").value == expected


def test_another_pension_counts_as_it_was_on_the_day_not_as_it_is_now(world: World) -> None:
    taken_on(world, "350.00")
    with opened(world):
        Award.objects.update(state="suspended")

    assert gathered(world, world.amina, "other_pension").value is True

    with opened(world):
        Claim.objects.update(state="withdrawn")
        Award.objects.update(state="terminated", ends_before=RETIRES)
    assert gathered(world, world.amina, "other_pension").value is False


def taken_on(world: World, amount: str) -> None:
    """Take on what the older system paid Amina."""
    row = AwardToTakeOn(
        reference="1",
        person_id=world.amina,
        payee_id=world.amina,
        scheme=SCHEME,
        benefit="survivor-pension",
        component="pension",
        amount=Decimal(amount),
        contingency_on=date(2024, 1, 31),
        starts_on=date(2026, 10, 1),
    )
    take_on_awards(
        rows=[row],
        received_file_id=world.received_file(kind="awards"),
        control_count=1,
        control_total=Decimal(amount),
        signatory="D. Ferro",
        access=world.bruno,
        approver=world.celia,
        at=AT,
    )


def test_a_year_held_twice_leaves_the_claim_undetermined_and_its_task_names_it(
    world: World,
) -> None:
    take_on_years(
        scheme=SCHEME,
        years=[NewYear(person_id=world.amina, year=2025, months=12, earnings=Decimal("12000.00"))],
        received_file_id=world.received_file(kind="history"),
        access=world.emil,
        at=AT,
    )
    world.pay_in("2025-12")
    receipt = claim_pension(world)

    assessed = assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)

    task = Task.objects.get(kind="evidence pending", subject_id=receipt.claim_id)
    assert (assessed.state, assessed.outcome) == ("evidence pending", "undetermined")
    assert task.details["years_held_twice"] == [2025]
