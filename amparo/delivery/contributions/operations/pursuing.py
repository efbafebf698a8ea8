"""Arrears: months nobody declared are estimated, delay bears interest, a dispute pauses the clock.

Interest is reckoned by month of delay, each once: on what was open as the month began, money
counted from the day the bank booked it. So a run that comes late, or twice, charges the same.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.delivery.contributions.accounts import (
    Move,
    allocate,
    hold_accounts,
    move_debts,
    post_movements,
)
from amparo.delivery.contributions.models import Debt, Dispute, Estimate
from amparo.delivery.contributions.terms import Terms, terms_of
from amparo.delivery.ledger.chart import CONTRIBUTION_INCOME, CONTRIBUTIONS_RECEIVABLE
from amparo.delivery.ledger.operations import NewEntry, PostingLine, post_entries
from amparo.journal.operations import record
from amparo.journal.reading import reading
from amparo.office.operations import NewTask, next_numbers, open_tasks
from amparo.values import Access, Month, Right
from amparo.values.calendar import month_starts

INSPECTION_TASK: Final = "month to inspect"
_ROLE: Final = "compliance-officer"
_SERIES: Final = "AS"


class UnableToEstimate(Exception):
    """A month cannot be estimated. Nothing was posted."""


class UnableToDispute(Exception):
    """A dispute cannot be opened or closed so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestRun:
    """What a run of interest charged. months: months of delay, of all debts together."""

    debts: int
    months: int
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatesMade:
    """What was estimated for a month; to_inspect: employers of whom nothing earlier is known."""

    employers: int
    total: Decimal
    to_inspect: int


# A month of delay begins on the day after the due day, and again on that day of each later month.
_LATE: Final = """
FROM contributions_debt d
JOIN contributions_debtbalance b ON b.debt_id = d.id
WHERE d.kind = 'contribution' AND d.due_on < %(on)s AND b.due > 0
  AND (b.open > 0 OR EXISTS (
        SELECT FROM contributions_allocation a
        JOIN contributions_receiptbalance r ON r.receipt_id = a.receipt_id
        WHERE a.debt_id = d.id AND r.booked_on > d.due_on))
"""
_CHARGE: Final = f"""
INSERT INTO contributions_interestcharge
  (id, debt_id, period_starts_on, base, rate, amount, law, run_id)
WITH rates AS (
  SELECT * FROM jsonb_to_recordset(%(rates)s::jsonb)
    AS r (scheme text, month date, rate numeric, law text)
), late AS (
  SELECT d.id AS debt_id, d.scheme, d.due_on, b.due {_LATE}
), delays AS (
  SELECT late.*, (late.due_on + 1 + make_interval(months => n))::date AS starts_on
  FROM late CROSS JOIN LATERAL generate_series(
    0, (extract(year FROM age(%(on)s, late.due_on)) * 12
        + extract(month FROM age(%(on)s, late.due_on)))::int) AS n
), open_then AS (
  SELECT delays.*, rates.rate, rates.law, delays.due - coalesce((
           SELECT sum(a.amount) FROM contributions_allocation a
           JOIN contributions_receiptbalance r ON r.receipt_id = a.receipt_id
           WHERE a.debt_id = delays.debt_id AND r.booked_on < delays.starts_on), 0) AS base
  FROM delays
  JOIN rates ON rates.scheme = delays.scheme
            AND rates.month = date_trunc('month', delays.starts_on::timestamp)::date
  WHERE delays.starts_on <= %(on)s
    AND NOT EXISTS (SELECT FROM contributions_interestcharge c
                    WHERE c.debt_id = delays.debt_id AND c.period_starts_on = delays.starts_on)
    AND NOT EXISTS (SELECT FROM contributions_dispute o
                    WHERE o.debt_id = delays.debt_id AND o.opened_on <= delays.starts_on
                      AND (o.closed_on IS NULL OR o.closed_on > delays.starts_on))
)
SELECT gen_random_uuid(), debt_id, starts_on, base, rate, round(base * rate, 2), law, %(run)s
FROM open_then WHERE round(base * rate, 2) > 0
"""  # noqa: S608 — fixed text
_CHARGED: Final = """
SELECT d.employer_id, d.month, d.scheme, sum(c.amount), min(c.law), count(*)
FROM contributions_interestcharge c JOIN contributions_debt d ON d.id = c.debt_id
WHERE c.run_id = %s GROUP BY d.employer_id, d.month, d.scheme
ORDER BY d.employer_id, d.month, d.scheme
"""


@transaction.atomic
def charge_interest(*, on: date, access: Access, at: datetime) -> InterestRun:
    """Charge interest on everything late, up to a day; what was charged before is left alone.

    Raises UnableToEstimate for a day to come.
    """
    access.require(Right.DEBT_CHARGE)
    if on > timezone.localdate(at):
        raise UnableToEstimate(_("Interest is charged for days that have been, not to come."))
    run = uuid4()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT d.employer_id, min(d.due_on) OVER () {_LATE}", {"on": on})
        found = cursor.fetchall()
        employers = {employer_id for employer_id, _first in found}
        hold_accounts(employers)
        if found:
            rates = json.dumps(list(_rates(since=found[0][1], on=on, known_at=at)))
            cursor.execute(_CHARGE, {"on": on, "rates": rates, "run": run})
        cursor.execute(_CHARGED, [run])
        charged = cursor.fetchall()
    total = sum((amount for _e, _m, _s, amount, _law, _count in charged), Decimal("0.00"))
    if charged:
        move_debts(
            moves=(
                Move(
                    employer_id=employer_id,
                    month=Month.of(month),
                    scheme=scheme,
                    debt_kind="interest",
                    kind="interest",
                    amount=amount,
                    source_id=run,
                    due_on=on,
                    law=law,
                )
                for employer_id, month, scheme, amount, law, _count in charged
            ),
            access=access,
            at=at,
        )
        post_movements(
            source_kind="interest-run",
            source_id=run,
            kinds=["interest"],
            narrative="Interest on contributions paid late",
            access=access,
            at=at,
        )
        allocate(employer_ids={row[0] for row in charged}, access=access, at=at)
    done = InterestRun(debts=len(charged), months=sum(row[5] for row in charged), total=total)
    record(
        kind="contributions.interest_charged",
        access=access,
        subject_kind="interest-run",
        subject_id=run,
        details={"on": on.isoformat(), "debts": done.debts, "total": str(total)},
    )
    return done


def _rates(*, since: date, on: date, known_at: datetime) -> Iterator[Mapping[str, str]]:
    """Yield the rate of each scheme for each month in which a month of delay can begin."""
    for month in month_starts(first=Month.of(since), last=Month.of(on)):
        for terms in terms_of(month=month, known_at=known_at).values():
            yield {
                "scheme": terms.scheme,
                "month": month.starts_on.isoformat(),
                "rate": str(terms.interest_rate),
                "law": terms.law,
            }


# Who employed somebody in the month, has not declared it and was not estimated.
_MISSING: Final = """
SELECT e.id FROM register_employer e
WHERE EXISTS (SELECT FROM register_employment w
              WHERE w.employer_id = e.id AND w.superseded_at IS NULL
                AND w.starts_on < %(ends_before)s
                AND (w.ends_before IS NULL OR w.ends_before > %(month)s))
  AND NOT EXISTS (SELECT FROM contributions_declaration d
                  WHERE d.employer_id = e.id AND d.month = %(month)s)
  AND NOT EXISTS (SELECT FROM contributions_estimate s
                  WHERE s.employer_id = e.id AND s.month = %(month)s)
ORDER BY e.number
"""
# The average of the months declared last, with their corrections, times the scheme's factor.
_ESTIMATED: Final = """
WITH months AS (
  SELECT d.employer_id, d.month, sum(m.amount) AS due,
         row_number() OVER (PARTITION BY d.employer_id ORDER BY d.month DESC) AS place
  FROM contributions_debt d JOIN contributions_debtmovement m ON m.debt_id = d.id
  WHERE d.kind = 'contribution' AND d.scheme = %(scheme)s AND d.month < %(month)s
    AND d.employer_id = ANY(%(employers)s) AND m.kind IN ('declared', 'corrected')
  GROUP BY d.employer_id, d.month
)
SELECT employer_id, round(avg(due) * %(factor)s, 2)
FROM months WHERE place <= %(count)s GROUP BY employer_id
HAVING round(avg(due) * %(factor)s, 2) > 0
"""


@transaction.atomic
def estimate_missing(*, month: Month, access: Access, at: datetime) -> EstimatesMade:
    """Estimate what is due from everybody who employed somebody in a month and declared nothing.

    Of whom no earlier month is known, somebody must look: a task says so. An estimate credits no
    worker with a month. Raises UnableToEstimate before the contributions are due.
    """
    access.require(Right.DEBT_CHARGE)
    terms = terms_of(month=month, known_at=at)
    if not terms:
        raise UnableToEstimate(
            _("No scheme says how a month is estimated that nobody declares. Nothing was posted.")
        )
    on = timezone.localdate(at)
    if any(on <= each.due_on(month) for each in terms.values()):
        raise UnableToEstimate(
            _("%(month)s is not due yet. Estimate it when its day has passed.") % {"month": month}
        )
    with (
        reading(access=access, right=Right.DEBT_CHARGE, details={"estimated": str(month)}),
        connection.cursor() as cursor,
    ):
        asked = {"month": month.starts_on, "ends_before": month.ends_before}
        cursor.execute(_MISSING, asked)
        held = {employer_id for (employer_id,) in cursor.fetchall()}
        hold_accounts(held)
        # Asked again: somebody may have declared while we waited for the accounts.
        cursor.execute(_MISSING, asked)
        missing: list[UUID] = [e for (e,) in cursor.fetchall() if e in held]
        found = {scheme: _estimated(cursor, each, month, missing) for scheme, each in terms.items()}
    known = [e for e in missing if any(e in amounts for amounts in found.values())]
    total = _write_estimates(known, found, terms, month, access=access, at=at)
    unknown = [employer_id for employer_id in missing if employer_id not in set(known)]
    open_tasks(
        tasks=[
            NewTask(
                kind=INSPECTION_TASK,
                subject_kind="employer",
                subject_id=employer_id,
                role=_ROLE,
                details={"month": str(month)},
            )
            for employer_id in unknown
        ],
        at=at,
    )
    made = EstimatesMade(employers=len(known), total=total, to_inspect=len(unknown))
    record(
        kind="contributions.month_estimated",
        access=access,
        details={"month": str(month), "employers": made.employers, "total": str(total)},
    )
    return made


def _estimated(
    cursor: Any, terms: Terms, month: Month, employers: list[UUID]
) -> dict[UUID, Decimal]:
    cursor.execute(
        _ESTIMATED,
        {
            "scheme": terms.scheme,
            "month": month.starts_on,
            "employers": employers,
            "factor": terms.estimate_factor,
            "count": terms.estimate_months,
        },
    )
    return dict(cursor.fetchall())


def _write_estimates(
    employers: list[UUID],
    found: Mapping[str, Mapping[UUID, Decimal]],
    terms: Mapping[str, Terms],
    month: Month,
    *,
    access: Access,
    at: datetime,
) -> Decimal:
    if not employers:
        return Decimal("0.00")
    on = timezone.localdate(at)
    numbers = next_numbers(series=_SERIES, on=on, count=len(employers))
    estimates = [
        Estimate(
            id=uuid4(),
            number=number,
            employer_id=employer_id,
            month=month.starts_on,
            made_at=at,
            made_by=access.actor_id,
        )
        for employer_id, number in zip(employers, numbers, strict=True)
    ]
    Estimate.objects.bulk_create(estimates, batch_size=2_000)
    moves = [
        Move(
            employer_id=estimate.employer_id,
            month=month,
            scheme=scheme,
            debt_kind="contribution",
            kind="estimated",
            amount=amounts[estimate.employer_id],
            source_id=estimate.id,
            due_on=terms[scheme].due_on(month),
            law=terms[scheme].law,
        )
        for estimate in estimates
        for scheme, amounts in found.items()
        if estimate.employer_id in amounts
    ]
    move_debts(moves=moves, access=access, at=at)
    post_entries(
        entries=[
            NewEntry(
                source_kind="estimate",
                source_id=estimate.id,
                entry_date=on,
                narrative=f"Contributions estimated for {month}, {estimate.number}",
                lines=[
                    PostingLine(
                        debit=CONTRIBUTIONS_RECEIVABLE,
                        credit=CONTRIBUTION_INCOME,
                        amount=move.amount,
                        party_kind="employer",
                        party_id=estimate.employer_id,
                        reference_id=estimate.id,
                    )
                    for move in moves
                    if move.source_id == estimate.id
                ],
            )
            for estimate in estimates
        ],
        access=access,
        at=at,
    )
    allocate(employer_ids=employers, access=access, at=at)
    return sum((move.amount for move in moves), Decimal("0.00"))


@transaction.atomic
def open_dispute(*, debt_id: UUID, reason: str, access: Access, at: datetime) -> None:
    """Note that an employer disputes a debt: no month of delay that begins from now is charged.

    Raises UnableToDispute.
    """
    access.require(Right.DEBT_CHARGE)
    debt = Debt.objects.filter(id=debt_id).first()
    if debt is None or debt.kind != "contribution":
        raise UnableToDispute(_("Contributions are disputed, and with them all that follows."))
    if not reason.strip():
        raise UnableToDispute(_("Say what the employer objects to: who decides it reads that."))
    hold_accounts({debt.employer_id})
    if Dispute.objects.filter(debt_id=debt_id, closed_on=None).exists():
        raise UnableToDispute(_("This debt is disputed already."))
    Dispute(
        debt=debt,
        reason=reason.strip()[:500],
        opened_on=timezone.localdate(at),
        opened_at=at,
        opened_by=access.actor_id,
    ).save(force_insert=True)
    record(
        kind="contributions.dispute_opened", access=access, subject_kind="debt", subject_id=debt_id
    )


@transaction.atomic
def close_dispute(*, debt_id: UUID, outcome: str, access: Access, at: datetime) -> None:
    """Close a dispute with what came of it; months of delay count again. Raises UnableToDispute.

    Where the employer was right, the declaration is corrected: that is an act of its own.
    """
    access.require(Right.DEBT_CHARGE)
    if not outcome.strip():
        raise UnableToDispute(_("Say what came of the dispute: the employer is told."))
    closed = Dispute.objects.filter(debt_id=debt_id, closed_on=None).update(
        closed_on=timezone.localdate(at),
        closed_at=at,
        closed_by=access.actor_id,
        outcome=outcome.strip()[:500],
    )
    if closed != 1:
        raise UnableToDispute(_("This debt is not disputed, or no more."))
    record(
        kind="contributions.dispute_closed", access=access, subject_kind="debt", subject_id=debt_id
    )
