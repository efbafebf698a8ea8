"""Reading the books."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import connection

from amparo.delivery.ledger.models import Account, JournalEntry, Posting
from amparo.journal.reading import reading
from amparo.values import Access, Page, Right

NOTHING = Decimal("0.00")


class NoSuchEntry(Exception):
    """The books hold no entry of this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBalance:
    """An account's turnover up to a day. balance: debit minus credit; a credit is negative."""

    code: str
    title: str
    kind: str
    debit: Decimal
    credit: Decimal

    @property
    def balance(self) -> Decimal:
        return self.debit - self.credit


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalance:
    """Every account of the chart, with the control that both sides are equal."""

    on: date
    currency: str
    accounts: tuple[AccountBalance, ...]

    @property
    def total_debit(self) -> Decimal:
        return sum((account.debit for account in self.accounts), NOTHING)

    @property
    def total_credit(self) -> Decimal:
        return sum((account.credit for account in self.accounts), NOTHING)

    @property
    def difference(self) -> Decimal:
        """Zero, always: a posting moves one amount from one account to another."""
        return self.total_debit - self.total_credit


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySummary:
    """An entry in a list."""

    entry_id: UUID
    entry_date: date
    source_kind: str
    source_id: UUID
    narrative: str
    posted_at: datetime
    posted_by: UUID
    line_count: int
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingRecord:
    """A line of an entry, with the accounts' titles."""

    debit: str
    debit_title: str
    credit: str
    credit_title: str
    amount: Decimal
    currency: str
    party_kind: str
    party_id: UUID | None
    reference_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRecord:
    """An entry with one page of its lines."""

    summary: EntrySummary
    lines: Page[PostingRecord]


def trial_balance(*, access: Access, on: date) -> TrialBalance:
    """Return every account's turnover up to and including the day.

    The sums go over persons' postings too: without the reading they would be too small.
    """
    with (
        reading(access=access, right=Right.LEDGER_READ, details={"on": on.isoformat()}),
        connection.cursor() as cursor,
    ):
        cursor.execute(_TRIAL_BALANCE, [on])
        accounts = tuple(
            AccountBalance(code=code, title=title, kind=kind, debit=debit, credit=credit)
            for code, title, kind, debit, credit in cursor.fetchall()
        )
    return TrialBalance(on=on, currency=settings.CURRENCY, accounts=accounts)


# One pass over the postings: grouped by both accounts first, so the sides are summed over few rows.
_TRIAL_BALANCE = """
WITH moved AS (
  SELECT p.debit_id, p.credit_id, sum(p.amount) AS amount
  FROM ledger_posting p JOIN ledger_journalentry e ON e.id = p.entry_id
  WHERE e.entry_date <= %s
  GROUP BY p.debit_id, p.credit_id
)
SELECT a.code, a.title, a.kind,
       coalesce((SELECT sum(amount) FROM moved WHERE debit_id = a.code), 0.00),
       coalesce((SELECT sum(amount) FROM moved WHERE credit_id = a.code), 0.00)
FROM ledger_account a
ORDER BY a.code
"""


def entries_page(
    *,
    access: Access,
    source_id: UUID | None = None,
    account: str | None = None,
    page: int = 1,
    page_size: int = 50,
) -> Page[EntrySummary]:
    """Return entries, the latest first: all, those of a source, or those that touch an account."""
    where, parameters = ["true"], []
    if source_id is not None:
        where.append("e.source_id = %s")
        parameters.append(str(source_id))
    if account is not None:
        where.append(
            "EXISTS (SELECT FROM ledger_posting t WHERE t.entry_id = e.id"
            " AND %s IN (t.debit_id, t.credit_id))"
        )
        parameters.append(account)
    condition = " AND ".join(where)
    with (
        reading(access=access, right=Right.LEDGER_READ, details={"page": page}),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"SELECT count(*) FROM ledger_journalentry e WHERE {condition}",  # noqa: S608 — fixed text
            parameters,
        )
        (total,) = cursor.fetchone()
        cursor.execute(
            _ENTRIES.format(condition=condition),
            [*parameters, page_size, (page - 1) * page_size],
        )
        rows = tuple(_summary(row) for row in cursor.fetchall())
    return Page(rows=rows, number=page, size=page_size, total=total)


_ENTRIES = """
SELECT e.id, e.entry_date, e.source_kind, e.source_id, e.narrative, e.posted_at, e.posted_by,
       p.line_count, p.total
FROM (
  SELECT * FROM ledger_journalentry e WHERE {condition}
  ORDER BY e.posted_at DESC, e.id LIMIT %s OFFSET %s
) e
JOIN LATERAL (
  SELECT count(*) AS line_count, coalesce(sum(amount), 0.00) AS total
  FROM ledger_posting WHERE entry_id = e.id
) p ON true
ORDER BY e.posted_at DESC, e.id
"""


def entry_record(
    *, entry_id: UUID, access: Access, page: int = 1, page_size: int = 50
) -> EntryRecord:
    """Return an entry with a page of its lines. Its lines may name persons: the read is journaled.

    Raises NoSuchEntry.
    """
    with reading(access=access, right=Right.LEDGER_READ, subject_kind="entry", subject_id=entry_id):
        entry = JournalEntry.objects.filter(id=entry_id).first()
        if entry is None:
            raise NoSuchEntry(f"The books hold no entry {entry_id}.")
        lines = Posting.objects.filter(entry_id=entry_id).order_by("id")
        total_lines = lines.count()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(sum(amount), 0.00) FROM ledger_posting WHERE entry_id = %s",
                [entry_id],
            )
            (total,) = cursor.fetchone()
        start = (page - 1) * page_size
        shown = tuple(lines[start : start + page_size])
    titles = dict(Account.objects.values_list("code", "title"))
    return EntryRecord(
        summary=EntrySummary(
            entry_id=entry.id,
            entry_date=entry.entry_date,
            source_kind=entry.source_kind,
            source_id=entry.source_id,
            narrative=entry.narrative,
            posted_at=entry.posted_at,
            posted_by=entry.posted_by,
            line_count=total_lines,
            total=total,
        ),
        lines=Page(
            rows=tuple(_posting(line, titles) for line in shown),
            number=page,
            size=page_size,
            total=total_lines,
        ),
    )


def _posting(line: Posting, titles: dict[str, str]) -> PostingRecord:
    return PostingRecord(
        debit=line.debit_id,
        debit_title=titles[line.debit_id],
        credit=line.credit_id,
        credit_title=titles[line.credit_id],
        amount=line.amount,
        currency=line.currency,
        party_kind=line.party_kind,
        party_id=line.party_id,
        reference_id=line.reference_id,
    )


def _summary(row: tuple[object, ...]) -> EntrySummary:
    names = (
        "entry_id",
        "entry_date",
        "source_kind",
        "source_id",
        "narrative",
        "posted_at",
        "posted_by",
        "line_count",
        "total",
    )
    return EntrySummary(**dict(zip(names, row, strict=True)))  # type: ignore[arg-type]
