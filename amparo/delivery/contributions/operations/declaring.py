"""Post wage declarations and take on what an older system knew.

A file of declarations posts whole or not at all (invariant 5). The number of SQL statements does
not grow with the number of lines: lines are checked and assessed in memory, then written in sets.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Final
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.delivery.contributions.accounts import Move, allocate, hold_accounts, move_debts
from amparo.delivery.contributions.assessing import Assessed, Assessor, assessors_of
from amparo.delivery.contributions.births import birth_dates_of
from amparo.delivery.contributions.models import DebtMovement, Declaration, Estimate
from amparo.delivery.contributions.staging import copy_rows
from amparo.delivery.contributions.terms import Terms, terms_in
from amparo.delivery.ledger.chart import CONTRIBUTION_INCOME, CONTRIBUTIONS_RECEIVABLE
from amparo.delivery.ledger.operations import NewEntry, PostingLine, post_entries
from amparo.journal.operations import record
from amparo.journal.reading import reading
from amparo.office.operations import NewTask, next_numbers, open_tasks
from amparo.register.models import Employer
from amparo.register.queries import persons_by_identifier
from amparo.values import Access, Month, Right, rounded_amount

_ZERO: Final = Decimal("0.00")

_DECLARATION_COLUMNS: Final = (
    "id",
    "number",
    "employer_id",
    "month",
    "received_file_id",
    "received_at",
    "received_by",
    "state",
    "line_count",
    "total_wages",
    "currency",
)
_WAGE_LINE_COLUMNS: Final = (
    "id",
    "declaration_id",
    "line_number",
    "person_id",
    "declared_identifier",
    "declared_name",
    "wage",
    "state",
)
_LIABILITY_COLUMNS: Final = (
    "id",
    "wage_line_id",
    "scheme",
    "pack_version_id",
    "insurable",
    "worker_share",
    "employer_share",
)
_YEAR_COLUMNS: Final = (
    "id",
    "person_id",
    "scheme",
    "year",
    "months",
    "earnings",
    "received_file_id",
)


class TotalsDiffer(Exception):
    """A declaration's header does not say what its lines add up to. Nothing was posted."""


class UnusableWage(Exception):
    """A wage is below zero. Nothing was posted."""


class WorkerDeclaredTwice(Exception):
    """Two lines of one declaration name the same person. Nothing was posted."""


class AlreadyDeclared(Exception):
    """The employer has declared the month already. Nothing was posted."""


class UnknownEmployer(Exception):
    """A declaration names an employer that the register does not have. Nothing was posted."""


class YearTakenOnAlready(Exception):
    """A year of the file was taken on before, or stands in it twice. Nothing was posted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWageLine:
    """A worker's wage for the month as the employer wrote it; the amount in the one currency."""

    identifier: str
    name: str
    wage: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDeclaration:
    """An employer's declaration for a month: its header totals, and the lines they must equal."""

    employer_id: UUID
    month: Month
    lines: Sequence[NewWageLine]
    declared_lines: int
    declared_total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationPosted:
    """What was posted, and what is due on it in all schemes together and by scheme.

    is_assessed: whether any scheme collects contributions for the month.
    """

    id: UUID
    number: str
    employer_id: UUID
    month: Month
    line_count: int
    suspense_count: int
    total_wages: Decimal
    total_due: Decimal
    is_assessed: bool
    due_by_scheme: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewYear:
    """A year of insured months and earnings of one person, as the older system knew it."""

    person_id: UUID
    year: int
    months: int
    earnings: Decimal


@transaction.atomic
def post_declarations(
    *,
    declarations: Sequence[NewDeclaration],
    received_file_id: UUID,
    access: Access,
    at: datetime,
) -> tuple[DeclarationPosted, ...]:
    """Assess and post all declarations of a file, or none; return them in their order.

    Each month is assessed by every scheme whose pack in force for that month collects
    contributions on declarations. A line that names nobody in the register is assessed and due
    like any other and waits in suspense: one task per declaration says so. What is due is charged
    to the employer's account, and money that waits there is laid on it.

    Raises TotalsDiffer, UnusableWage, WorkerDeclaredTwice, UnknownEmployer, AlreadyDeclared,
    UnableToAssess, UnusableTerms.
    """
    access.require(Right.DECLARATION_RECEIVE)
    for declaration in declarations:
        _refuse_unusable(declaration)
    _refuse_already_declared(declarations)
    workers = _workers_named(declarations, received_file_id=received_file_id, access=access, at=at)
    for declaration in declarations:
        _refuse_workers_named_twice(declaration, workers.persons)

    assessors = {
        month: assessors_of(month=month, known_at=at)
        for month in {declaration.month for declaration in declarations}
    }
    numbers = next_numbers(series="DE", on=timezone.localdate(at), count=len(declarations))
    rows = _Rows(received_file_id=received_file_id, received_by=access.actor_id, received_at=at)
    posted = tuple(
        rows.add(
            number=number,
            declaration=declaration,
            workers=workers,
            assessors=assessors[declaration.month],
        )
        for number, declaration in zip(numbers, declarations, strict=True)
    )

    rows.write()
    _post_to_ledger(posted, access=access, at=at)
    _charge(posted, assessors, access=access, at=at)
    _open_suspense_tasks(posted, at=at)
    record(
        kind="contributions.declarations_posted",
        access=access,
        subject_kind="received-file",
        subject_id=received_file_id,
        details={
            "declarations": [str(each.id) for each in posted],
            "lines": sum(each.line_count for each in posted),
            "suspense": sum(each.suspense_count for each in posted),
        },
    )
    return posted


@transaction.atomic
def take_on_years(
    *,
    scheme: str,
    years: Sequence[NewYear],
    received_file_id: UUID,
    access: Access,
    at: datetime,
) -> int:
    """Take on insured years from an older system's file, all or none; return how many.

    Raises YearTakenOnAlready.
    """
    access.require(Right.REGISTER_IMPORT)
    rows = [
        (
            uuid4(),
            year.person_id,
            scheme,
            year.year,
            year.months,
            rounded_amount(year.earnings),
            received_file_id,
        )
        for year in years
    ]
    try:
        with transaction.atomic():
            copy_rows(table="contributions_takenonyear", columns=_YEAR_COLUMNS, rows=rows)
    except IntegrityError as error:
        raise YearTakenOnAlready(
            _(
                "A year of this file stands in it twice or was taken on for %(scheme)s before, or "
                "has no months between 1 and 12. Nothing was taken on. Send a file that holds each "
                "person and year once."
            )
            % {"scheme": scheme}
        ) from error
    record(
        kind="contributions.years_taken_on",
        access=access,
        subject_kind="received-file",
        subject_id=received_file_id,
        details={"scheme": scheme, "years": len(rows)},
    )
    return len(rows)


# --- checks -----------------------------------------------------------------------------------


def _refuse_unusable(declaration: NewDeclaration) -> None:
    for number, line in enumerate(declaration.lines, start=1):
        if rounded_amount(line.wage) < 0:
            raise UnusableWage(
                _(
                    "Line %(line)s of the declaration for %(month)s has a wage below zero. "
                    "Nothing was posted. A wage is zero or more."
                )
                % {"line": number, "month": declaration.month}
            )
    total = sum((line.wage for line in declaration.lines), _ZERO)
    if len(declaration.lines) != declaration.declared_lines or total != declaration.declared_total:
        raise TotalsDiffer(
            _(
                "The declaration for %(month)s states %(stated_lines)s lines and %(stated_total)s "
                "in wages; its lines are %(lines)s and add up to %(total)s. Nothing was posted. "
                "Correct the header or the lines."
            )
            % {
                "month": declaration.month,
                "stated_lines": declaration.declared_lines,
                "stated_total": declaration.declared_total,
                "lines": len(declaration.lines),
                "total": total,
            }
        )


def _refuse_already_declared(declarations: Sequence[NewDeclaration]) -> None:
    employers = dict(
        Employer.objects.filter(
            id__in={declaration.employer_id for declaration in declarations}
        ).values_list("id", "number")
    )
    for declaration in declarations:
        if declaration.employer_id not in employers:
            raise UnknownEmployer(
                _(
                    "The declaration for %(month)s names an employer that is not registered. "
                    "Nothing was posted. Register the employer first."
                )
                % {"month": declaration.month}
            )
    counted = Counter((each.employer_id, each.month) for each in declarations)
    taken = {key for key, count in counted.items() if count > 1}
    taken |= {
        (employer_id, Month.of(month))
        for employer_id, month in Declaration.objects.filter(
            employer_id__in=employers, month__in={each.month.starts_on for each in declarations}
        ).values_list("employer_id", "month")
        if (employer_id, Month.of(month)) in counted
    }
    if taken:
        employer_id, month = min(taken, key=lambda key: (employers[key[0]], key[1]))
        raise AlreadyDeclared(
            _(
                "The employer %(number)s has declared %(month)s already, or declares it twice in "
                "this file. Nothing was posted. Leave the declaration out; a correction is a "
                "declaration of its own."
            )
            % {"number": employers[employer_id], "month": month}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Workers:
    """Who the lines name, by identifier as declared, and the birth dates known to the day."""

    persons: Mapping[str, UUID]
    birth_dates: Mapping[UUID, date]


def _workers_named(
    declarations: Sequence[NewDeclaration],
    *,
    received_file_id: UUID,
    access: Access,
    at: datetime,
) -> _Workers:
    """Return the persons that the lines name and the register knows."""
    identifiers = {line.identifier for each in declarations for line in each.lines}
    with reading(
        access=access,
        right=Right.DECLARATION_RECEIVE,
        details={"received_file": str(received_file_id), "identifiers": len(identifiers)},
    ):
        persons = persons_by_identifier(values=identifiers)
        birth_dates = birth_dates_of(set(persons.values()), known_at=at)
    return _Workers(persons=persons, birth_dates=birth_dates)


def _refuse_workers_named_twice(declaration: NewDeclaration, persons: Mapping[str, UUID]) -> None:
    """Refuse two lines for one person: a ceiling per month would count for each of them."""
    first: dict[UUID, int] = {}
    for number, line in enumerate(declaration.lines, start=1):
        person_id = persons.get(line.identifier)
        if person_id is None:
            continue
        if person_id in first:
            raise WorkerDeclaredTwice(
                _(
                    "Lines %(first)s and %(second)s of the declaration for %(month)s name the same "
                    "worker. Nothing was posted. Declare a worker's wages of a month in one line."
                )
                % {"first": first[person_id], "second": number, "month": declaration.month}
            )
        first[person_id] = number


# --- writing ----------------------------------------------------------------------------------


class _Rows:
    """The rows of a file's declarations, gathered in memory and written in sets."""

    def __init__(self, *, received_file_id: UUID, received_by: UUID, received_at: datetime) -> None:
        self._received = (received_file_id, received_at, received_by)
        self._declarations: list[tuple[object, ...]] = []
        self._wage_lines: list[tuple[object, ...]] = []
        self._liabilities: list[tuple[object, ...]] = []

    def add(
        self,
        *,
        number: str,
        declaration: NewDeclaration,
        workers: _Workers,
        assessors: Sequence[Assessor],
    ) -> DeclarationPosted:
        """Gather the rows of one declaration; raise UnableToAssess where its pack cannot."""
        declaration_id = uuid4()
        self._declarations.append(
            (
                declaration_id,
                number,
                declaration.employer_id,
                declaration.month.starts_on,
                *self._received,
                "posted",
                declaration.declared_lines,
                declaration.declared_total,
                settings.CURRENCY,
            )
        )
        due: dict[str, Decimal] = {assessor.scheme: _ZERO for assessor in assessors}
        suspended = 0
        for line_number, line in enumerate(declaration.lines, start=1):
            person_id = workers.persons.get(line.identifier)
            birth_date = workers.birth_dates.get(person_id) if person_id else None
            line_id = uuid4()
            self._wage_lines.append(
                (
                    line_id,
                    declaration_id,
                    line_number,
                    person_id,
                    line.identifier,
                    line.name,
                    rounded_amount(line.wage),
                    "suspense" if person_id is None else "matched",
                )
            )
            suspended += person_id is None
            for assessor in assessors:
                assessed = assessor.assess(wage=rounded_amount(line.wage), birth_date=birth_date)
                due[assessor.scheme] += assessed.worker_share + assessed.employer_share
                self._liabilities.append(_liability(line_id, assessor, assessed))
        return DeclarationPosted(
            id=declaration_id,
            number=number,
            employer_id=declaration.employer_id,
            month=declaration.month,
            line_count=len(declaration.lines),
            suspense_count=suspended,
            total_wages=declaration.declared_total,
            total_due=sum(due.values(), _ZERO),
            is_assessed=bool(assessors),
            due_by_scheme=due,
        )

    def write(self) -> None:
        """Write what was gathered. Raises AlreadyDeclared when another file was faster."""
        try:
            with transaction.atomic():
                copy_rows(
                    table="contributions_declaration",
                    columns=_DECLARATION_COLUMNS,
                    rows=self._declarations,
                )
        except IntegrityError as error:
            raise AlreadyDeclared(
                _(
                    "Another file declared one of these employers and months at the same moment. "
                    "Nothing of this file was posted. Send it again to see which one."
                )
            ) from error
        copy_rows(table="contributions_wageline", columns=_WAGE_LINE_COLUMNS, rows=self._wage_lines)
        copy_rows(
            table="contributions_liability", columns=_LIABILITY_COLUMNS, rows=self._liabilities
        )


def _liability(line_id: UUID, assessor: Assessor, assessed: Assessed) -> tuple[object, ...]:
    return (
        uuid4(),
        line_id,
        assessor.scheme,
        assessor.version_id,
        assessed.insurable,
        assessed.worker_share,
        assessed.employer_share,
    )


def _post_to_ledger(posted: Sequence[DeclarationPosted], *, access: Access, at: datetime) -> None:
    """Post what each employer owes; a declaration on which nothing is due has no entry."""
    entries = [
        NewEntry(
            source_kind="declaration",
            source_id=each.id,
            entry_date=timezone.localdate(at),
            narrative=f"Contributions for {each.month}, declaration {each.number}",
            lines=[
                PostingLine(
                    debit=CONTRIBUTIONS_RECEIVABLE,
                    credit=CONTRIBUTION_INCOME,
                    amount=each.total_due,
                    party_kind="employer",
                    party_id=each.employer_id,
                    reference_id=each.id,
                )
            ],
        )
        for each in posted
        if each.total_due > 0
    ]
    if entries:
        post_entries(entries=entries, access=access, at=at)


def _charge(
    posted: Sequence[DeclarationPosted],
    assessors: Mapping[Month, Sequence[Assessor]],
    *,
    access: Access,
    at: datetime,
) -> None:
    """Charge what is due to the employers' accounts, on the day that the scheme's terms state."""
    terms: dict[tuple[Month, str], Terms | None] = {
        (month, assessor.scheme): terms_in(assessor.booked, month=month, known_at=at)
        for month, found in assessors.items()
        for assessor in found
    }
    employers = {each.employer_id for each in posted}
    hold_accounts(employers)
    replaced = _estimates_replaced(posted)
    moves = chain(
        (
            Move(
                employer_id=each.employer_id,
                month=each.month,
                scheme=scheme,
                debt_kind="contribution",
                kind="declared",
                amount=amount,
                source_id=each.id,
                due_on=stated.due_on(each.month) if stated else None,
                law=stated.law if stated else "",
            )
            for each in posted
            for scheme, amount in each.due_by_scheme.items()
            if amount > 0
            for stated in (terms[each.month, scheme],)
        ),
        replaced,
    )
    move_debts(moves=moves, access=access, at=at)
    _post_replaced(replaced, access=access, at=at)
    allocate(employer_ids=employers, access=access, at=at)


def _estimates_replaced(posted: Sequence[DeclarationPosted]) -> list[Move]:
    """Return what takes back the estimates of months that are now declared."""
    declared = {(each.employer_id, each.month.starts_on) for each in posted}
    estimates = {
        estimate.id
        for estimate in Estimate.objects.filter(
            employer_id__in={employer_id for employer_id, _month in declared},
            month__in={month for _employer, month in declared},
        )
        if (estimate.employer_id, estimate.month) in declared
    }
    return [
        Move(
            employer_id=moved.debt.employer_id,
            month=Month.of(moved.debt.month),
            scheme=moved.debt.scheme,
            debt_kind="contribution",
            kind="replaced",
            amount=-moved.amount,
            source_id=moved.source_id,
            law=moved.law,
        )
        for moved in DebtMovement.objects.filter(
            source_id__in=estimates, kind="estimated"
        ).select_related("debt")
    ]


def _post_replaced(replaced: Sequence[Move], *, access: Access, at: datetime) -> None:
    by_estimate: dict[UUID, list[Move]] = {}
    for move in replaced:
        by_estimate.setdefault(move.source_id, []).append(move)
    if by_estimate:
        post_entries(
            entries=[
                NewEntry(
                    source_kind="estimate-replaced",
                    source_id=estimate_id,
                    entry_date=timezone.localdate(at),
                    narrative=f"Estimate for {moves[0].month} replaced by the declaration",
                    lines=[
                        PostingLine(
                            debit=CONTRIBUTION_INCOME,
                            credit=CONTRIBUTIONS_RECEIVABLE,
                            amount=-move.amount,
                            party_kind="employer",
                            party_id=move.employer_id,
                            reference_id=estimate_id,
                        )
                        for move in moves
                    ],
                )
                for estimate_id, moves in by_estimate.items()
            ],
            access=access,
            at=at,
        )


def _open_suspense_tasks(posted: Sequence[DeclarationPosted], *, at: datetime) -> None:
    tasks = [
        NewTask(
            kind="wage lines in suspense",
            subject_kind="declaration",
            subject_id=each.id,
            role="employer-officer",
            details={"declaration": each.number, "lines": each.suspense_count},
        )
        for each in posted
        if each.suspense_count
    ]
    if tasks:
        open_tasks(tasks=tasks, at=at)
