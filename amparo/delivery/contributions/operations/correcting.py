"""Put declarations right: by differences beside the original, and by finding whose a wage line is.

A correction says what the wage of a line should be. Posted is the difference to what stands, in the
month it belongs to, on the day it was found: a declaration of its own, whose lines name the lines
they correct. The original stays as it was declared; both together are what is known now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.delivery.contributions.accounts import Move, allocate, hold_accounts, move_debts
from amparo.delivery.contributions.assessing import Assessor, assessors_of
from amparo.delivery.contributions.births import birth_dates_of
from amparo.delivery.contributions.models import (
    Declaration,
    Liability,
    WageLine,
    WageLineMatch,
)
from amparo.delivery.contributions.operations.declaring import UnusableWage, WorkerDeclaredTwice
from amparo.delivery.contributions.terms import terms_in
from amparo.delivery.ledger.chart import CONTRIBUTION_INCOME, CONTRIBUTIONS_RECEIVABLE
from amparo.delivery.ledger.operations import NewEntry, PostingLine, post_entries
from amparo.journal.operations import record
from amparo.journal.reading import reading
from amparo.office.operations import close_tasks_about, next_number
from amparo.register.models import Person
from amparo.values import Access, Month, Right, rounded_amount

_ZERO: Final = Decimal("0.00")
_SUSPENSE_TASK: Final = "wage lines in suspense"
_AMOUNTS: Final = ("insurable", "worker_share", "employer_share")


class UnableToCorrect(Exception):
    """A declaration cannot be corrected so. Nothing was posted."""


class UnableToMatchLine(Exception):
    """A wage line cannot be matched so. Nothing changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedLine:
    """What the wage of a line should be. wage: None where the worker should not stand there."""

    wage_line_id: UUID
    wage: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionPosted:
    """A correction as its receipt names it. Amounts below zero where less was earned, or is due."""

    id: UUID
    number: str
    wages: Decimal
    due: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """What stands of a line with all its differences. due: by scheme, (pack version, amounts)."""

    line: WageLine
    wage: Decimal
    due: Mapping[str, tuple[UUID, tuple[Decimal, ...]]]


@transaction.atomic
def correct_declaration(
    *,
    declaration_id: UUID,
    lines: Sequence[CorrectedLine],
    reason: str,
    access: Access,
    at: datetime,
) -> CorrectionPosted:
    """Post the differences that make lines of a declaration right; the original stays.

    Each line is assessed as the rules for its month are known now; the difference to what stands is
    charged, or taken off, and money that is then too much goes back to the employer's account.
    Raises UnableToCorrect, UnusableWage, UnableToAssess.
    """
    access.require(Right.DECLARATION_RECEIVE)
    original = Declaration.objects.filter(id=declaration_id, sequence=0).first()
    if original is None:
        raise UnableToCorrect(_("Only an original declaration is corrected. Open that one."))
    if not reason.strip():
        raise UnableToCorrect(_("Say why the declaration is put right: others read it."))
    wanted = _wanted(lines)
    hold_accounts({original.employer_id})
    month = Month.of(original.month)
    assessors = assessors_of(month=month, known_at=at)
    with reading(
        access=access,
        right=Right.DECLARATION_RECEIVE,
        subject_kind="declaration",
        subject_id=declaration_id,
    ):
        standing = _standing(original, wanted)
        births = birth_dates_of(
            {one.line.person_id for one in standing if one.line.person_id}, known_at=at
        )
        differences = [_difference(one, wanted[one.line.id], assessors, births) for one in standing]
        differences = [each for each in differences if each.is_one]
        if not differences:
            raise UnableToCorrect(
                _("Nothing differs from what stands, so nothing was posted. Check the wages.")
            )
        correction = _write(original, differences, reason, access=access, at=at)
    due = _charge(correction, original, differences, assessors, access=access, at=at)
    record(
        kind="contributions.declaration_corrected",
        access=access,
        subject_kind="declaration",
        subject_id=declaration_id,
        details={"correction": correction.id, "lines": len(differences)},
    )
    return CorrectionPosted(
        id=correction.id, number=correction.number, wages=correction.total_wages, due=due
    )


@transaction.atomic
def match_wage_line(
    *, wage_line_id: UUID, person_id: UUID, reason: str, access: Access, at: datetime
) -> None:
    """Say whose a wage line in suspense is: the month is that person's from now on.

    What the person earned in it was assessed already. The match is kept in order, for whoever has
    to decide anew because of it. Raises UnableToMatchLine, WorkerDeclaredTwice.
    """
    access.require(Right.DECLARATION_RECEIVE)
    if not reason.strip():
        raise UnableToMatchLine(_("Say how you know whose wage this is: others read it."))
    with reading(
        access=access,
        right=Right.DECLARATION_RECEIVE,
        subject_kind="person",
        subject_id=person_id,
        details={"wage_line": wage_line_id},
    ):
        line = (
            WageLine.objects.select_for_update(of=("self",))
            .select_related("declaration")
            .filter(id=wage_line_id, corrects=None)
            .first()
        )
        if line is None or line.state != "suspense":
            raise UnableToMatchLine(
                _("This line does not wait in suspense any more. Look at its declaration again.")
            )
        if not Person.objects.filter(id=person_id).exists():
            raise UnableToMatchLine(_("There is no such person. Register the person first."))
        _refuse_second_line(line.declaration, person_id)
        WageLine.objects.filter(Q(id=line.id) | Q(corrects_id=line.id), state="suspense").update(
            state="matched", person_id=person_id
        )
        WageLineMatch.objects.bulk_create(
            [
                WageLineMatch(
                    wage_line_id=line.id,
                    person_id=person_id,
                    reason=reason.strip()[:500],
                    matched_at=at,
                    matched_by=access.actor_id,
                )
            ]
        )
        still_open = WageLine.objects.filter(
            declaration_id=line.declaration_id, state="suspense"
        ).exists()
    if not still_open:
        close_tasks_about(
            kind=_SUSPENSE_TASK,
            subject_id=line.declaration_id,
            outcome=_("every line has its person"),
            access=access,
            at=at,
        )
    record(
        kind="contributions.wage_line_matched",
        access=access,
        subject_kind="person",
        subject_id=person_id,
        details={"wage_line": wage_line_id, "declaration": line.declaration_id},
    )


# --- inside a step ----------------------------------------------------------------------------


def _wanted(lines: Sequence[CorrectedLine]) -> dict[UUID, Decimal | None]:
    wanted: dict[UUID, Decimal | None] = {}
    for line in lines:
        if line.wage_line_id in wanted:
            raise UnableToCorrect(_("A line stands in the correction twice. Name it once."))
        if line.wage is not None and rounded_amount(line.wage) < 0:
            raise UnusableWage(_("A wage is zero or more. Nothing was posted."))
        wanted[line.wage_line_id] = line.wage
    return wanted


def _standing(original: Declaration, wanted: Mapping[UUID, object]) -> list[_Standing]:
    """Return what stands of the lines to correct, in three statements for any number of them."""
    lines = list(
        WageLine.objects.filter(id__in=wanted, corrects=None)
        .filter(Q(declaration=original) | Q(declaration__corrects=original))
        .order_by("declaration__sequence", "line_number")
    )
    if len(lines) != len(wanted):
        raise UnableToCorrect(
            _("A line of the correction is not a line of this declaration. Nothing was posted.")
        )
    differences = dict(
        WageLine.objects.filter(corrects__in=wanted)
        .values_list("corrects_id")
        .annotate(total=Sum("wage"))
        .values_list("corrects_id", "total")
    )
    due: dict[UUID, dict[str, tuple[UUID, tuple[Decimal, ...]]]] = {}
    for liability in Liability.objects.filter(
        Q(wage_line_id__in=wanted) | Q(wage_line__corrects__in=wanted)
    ).select_related("wage_line"):
        by_scheme = due.setdefault(liability.wage_line.corrects_id or liability.wage_line_id, {})
        _version, before = by_scheme.get(
            liability.scheme, (liability.pack_version_id, (_ZERO, _ZERO, _ZERO))
        )
        by_scheme[liability.scheme] = (
            liability.pack_version_id,
            tuple(
                amount + getattr(liability, name)
                for amount, name in zip(before, _AMOUNTS, strict=True)
            ),
        )
    return [
        _Standing(
            line=line,
            wage=line.wage + differences.get(line.id, _ZERO),
            due=due.get(line.id, {}),
        )
        for line in lines
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Difference:
    """What changes on a line. due: by scheme, (pack version, insurable, worker, employer)."""

    line: WageLine
    wage: Decimal
    due: Mapping[str, tuple[UUID, tuple[Decimal, ...]]]

    @property
    def is_one(self) -> bool:
        return self.wage != 0 or any(any(amounts) for _version, amounts in self.due.values())


def _difference(
    standing: _Standing,
    wage: Decimal | None,
    assessors: Sequence[Assessor],
    births: Mapping[UUID, date],
) -> _Difference:
    person_id = standing.line.person_id
    wanted: dict[str, tuple[UUID, tuple[Decimal, ...]]] = {
        scheme: (version, (_ZERO, _ZERO, _ZERO)) for scheme, (version, _old) in standing.due.items()
    }
    if wage is not None:
        for assessor in assessors:
            assessed = assessor.assess(
                wage=rounded_amount(wage), birth_date=births.get(person_id) if person_id else None
            )
            wanted[assessor.scheme] = (
                assessor.version_id,
                (assessed.insurable, assessed.worker_share, assessed.employer_share),
            )
    nothing = (_ZERO, _ZERO, _ZERO)
    return _Difference(
        line=standing.line,
        wage=(_ZERO if wage is None else rounded_amount(wage)) - standing.wage,
        due={
            scheme: (
                version,
                tuple(
                    new - old
                    for new, old in zip(
                        amounts, standing.due.get(scheme, (None, nothing))[1], strict=True
                    )
                ),
            )
            for scheme, (version, amounts) in wanted.items()
        },
    )


def _write(
    original: Declaration,
    differences: Sequence[_Difference],
    reason: str,
    *,
    access: Access,
    at: datetime,
) -> Declaration:
    latest = Declaration.objects.filter(
        employer_id=original.employer_id, month=original.month
    ).aggregate(latest=Max("sequence"))["latest"]
    correction = Declaration(
        id=uuid4(),
        number=next_number(series="DE", on=timezone.localdate(at)),
        employer_id=original.employer_id,
        month=original.month,
        corrects=original,
        sequence=latest + 1,
        reason=reason.strip()[:500],
        state="posted",
        line_count=len(differences),
        total_wages=sum((each.wage for each in differences), _ZERO),
        currency=settings.CURRENCY,
        received_at=at,
        received_by=access.actor_id,
    )
    try:
        with transaction.atomic():
            Declaration.objects.bulk_create([correction])
    except IntegrityError as error:
        raise UnableToCorrect(
            _("Somebody corrected this month at the same moment. Look at it again.")
        ) from error
    lines = [
        WageLine(
            id=uuid4(),
            declaration=correction,
            line_number=number,
            person_id=each.line.person_id,
            declared_identifier=each.line.declared_identifier,
            declared_name=each.line.declared_name,
            wage=each.wage,
            state=each.line.state,
            corrects=each.line,
        )
        for number, each in enumerate(differences, start=1)
    ]
    WageLine.objects.bulk_create(lines, batch_size=2_000)
    Liability.objects.bulk_create(
        (
            Liability(
                wage_line=line,
                scheme=scheme,
                pack_version_id=version,
                insurable=amounts[0],
                worker_share=amounts[1],
                employer_share=amounts[2],
                is_difference=True,
            )
            for line, each in zip(lines, differences, strict=True)
            for scheme, (version, amounts) in each.due.items()
        ),
        batch_size=2_000,
    )
    return correction


def _charge(
    correction: Declaration,
    original: Declaration,
    differences: Sequence[_Difference],
    assessors: Sequence[Assessor],
    *,
    access: Access,
    at: datetime,
) -> Decimal:
    """Charge or take off what the differences make due; return it."""
    month = Month.of(original.month)
    stated = {
        assessor.scheme: terms_in(assessor.booked, month=month, known_at=at)
        for assessor in assessors
    }
    due: dict[str, Decimal] = {}
    for each in differences:
        for scheme, (_version, amounts) in each.due.items():
            due[scheme] = due.get(scheme, _ZERO) + amounts[1] + amounts[2]
    moved = {scheme: amount for scheme, amount in due.items() if amount != 0}
    terms = {scheme: stated.get(scheme) for scheme in moved}
    move_debts(
        moves=[
            Move(
                employer_id=original.employer_id,
                month=month,
                scheme=scheme,
                debt_kind="contribution",
                kind="corrected",
                amount=amount,
                source_id=correction.id,
                due_on=stated_terms.due_on(month) if stated_terms else None,
                law=stated_terms.law if stated_terms else "",
            )
            for scheme, amount in moved.items()
            for stated_terms in (terms[scheme],)
        ],
        access=access,
        at=at,
    )
    _post(correction, list(moved.values()), access=access, at=at)
    allocate(employer_ids={original.employer_id}, access=access, at=at)
    return sum(moved.values(), _ZERO)


def _post(
    correction: Declaration, amounts: Sequence[Decimal], *, access: Access, at: datetime
) -> None:
    if not amounts:
        return
    sides = (CONTRIBUTIONS_RECEIVABLE, CONTRIBUTION_INCOME)
    post_entries(
        entries=[
            NewEntry(
                source_kind="declaration",
                source_id=correction.id,
                entry_date=timezone.localdate(at),
                narrative=f"Correction {correction.number} of {correction.month:%Y-%m}",
                lines=[
                    PostingLine(
                        debit=sides[0] if amount > 0 else sides[1],
                        credit=sides[1] if amount > 0 else sides[0],
                        amount=abs(amount),
                        party_kind="employer",
                        party_id=correction.employer_id,
                        reference_id=correction.id,
                    )
                    for amount in amounts
                ],
            )
        ],
        access=access,
        at=at,
    )


def _refuse_second_line(declaration: Declaration, person_id: UUID) -> None:
    root = declaration.corrects_id or declaration.id
    if WageLine.objects.filter(
        Q(declaration_id=root) | Q(declaration__corrects_id=root),
        corrects=None,
        person_id=person_id,
    ).exists():
        raise WorkerDeclaredTwice(
            _(
                "This person has a line in the declaration already, and a ceiling per month would "
                "count for each. Correct the wage of that line, and take this one out."
            )
        )
