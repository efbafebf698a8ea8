"""Journeys through the real schemes of Amparia, by operations: claim in, award or reasons out."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings

from amparo.delivery.claims import queries
from amparo.delivery.claims.operations import (
    Assessment,
    AwardToTakeOn,
    add_answers,
    approve_claim,
    assess_claim,
    submit_claim,
    take_on_awards,
)
from amparo.delivery.contributions.assessing import WorkerNotBorn
from amparo.delivery.contributions.models import Declaration
from amparo.delivery.contributions.operations import NewYear, take_on_years
from amparo.delivery.contributions.queries import declaration_record
from amparo.delivery.decisions.queries import reproduce
from amparo.governance.kernel.operations import activate_scheme_folder
from amparo.office.queries import inbox, notices_of
from amparo.register.operations import move
from amparo.register.records import NewResidence
from tests.cast import NOW
from tests.delivery.world import AMINA_NUMBER, AT, World, build

CLAIMED_FOR = date(2026, 11, 1)


@pytest.fixture
def amparia(db: None, tmp_path: Path) -> World:
    """The world with Amparia's own packs in force."""
    world = build(tmp_path)
    for scheme in ("old-age", "social-pension", "child-grant"):
        activate_scheme_folder(
            path=settings.SCHEMES_DIR / "xa" / scheme / "1",
            applies_from=date(2020, 1, 1),
            proposer=world.cast.access("pia"),
            approver=world.cast.access("omar"),
            at=NOW,
        )
    return world


@dataclass(frozen=True, kw_only=True)
class Case:
    """One person's claim, driven by the two who decide."""

    world: World
    person_id: UUID
    scheme: str
    benefit: str

    def submit(self, **answers: Any) -> UUID:
        return submit_claim(
            person_id=self.person_id,
            scheme=self.scheme,
            benefit=self.benefit,
            contingency_on=CLAIMED_FOR,
            answers=answers,
            channel="officer",
            access=self.world.bruno,
            at=AT,
        ).claim_id

    def assess(self, claim_id: UUID) -> Assessment:
        return assess_claim(claim_id=claim_id, access=self.world.bruno, at=AT)

    def approve(self, claim_id: UUID) -> str:
        return approve_claim(claim_id=claim_id, access=self.world.celia, at=AT).state


def lives_in(
    world: World, person_id: UUID, country: str, *, since: date = date(2000, 1, 1)
) -> None:
    move(
        person_id=person_id,
        residence=NewResidence(country=country, district="Kora"),
        starts_on=since,
        access=world.rosa,
        at=NOW,
    )


def old_age(world: World) -> Case:
    return Case(world=world, person_id=world.amina, scheme="xa/old-age", benefit="old_age_pension")


def take_on_history(world: World, *, years: int) -> None:
    take_on_years(
        scheme="xa/old-age",
        years=[
            NewYear(
                person_id=world.amina, year=2025 - back, months=12, earnings=Decimal("12000.00")
            )
            for back in range(years)
        ],
        received_file_id=world.received_file(kind="history"),
        access=world.emil,
        at=AT,
    )


def test_amina_works_for_two_employers_and_retires(amparia: World) -> None:
    second = amparia.employer(name="Harbour Mill")
    take_on_history(amparia, years=25)
    amparia.pay_in("2026-09", "2026-10", wage="1000.00")
    amparia.declare("2026-10", (AMINA_NUMBER, "500.00"), employer_id=second)
    case = old_age(amparia)

    claim_id = case.submit(employment_ended=True)
    proposed = case.assess(claim_id)
    state = case.approve(claim_id)

    assert (proposed.outcome, state) == ("granted", "granted")
    record = queries.claim_record(claim_id=claim_id, access=amparia.bruno)
    assert record.eligibility is not None
    assert record.amount is not None
    assert record.eligibility.inputs["contributed_months"].value == Decimal(302)
    (award,) = queries.awards_of_person(person_id=amparia.amina, access=amparia.bruno)
    assert award.monthly == proposed.amount
    assert award.starts_on == date(2026, 11, 1)
    assert all(
        reproduce(decision_id=decision.id, access=amparia.bruno).is_equal
        for decision in (record.eligibility, record.amount)
    )


def test_somebody_who_still_works_is_refused_with_the_article_and_the_way_to_appeal(
    amparia: World,
) -> None:
    take_on_history(amparia, years=25)
    case = old_age(amparia)

    claim_id = case.submit(employment_ended=False)
    case.assess(claim_id)
    state = case.approve(claim_id)

    latest = notices_of(recipient_id=amparia.amina, access=amparia.bruno)
    letter = next(notice for notice in latest if notice.kind == "claim refused")
    (reason,) = letter.content["why"][0]["reasons"]
    assert state == "refused"
    assert reason["code"] == "STILL_EMPLOYED"
    assert "Art. 14" in reason["law"]
    assert letter.content["appeal"]["until"] == "2027-01-19"


def test_an_open_question_becomes_a_task_then_an_answer_then_a_pension(amparia: World) -> None:
    take_on_history(amparia, years=25)
    case = old_age(amparia)
    claim_id = case.submit()

    assert case.assess(claim_id).missing == ("employment_ended",)
    tasks = inbox(access=amparia.bruno).rows
    add_answers(claim_id=claim_id, answers={"employment_ended": True}, access=amparia.bruno, at=AT)
    case.assess(claim_id)

    (task,) = [task for task in tasks if task.kind == "evidence pending"]
    assert task.details["missing_in_words"] == ["Employment has ended"]
    assert case.approve(claim_id) == "granted"


def test_a_child_is_granted_a_grant_that_a_parent_receives(amparia: World) -> None:
    mother = amparia.person(given_names="Mira", born=date(1995, 8, 31))
    child = amparia.person(given_names="Noor", born=date(2024, 2, 29), parents=(mother,))
    lives_in(amparia, child, "XA", since=date(2024, 2, 29))
    case = Case(world=amparia, person_id=child, scheme="xa/child-grant", benefit="child_grant")

    claim_id = case.submit()
    case.assess(claim_id)
    case.approve(claim_id)

    (award,) = queries.awards_of_person(person_id=child, access=amparia.bruno)
    assert (award.payee_id, award.monthly) == (mother, Decimal("45.00"))


@pytest.mark.parametrize(
    ("born", "country", "outcome"),
    [
        (date(2024, 2, 29), "XA", "granted"),
        (date(2024, 2, 29), "XB", "refused"),
        (date(2024, 2, 29), None, "undetermined"),
        (None, "XA", "undetermined"),
        (None, None, "undetermined"),
    ],
)
def test_what_is_not_known_of_a_child_neither_refuses_nor_grants(
    amparia: World, born: date | None, country: str | None, outcome: str
) -> None:
    child = amparia.person(given_names="Noor", born=born)
    if country is not None:
        lives_in(amparia, child, country, since=born or date(2024, 2, 29))
    case = Case(world=amparia, person_id=child, scheme="xa/child-grant", benefit="child_grant")

    assert case.assess(case.submit()).outcome == outcome


@pytest.mark.parametrize(("other", "outcome"), [(None, "granted"), ("900.00", "refused")])
def test_a_social_pension_looks_at_the_pensions_paid_on_the_day(
    amparia: World, other: str | None, outcome: str
) -> None:
    josefa = amparia.person(given_names="Josefa", born=date(1956, 2, 29))
    lives_in(amparia, josefa, "XA")
    if other is not None:
        take_on_awards(
            rows=[
                AwardToTakeOn(
                    reference="1",
                    person_id=josefa,
                    payee_id=josefa,
                    scheme="xa/old-age",
                    benefit="survivor_pension",
                    component="SURVIVOR",
                    amount=Decimal(other),
                    contingency_on=date(2015, 1, 31),
                    starts_on=date(2026, 11, 1),
                )
            ],
            received_file_id=amparia.received_file(kind="awards"),
            control_count=1,
            control_total=Decimal(other),
            signatory="D. Ferro, Head of Pensions",
            access=amparia.bruno,
            approver=amparia.celia,
            at=AT,
        )
    case = Case(
        world=amparia, person_id=josefa, scheme="xa/social-pension", benefit="social_pension"
    )

    assert case.assess(case.submit()).outcome == outcome


def test_contributions_follow_the_age_of_the_worker_where_it_is_known(amparia: World) -> None:
    amparia.person(given_names="Elder", born=date(1961, 3, 1), identifier="EL1")
    posted = amparia.declare("2026-03", ("EL1", "1000.00"), ("nobody known", "1000.00"))

    known, unknown = declaration_record(declaration_id=posted.id, access=amparia.emil).lines.rows
    due = {
        line.line_number: {each.scheme: each.total for each in line.due}
        for line in (known, unknown)
    }

    assert due[1]["xa/old-age"] == Decimal("0.00")
    assert due[2]["xa/old-age"] == Decimal("140.00")


def test_a_wage_for_a_month_before_the_workers_birth_is_refused(amparia: World) -> None:
    amparia.person(given_names="Late", born=date(2026, 3, 2), identifier="LA1")

    with pytest.raises(WorkerNotBorn, match="2026-03"):
        amparia.declare("2026-03", ("LA1", "1000.00"))

    assert Declaration.objects.count() == 0
