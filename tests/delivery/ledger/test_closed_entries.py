"""Nothing is added to an entry once its transaction has ended; not even by bulk SQL."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from amparo.delivery.ledger.chart import BANK, BENEFIT_EXPENSE, BENEFITS_PAYABLE
from amparo.delivery.ledger.operations import NewEntry, PostingLine, post_entries
from amparo.delivery.ledger.queries import trial_balance
from tests.conftest import Clone
from tests.delivery.payments.awards import acting

BRUNO = acting("Bruno", "finance-officer")
DAY = date(2026, 11, 20)


def post() -> UUID:
    line = PostingLine(debit=BENEFIT_EXPENSE, credit=BENEFITS_PAYABLE, amount=Decimal("9.00"))
    entry = NewEntry(
        source_kind="test",
        source_id=uuid4(),
        entry_date=DAY,
        narrative="A test",
        lines=[line],
    )
    at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    (entry_id,) = post_entries(entries=[entry], access=BRUNO, at=at)
    return entry_id


def add_to(entry_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_posting"
            " (entry_id, debit_id, credit_id, amount, currency, party_kind)"
            " VALUES (%s, %s, %s, 1, 'XTS', '')",
            [entry_id, BENEFITS_PAYABLE, BANK],
        )


def test_a_posting_is_taken_only_with_its_entry(cloned_database: Clone) -> None:
    with transaction.atomic():
        entry_id = post()
        add_to(entry_id)

    with pytest.raises(IntegrityError, match="its entry was closed"):
        add_to(entry_id)

    assert trial_balance(access=BRUNO, on=DAY).total_debit == Decimal("10.00")


def test_the_application_cannot_keep_an_entry_open(cloned_database: Clone) -> None:
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO ledger_journalentry (id, entry_date, source_kind, source_id, narrative,"
            " posted_at, posted_by, written_in) VALUES (gen_random_uuid(), '2026-11-20', 'test',"
            " gen_random_uuid(), 'Later', now(), gen_random_uuid(), '999999999')"
        )
