"""Writing the books.

No posting stands alone: it is the effect of an operation that was permitted by its own right. So
the ledger demands the Access for the name of the actor, and no right of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, LiteralString
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction

from amparo.delivery.ledger.models import Account, JournalEntry, Posting
from amparo.values import Access, rounded_amount


class AlreadyPosted(Exception):
    """The source has its entry in the books already."""


class UnknownAccount(Exception):
    """A posting names an account that the chart does not have."""


class NothingToPost(Exception):
    """An entry has no posting, or a posting's amount is not above zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingLine:
    """An amount that moves from the credit account to the debit account.

    party_kind, party_id: "person" or "employer" and its id, for the sub-ledger; both or neither.
    reference_id: the instruction, wage line or receipt behind the amount.
    """

    debit: str
    credit: str
    amount: Decimal
    party_kind: str = ""
    party_id: UUID | None = None
    reference_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """One business event to post: where it comes from, when it counts, what moves."""

    source_kind: str
    source_id: UUID
    entry_date: date
    narrative: str
    lines: Sequence[PostingLine]


@transaction.atomic
def post_entries(*, entries: Sequence[NewEntry], access: Access, at: datetime) -> list[UUID]:
    """Post many entries, all or none; return their ids in order.

    Raises AlreadyPosted, UnknownAccount, NothingToPost or NotARoundedAmount.
    """
    for entry in entries:
        _refuse_unless_it_moves_money(entry)
    _refuse_unknown_accounts({c for e in entries for line in e.lines for c in _accounts(line)})
    ids = _write_entries(entries, access=access, at=at)
    Posting.objects.bulk_create(
        (
            Posting(
                entry_id=entry_id,
                debit_id=line.debit,
                credit_id=line.credit,
                amount=rounded_amount(line.amount),
                currency=settings.CURRENCY,
                party_kind=line.party_kind,
                party_id=line.party_id,
                reference_id=line.reference_id,
            )
            for entry_id, entry in zip(ids, entries, strict=True)
            for line in entry.lines
        ),
        batch_size=2_000,
    )
    return ids


@transaction.atomic
def post_selected(
    *,
    source_kind: str,
    source_id: UUID,
    entry_date: date,
    narrative: str,
    lines_sql: LiteralString,
    parameters: Sequence[Any],
    access: Access,
    at: datetime,
) -> Decimal:
    """Post one entry whose lines a query yields, without bringing them into Python.

    lines_sql: a SELECT of (debit, credit, amount, party_kind, party_id, reference_id), so ordered.
    Returns the sum posted. Raises AlreadyPosted, NothingToPost when the query yields no line.
    """
    entry = NewEntry(
        source_kind=source_kind,
        source_id=source_id,
        entry_date=entry_date,
        narrative=narrative,
        lines=(),
    )
    (entry_id,) = _write_entries([entry], access=access, at=at)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH posted AS (
              INSERT INTO ledger_posting (entry_id, debit_id, credit_id, amount, currency,
                                          party_kind, party_id, reference_id)
              SELECT %s, line.debit, line.credit, line.amount, %s,
                     line.party_kind, line.party_id, line.reference_id
              FROM ({lines_sql}) AS line (debit, credit, amount, party_kind, party_id, reference_id)
              RETURNING amount
            )
            SELECT count(*), sum(amount) FROM posted
            """,  # noqa: S608 — our own SQL: LiteralString admits no outside text
            [entry_id, settings.CURRENCY, *parameters],
        )
        count, total = cursor.fetchone()
    if count == 0:
        raise NothingToPost(
            f"The entry for {source_kind} {source_id} has no line. Nothing was posted."
        )
    return Decimal(total)


def _accounts(line: PostingLine) -> tuple[str, str]:
    return line.debit, line.credit


def _refuse_unless_it_moves_money(entry: NewEntry) -> None:
    if not entry.lines or any(line.amount <= 0 for line in entry.lines):
        raise NothingToPost(
            f"The entry for {entry.source_kind} {entry.source_id} has no line, or a line whose "
            "amount is not above zero. Leave out what moves no money; turn a negative amount "
            "round by exchanging debit and credit."
        )


def _refuse_unknown_accounts(codes: set[str]) -> None:
    known = set(Account.objects.filter(code__in=codes).values_list("code", flat=True))
    if missing := sorted(codes - known):
        raise UnknownAccount(
            f"The chart has no account {', '.join(missing)}. Use an account of the chart."
        )


def _write_entries(entries: Sequence[NewEntry], *, access: Access, at: datetime) -> list[UUID]:
    rows = [
        JournalEntry(
            id=uuid4(),
            entry_date=entry.entry_date,
            source_kind=entry.source_kind,
            source_id=entry.source_id,
            narrative=entry.narrative,
            posted_at=at,
            posted_by=access.actor_id,
        )
        for entry in entries
    ]
    # A duplicate is skipped by the database, not raised: so the transaction stays usable and the
    # message can name the source.
    JournalEntry.objects.bulk_create(rows, batch_size=2_000, ignore_conflicts=True)
    ids = [row.id for row in rows]
    written = set(JournalEntry.objects.filter(id__in=ids).values_list("id", flat=True))
    if len(written) != len(ids):
        first = next(row for row in rows if row.id not in written)
        raise AlreadyPosted(
            f"The {first.source_kind} {first.source_id} is in the books already. "
            "Nothing was posted; a correction is an entry of its own."
        )
    return ids
