"""Answers about contributions, to those who may read them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum
from django.utils.translation import gettext as _

from amparo.delivery.contributions.account import InsuranceRecord, insurance_record
from amparo.delivery.contributions.assessing import assessors_in
from amparo.delivery.contributions.births import birth_dates_of
from amparo.delivery.contributions.models import Declaration, Liability, TakenOnYear, WageLine
from amparo.journal.operations import record
from amparo.journal.reading import reading
from amparo.register.identities import records_of
from amparo.register.models import EmployerProfile
from amparo.register.queries import employer_summaries
from amparo.register.records import EmployerSummary
from amparo.rules.book.queries import version
from amparo.rules.trace import Explanation
from amparo.values import Access, Month, Page, Right

PAGE_SIZE: Final = 50


class NoSuchDeclaration(Exception):
    """There is no declaration with this id."""


class NoSuchWageLine(Exception):
    """There is no wage line with this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationSummary:
    """A declaration as a line of a list; amounts in its currency."""

    id: UUID
    number: str
    employer_id: UUID
    employer_number: str
    employer_name: str
    month: Month
    state: str
    line_count: int
    suspense_count: int
    total_wages: Decimal
    total_due: Decimal
    currency: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthOfDeclarations:
    """What was declared for a month, and by how many of those who employed somebody in it."""

    month: Month
    wages: Decimal
    received: int
    employing: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeDue:
    """What one line or one declaration owes to one scheme."""

    scheme: str
    insurable: Decimal
    worker_share: Decimal
    employer_share: Decimal

    @property
    def total(self) -> Decimal:
        return self.worker_share + self.employer_share


@dataclass(frozen=True, slots=True, kw_only=True)
class WageLineRecord:
    """One line of a declaration. person_id and person_number: None and "" while in suspense."""

    id: UUID
    declaration_id: UUID
    declaration_number: str
    employer_number: str
    employer_name: str
    month: Month
    line_number: int
    state: str
    person_id: UUID | None
    person_number: str
    declared_identifier: str
    declared_name: str
    wage: Decimal
    due: tuple[SchemeDue, ...]
    is_difference: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationRecord:
    """A declaration with what is due by scheme and one page of its lines."""

    summary: DeclarationSummary
    received_file_id: UUID | None
    received_by: UUID
    corrects: UUID | None
    reason: str
    corrections: tuple[DeclarationSummary, ...]
    due: tuple[SchemeDue, ...]
    lines: Page[WageLineRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiabilityExplained:
    """Why a wage line owes what it owes. is_equal: whether assessing again gives the same."""

    scheme: str
    version: str
    due: SchemeDue
    is_equal: bool
    explanation: Explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class YearTakenOn:
    """A year from the older system.

    is_held_twice: whether more months than a year has are held with those posted here, so that
    nobody knows which month is there twice.
    """

    scheme: str
    year: int
    months: int
    earnings: Decimal
    received_file_id: UUID
    is_held_twice: bool


def declarations_page(
    *,
    access: Access,
    employer_id: UUID | None = None,
    month: Month | None = None,
    with_suspense: bool = False,
    page: int = 1,
) -> Page[DeclarationSummary]:
    """Return declarations, the latest month first. with_suspense: only those with open lines."""
    with reading(access=access, right=Right.DECLARATION_READ):
        found = _declarations()
        if employer_id is not None:
            found = found.filter(employer_id=employer_id)
        if month is not None:
            found = found.filter(month=month.starts_on)
        if with_suspense:
            found = found.filter(suspense_count__gt=0)
        rows, total = _cut(found.order_by("-month", "number"), page)
        return Page(
            rows=tuple(_summary(row) for row in rows), number=page, size=PAGE_SIZE, total=total
        )


def declarations_by_month(
    *, access: Access, months: Sequence[Month]
) -> tuple[MonthOfDeclarations, ...]:
    """Return what was declared for each of the months, as known now.

    An employer who employed somebody on any day of a month is expected to declare it.
    """
    with (
        reading(access=access, right=Right.FIGURES_READ, details={"read": "declarations by month"}),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            _DECLARATIONS_BY_MONTH,
            [[month.starts_on for month in months], [month.ends_before for month in months]],
        )
        return tuple(
            MonthOfDeclarations(
                month=Month.of(row[0]),
                wages=row[1],
                received=row[2],
                employing=row[3],
                missing=row[4],
            )
            for row in cursor.fetchall()
        )


_EMPLOYED_SOMEBODY: Final = """
EXISTS (
    SELECT FROM register_employment w
    WHERE w.employer_id = e.id AND w.superseded_at IS NULL AND w.starts_on < asked.ends_before
      AND (w.ends_before IS NULL OR w.ends_before > asked.starts_on)
)
"""
_DECLARATIONS_BY_MONTH: Final = f"""
SELECT asked.starts_on, coalesce(sum(d.total_wages), 0.00),
       count(*) FILTER (WHERE d.sequence = 0), count(DISTINCT e.id) FILTER (WHERE employing.yes),
       count(*) FILTER (WHERE employing.yes AND d.id IS NULL)
FROM unnest(%s::date[], %s::date[]) AS asked (starts_on, ends_before)
CROSS JOIN register_employer e
CROSS JOIN LATERAL (SELECT {_EMPLOYED_SOMEBODY} AS yes) AS employing
LEFT JOIN contributions_declaration d
       ON d.employer_id = e.id AND d.month = asked.starts_on
GROUP BY asked.starts_on ORDER BY asked.starts_on
"""  # noqa: S608


def employers_without_declaration(
    *, month: Month, access: Access, page: int = 1
) -> Page[EmployerSummary]:
    """Return who employed somebody in a month and has not declared it, by number."""
    parameters: dict[str, date | int] = {
        "starts_on": month.starts_on,
        "ends_before": month.ends_before,
        "first": (page - 1) * PAGE_SIZE,
        "count": PAGE_SIZE,
    }
    with (
        reading(
            access=access, right=Right.DECLARATION_READ, details={"read": "missing declarations"}
        ),
        connection.cursor() as cursor,
    ):
        cursor.execute(_WITHOUT_DECLARATION, parameters)
        found = cursor.fetchall()
        known = employer_summaries(employer_ids=[row[0] for row in found])
    return Page(
        rows=tuple(known[row[0]] for row in found),
        number=page,
        size=PAGE_SIZE,
        total=found[0][1] if found else 0,
    )


_WITHOUT_DECLARATION: Final = f"""
SELECT e.id, count(*) OVER ()
FROM (SELECT %(starts_on)s::date AS starts_on, %(ends_before)s::date AS ends_before) AS asked
CROSS JOIN register_employer e
WHERE {_EMPLOYED_SOMEBODY} AND NOT EXISTS (
    SELECT FROM contributions_declaration d
    WHERE d.employer_id = e.id AND d.month = asked.starts_on
)
ORDER BY e.number OFFSET %(first)s LIMIT %(count)s
"""  # noqa: S608


def declaration_numbered(*, number: str, access: Access) -> UUID | None:
    """Return the declaration that bears a number; None where none does."""
    with reading(
        access=access, right=Right.DECLARATION_READ, details={"looked_for": "declaration number"}
    ):
        return Declaration.objects.filter(number=number).values_list("id", flat=True).first()


def declaration_record(*, declaration_id: UUID, access: Access, page: int = 1) -> DeclarationRecord:
    """Return one declaration with a page of its lines. Raises NoSuchDeclaration."""
    with reading(
        access=access,
        right=Right.DECLARATION_READ,
        subject_kind="declaration",
        subject_id=declaration_id,
    ):
        found = _declarations().filter(id=declaration_id).first()
        if found is None:
            raise NoSuchDeclaration(
                _("There is no declaration at this address. Look for it in the employer's list.")
            )
        due = (
            Liability.objects.filter(wage_line__declaration_id=declaration_id)
            .values("scheme")
            .annotate(
                insurable_sum=Sum("insurable"),
                worker_sum=Sum("worker_share"),
                employer_sum=Sum("employer_share"),
            )
            .order_by("scheme")
        )
        lines = WageLine.objects.filter(declaration_id=declaration_id).order_by("line_number")
        return DeclarationRecord(
            summary=_summary(found),
            received_file_id=found.received_file_id,
            received_by=found.received_by,
            corrects=found.corrects_id,
            reason=found.reason,
            corrections=tuple(
                _summary(row)
                for row in _declarations().filter(corrects_id=declaration_id).order_by("sequence")
            ),
            due=tuple(
                SchemeDue(
                    scheme=row["scheme"],
                    insurable=row["insurable_sum"],
                    worker_share=row["worker_sum"],
                    employer_share=row["employer_sum"],
                )
                for row in due
            ),
            lines=_line_page(lines, page),
        )


def wage_lines_of_person(*, person_id: UUID, access: Access, page: int = 1) -> Page[WageLineRecord]:
    """Return a person's declared wages, the latest month first."""
    with reading(
        access=access, right=Right.DECLARATION_READ, subject_kind="person", subject_id=person_id
    ):
        lines = WageLine.objects.filter(person_id__in=records_of(person_id=person_id))
        return _line_page(lines.order_by("-declaration__month", "declaration__number"), page)


def suspense_lines_page(
    *, access: Access, employer_id: UUID | None = None, page: int = 1
) -> Page[WageLineRecord]:
    """Return the wage lines that name nobody we know, the oldest month first."""
    with reading(access=access, right=Right.DECLARATION_READ):
        lines = WageLine.objects.filter(state="suspense")
        if employer_id is not None:
            lines = lines.filter(declaration__employer_id=employer_id)
        return _line_page(
            lines.order_by("declaration__month", "declaration__number", "line_number"), page
        )


def years_taken_on(*, person_id: UUID, access: Access, before: date) -> tuple[YearTakenOn, ...]:
    """Return the insured years that came from the older system, in order.

    before: months posted from this month on say nothing about a year held twice.
    """
    with reading(
        access=access, right=Right.DECLARATION_READ, subject_kind="person", subject_id=person_id
    ):
        taken_on = TakenOnYear.objects.filter(person_id__in=records_of(person_id=person_id))
        rows = list(taken_on.order_by("scheme", "year", "id"))
        twice = {
            (scheme, year)
            for scheme in {row.scheme for row in rows}
            for year in insurance_record(
                person_id=person_id, scheme=scheme, before=before
            ).doubled_years
        }
        return tuple(
            YearTakenOn(
                scheme=row.scheme,
                year=row.year,
                months=row.months,
                earnings=row.earnings,
                received_file_id=row.received_file_id,
                is_held_twice=(row.scheme, row.year) in twice,
            )
            for row in rows
        )


def liabilities_explained(
    *, wage_line_id: UUID, access: Access, language: str = "en"
) -> tuple[LiabilityExplained, ...]:
    """Explain what is due on a wage line, scheme by scheme, in the asked language.

    The trace is not kept with millions of lines: it is made again from the kept pack, month, wage
    and the birth date as known when the declaration was received. Raises NoSuchWageLine.
    """
    with reading(
        access=access, right=Right.DECLARATION_READ, details={"wage_line": str(wage_line_id)}
    ):
        lines = WageLine.objects.select_related("declaration")
        line = lines.filter(id=wage_line_id, corrects=None).first()
        if line is None:
            raise NoSuchWageLine(
                _("There is no wage line at this address. Open it from its declaration.")
            )
        if line.person_id is not None:
            # Whose line it is shows only now; the person's list of readers must show it too.
            record(
                kind="read",
                access=access,
                subject_kind="person",
                subject_id=line.person_id,
                details={"wage_line": str(line.id), "right": Right.DECLARATION_READ.value},
            )
        return tuple(
            _liability_explained(liability, line, language)
            for liability in Liability.objects.filter(wage_line_id=line.id).order_by("scheme")
        )


def _liability_explained(liability: Liability, line: WageLine, language: str) -> LiabilityExplained:
    received_at = line.declaration.received_at
    (assessor,) = assessors_in(
        version(version_id=liability.pack_version_id),
        month=Month.of(line.declaration.month),
        known_at=received_at,
    )
    birth_date = None
    if line.person_id is not None:
        known = birth_dates_of([line.person_id], known_at=received_at)
        birth_date = known.get(line.person_id)
    again = assessor.assess(wage=line.wage, birth_date=birth_date)
    kept = (liability.insurable, liability.worker_share, liability.employer_share)
    trace = assessor.explained(wage=line.wage, birth_date=birth_date).trace
    return LiabilityExplained(
        scheme=liability.scheme,
        version=assessor.booked.version,
        due=SchemeDue(
            scheme=liability.scheme,
            insurable=liability.insurable,
            worker_share=liability.worker_share,
            employer_share=liability.employer_share,
        ),
        is_equal=kept == (again.insurable, again.worker_share, again.employer_share),
        explanation=assessor.booked.pack.explain(trace or {}, language=language),
    )


def _declarations() -> QuerySet[Any]:
    """Declarations with the employer's present name, open lines and the sum due."""
    due = (
        Liability.objects.filter(wage_line__declaration_id=OuterRef("id"))
        .order_by()
        .values("wage_line__declaration_id")
        .annotate(total=Sum(F("worker_share") + F("employer_share")))
        .values("total")
    )
    suspense = (
        WageLine.objects.filter(declaration_id=OuterRef("id"), state="suspense")
        .order_by()
        .values("declaration_id")
        .annotate(total=Count("id"))
        .values("total")
    )
    return Declaration.objects.select_related("employer").annotate(
        employer_name=_name_of(OuterRef("employer_id")),
        total_due=Subquery(due),
        suspense_count=Subquery(suspense),
    )


def _name_of(employer_id: OuterRef) -> Subquery:
    """The name an employer has as known now; the latest where a period has ended."""
    return Subquery(
        EmployerProfile.objects.filter(employer_id=employer_id, superseded_at=None)
        .order_by("-starts_on")
        .values("name")[:1]
    )


def _summary(row: Any) -> DeclarationSummary:
    return DeclarationSummary(
        id=row.id,
        number=row.number,
        employer_id=row.employer_id,
        employer_number=row.employer.number,
        employer_name=row.employer_name or "",
        month=Month.of(row.month),
        state=row.state,
        line_count=row.line_count,
        suspense_count=row.suspense_count or 0,
        total_wages=row.total_wages,
        total_due=row.total_due or Decimal("0.00"),
        currency=row.currency,
        received_at=row.received_at,
    )


def _cut(found: QuerySet[Any], page: int) -> tuple[list[Any], int]:
    start = (page - 1) * PAGE_SIZE
    return list(found[start : start + PAGE_SIZE]), found.count()


def _line_page(lines: QuerySet[WageLine], page: int) -> Page[WageLineRecord]:
    rows, total = _cut(
        lines.select_related("declaration__employer", "person").annotate(
            employer_name=_name_of(OuterRef("declaration__employer_id"))
        ),
        page,
    )
    due = _due_by_line(row.id for row in rows)
    return Page(
        rows=tuple(_line(row, due.get(row.id, ())) for row in rows),
        number=page,
        size=PAGE_SIZE,
        total=total,
    )


def _due_by_line(line_ids: Iterable[UUID]) -> Mapping[UUID, tuple[SchemeDue, ...]]:
    due: dict[UUID, tuple[SchemeDue, ...]] = {}
    for row in Liability.objects.filter(wage_line_id__in=list(line_ids)).order_by("scheme"):
        due[row.wage_line_id] = (
            *due.get(row.wage_line_id, ()),
            SchemeDue(
                scheme=row.scheme,
                insurable=row.insurable,
                worker_share=row.worker_share,
                employer_share=row.employer_share,
            ),
        )
    return due


def _line(row: Any, due: tuple[SchemeDue, ...]) -> WageLineRecord:
    return WageLineRecord(
        id=row.id,
        declaration_id=row.declaration_id,
        declaration_number=row.declaration.number,
        employer_number=row.declaration.employer.number,
        employer_name=row.employer_name or "",
        month=Month.of(row.declaration.month),
        line_number=row.line_number,
        state=row.state,
        person_id=row.person_id,
        person_number=row.person.number if row.person else "",
        declared_identifier=row.declared_identifier,
        declared_name=row.declared_name,
        wage=row.wage,
        due=due,
        is_difference=row.corrects_id is not None,
    )


__all__ = [
    "DeclarationRecord",
    "DeclarationSummary",
    "InsuranceRecord",
    "LiabilityExplained",
    "NoSuchDeclaration",
    "NoSuchWageLine",
    "SchemeDue",
    "WageLineRecord",
    "YearTakenOn",
    "declaration_numbered",
    "declaration_record",
    "declarations_page",
    "insurance_record",
    "liabilities_explained",
    "suspense_lines_page",
    "wage_lines_of_person",
    "years_taken_on",
]
