"""What can be seen of runs and payments."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from amparo.accounts.queries import display_names
from amparo.delivery.payments import words
from amparo.delivery.payments.models import PaymentFile, PayRun, StatementLine
from amparo.delivery.payments.operations import NoSuchRun
from amparo.journal.reading import reading
from amparo.register.identities import records_of
from amparo.values import Access, Month, Page, Right

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """A run in a list. state: a code; state_words: how people call it."""

    run_id: UUID
    number: str
    month: Month
    kind: str
    state: str
    state_words: str
    currency: str
    instruction_count: int
    total: Decimal
    planned_at: datetime
    transmitted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """What became of a sent run's money: by the bank's word, and what was held back before."""

    run_id: UUID
    number: str
    month: Month
    total: Decimal
    settled: Decimal
    came_back: Decimal  # rejected or returned
    unanswered: Decimal  # sent, and the bank has not said yet
    held: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFigures:
    """What became of the last runs sent, the latest first; bank lines that fit no payment."""

    runs: tuple[RunOutcome, ...]
    suspense_count: int
    suspense_amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlTotal:
    """A group of a run: by scheme and benefit, by provider, or by reason of not being paid."""

    name: str
    words: str
    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceGroup:
    """Awards that differ from the run before in the same way, for the same reason."""

    kind: str
    explanation: str
    words: str
    count: int
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFile:
    """A file made for the bank."""

    part: int
    message_id: str
    file_name: str
    sha256: str
    instruction_count: int
    control_sum: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A run with its totals, its comparison, who did what, and the outcomes at the bank."""

    summary: RunSummary
    snapshot_at: datetime | None
    snapshot_hash: str
    content_hash: str
    item_count: int
    planned_by: str
    prepared_by: str
    approved_by: str
    approved_at: datetime | None
    transmitted_by: str
    previous_number: str
    unexplained: int
    by_scheme: tuple[ControlTotal, ...]
    by_provider: tuple[ControlTotal, ...]
    held: tuple[ControlTotal, ...]
    excluded: tuple[ControlTotal, ...]
    differences: tuple[DifferenceGroup, ...]
    outcomes: tuple[ControlTotal, ...]
    files: tuple[RunFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunItem:
    """A component and month of the snapshot, and what became of it."""

    award_id: UUID
    award_number: str
    scheme: str
    benefit: str
    component: str
    month: date
    person_id: UUID
    payee_id: UUID
    payee_name: str
    amount: Decimal
    disposition: str
    reason: str
    reason_words: str
    decision_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardDifference:
    """An award that a run pays otherwise than the run before."""

    difference_id: int
    award_id: UUID
    award_number: str
    kind: str
    explanation: str
    words: str
    statement: str
    decision_id: UUID | None
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRecord:
    """A payment as its payee may see it. account_end: the last four signs of the account."""

    instruction_id: UUID
    run_id: UUID
    run_number: str
    month: date
    sent_at: datetime | None
    amount: Decimal
    currency: str
    account_kind: str
    provider: str
    account_end: str
    outcome: str
    outcome_words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemLine:
    """A line that a bank reported and that fits no payment of ours. problem: why.

    reported_id: the reference of our payment as the bank gives it. amount: None where the bank
    repeats none.
    """

    bank_reference: str
    reported_id: str
    problem: str
    problem_words: str
    amount: Decimal | None
    currency: str
    booked_on: date


def runs_page(*, access: Access, page: int = 1, page_size: int = PAGE_SIZE) -> Page[RunSummary]:
    """Return the runs, the latest month first. No personal data."""
    access.require(Right.PAYRUN_READ)
    runs = PayRun.objects.order_by("-month", "-planned_at")
    start = (page - 1) * page_size
    return Page(
        rows=tuple(_summary(run) for run in runs[start : start + page_size]),
        number=page,
        size=page_size,
        total=runs.count(),
    )


def payment_figures(*, access: Access, runs: int) -> PaymentFigures:
    """Sum up the last runs sent, and the bank lines that fit no payment. No person is shown."""
    with (
        reading(access=access, right=Right.FIGURES_READ, details={"read": "payments counted"}),
        connection.cursor() as cursor,
    ):
        cursor.execute(_OUTCOMES_OF_RUNS, [runs])
        found = cursor.fetchall()
        suspense = StatementLine.objects.exclude(problem="").aggregate(
            count=Count("id"), amount=Sum("amount")
        )
    return PaymentFigures(
        runs=tuple(
            RunOutcome(
                run_id=row[0],
                number=row[1],
                month=Month.of(row[2]),
                total=row[3],
                settled=row[4],
                came_back=row[5],
                unanswered=row[6],
                held=row[7],
            )
            for row in found
        ),
        suspense_count=suspense["count"],
        suspense_amount=suspense["amount"] or Decimal("0.00"),
    )


# Reissued payments count in each run that sent them: the run's total is what it sent.
_OUTCOMES_OF_RUNS = """
SELECT r.id, r.number, r.month, r.total,
       coalesce(sum(i.amount) FILTER (WHERE i.state = 'settled'), 0.00),
       coalesce(sum(i.amount) FILTER (WHERE i.state IN ('rejected', 'returned')), 0.00),
       coalesce(sum(i.amount) FILTER (WHERE i.state = 'instructed'), 0.00),
       (SELECT coalesce(sum((held ->> 'amount')::numeric(18, 2)), 0.00)
        FROM jsonb_array_elements(coalesce(r.totals -> 'held', '[]'::jsonb)) AS held)
FROM (
    SELECT * FROM payments_payrun WHERE transmitted_at IS NOT NULL
    ORDER BY transmitted_at DESC LIMIT %s
) AS r
LEFT JOIN payments_instruction i ON i.run_id = r.id
GROUP BY r.id, r.number, r.month, r.total, r.totals, r.transmitted_at
ORDER BY r.transmitted_at DESC
"""


def run_of_month(*, month: Month, access: Access) -> RunSummary:
    """Return the month's latest run that was not abandoned. Raises NoSuchRun."""
    access.require(Right.PAYRUN_READ)
    run = (
        PayRun.objects.filter(month=month.starts_on)
        .exclude(state="abandoned")
        .order_by("-planned_at")
        .first()
    )
    if run is None:
        raise NoSuchRun(_("No run is planned for %(month)s. Plan it first.") % {"month": month})
    return _summary(run)


def run_numbered(*, number: str, access: Access) -> UUID | None:
    """Return the run that bears a number; None where none does."""
    access.require(Right.PAYRUN_READ)
    return PayRun.objects.filter(number=number).values_list("id", flat=True).first()


def run_record(*, run_id: UUID, access: Access) -> RunRecord:
    """Return a run with its totals. Counts and sums only: no personal data. Raises NoSuchRun."""
    access.require(Right.PAYRUN_READ)
    run = PayRun.objects.select_related("previous_run").filter(id=run_id).first()
    if run is None:
        raise NoSuchRun(_("There is no pay run %(id)s.") % {"id": run_id})
    names = display_names(
        user_ids={
            user_id
            for user_id in (run.planned_by, run.prepared_by, run.approved_by, run.transmitted_by)
            if user_id is not None
        }
    )
    files = PaymentFile.objects.filter(run=run).order_by("part")
    return RunRecord(
        summary=_summary(run),
        snapshot_at=run.snapshot_at,
        snapshot_hash=run.snapshot_hash,
        content_hash=run.content_hash,
        item_count=run.item_count,
        planned_by=names.get(run.planned_by, ""),
        prepared_by=names.get(run.prepared_by, ""),
        approved_by=names.get(run.approved_by, "") if run.approved_by else "",
        approved_at=run.approved_at,
        transmitted_by=names.get(run.transmitted_by, "") if run.transmitted_by else "",
        previous_number=run.previous_run.number if run.previous_run else "",
        unexplained=int(run.comparison.get("unexplained", 0)),
        by_scheme=_totals(run, "scheme"),
        by_provider=_totals(run, "provider"),
        held=_totals(run, "held"),
        excluded=_totals(run, "excluded"),
        differences=tuple(
            DifferenceGroup(
                kind=group["kind"],
                explanation=group["explanation"],
                words=str(words.EXPLANATIONS[group["explanation"]]),
                count=group["count"],
                before=Decimal(group["before"]),
                after=Decimal(group["after"]),
            )
            for group in run.comparison.get("groups", ())
        ),
        outcomes=_outcomes(run, access),
        files=tuple(
            RunFile(
                part=file.part,
                message_id=file.message_id,
                file_name=file.file_name,
                sha256=file.sha256,
                instruction_count=file.instruction_count,
                control_sum=file.control_sum,
            )
            for file in files
        ),
    )


def run_items_page(
    *,
    run_id: UUID,
    access: Access,
    disposition: str | None = None,
    reason: str | None = None,
    page: int = 1,
    page_size: int = PAGE_SIZE,
) -> Page[RunItem]:
    """Return items of a run's snapshot: all, those of a disposition, or those with a reason."""
    condition, parameters = "i.run_id = %s", [str(run_id)]
    if disposition is not None:
        condition, parameters = condition + " AND i.disposition = %s", [*parameters, disposition]
    if reason is not None:
        condition, parameters = condition + " AND i.reason = %s", [*parameters, reason]
    with (
        reading(
            access=access,
            right=Right.PAYRUN_READ,
            subject_kind="payrun",
            subject_id=run_id,
            details={"page": page},
        ),
        connection.cursor() as cursor,
    ):
        cursor.execute(_COUNT_ITEMS.format(condition=condition), parameters)
        (total,) = cursor.fetchone()
        cursor.execute(
            _ITEMS.format(condition=condition), [*parameters, page_size, (page - 1) * page_size]
        )
        rows = tuple(_item(row) for row in cursor.fetchall())
    return Page(rows=rows, number=page, size=page_size, total=total)


_COUNT_ITEMS = "SELECT count(*) FROM payments_payrunitem i WHERE {condition}"

# The page is cut before names are looked up.
_ITEMS = """
SELECT i.award_id, a.number, i.scheme, i.benefit, i.component, i.month, i.person_id, i.payee_id,
       coalesce(btrim(name.given_names || ' ' || name.family_name), ''), i.amount, i.disposition,
       i.reason, i.decision_id
FROM (
  SELECT * FROM payments_payrunitem i WHERE {condition} ORDER BY id LIMIT %s OFFSET %s
) i
JOIN claims_award a ON a.id = i.award_id
LEFT JOIN register_personname name ON name.id = i.payee_name_id
ORDER BY i.id
"""


def differences_page(
    *,
    run_id: UUID,
    access: Access,
    explanation: str | None = None,
    page: int = 1,
    page_size: int = PAGE_SIZE,
) -> Page[AwardDifference]:
    """Return the awards that a run pays otherwise than the run before."""
    condition, parameters = "d.run_id = %s", [str(run_id)]
    if explanation is not None:
        condition, parameters = condition + " AND d.explanation = %s", [*parameters, explanation]
    with (
        reading(access=access, right=Right.PAYRUN_READ, subject_kind="payrun", subject_id=run_id),
        connection.cursor() as cursor,
    ):
        cursor.execute(_COUNT_DIFFERENCES.format(condition=condition), parameters)
        (total,) = cursor.fetchone()
        cursor.execute(
            _DIFFERENCES.format(condition=condition),
            [*parameters, page_size, (page - 1) * page_size],
        )
        rows = tuple(
            AwardDifference(
                difference_id=row[0],
                award_id=row[1],
                award_number=row[2],
                kind=row[3],
                explanation=row[4],
                words=str(words.EXPLANATIONS[row[4]]),
                statement=row[5],
                decision_id=row[6],
                before=row[7],
                after=row[8],
            )
            for row in cursor.fetchall()
        )
    return Page(rows=rows, number=page, size=page_size, total=total)


_COUNT_DIFFERENCES = "SELECT count(*) FROM payments_difference d WHERE {condition}"

_DIFFERENCES = """
SELECT d.id, d.award_id, a.number, d.kind, d.explanation, coalesce(s.text, ''), d.decision_id,
       d.amount_before, d.amount_after
FROM payments_difference d
JOIN claims_award a ON a.id = d.award_id
LEFT JOIN payments_differencestatement s ON s.difference_id = d.id
WHERE {condition}
ORDER BY d.id LIMIT %s OFFSET %s
"""


def paid_by_award(*, award_ids: Collection[UUID], access: Access) -> dict[UUID, Decimal]:
    """Return what was sent for awards so far, but for what came back."""
    with (
        reading(access=access, right=Right.PAYRUN_READ, details={"read": "paid on awards"}),
        connection.cursor() as cursor,
    ):
        cursor.execute(_PAID_BY_AWARD, [list(award_ids)])
        return dict(cursor.fetchall())


_PAID_BY_AWARD = """
SELECT e.award_id, sum(l.amount)
FROM payments_entitlement e
JOIN payments_instructionline l ON l.entitlement_id = e.id AND l.is_live
JOIN payments_instruction i ON i.id = l.instruction_id
JOIN payments_payrun r ON r.id = i.run_id AND r.transmitted_at IS NOT NULL
WHERE e.award_id = ANY(%s)
GROUP BY e.award_id
"""


def payments_of_person(
    *, person_id: UUID, access: Access, limit: int = 120
) -> tuple[PaymentRecord, ...]:
    """Return the payments made to a person, the latest first; at most `limit`.

    On whichever of the person's records they were made.
    """
    with (
        reading(
            access=access, right=Right.PAYRUN_READ, subject_kind="person", subject_id=person_id
        ),
        connection.cursor() as cursor,
    ):
        cursor.execute(_PAYMENTS_OF_PERSON, [list(records_of(person_id=person_id)), limit])
        return tuple(_payment(row) for row in cursor.fetchall())


_PAYMENTS_OF_PERSON = """
SELECT i.id, i.run_id, r.number, r.month, r.transmitted_at, i.amount, i.currency, i.account_kind,
       i.provider, right(i.account_number, 4), i.state
FROM payments_instruction i JOIN payments_payrun r ON r.id = i.run_id
WHERE i.payee_id = ANY(%s)
ORDER BY r.month DESC, r.planned_at DESC, i.id LIMIT %s
"""


def problem_lines_page(
    *, access: Access, page: int = 1, page_size: int = PAGE_SIZE
) -> Page[ProblemLine]:
    """Return what banks reported and nothing was posted for, the latest first."""
    lines = StatementLine.objects.exclude(problem="").order_by("-booked_on", "bank_reference")
    start = (page - 1) * page_size
    with reading(access=access, right=Right.STATEMENT_READ_IN, details={"page": page}):
        return Page(
            rows=tuple(_problem_line(line) for line in lines[start : start + page_size]),
            number=page,
            size=page_size,
            total=lines.count(),
        )


def _summary(run: PayRun) -> RunSummary:
    return RunSummary(
        run_id=run.id,
        number=run.number,
        month=Month.of(run.month),
        kind=run.kind,
        state=run.state,
        state_words=str(words.STATES[run.state]),
        currency=run.currency,
        instruction_count=run.instruction_count,
        total=run.total,
        planned_at=run.planned_at,
        transmitted_at=run.transmitted_at,
    )


def _totals(run: PayRun, group: str) -> tuple[ControlTotal, ...]:
    return tuple(
        ControlTotal(
            name=row["name"],
            words=str(words.REASONS.get(row["name"], row["name"])),
            count=row["count"],
            amount=Decimal(row["amount"]),
        )
        for row in run.totals.get(group, ())
    )


def _outcomes(run: PayRun, access: Access) -> tuple[ControlTotal, ...]:
    """Count a run's payments by what became of them. Sums over all of them: no person is read."""
    with (
        reading(access=access, right=Right.PAYRUN_READ, subject_kind="payrun", subject_id=run.id),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT state, count(*), sum(amount) FROM payments_instruction"
            " WHERE run_id = %s GROUP BY state ORDER BY state",
            [run.id],
        )
        rows = cursor.fetchall()
    return tuple(
        ControlTotal(
            name=outcome,
            words=str(words.OUTCOMES[outcome]),
            count=count,
            amount=amount,
        )
        for outcome, count, amount in (
            (_outcome(state, run.transmitted_at), count, amount) for state, count, amount in rows
        )
    )


def _outcome(state: str, transmitted_at: datetime | None) -> str:
    """Say how far a payment has come: that it was sent is a fact of its run."""
    if state != "instructed":
        return state
    return "prepared" if transmitted_at is None else "sent"


def _item(row: tuple[Any, ...]) -> RunItem:
    return RunItem(
        award_id=row[0],
        award_number=row[1],
        scheme=row[2],
        benefit=row[3],
        component=row[4],
        month=row[5],
        person_id=row[6],
        payee_id=row[7],
        payee_name=row[8],
        amount=row[9],
        disposition=row[10],
        reason=row[11],
        reason_words=str(words.REASONS.get(row[11], "")),
        decision_id=row[12],
    )


def _payment(row: tuple[Any, ...]) -> PaymentRecord:
    outcome = _outcome(row[10], row[4])
    return PaymentRecord(
        instruction_id=row[0],
        run_id=row[1],
        run_number=row[2],
        month=row[3],
        sent_at=row[4],
        amount=row[5],
        currency=row[6],
        account_kind=row[7],
        provider=row[8],
        account_end=row[9],
        outcome=outcome,
        outcome_words=str(words.OUTCOMES[outcome]),
    )


def _problem_line(line: StatementLine) -> ProblemLine:
    return ProblemLine(
        bank_reference=line.bank_reference,
        reported_id=line.reported_id,
        problem=line.problem,
        problem_words=str(words.PROBLEMS[line.problem]),
        amount=line.amount,
        currency=line.currency,
        booked_on=line.booked_on,
    )
