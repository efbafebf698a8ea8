"""Amounts over time: the right ends, bands follow one another, rates change on their day."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from amparo.delivery.claims import queries
from amparo.delivery.claims.models import AwardComponent, Claim, ScheduledAmount
from amparo.delivery.claims.operations import (
    RightEndedBefore,
    UnusableAmount,
    approve_claim,
    assess_claim,
    send_back,
)
from amparo.delivery.decisions.models import Decision
from amparo.governance.kernel.operations import activate_scheme_folder
from amparo.office.queries import notice
from tests.cast import NOW
from tests.delivery.claims.test_claiming import RETIRES, claim_pension
from tests.delivery.claims.test_sources import put_in_force
from tests.delivery.world import AT, World, opened
from tests.journeys.test_claim import lives_in

_NUMBER = '<variable name="pension" typeRef="number"/>'
_CONTEXT = (
    '<variable name="pension"/>'
    '<informationRequirement><requiredInput href="#i2"/></informationRequirement>'
)
_AMOUNT = "round half up(total_earnings * accrual / contributed_months, 2)"


def _granted(world: World, *, at: datetime = AT, **said: Any) -> Any:
    receipt = claim_pension(world, at=at, **said)
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=at)
    return approve_claim(claim_id=receipt.claim_id, access=world.celia, at=at)


def _paid(award_id: Any, world: World) -> list[tuple[str, date, date | None]]:
    record = queries.award_record(award_id=award_id, access=world.bruno)
    return [(str(each.amount), each.starts_on, each.ends_before) for each in record.components]


def _child_grant(world: World, *, born: date) -> dict[str, Any]:
    """Put Amparia's child grant in force, and return what is claimed for a child."""
    activate_scheme_folder(
        path=settings.SCHEMES_DIR / "xa" / "child-grant" / "1",
        applies_from=date(2018, 1, 1),
        proposer=world.cast.access("pia"),
        approver=world.cast.access("omar"),
        at=NOW,
    )
    child = world.person(given_names="Noor", born=born)
    lives_in(world, child, "XA", since=born)
    return {
        "person_id": child,
        "scheme": "xa/child-grant",
        "benefit": "child_grant",
        "answers": {},
    }


def test_a_child_grant_changes_at_three_and_twelve_and_ends_at_sixteen(world: World) -> None:
    claim = _child_grant(world, born=date(2024, 2, 29))

    decided = _granted(world, contingency_on=RETIRES, **claim)

    first, second, third = _paid(decided.award_id, world)
    assert first == ("45.00", date(2026, 11, 1), date(2027, 3, 1))
    assert second == ("35.00", date(2027, 3, 1), date(2036, 3, 1))
    assert (third[1], third[2]) == (date(2036, 3, 1), date(2040, 3, 1))
    award = queries.award_record(award_id=decided.award_id, access=world.bruno)
    assert award.summary.ends_before == date(2040, 3, 1)
    assert award.summary.monthly == Decimal("45.00")
    later = queries.award_record(
        award_id=decided.award_id, access=world.bruno, on=date(2030, 6, 15)
    )
    assert later.summary.monthly == Decimal("35.00")
    assert len({each.decision_id for each in award.components}) == 3
    letter = notice(notice_id=decided.notice_id, access=world.bruno).content
    assert letter["award"]["ends_before"] == "2040-03-01"
    assert letter["award"]["later"][0] == {"amount": "35.00", "starts_on": "2027-03-01"}


def test_a_late_claim_reaches_back_as_far_as_the_law_lets_it(world: World) -> None:
    """Born in 2024 and claimed in November 2026: three months back, at the rates of today."""
    claim = _child_grant(world, born=date(2024, 2, 29))

    decided = _granted(world, contingency_on=date(2024, 2, 29), **claim)

    assert _paid(decided.award_id, world)[0] == ("45.00", date(2026, 8, 1), date(2027, 3, 1))
    letter = notice(notice_id=decided.notice_id, access=world.bruno).content
    assert letter["award"]["starts_on"] == "2026-08-01"
    assert letter["award"]["backdated"]["months"] == 3
    assert letter["award"]["backdated"]["right_from"] == "2024-02-01"
    assert "Art. 5" in letter["award"]["backdated"]["law"]
    award = queries.award_record(award_id=decided.award_id, access=world.bruno)
    claimed = queries.claim_record(claim_id=decided.claim_id, access=world.bruno)
    assert award.held_back == claimed.held_back
    assert award.held_back is not None
    assert award.held_back.right_from == date(2024, 2, 1)
    assert award.held_back.starts_on == date(2026, 8, 1)


def test_a_proposal_shows_the_steps_it_would_pay(world: World) -> None:
    claim = _child_grant(world, born=date(2024, 2, 29))
    receipt = claim_pension(world, contingency_on=RETIRES, **claim)
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)

    proposed = queries.claim_record(claim_id=receipt.claim_id, access=world.bruno)

    assert [(str(one.amount), one.starts_on, one.ends_before) for one in proposed.schedule] == [
        ("45.00", date(2026, 11, 1), date(2027, 3, 1)),
        ("35.00", date(2027, 3, 1), date(2036, 3, 1)),
        ("30.00", date(2036, 3, 1), date(2040, 3, 1)),
    ]
    assert proposed.held_back is None


def test_without_a_rule_in_the_pack_an_award_starts_in_the_month_of_the_claim(
    world: World,
) -> None:
    world.pay_in("2020-05", "2020-06", "2020-07")

    decided = _granted(world, contingency_on=date(2026, 3, 1))

    assert [each[1:] for each in _paid(decided.award_id, world)] == [(date(2026, 11, 1), None)]


def test_a_right_that_ended_before_the_claim_reaches_back_is_proposed_to_nobody(
    world: World,
) -> None:
    claim = _child_grant(world, born=date(2009, 5, 5))
    receipt = claim_pension(world, contingency_on=date(2024, 6, 1), **claim)

    with pytest.raises(RightEndedBefore, match="2025-06-01"):
        assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)

    with opened(world):
        assert Claim.objects.get().state == "submitted"


_ARTICLE = 'law = "Test Act, Art. 5"'
_RATE = """
[[parameter.value]]
value = 0.45
valid_from = 2027-01-15
known_from = 2026-01-01
law = "Test Act, Art. 7; Amendment 2026"
"""


def test_announced_rates_are_steps_where_the_benefit_follows_them(
    world: World, tmp_path: Path
) -> None:
    put_in_force(
        world,
        tmp_path / "pack",
        (
            "scheme.toml",
            '[[benefit]]\ncode = "old-age-pension"',
            '[[benefit]]\nfollows_rates = true\ncode = "old-age-pension"',
        ),
        ("parameters.toml", _ARTICLE, _ARTICLE + _RATE),
    )
    world.pay_in("2026-05", "2026-06", "2026-07")

    decided = _granted(world)

    assert _paid(decided.award_id, world) == [
        ("400.00", date(2026, 11, 1), date(2027, 2, 1)),
        ("450.00", date(2027, 2, 1), None),
    ]


def test_rates_of_the_day_the_right_arose_hold_where_the_benefit_does_not_follow(
    world: World, tmp_path: Path
) -> None:
    put_in_force(world, tmp_path / "pack", ("parameters.toml", _ARTICLE, _ARTICLE + _RATE))
    world.pay_in("2026-05", "2026-06", "2026-07")

    decided = _granted(world)

    assert _paid(decided.award_id, world) == [("400.00", date(2026, 11, 1), None)]


def test_amounts_that_never_stop_ending_are_refused(world: World, tmp_path: Path) -> None:
    for number, ends in enumerate(("claimed_on", 'claimed_on + @"P32D"')):
        value = f"{{amount: 400 + claimed_on.month, ends_before: {ends}}}"
        with transaction.atomic():
            put_in_force(
                world,
                tmp_path / f"pack{number}",
                ("model.dmn", _NUMBER, _CONTEXT),
                ("model.dmn", f"<text>{_AMOUNT}</text>", f"<text>{value}</text>"),
            )
            world.pay_in("2026-05", "2026-06", "2026-07")
            receipt = claim_pension(world)
            with pytest.raises(UnusableAmount, match="never stop ending"):
                assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)
            transaction.set_rollback(True)


def test_assessing_again_supersedes_every_step_and_grants_the_last_ones(world: World) -> None:
    claim = _child_grant(world, born=date(2024, 2, 29))
    receipt = claim_pension(world, contingency_on=RETIRES, **claim)
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)
    send_back(claim_id=receipt.claim_id, reason="Look again.", access=world.celia, at=AT)
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)

    decided = approve_claim(claim_id=receipt.claim_id, access=world.celia, at=AT)

    assert len(_paid(decided.award_id, world)) == 3
    with opened(world):
        amounts = Decision.objects.filter(kind="amount")
        assert amounts.count() == 6
        assert amounts.exclude(supersedes_id=None).count() == 3
        assert ScheduledAmount.objects.count() == 6


def test_the_database_refuses_claims_born_decided(world: World) -> None:
    receipt = claim_pension(world)
    with opened(world):
        born = Claim.objects.get(id=receipt.claim_id)
    for changes in (
        {"state": "granted", "approved_by": world.celia.actor_id, "approved_at": AT},
        {"state": "proposed", "proposed_by": world.bruno.actor_id, "proposed_at": AT},
        {"proposed_by": world.bruno.actor_id},
    ):
        twin = Claim(
            **{field.attname: getattr(born, field.attname) for field in Claim._meta.fields}
            | {"id": uuid4(), "number": "CL-X", "is_single": False}
            | {"contingency_on": date(2026, 10, 1)}
            | changes
        )
        with opened(world), pytest.raises(IntegrityError, match="claim"), transaction.atomic():
            twin.save(force_insert=True)


def test_the_database_refuses_to_grant_against_the_decision(world: World) -> None:
    """Refused by the pack, proposed: nobody can make a grant of it, nor an award."""
    world.pay_in("2026-07")
    receipt = claim_pension(world)
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)
    with opened(world), pytest.raises(IntegrityError, match="claim"), transaction.atomic():
        Claim.objects.update(state="granted", approved_by=world.celia.actor_id, approved_at=AT)


def test_the_database_refuses_an_amount_that_was_not_proposed(world: World) -> None:
    world.pay_in("2026-05", "2026-06", "2026-07")
    decided = _granted(world)
    with opened(world):
        component = AwardComponent.objects.get(award_id=decided.award_id)
        AwardComponent.objects.filter(id=component.id).update(ends_before=date(2027, 1, 1))

    for change in (
        {"amount": Decimal("401.00"), "starts_on": date(2027, 1, 1)},
        {"decision_id": _refusal_of(world), "starts_on": date(2027, 1, 1)},
    ):
        row = AwardComponent(
            **{f.attname: getattr(component, f.attname) for f in AwardComponent._meta.fields}
            | {"id": uuid4(), "sequence": 2, "ends_before": None}
            | change
        )
        with (
            opened(world),
            pytest.raises(IntegrityError, match="rests on a decision"),
            transaction.atomic(),
        ):
            row.save(force_insert=True)


def _refusal_of(world: World) -> Any:
    other = world.person(given_names="Lea", born=date(2000, 1, 1))
    receipt = claim_pension(replace(world, amina=other))
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)
    with opened(world):
        return Claim.objects.get(id=receipt.claim_id).eligibility_id
