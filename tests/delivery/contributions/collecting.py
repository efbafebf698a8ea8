"""Who collects in these tests, and money as banks report it.

Farid reads in statements, Carla matches and proposes, Anton approves.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count
from uuid import UUID

from django.db import connection

from amparo.accounts.operations import create_user, grant_mandate
from amparo.delivery.contributions.models import DebtBalance, ReceiptBalance
from amparo.delivery.contributions.operations import (
    Credit,
    ReceiptsTaken,
    take_in_receipts,
)
from amparo.governance.kernel.access import access_for
from amparo.values import Access
from tests.cast import NOW
from tests.delivery.world import AT, TODAY, World

_numbers = count(1)


@dataclass(frozen=True)
class Office:
    """The people of a collecting institution, over a world."""

    world: World
    farid: Access
    carla: Access
    anton: Access

    def take_in(self, *booked: Credit) -> ReceiptsTaken:
        """Take in a file of its own with these credits."""
        return take_in_receipts(
            credits_booked=booked,
            received_file_id=self.world.received_file(kind="bank-statement"),
            access=self.farid,
            at=AT,
        )


def open_office(world: World) -> Office:
    return Office(
        world=world,
        farid=_officer(world, "farid", "finance-officer"),
        carla=_officer(world, "carla", "compliance-officer"),
        anton=_officer(world, "anton", "compliance-approver"),
    )


def credit(
    amount: str,
    *,
    text: str = "",
    reference: str = "",
    account: str = "",
    currency: str = "XTS",
    booked_on: date = date(2026, 11, 10),
) -> Credit:
    return Credit(
        bank_reference=reference or f"B{next(_numbers)}",
        booked_on=booked_on,
        amount=Decimal(amount),
        currency=currency,
        payer_name="A payer",
        payer_account=account,
        text=text,
    )


def open_of(employer_id: UUID) -> Decimal:
    """Return what an employer owes in all."""
    rows = DebtBalance.objects.filter(employer_id=employer_id)
    return sum((row.open for row in rows), Decimal("0.00"))


def suspended_of(employer_id: UUID | None) -> Decimal:
    """Return the money in suspense of an employer; of None: that nobody knows."""
    rows = [row for row in ReceiptBalance.objects.all() if row.employer_id == employer_id]
    return sum((row.suspended for row in rows), Decimal("0.00"))


def books() -> dict[str, Decimal]:
    """Return each account's balance, debit minus credit, where it is not zero."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, sum(amount) FROM ("
            " SELECT debit_id AS code, amount FROM ledger_posting"
            " UNION ALL SELECT credit_id, -amount FROM ledger_posting) AS sides"
            " GROUP BY code HAVING sum(amount) <> 0"
        )
        return dict(cursor.fetchall())


def _officer(world: World, name: str, role: str) -> Access:
    user_id = create_user(
        username=name, display_name=name.capitalize(), password="lantern by the sea 9", at=NOW
    )
    grant_mandate(
        user_id=user_id,
        role=role,
        starts_on=date(2026, 1, 1),
        access=world.cast.access("alma"),
        at=NOW,
    )
    return access_for(user_id=user_id, role=role, on=TODAY)
