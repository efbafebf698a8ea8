"""Decisions: frozen, explained, never changed, and made again to the byte."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from amparo.delivery.claims.operations import assess_claim
from amparo.delivery.decisions.freezing import CannotBeFrozen, DecisionInput, freeze, thaw
from amparo.delivery.decisions.models import Decision
from amparo.delivery.decisions.operations import DecisionMade, Subject, UnableToDecide, decide
from amparo.delivery.decisions.queries import NoSuchDecision, decision_record, reproduce
from amparo.rules.book.queries import pack_in_force
from amparo.values import NotPermitted
from tests.delivery.claims.test_claiming import claim_pension
from tests.delivery.world import AT, SCHEME, World, opened

LOCAL = ZoneInfo("Africa/Nairobi")


def decided(world: World, *, kind: str = "eligibility", at: datetime = AT) -> DecisionMade:
    facts = {
        "date_of_birth": date(1963, 2, 28),
        "claimed_on": date(2026, 11, 1),
        "has_stopped_work": True,
        "contributed_months": Decimal(7),
        "other_pension": False,
    }
    return decide(
        kind=kind,
        about=Subject(kind="claim", id=uuid4(), person_id=world.amina),
        booked=pack_in_force(scheme=SCHEME, on=date(2026, 11, 1), known_at=at),
        decision_name="entitlement",
        inputs={name: DecisionInput(value=each, source="test") for name, each in facts.items()},
        on=date(2026, 11, 1),
        known_at=at,
        access=world.bruno,
        at=at,
    )


def test_a_decision_is_made_again_to_the_byte(world: World) -> None:
    made = decided(world)

    again = reproduce(decision_id=made.id, access=world.bruno)

    assert again.is_equal
    assert again.differences == ()


def test_a_decision_made_in_local_time_is_made_again_to_the_byte(world: World) -> None:
    made = decided(world, at=AT.astimezone(LOCAL))

    assert reproduce(decision_id=made.id, access=world.bruno).is_equal


def test_a_decision_with_a_forged_trace_is_not_made_again(world: World) -> None:
    made = decided(world)
    with opened(world):
        kept = Decision.objects.get(id=made.id)
    trace = json.loads(kept.trace)
    trace["inputs"][0]["value"] = "1940-01-01"
    forged = Decision(
        **{field.attname: getattr(kept, field.attname) for field in Decision._meta.fields}
    )
    forged.id, forged.trace = uuid4(), json.dumps(trace)
    forged.save(force_insert=True)

    again = reproduce(decision_id=forged.id, access=world.bruno)

    assert not again.is_equal
    assert [difference.part for difference in again.differences] == ["trace"]


@pytest.mark.parametrize("statement", ["UPDATE {} SET outcome = 'refused'", "DELETE FROM {}"])
def test_a_decision_never_changes_whoever_asks(world: World, statement: str) -> None:
    decided(world)

    with (
        opened(world),
        pytest.raises(Exception, match=r"permission denied|append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format("decisions_decision"))


def test_the_explanation_names_facts_rule_law_and_appeal_in_the_asked_language(
    world: World,
) -> None:
    made = decided(world)

    record = decision_record(decision_id=made.id, access=world.bruno, language="fr")

    assert record.explanation is not None
    assert record.appeal is not None
    assert record.explanation.sentence.startswith("Les conditions sont remplies.")
    assert {fact.title for fact in record.explanation.facts} >= {"Date de naissance"}
    (table,) = record.explanation.tables
    assert [row.id for row in table.rows if row.matched] == ["r5"]
    assert "Test Act, Art. 3" in record.explanation.laws
    assert (record.appeal.days, record.appeal.authority) == (
        60,
        "Social Security Tribunal, Port Amparo",
    )


def test_a_claims_decisions_are_made_again_from_what_was_frozen_not_from_today(
    world: World,
) -> None:
    world.pay_in("2026-05", "2026-06", "2026-07")
    receipt = claim_pension(world)
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)
    world.pay_in("2026-08", wage="9999.00")
    with opened(world):
        ids = list(Decision.objects.values_list("id", flat=True))

    assert len(ids) == 2
    assert all(reproduce(decision_id=each, access=world.bruno).is_equal for each in ids)


def test_only_kinds_that_a_pack_decides_are_decided(world: World) -> None:
    with pytest.raises(UnableToDecide, match="eligibility, amount, assessment"):
        decided(world, kind="take-on")


def test_the_database_refuses_a_decision_without_its_rules(world: World) -> None:
    made = decided(world)
    with opened(world):
        kept = Decision.objects.get(id=made.id)
    kept.id, kept.pack_version_id = uuid4(), None

    with pytest.raises(IntegrityError, match="a_decision_names_its_rules"), transaction.atomic():
        kept.save(force_insert=True)


def test_a_decision_nobody_made_is_not_found(world: World) -> None:
    with pytest.raises(NoSuchDecision):
        decision_record(decision_id=uuid4(), access=world.bruno)


def test_dario_sees_no_decision(world: World) -> None:
    made = decided(world)

    with pytest.raises(NotPermitted):
        decision_record(decision_id=made.id, access=world.dario)
    with pytest.raises(NotPermitted):
        reproduce(decision_id=made.id, access=world.dario)


# --- freezing ---------------------------------------------------------------------------------

_SCALARS = (
    st.none()
    | st.booleans()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(_VALUES)
def test_what_is_frozen_thaws_to_the_same_value_through_json(value: object) -> None:
    frozen = json.loads(json.dumps(freeze(value)))

    assert repr(thaw(frozen)) == repr(value)


def test_a_context_that_looks_like_a_tag_stays_a_context() -> None:
    value = {"number": "12", "date": "2024-02-29"}

    assert thaw(freeze(value)) == value


@pytest.mark.parametrize("stranger", [1.5, datetime(2026, 1, 1, tzinfo=UTC), UUID(int=1), b"x"])
def test_floats_and_other_strangers_are_refused(stranger: object) -> None:
    with pytest.raises(CannotBeFrozen):
        freeze(stranger)
