"""Answers about money: what employers owe, what came in, what waits for a match or a decision."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from amparo.delivery.contributions.models import (
    Debt,
    Declaration,
    Dispute,
    Proposal,
    Receipt,
    ReceiptBalance,
    ReceiptMatch,
)
from amparo.delivery.contributions.operations.collecting import NoSuchReceipt
from amparo.delivery.contributions.operations.proposing import NoSuchProposal
from amparo.delivery.contributions.references import creditor_reference
from amparo.journal.reading import reading
from amparo.register.queries import employer_summaries
from amparo.register.records import EmployerSummary
from amparo.values import Access, Month, Page, Right

PAGE_SIZE: Final = 50
NOTHING: Final = Decimal("0.00")
# How long what is open has been late, in days: up to a month, a quarter, a year, longer.
AGES: Final = (30, 90, 365)


class NoSuchDebt(Exception):
    """There is no debt with this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptSummary:
    """Money received, as a line of a list. days: since it was booked."""

    receipt_id: UUID
    booked_on: date
    days: int
    amount: Decimal
    suspended: Decimal
    employer: EmployerSummary | None
    payer_name: str
    payer_account: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """An employer whose money it may be. reason: payer-account, amount or payer-name."""

    employer: EmployerSummary
    reason: str
    open: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchMade:
    """Whom a receipt was matched to, by which rule or whose word."""

    employer: EmployerSummary
    rule: str
    reason: str
    matched_at: datetime
    matched_by: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationMade:
    """Money laid on a debt; below zero where it was taken back."""

    month: Month
    scheme: str
    kind: str
    amount: Decimal
    made_at: datetime
    made_by: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRecord:
    """Something about money that waits for a decision, or how it was decided."""

    id: UUID
    number: str
    kind: str
    employer: EmployerSummary
    receipt_id: UUID | None
    debt: "DebtRecord | None"
    amount: Decimal
    reason: str
    state: str
    proposed_at: datetime
    proposed_by: UUID
    decided_at: datetime | None
    decided_by: UUID | None
    decided_because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRecord:
    """Money received, with where all of it is and how it came there."""

    summary: ReceiptSummary
    bank_reference: str
    allocated: Decimal
    refunded: Decimal
    matches: tuple[MatchMade, ...]
    allocations: tuple[AllocationMade, ...]
    suggestions: tuple[Suggestion, ...]
    is_asked_back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtRecord:
    """What is owed for a month to a scheme. days_late: 0 where it is not late or has no due day."""

    debt_id: UUID
    month: Month
    scheme: str
    kind: str
    due_on: date | None
    due: Decimal
    paid: Decimal
    open: Decimal
    days_late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """A line of a statement of account. amount: above zero where more is owed; balance after it."""

    on: date
    kind: str
    month: Month | None
    scheme: str
    debt_kind: str
    amount: Decimal
    balance: Decimal
    law: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmployerAccount:
    """How an employer stands: debts, money waiting, and every line that led there.

    late: what is open by how long it is late: up to 30, 90, 365 days, longer.
    references: what to write with a payment, by the month of the declaration.
    """

    debts: tuple[DebtRecord, ...]
    credit: Decimal
    late: tuple[Decimal, ...]
    lines: Page[AccountLine]
    references: dict[Month, str]
    paid_in: Page[ReceiptSummary]

    @property
    def open(self) -> Decimal:
        return sum((debt.open for debt in self.debts), NOTHING)


def receipts_page(
    *,
    access: Access,
    on: date,
    employer_id: UUID | None = None,
    only_unknown: bool = False,
    with_all: bool = False,
    page: int = 1,
) -> Page[ReceiptSummary]:
    """Return money received that waits in suspense, the longest first.

    with_all: also what is spent. only_unknown: whose money nobody knows.
    """
    with reading(access=access, right=Right.DECLARATION_READ, details={"read": "receipts"}):
        balances = ReceiptBalance.objects.order_by("booked_on", "receipt_id")
        if not with_all:
            balances = balances.filter(suspended__gt=0)
        if employer_id is not None:
            balances = balances.filter(employer_id=employer_id)
        if only_unknown:
            balances = balances.filter(employer=None)
        start = (page - 1) * PAGE_SIZE
        rows = list(balances.select_related("receipt")[start : start + PAGE_SIZE])
        known = employer_summaries(
            employer_ids={row.employer_id for row in rows if row.employer_id}
        )
        return Page(
            rows=tuple(_receipt(row, known, on) for row in rows),
            number=page,
            size=PAGE_SIZE,
            total=balances.count(),
        )


def _receipt(row: ReceiptBalance, known: dict[UUID, EmployerSummary], on: date) -> ReceiptSummary:
    return ReceiptSummary(
        receipt_id=row.receipt_id,
        booked_on=row.booked_on,
        days=(on - row.booked_on).days,
        amount=row.amount,
        suspended=row.suspended,
        employer=known.get(row.employer_id) if row.employer_id else None,
        payer_name=row.receipt.payer_name,
        payer_account=row.receipt.payer_account,
        text=row.receipt.text,
    )


def receipt_record(*, receipt_id: UUID, access: Access, on: date) -> ReceiptRecord:
    """Return one receipt with its trail and whose it may be. Raises NoSuchReceipt."""
    with reading(
        access=access, right=Right.DECLARATION_READ, subject_kind="receipt", subject_id=receipt_id
    ):
        row = ReceiptBalance.objects.select_related("receipt").filter(receipt_id=receipt_id).first()
        if row is None:
            raise NoSuchReceipt(_("There is no receipt at this address. Open it from the list."))
        matches = list(ReceiptMatch.objects.filter(receipt_id=receipt_id).order_by("sequence"))
        suggested = _suggested(row.receipt) if row.suspended > 0 else []
        wanted = {one.employer_id for one in matches} | {one[0] for one in suggested}
        known = employer_summaries(employer_ids=wanted)
        return ReceiptRecord(
            summary=_receipt(row, known, on),
            bank_reference=row.receipt.bank_reference,
            allocated=row.allocated,
            refunded=row.refunded,
            matches=tuple(
                MatchMade(
                    employer=known[one.employer_id],
                    rule=one.rule,
                    reason=one.reason,
                    matched_at=one.matched_at,
                    matched_by=one.matched_by,
                )
                for one in matches
            ),
            allocations=_allocations(receipt_id),
            suggestions=tuple(
                Suggestion(employer=known[employer_id], reason=reason, open=owed)
                for employer_id, reason, owed in suggested
                if employer_id != row.employer_id
            ),
            is_asked_back=Proposal.objects.filter(receipt_id=receipt_id, state="proposed").exists(),
        )


# The best reason of each employer: an account that paid for them before, the very amount that is
# open in all or for a month, a payer of the employer's name.
_SUGGESTED: Final = """
WITH owed AS (
  SELECT b.employer_id, d.month, sum(b.open) AS open
  FROM contributions_debtbalance b JOIN contributions_debt d ON d.id = b.debt_id
  WHERE b.open > 0 GROUP BY b.employer_id, d.month
), found (employer_id, reason, place) AS (
  SELECT b.employer_id, 'payer-account', 1
  FROM contributions_receipt r
  JOIN contributions_receiptbalance b ON b.receipt_id = r.id
  WHERE r.payer_account = %(account)s AND %(account)s <> '' AND b.employer_id IS NOT NULL
  UNION ALL
  SELECT employer_id, 'amount', 2 FROM owed WHERE open = %(amount)s
  UNION ALL
  SELECT employer_id, 'amount', 2 FROM owed GROUP BY employer_id HAVING sum(open) = %(amount)s
  UNION ALL
  SELECT p.employer_id, 'payer-name', 3 FROM register_employerprofile p
  WHERE p.superseded_at IS NULL AND lower(p.name) = lower(%(name)s) AND %(name)s <> ''
)
SELECT best.employer_id, best.reason,
       coalesce((SELECT sum(open) FROM owed WHERE owed.employer_id = best.employer_id), 0.00)
FROM (SELECT DISTINCT ON (employer_id) employer_id, reason, place FROM found
      ORDER BY employer_id, place) AS best
ORDER BY best.place, best.employer_id LIMIT 10
"""


def _suggested(receipt: Receipt) -> list[tuple[UUID, str, Decimal]]:
    with connection.cursor() as cursor:
        cursor.execute(
            _SUGGESTED,
            {
                "account": receipt.payer_account,
                "amount": receipt.amount,
                "name": receipt.payer_name,
            },
        )
        return list(cursor.fetchall())


_ALLOCATIONS: Final = """
SELECT d.month, d.scheme, d.kind, a.amount, a.made_at, a.made_by
FROM contributions_allocation a JOIN contributions_debt d ON d.id = a.debt_id
WHERE a.receipt_id = %s ORDER BY a.made_at, a.amount, d.month LIMIT 500
"""


def _allocations(receipt_id: UUID) -> tuple[AllocationMade, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_ALLOCATIONS, [receipt_id])
        return tuple(
            AllocationMade(
                month=Month.of(month),
                scheme=scheme,
                kind=kind,
                amount=amount,
                made_at=made_at,
                made_by=made_by,
            )
            for month, scheme, kind, amount, made_at, made_by in cursor.fetchall()
        )


def employer_account(
    *, employer_id: UUID, access: Access, on: date, page: int = 1
) -> EmployerAccount:
    """Return how an employer stands on a day, as known now."""
    with reading(
        access=access,
        right=Right.DECLARATION_READ,
        details={"read": "employer account", "employer": employer_id},
    ):
        debts = _debts(on, employer_id=employer_id)
        credit = sum(
            ReceiptBalance.objects.filter(employer_id=employer_id, suspended__gt=0).values_list(
                "suspended", flat=True
            ),
            NOTHING,
        )
        numbers = Declaration.objects.filter(
            employer_id=employer_id, month__in=[one.month.starts_on for one in debts if one.open]
        ).values_list("month", "number")
        return EmployerAccount(
            debts=debts,
            credit=credit,
            late=_by_age(debts),
            lines=_account_lines(employer_id, page),
            references={
                Month.of(month): creditor_reference(number=number) for month, number in numbers
            },
            paid_in=receipts_page(access=access, on=on, employer_id=employer_id, with_all=True),
        )


_DEBTS: Final = """
SELECT d.id, d.month, d.scheme, d.kind, d.due_on, b.due, b.paid, b.open,
       CASE WHEN b.open > 0 THEN greatest(0, %(on)s - d.due_on) ELSE 0 END
FROM contributions_debt d JOIN contributions_debtbalance b ON b.debt_id = d.id
WHERE (%(debt)s::uuid IS NULL OR d.id = %(debt)s) AND (%(employer)s::uuid IS NULL
       OR d.employer_id = %(employer)s)
ORDER BY d.month, d.scheme, d.kind
"""


def _debts(
    on: date, *, employer_id: UUID | None = None, debt_id: UUID | None = None
) -> tuple[DebtRecord, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_DEBTS, {"on": on, "employer": employer_id, "debt": debt_id})
        return tuple(
            DebtRecord(
                debt_id=row[0],
                month=Month.of(row[1]),
                scheme=row[2],
                kind=row[3],
                due_on=row[4],
                due=row[5],
                paid=row[6],
                open=row[7],
                days_late=int(row[8] or 0),
            )
            for row in cursor.fetchall()
        )


def debt_record(*, debt_id: UUID, access: Access, on: date) -> tuple[EmployerSummary, DebtRecord]:
    """Return one debt and whose it is. Raises NoSuchDebt."""
    with reading(access=access, right=Right.DECLARATION_READ, details={"debt": debt_id}):
        owner = Debt.objects.filter(id=debt_id).values_list("employer_id", flat=True).first()
        if owner is None:
            raise NoSuchDebt(_("There is no such debt. Open it from the employer's account."))
        (found,) = _debts(on, debt_id=debt_id)
        return employer_summaries(employer_ids=[owner])[owner], found


def _by_age(debts: tuple[DebtRecord, ...]) -> tuple[Decimal, ...]:
    sums = [NOTHING] * (len(AGES) + 1)
    for debt in debts:
        if debt.days_late > 0:
            age = next((n for n, limit in enumerate(AGES) if debt.days_late <= limit), len(AGES))
            sums[age] += debt.open
    return tuple(sums)


# Charges, what was forgiven, and money, in the order in which they were written; the balance is
# what is owed less the money that waits.
_LINES: Final = """
WITH lines AS (
  SELECT m.posted_on AS day, m.posted_at AS at, m.kind, d.month, d.scheme, d.kind AS debt_kind,
         m.amount, m.law, m.id
  FROM contributions_debtmovement m JOIN contributions_debt d ON d.id = m.debt_id
  WHERE d.employer_id = %(employer)s
  UNION ALL
  SELECT b.booked_on, match.matched_at, 'received', NULL, '', '', -b.amount, '', b.receipt_id
  FROM contributions_receiptbalance b
  JOIN LATERAL (SELECT matched_at FROM contributions_receiptmatch m
                WHERE m.receipt_id = b.receipt_id ORDER BY sequence DESC LIMIT 1) match ON true
  WHERE b.employer_id = %(employer)s
  UNION ALL
  SELECT f.made_on, f.made_at, 'refunded', NULL, '', '', f.amount, '', f.id
  FROM contributions_refund f
  JOIN contributions_receiptbalance b ON b.receipt_id = f.receipt_id
  WHERE b.employer_id = %(employer)s
), numbered AS (
  SELECT *, sum(amount) OVER (ORDER BY at, day, id) AS balance,
         row_number() OVER (ORDER BY at DESC, day DESC, id DESC) AS place, count(*) OVER () AS total
  FROM lines
)
SELECT day, kind, month, scheme, debt_kind, amount, balance, law, total
FROM numbered ORDER BY place OFFSET %(first)s LIMIT %(count)s
"""


def _account_lines(employer_id: UUID, page: int) -> Page[AccountLine]:
    with connection.cursor() as cursor:
        cursor.execute(
            _LINES,
            {"employer": employer_id, "first": (page - 1) * PAGE_SIZE, "count": PAGE_SIZE},
        )
        rows = cursor.fetchall()
    return Page(
        rows=tuple(
            AccountLine(
                on=row[0],
                kind=row[1],
                month=Month.of(row[2]) if row[2] else None,
                scheme=row[3],
                debt_kind=row[4],
                amount=row[5],
                balance=row[6],
                law=row[7],
            )
            for row in rows
        ),
        number=page,
        size=PAGE_SIZE,
        total=int(rows[0][8]) if rows else 0,
    )


def proposals_page(
    *, access: Access, only_open: bool = True, page: int = 1
) -> Page[ProposalRecord]:
    """Return what was proposed about money, the longest waiting first."""
    with reading(access=access, right=Right.DECLARATION_READ, details={"read": "proposals"}):
        found = Proposal.objects.order_by("proposed_at", "number")
        if only_open:
            found = found.filter(state="proposed")
        start = (page - 1) * PAGE_SIZE
        rows = list(found[start : start + PAGE_SIZE])
        known = employer_summaries(employer_ids={row.employer_id for row in rows})
        return Page(
            rows=tuple(_proposal(row, known, None) for row in rows),
            number=page,
            size=PAGE_SIZE,
            total=found.count(),
        )


def proposal_record(*, proposal_id: UUID, access: Access, on: date) -> ProposalRecord:
    """Return one proposal. Raises NoSuchProposal."""
    with reading(access=access, right=Right.DECLARATION_READ, details={"proposal": proposal_id}):
        found = Proposal.objects.filter(id=proposal_id).first()
        if found is None:
            raise NoSuchProposal(_("There is no proposal at this address. Open it from the list."))
        debts = _debts(on, debt_id=found.debt_id) if found.debt_id else ()
        known = employer_summaries(employer_ids={found.employer_id})
        return _proposal(found, known, debts[0] if debts else None)


def _proposal(
    row: Any, known: dict[UUID, EmployerSummary], debt: DebtRecord | None
) -> ProposalRecord:
    return ProposalRecord(
        id=row.id,
        number=row.number,
        kind=row.kind,
        employer=known[row.employer_id],
        receipt_id=row.receipt_id,
        debt=debt,
        amount=row.amount,
        reason=row.reason,
        state=row.state,
        proposed_at=row.proposed_at,
        proposed_by=row.proposed_by,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        decided_because=row.decided_because,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InArrears:
    """An employer who is late. late: what is open by how long it is late, as on the account."""

    employer: EmployerSummary
    since: date
    late: tuple[Decimal, ...]
    interest: Decimal

    @property
    def total(self) -> Decimal:
        return sum(self.late, NOTHING)


# Who is late longest comes first. Interest has no due day of its own that counts here.
_ARREARS: Final = """
SELECT d.employer_id, min(d.due_on) FILTER (WHERE d.kind = 'contribution'),
       ARRAY[coalesce(sum(b.open) FILTER (WHERE %(on)s - d.due_on <= 30), 0.00),
             coalesce(sum(b.open) FILTER (WHERE %(on)s - d.due_on BETWEEN 31 AND 90), 0.00),
             coalesce(sum(b.open) FILTER (WHERE %(on)s - d.due_on BETWEEN 91 AND 365), 0.00),
             coalesce(sum(b.open) FILTER (WHERE %(on)s - d.due_on > 365), 0.00)],
       coalesce(sum(b.open) FILTER (WHERE d.kind = 'interest'), 0.00), count(*) OVER ()
FROM contributions_debtbalance b JOIN contributions_debt d ON d.id = b.debt_id
WHERE b.open > 0 AND d.due_on < %(on)s
GROUP BY d.employer_id
ORDER BY min(d.due_on), d.employer_id OFFSET %(first)s LIMIT %(count)s
"""


def arrears_page(*, access: Access, on: date, page: int = 1) -> Page[InArrears]:
    """Return who is late on a day, the longest first."""
    with (
        reading(access=access, right=Right.DECLARATION_READ, details={"read": "arrears"}),
        connection.cursor() as cursor,
    ):
        cursor.execute(_ARREARS, {"on": on, "first": (page - 1) * PAGE_SIZE, "count": PAGE_SIZE})
        rows = cursor.fetchall()
        known = employer_summaries(employer_ids={row[0] for row in rows})
    return Page(
        rows=tuple(
            InArrears(
                employer=known[row[0]],
                since=row[1] or on,
                late=tuple(row[2]),
                interest=row[3],
            )
            for row in rows
        ),
        number=page,
        size=PAGE_SIZE,
        total=int(rows[0][4]) if rows else 0,
    )


def open_dispute_of(*, debt_id: UUID, access: Access) -> tuple[date, str] | None:
    """Return since when a debt is disputed and why; None where it is not."""
    with reading(access=access, right=Right.DECLARATION_READ, details={"debt": debt_id}):
        return (
            Dispute.objects.filter(debt_id=debt_id, closed_on=None)
            .values_list("opened_on", "reason")
            .first()
        )
