"""The employer's account: debts move, money is laid on them and taken back, as sets.

Everything here runs inside an operation, which holds the accounts it changes (`hold_accounts`) from
its first look at them to its commit. Money pays the oldest month first, within a month in the order
that the scheme's terms state. What a reduction leaves overpaid goes back into suspense first: the
database refuses a debt paid beyond what is due.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, LiteralString
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection
from django.utils import timezone

from amparo.delivery.contributions.models import ReceiptBalance
from amparo.delivery.contributions.terms import KINDS, ranks, terms_of
from amparo.delivery.ledger.chart import (
    CONTRIBUTION_INCOME,
    CONTRIBUTIONS_RECEIVABLE,
    SURCHARGE_INCOME,
    SURCHARGES_RECEIVABLE,
    UNALLOCATED_RECEIPTS,
    WRITTEN_OFF,
)
from amparo.delivery.ledger.operations import post_selected
from amparo.register.models import Employer
from amparo.values import Access, Month

_NOTHING: Final = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A change of what an employer owes. amount: below zero where less is owed.

    debt_kind: contribution, interest, penalty or cost. kind: of the movement. due_on: taken when
    the debt is new. source_id: the act behind it; proposal_id: what allowed to forgive it.
    """

    employer_id: UUID
    month: Month
    scheme: str
    debt_kind: str
    kind: str
    amount: Decimal
    source_id: UUID
    due_on: date | None = None
    law: str = ""
    proposal_id: UUID | None = None


def hold_accounts(employer_ids: Collection[UUID]) -> None:
    """Wait until nobody else changes the accounts of these employers, and let nobody begin."""
    list(
        Employer.objects.select_for_update(no_key=True)
        .filter(id__in=employer_ids)
        .order_by("id")
        .values_list("id", flat=True)
    )


_STAGE: Final = """
CREATE TEMPORARY TABLE moved (
  employer_id uuid, month date, scheme text, debt_kind text, kind text, amount numeric(18, 2),
  source_id uuid, due_on date, law text, proposal_id uuid
)
"""
_COPY: Final = """
COPY moved (employer_id, month, scheme, debt_kind, kind, amount, source_id, due_on, law,
            proposal_id) FROM STDIN
"""
_OPEN_DEBTS: Final = """
INSERT INTO contributions_debt (id, employer_id, month, scheme, kind, due_on, currency, opened_at)
SELECT DISTINCT ON (employer_id, month, scheme, debt_kind)
       gen_random_uuid(), employer_id, month, scheme, debt_kind, due_on, %(currency)s, %(at)s
FROM moved ORDER BY employer_id, month, scheme, debt_kind
ON CONFLICT (employer_id, month, scheme, kind) DO NOTHING
"""
_THE_DEBT: Final = """
JOIN contributions_debt d
  ON (d.employer_id, d.month, d.scheme, d.kind)
   = (moved.employer_id, moved.month, moved.scheme, moved.debt_kind)
"""
# The latest allocations of a debt, until what stays is not more than what will be due.
_TAKE_BACK: Final = f"""
INSERT INTO contributions_allocation
  (id, act_id, receipt_id, debt_id, amount, reverses_id, made_on, made_at, made_by)
WITH less AS (
  SELECT d.id AS debt_id, sum(moved.amount) AS amount FROM moved {_THE_DEBT} GROUP BY d.id
), too_much AS (
  SELECT b.debt_id, b.paid - (b.due + less.amount) AS excess
  FROM less JOIN contributions_debtbalance b ON b.debt_id = less.debt_id
  WHERE b.paid > b.due + less.amount
), standing AS (
  SELECT a.id, a.receipt_id, a.debt_id, a.amount, too_much.excess,
         sum(a.amount) OVER (PARTITION BY a.debt_id ORDER BY a.made_at DESC, a.id) - a.amount
           AS taken_before
  FROM contributions_allocation a JOIN too_much ON too_much.debt_id = a.debt_id
  WHERE a.amount > 0
    AND NOT EXISTS (SELECT FROM contributions_allocation r WHERE r.reverses_id = a.id)
)
SELECT gen_random_uuid(), %(act)s, receipt_id, debt_id, -amount, id, %(on)s, %(at)s, %(by)s
FROM standing WHERE taken_before < excess
"""  # noqa: S608 — fixed text
_MOVE: Final = f"""
INSERT INTO contributions_debtmovement
  (id, debt_id, kind, amount, source_id, law, proposal_id, posted_on, posted_at, posted_by)
SELECT gen_random_uuid(), d.id, moved.kind, moved.amount, moved.source_id, moved.law,
       moved.proposal_id, %(on)s, %(at)s, %(by)s
FROM moved {_THE_DEBT}
"""  # noqa: S608 — fixed text


def move_debts(*, moves: Iterable[Move], access: Access, at: datetime) -> None:
    """Write movements and open the debts they need; take back what would be overpaid.

    The caller holds the accounts and posts its own entry of the movements.
    """
    act = uuid4()
    on = timezone.localdate(at)
    given: dict[str, UUID | date | str] = {
        "act": act,
        "on": on,
        "at": at,
        "by": access.actor_id,
        "currency": settings.CURRENCY,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(_COPY) as copy:
            for move in moves:
                copy.write_row(_staged(move))
        cursor.execute(_OPEN_DEBTS, given)
        cursor.execute(_TAKE_BACK, given)
        taken_back = cursor.rowcount
        cursor.execute(_MOVE, given)
        cursor.execute("DROP TABLE moved")
    if taken_back:
        post_allocations(act_id=act, access=access, at=at)


def _staged(move: Move) -> tuple[object, ...]:
    return (
        move.employer_id,
        move.month.starts_on,
        move.scheme,
        move.debt_kind,
        move.kind,
        move.amount,
        move.source_id,
        move.due_on,
        move.law,
        move.proposal_id,
    )


# Money that somebody asked to have back is not spent while that is undecided.
_ALLOCATE: Final = """
INSERT INTO contributions_allocation
  (id, act_id, receipt_id, debt_id, amount, reverses_id, made_on, made_at, made_by)
WITH stated AS (
  SELECT * FROM jsonb_to_recordset(%(ranks)s::jsonb) AS r (scheme text, kind text, place int)
), money AS (
  SELECT b.receipt_id, b.employer_id, sum(b.suspended) OVER mine - b.suspended AS above,
         sum(b.suspended) OVER mine AS upto
  FROM contributions_receiptbalance b
  WHERE b.suspended > 0 AND b.employer_id = ANY(%(employers)s)
    AND NOT EXISTS (SELECT FROM contributions_proposal p
                    WHERE p.receipt_id = b.receipt_id AND p.state = 'proposed')
  WINDOW mine AS (PARTITION BY b.employer_id ORDER BY b.booked_on, b.receipt_id)
), owed AS (
  SELECT b.debt_id, b.employer_id, sum(b.open) OVER mine - b.open AS above,
         sum(b.open) OVER mine AS upto
  FROM contributions_debtbalance b
  JOIN contributions_debt d ON d.id = b.debt_id
  LEFT JOIN stated ON (stated.scheme, stated.kind) = (d.scheme, d.kind)
  WHERE b.open > 0 AND b.employer_id = ANY(%(employers)s)
  WINDOW mine AS (
    PARTITION BY b.employer_id
    ORDER BY d.month, coalesce(stated.place, array_position(%(kinds)s::text[], d.kind::text)),
             d.scheme, d.id)
)
SELECT gen_random_uuid(), %(act)s, money.receipt_id, owed.debt_id,
       least(money.upto, owed.upto) - greatest(money.above, owed.above), NULL,
       %(on)s, %(at)s, %(by)s
FROM money JOIN owed
  ON owed.employer_id = money.employer_id AND money.above < owed.upto AND owed.above < money.upto
"""


def allocate(*, employer_ids: Collection[UUID], access: Access, at: datetime) -> int:
    """Lay the money waiting on these employers' accounts on their debts; return the allocations.

    The caller holds the accounts.
    """
    waiting = set(
        ReceiptBalance.objects.filter(employer_id__in=employer_ids, suspended__gt=0).values_list(
            "employer_id", flat=True
        )
    )
    if not waiting:
        return 0
    act = uuid4()
    on = timezone.localdate(at)
    stated = ranks(terms_of(month=Month.of(on), known_at=at).values())
    order = [
        {"scheme": scheme, "kind": kind, "place": place} for (scheme, kind), place in stated.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _ALLOCATE,
            {
                "ranks": json.dumps(order),
                "kinds": list(KINDS),
                "employers": list(waiting),
                "act": act,
                "on": on,
                "at": at,
                "by": access.actor_id,
            },
        )
        count = int(cursor.rowcount)
    if count:
        post_allocations(act_id=act, access=access, at=at)
    return count


_TAKE_BACK_ALL: Final = """
INSERT INTO contributions_allocation
  (id, act_id, receipt_id, debt_id, amount, reverses_id, made_on, made_at, made_by)
SELECT gen_random_uuid(), %(act)s, a.receipt_id, a.debt_id, -a.amount, a.id,
       %(on)s, %(at)s, %(by)s
FROM contributions_allocation a
WHERE a.receipt_id = %(receipt)s AND a.amount > 0
  AND NOT EXISTS (SELECT FROM contributions_allocation r WHERE r.reverses_id = a.id)
"""


def take_back(*, receipt_id: UUID, access: Access, at: datetime) -> int:
    """Take a receipt's money back from every debt it lies on; return the allocations ended."""
    act = uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE_BACK_ALL,
            {
                "act": act,
                "receipt": receipt_id,
                "on": timezone.localdate(at),
                "at": at,
                "by": access.actor_id,
            },
        )
        count = int(cursor.rowcount)
    if count:
        post_allocations(act_id=act, access=access, at=at)
    return count


# --- the books --------------------------------------------------------------------------------

_ALLOCATED: Final = """
SELECT CASE WHEN a.amount > 0 THEN %s ELSE line.receivable END,
       CASE WHEN a.amount > 0 THEN line.receivable ELSE %s END,
       abs(a.amount), 'employer', d.employer_id, a.id
FROM contributions_allocation a
JOIN contributions_debt d ON d.id = a.debt_id
CROSS JOIN LATERAL (SELECT CASE d.kind WHEN 'contribution' THEN %s ELSE %s END) AS line (receivable)
WHERE a.act_id = %s
"""
_MOVED: Final = """
SELECT CASE WHEN m.amount > 0 THEN line.receivable
            WHEN m.kind = 'written-off' THEN %s ELSE line.income END,
       CASE WHEN m.amount > 0 THEN line.income ELSE line.receivable END,
       abs(m.amount), 'employer', d.employer_id, m.id
FROM contributions_debtmovement m
JOIN contributions_debt d ON d.id = m.debt_id
CROSS JOIN LATERAL (
  SELECT CASE d.kind WHEN 'contribution' THEN %s ELSE %s END,
         CASE d.kind WHEN 'contribution' THEN %s ELSE %s END) AS line (receivable, income)
WHERE m.source_id = %s AND m.kind = ANY(%s)
"""
_RECEIVABLES: Final = (CONTRIBUTIONS_RECEIVABLE, SURCHARGES_RECEIVABLE)
_INCOMES: Final = (CONTRIBUTION_INCOME, SURCHARGE_INCOME)


def post_allocations(*, act_id: UUID, access: Access, at: datetime) -> None:
    """Post an act's allocations: money settles what was receivable, or comes back from it."""
    post_selected(
        source_kind="allocation",
        source_id=act_id,
        entry_date=timezone.localdate(at),
        narrative="Receipts allocated to debts",
        lines_sql=_ALLOCATED,
        parameters=[UNALLOCATED_RECEIPTS, UNALLOCATED_RECEIPTS, *_RECEIVABLES, act_id],
        access=access,
        at=at,
    )


def post_movements(
    *,
    source_kind: str,
    source_id: UUID,
    kinds: Sequence[str],
    narrative: LiteralString,
    access: Access,
    at: datetime,
) -> Decimal:
    """Post the movements of an act other than a declaration; return their sum without sign."""
    return post_selected(
        source_kind=source_kind,
        source_id=source_id,
        entry_date=timezone.localdate(at),
        narrative=narrative,
        lines_sql=_MOVED,
        parameters=[WRITTEN_OFF, *_RECEIVABLES, *_INCOMES, source_id, list(kinds)],
        access=access,
        at=at,
    )


def by_scheme(amounts: Mapping[str, Decimal]) -> Mapping[str, Decimal]:
    """Return the amounts that are not zero: nothing moves where nothing is due."""
    return {scheme: amount for scheme, amount in amounts.items() if amount != _NOTHING}
