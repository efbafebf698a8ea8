"""Whatever happens in whatever order: receipts = allocations + suspense + refunds (invariant 6)."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from amparo.delivery.contributions.models import DebtBalance, Proposal, ReceiptBalance
from amparo.delivery.contributions.operations import (
    UnableToDecide,
    UnableToMatch,
    UnableToPropose,
    allocate_again,
    approve_proposal,
    match_receipt,
    propose_refund,
    propose_relief,
    refuse_proposal,
)
from amparo.delivery.contributions.references import creditor_reference
from amparo.delivery.contributions.verification import CHECKS
from tests.delivery import world as worlds
from tests.delivery.contributions.collecting import Office, credit, open_office
from tests.delivery.world import AMINA_NUMBER, AT

CENTS = st.integers(min_value=1, max_value=40_000).map(lambda cents: Decimal(cents).scaleb(-2))
MONTHS = [f"2026-{number:02d}" for number in range(1, 10)]


class Accounts(RuleBasedStateMachine):
    """Two employers, money and debts in any order; each example is rolled back."""

    office: Office
    employers: tuple[Any, Any]

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.references: list[str] = []
        self.months = {employer: iter(MONTHS) for employer in self.employers}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    @rule(who=st.integers(0, 1), wage=CENTS)
    def declare(self, who: int, wage: Decimal) -> None:
        month = next(self.months[self.employers[who]], None)
        if month is not None:
            posted = self.office.world.declare(
                month, (AMINA_NUMBER, str(wage)), employer_id=self.employers[who]
            )
            self.references.append(creditor_reference(number=posted.number))

    @rule(amount=CENTS, pick=st.integers(0, 50))
    def receive(self, amount: Decimal, pick: int) -> None:
        text = self.references[pick] if pick < len(self.references) else "a payment"
        self.office.take_in(credit(str(amount), text=text))

    @rule(pick=st.integers(0, 20), who=st.integers(0, 1))
    def match(self, pick: int, who: int) -> None:
        self._try(
            match_receipt,
            receipt_id=self._receipt(pick),
            employer_id=self.employers[who],
            reason="The bank's slip.",
            access=self.office.carla,
            at=AT,
        )

    @rule(pick=st.integers(0, 20))
    def allocate_anew(self, pick: int) -> None:
        self._try(allocate_again, receipt_id=self._receipt(pick), access=self.office.carla, at=AT)

    @rule(pick=st.integers(0, 20), amount=CENTS)
    def ask_back(self, pick: int, amount: Decimal) -> None:
        self._try(
            propose_refund,
            receipt_id=self._receipt(pick),
            amount=amount,
            reason="Paid twice.",
            access=self.office.carla,
            at=AT,
        )

    @rule(pick=st.integers(0, 20), amount=CENTS)
    def write_off(self, pick: int, amount: Decimal) -> None:
        debts = list(DebtBalance.objects.order_by("debt_id").values_list("debt_id", flat=True))
        self._try(
            propose_relief,
            kind="write-off",
            debt_id=debts[pick % len(debts)] if debts else None,
            amount=amount,
            reason="Cannot be collected.",
            access=self.office.carla,
            at=AT,
        )

    @rule(approves=st.booleans())
    def decide(self, approves: bool) -> None:  # noqa: FBT001
        proposal = Proposal.objects.filter(state="proposed").order_by("number").first()
        if proposal is not None:
            self._try(
                approve_proposal if approves else refuse_proposal,
                proposal_id=proposal.id,
                reason="Looked at.",
                access=self.office.anton,
                at=AT,
            )

    @invariant()
    def every_cent_is_somewhere(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_SUMS)
            received, allocated, refunded, unallocated_in_books, to_refund = cursor.fetchone()
        suspended = sum((row.suspended for row in ReceiptBalance.objects.all()), Decimal("0.00"))
        assert received == allocated + suspended + refunded
        assert (suspended, refunded) == (unallocated_in_books, to_refund)

    @invariant()
    def no_money_waits_beside_a_debt(self) -> None:
        """What is not asked back pays whatever its employer owes."""
        asked = Proposal.objects.filter(state="proposed", kind="refund").values("receipt_id")
        for employer in self.employers:
            waiting = ReceiptBalance.objects.filter(employer_id=employer, suspended__gt=0)
            owing = DebtBalance.objects.filter(employer_id=employer, open__gt=0)
            assert not (waiting.exclude(receipt_id__in=asked).exists() and owing.exists())

    def _receipt(self, pick: int) -> Any:
        known = list(
            ReceiptBalance.objects.order_by("receipt_id").values_list("receipt_id", flat=True)
        )
        return known[pick % len(known)] if known else None

    def _try(self, operation: Any, **given: Any) -> None:
        if None in given.values():
            return
        try:
            with transaction.atomic():
                operation(**given)
        except (UnableToMatch, UnableToPropose, UnableToDecide):
            pass  # a refusal: the invariants say that it changed nothing


_SUMS = """
SELECT (SELECT coalesce(sum(amount), 0) FROM contributions_receiptbalance),
       (SELECT coalesce(sum(amount), 0) FROM contributions_allocation),
       (SELECT coalesce(sum(amount), 0) FROM contributions_refund),
       (SELECT coalesce(sum(CASE WHEN credit_id = '2300' THEN amount ELSE -amount END), 0)
        FROM ledger_posting WHERE '2300' IN (debit_id, credit_id)),
       (SELECT coalesce(sum(CASE WHEN credit_id = '2310' THEN amount ELSE -amount END), 0)
        FROM ledger_posting WHERE '2310' IN (debit_id, credit_id))
"""


@pytest.fixture
def accounts(db: None, tmp_path: Path) -> type[Accounts]:
    world = worlds.build(tmp_path)

    class Here(Accounts):
        office = open_office(world)
        employers = (world.kora, world.employer(name="Mill"))

    return Here


def test_every_cent_is_somewhere_whatever_happens(accounts: type[Accounts]) -> None:
    run_state_machine_as_test(
        accounts,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_every_rule_of_verification_covers_invariant_6() -> None:
    assert sum(check.invariant == 6 for check in CHECKS) >= 6
