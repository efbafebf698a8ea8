"""Files of a change of system: accounts confirmed by their providers, and awards taken on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from amparo.delivery.claims.models import Award, AwardComponent
from amparo.delivery.decisions.models import Decision
from amparo.interfaces.files.imports import (
    ACCOUNT_CONFIRMATIONS,
    AWARDS,
    ImportOutcome,
    VouchedFor,
    import_account_confirmations,
    import_awards,
)
from amparo.register.operations import set_payment_account
from amparo.register.queries import person_record
from amparo.register.records import NewAccount
from amparo.values import NotPermitted
from tests.cast import NOW
from tests.delivery import world as worlds
from tests.delivery.world import AMINA_NUMBER, AT, opened
from tests.interfaces.files.conftest import row_counts

AFile = Callable[..., Path]


@pytest.fixture
def world(db: None, tmp_path: Path) -> worlds.World:
    return worlds.build(tmp_path)


def table(header: tuple[str, ...], *rows: str) -> str:
    return "".join(f"{line}\n" for line in (",".join(header), *rows))


# --- confirmations ----------------------------------------------------------------------------


@pytest.fixture
def account(world: worlds.World) -> UUID:
    """Amina's account, which nobody has confirmed."""
    return set_payment_account(
        person_id=world.amina,
        account=NewAccount(kind="bank", provider="CBXAXAXA", account_number="1000200300"),
        starts_on=date(2020, 1, 1),
        access=world.rosa,
        at=NOW,
    )


def confirm(world: worlds.World, path: Path) -> ImportOutcome:
    return import_account_confirmations(path=path, access=world.rosa, at=AT)


@pytest.mark.usefixtures("account")
def test_a_confirmation_is_a_new_fact_and_the_old_one_stays(
    world: worlds.World, a_file: AFile
) -> None:
    outcome = confirm(
        world, a_file(table(ACCOUNT_CONFIRMATIONS, "CBXAXAXA,1000 200-300,2026-11-18"))
    )

    assert (outcome.status, outcome.rows) == ("accepted", 1)
    today = date(2026, 11, 20)
    now = person_record(person_id=world.amina, access=world.rosa, as_of=today, known_at=AT)
    before = person_record(person_id=world.amina, access=world.rosa, as_of=today, known_at=NOW)
    assert now.account is not None
    assert (now.account.verified_on, now.account.verified_by) == (date(2026, 11, 18), "CBXAXAXA")
    assert now.account.times.starts_on == date(2020, 1, 1)
    assert before.account is not None
    assert before.account.verified_on is None


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("CBXAXAXA,9999999999,2026-11-18", "payment_account"),
        ("OTHERBIC,1000200300,2026-11-18", "payment_account"),
        ("CBXAXAXA,1000200300,2026-11-21", "confirmed_on"),
        ("CBXAXAXA,1000200300,2026-02-30", "confirmed_on"),
    ],
)
def test_a_confirmation_of_nothing_we_hold_refuses_the_file(
    world: worlds.World, a_file: AFile, row: str, column: str
) -> None:
    before = row_counts()

    outcome = confirm(world, a_file(table(ACCOUNT_CONFIRMATIONS, row)))

    assert outcome.status == "rejected"
    assert [(error.row, error.column) for error in outcome.listed] == [(2, column)]
    assert row_counts() == before


@pytest.mark.usefixtures("account")
def test_an_account_confirmed_twice_keeps_its_first_confirmation(
    world: worlds.World, a_file: AFile
) -> None:
    first = "CBXAXAXA,1000200300,2026-11-01"
    later = "CBXAXAXA,1000200300,2026-11-18"
    confirm(world, a_file(table(ACCOUNT_CONFIRMATIONS, first)))

    outcome = confirm(world, a_file(table(ACCOUNT_CONFIRMATIONS, later)))
    in_one = confirm(world, a_file(table(ACCOUNT_CONFIRMATIONS, first, later)))

    assert (outcome.status, outcome.rows) == ("accepted", 0)
    assert [(error.row, error.column) for error in in_one.listed] == [(3, "payment_account")]
    record = person_record(
        person_id=world.amina, access=world.rosa, as_of=date(2026, 11, 20), known_at=AT
    )
    assert record.account is not None
    assert record.account.verified_on == date(2026, 11, 1)


# --- awards -----------------------------------------------------------------------------------

PENSION = "test/old-age,old-age-pension,pension"


def award(reference: str, number: str, amount: str = "120.50", payee: str = "") -> str:
    return f"{reference},{number},{payee},{PENSION},{amount},2023-02-28,2026-10-01"


def take_on(
    world: worlds.World, path: Path, *, count: int = 1, total: str = "120.50"
) -> ImportOutcome:
    return import_awards(
        path=path,
        vouched=VouchedFor(
            count=count, total=Decimal(total), signatory="Head of pensions, old fund"
        ),
        access=world.bruno,
        approver=world.celia,
        at=AT,
    )


def test_an_award_taken_on_rests_on_a_decision_that_names_its_signatory(
    world: worlds.World, a_file: AFile
) -> None:
    outcome = take_on(world, a_file(table(AWARDS, award("OF-1", AMINA_NUMBER))))

    assert (outcome.status, outcome.rows) == ("accepted", 1)
    with opened(world):
        component = AwardComponent.objects.get()
        kept = Award.objects.get()
        assert (component.amount, component.starts_on) == (Decimal("120.50"), date(2026, 10, 1))
        assert (kept.person_id, kept.payee_id) == (world.amina, world.amina)
        decision = Decision.objects.get(id=component.decision_id)
        assert decision.kind == "take-on"
        assert "Head of pensions, old fund" in str(decision.inputs)


def test_totals_that_nobody_vouched_for_take_nothing_on(world: worlds.World, a_file: AFile) -> None:
    before = row_counts()

    outcome = take_on(world, a_file(table(AWARDS, award("OF-1", AMINA_NUMBER))), total="120.51")

    assert outcome.status == "rejected"
    assert row_counts() == before


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (award("OF-1", "9999999999"), "person_number"),
        (award("OF-1", AMINA_NUMBER, payee="9999999999"), "payee_number"),
        (award("OF-1", AMINA_NUMBER, amount="0.00"), "amount"),
        (award("OF-1", AMINA_NUMBER, amount="120.505"), "amount"),
    ],
)
def test_an_award_that_cannot_be_paid_is_not_taken_on(
    world: worlds.World, a_file: AFile, row: str, column: str
) -> None:
    before = row_counts()

    outcome = take_on(world, a_file(table(AWARDS, row)))

    assert outcome.status == "rejected"
    assert (2, column) in [(error.row, error.column) for error in outcome.listed]
    assert row_counts() == before


@pytest.mark.parametrize("who", ["access", "approver"])
def test_awards_are_taken_on_by_two_people_with_the_right(
    world: worlds.World, a_file: AFile, who: str
) -> None:
    acting = {"access": world.bruno, "approver": world.celia} | {who: world.dario}

    with pytest.raises(NotPermitted, match=r"claims\."):
        import_awards(
            path=a_file(table(AWARDS, award("OF-1", AMINA_NUMBER))),
            vouched=VouchedFor(count=1, total=Decimal("120.50"), signatory="Nobody"),
            access=acting["access"],
            approver=acting["approver"],
            at=AT,
        )


def test_a_file_approved_by_its_preparer_is_refused(world: worlds.World, a_file: AFile) -> None:
    before = row_counts()

    outcome = import_awards(
        path=a_file(table(AWARDS, award("OF-1", AMINA_NUMBER))),
        vouched=VouchedFor(count=1, total=Decimal("120.50"), signatory="Nobody"),
        access=world.bruno,
        approver=replace(world.celia, actor_id=world.bruno.actor_id),
        at=AT,
    )

    assert outcome.status == "rejected"
    assert "Let somebody else approve" in outcome.listed[0].reason
    assert row_counts() == before
