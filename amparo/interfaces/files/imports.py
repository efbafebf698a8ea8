"""Taking in CSV files: persons, employers, employments, declarations, and years taken on.

Every file goes the same way. Its original is kept first. A file with the same content that was
accepted before is not taken in again. Then everything happens in one transaction: rows are read,
checked and written, and the file is recorded as accepted; or nothing is written, the file is
recorded as rejected, and an error file says which row, which column, why, and what to do.

A crash before the commit leaves the original and nothing else: sending the file again does it all.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Final, Literal
from uuid import UUID, uuid4

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.delivery.claims.operations import (
    AwardToTakeOn,
    PreparerIsApprover,
    TakeOnTotalsDiffer,
    UnableToTakeOn,
    take_on_awards,
)
from amparo.delivery.contributions import operations as contributions
from amparo.delivery.contributions.assessing import UnableToAssess
from amparo.interfaces.files.tables import Faults, Progress, Row, rows_of, write_error_file
from amparo.journal.reading import reading
from amparo.office.operations import (
    AlreadyAccepted,
    receive_original,
    record_received_file,
)
from amparo.office.originals import Original
from amparo.office.queries import already_accepted
from amparo.register import days
from amparo.register import operations as register
from amparo.register.identifiers import (
    IdentifierRule,
    is_account_number,
    is_bic,
    is_occupation,
    national_id_rule,
)
from amparo.register.queries import employers_by_number, persons_by_identifier
from amparo.register.records import (
    AccountConfirmationRow,
    EmployerRow,
    EmploymentRow,
    Loaded,
    PersonRow,
)
from amparo.values import Access, Month, Right
from amparo.values.rows import RowError, RowsRefused

PERSONS: Final = (
    "person_ref",
    "given_names",
    "family_name",
    "sex",
    "birth_date",
    "birth_precision",
    "national_id",
    "district",
    "address",
    "payment_kind",
    "payment_provider",
    "payment_account",
    "household_ref",
    "household_role",
    "parent_refs",
)
EMPLOYERS: Final = ("number", "name", "activity", "district")
EMPLOYMENTS: Final = ("employer_number", "national_id", "starts_on", "ends_before", "occupation")
HISTORY: Final = ("national_id", "scheme", "year", "months", "earnings")
DECLARATIONS: Final = (
    "employer_number",
    "month",
    "declared_lines",
    "declared_total",
    "national_id",
    "name",
    "wage",
)
ACCOUNT_CONFIRMATIONS: Final = ("payment_provider", "payment_account", "confirmed_on")
AWARDS: Final = (
    "reference",
    "person_number",
    "payee_number",
    "scheme",
    "benefit",
    "component",
    "amount",
    "contingency_on",
    "starts_on",
)

_PARENTS_SEPARATED_BY: Final = "|"
_FIRST_YEAR: Final = 1900


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What became of a file.

    rows: taken in; errors: faults found; listed: the first of them, all that the error file holds.
    notices: what was accepted and still needs somebody's eye. numbers_file: which number each
    person or employer got. earlier: when the same content was accepted before.
    """

    kind: str
    status: Literal["accepted", "rejected", "already"]
    received_file_id: UUID
    rows: int = 0
    errors: int = 0
    listed: tuple[RowError, ...] = ()
    notices: tuple[str, ...] = ()
    error_file: Path | None = None
    numbers_file: Path | None = None
    earlier: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VouchedFor:
    """What the older system's signatory states of a file of awards, outside the file.

    count: rows; total: sum of the monthly amounts; signatory: who, by name and office.
    """

    count: int
    total: Decimal
    signatory: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """What the reader of one kind of file took in."""

    rows: int
    notices: tuple[str, ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrival:
    """A file on its way in."""

    kind: str
    original: Original
    file_name: str
    received_file_id: UUID
    access: Access
    at: datetime

    def record_accepted(self, *, rows: int, faults: Faults) -> None:
        record_received_file(
            original=self.original,
            kind=self.kind,
            file_name=self.file_name,
            outcome="accepted",
            accepted_rows=rows,
            report={"repaired": faults.repaired},
            received_file_id=self.received_file_id,
            access=self.access,
            at=self.at,
        )


def import_persons(
    *, path: Path, access: Access, at: datetime, progress: Progress | None = None
) -> ImportOutcome:
    """Register the persons of a file. Raises UnableToReceive, NotPermitted."""
    return _take_in(
        "persons", path, Right.REGISTER_IMPORT, partial(_take_persons, progress), access, at
    )


def import_employers(
    *, path: Path, access: Access, at: datetime, progress: Progress | None = None
) -> ImportOutcome:
    """Register the employers of a file. Raises UnableToReceive, NotPermitted."""
    return _take_in(
        "employers", path, Right.REGISTER_IMPORT, partial(_take_employers, progress), access, at
    )


def import_employments(
    *, path: Path, access: Access, at: datetime, progress: Progress | None = None
) -> ImportOutcome:
    """Write down who works for whom. Raises UnableToReceive, NotPermitted."""
    return _take_in(
        "employments", path, Right.REGISTER_IMPORT, partial(_take_employments, progress), access, at
    )


def import_history(
    *, path: Path, access: Access, at: datetime, progress: Progress | None = None
) -> ImportOutcome:
    """Take on insured years from an older system. Raises UnableToReceive, NotPermitted."""
    return _take_in(
        "history", path, Right.REGISTER_IMPORT, partial(_take_history, progress), access, at
    )


def import_account_confirmations(
    *, path: Path, access: Access, at: datetime, progress: Progress | None = None
) -> ImportOutcome:
    """Record which accounts their banks or wallet operators confirm.

    Raises UnableToReceive, NotPermitted.
    """
    return _take_in(
        "account-confirmations",
        path,
        Right.REGISTER_IMPORT,
        partial(_take_account_confirmations, progress),
        access,
        at,
    )


def import_awards(
    *,
    path: Path,
    vouched: VouchedFor,
    access: Access,
    approver: Access,
    at: datetime,
    progress: Progress | None = None,
) -> ImportOutcome:
    """Take on the awards an older system was paying, against the totals its signatory vouches for.

    access: of whoever prepares the file; approver: of the other person who agrees to it.
    Raises UnableToReceive, NotPermitted.
    """
    approver.require(Right.CLAIM_APPROVE)
    take = partial(_take_awards, progress, vouched, approver)
    return _take_in("awards", path, Right.CLAIM_PROPOSE, take, access, at)


def import_declarations(
    *, path: Path, access: Access, at: datetime, progress: Progress | None = None
) -> ImportOutcome:
    """Post the wage declarations of a file, all or none. Raises UnableToReceive, NotPermitted.

    A worker nobody knows does not reject the file: the line waits in suspense, and a notice says
    so. Nor does a month for which no scheme collects: nothing is due, and a notice says so. An
    employer nobody knows does.
    """
    return _take_in(
        "declarations",
        path,
        Right.DECLARATION_RECEIVE,
        partial(_take_declarations, progress),
        access,
        at,
    )


# --- the way of every file --------------------------------------------------------------------


def _take_in(
    kind: str,
    path: Path,
    right: Right,
    take: Callable[[_Arrival, Faults], _Taken],
    access: Access,
    at: datetime,
) -> ImportOutcome:
    access.require(right)
    original = receive_original(path=path, kind=kind, file_name=path.name, access=access, at=at)
    if (earlier := _accepted_before(kind, original)) is not None:
        return earlier
    arrival = _Arrival(
        kind=kind,
        original=original,
        file_name=path.name,
        received_file_id=uuid4(),
        access=access,
        at=at,
    )
    faults = Faults()
    numbers_file = _folder("numbers") / f"{arrival.received_file_id}.csv"
    try:
        with reading(
            access=access,
            right=right,
            subject_kind="received-file",
            subject_id=arrival.received_file_id,
        ):
            taken = take(arrival, faults)
            if taken.numbers:
                _write_numbers(numbers_file, taken.numbers)
    except (RowsRefused, AlreadyAccepted) as refusal:
        numbers_file.unlink(missing_ok=True)
        # The same file may have come in by another way while this one was read.
        if (earlier := _accepted_before(kind, original)) is not None:
            return earlier
        if isinstance(refusal, AlreadyAccepted):
            raise
        return _reject(arrival, refusal)
    except BaseException:
        numbers_file.unlink(missing_ok=True)
        raise
    return ImportOutcome(
        kind=kind,
        status="accepted",
        received_file_id=arrival.received_file_id,
        rows=taken.rows,
        notices=(*taken.notices, *_repairs(faults)),
        numbers_file=numbers_file if taken.numbers else None,
    )


def _accepted_before(kind: str, original: Original) -> ImportOutcome | None:
    earlier = already_accepted(kind=kind, sha256=original.sha256)
    if earlier is None:
        return None
    return ImportOutcome(
        kind=kind,
        status="already",
        received_file_id=earlier.received_file_id,
        rows=earlier.accepted_rows,
        earlier=earlier.received_at,
    )


def _reject(arrival: _Arrival, refusal: RowsRefused) -> ImportOutcome:
    error_file = _folder("error-files") / f"{arrival.received_file_id}.csv"
    write_error_file(path=error_file, errors=refusal.errors, total=refusal.total)
    record_received_file(
        original=arrival.original,
        kind=arrival.kind,
        file_name=arrival.file_name,
        outcome="rejected",
        rejected_rows=len({error.row for error in refusal.errors}),
        report={
            "errors": refusal.total,
            "first": [
                {"row": e.row, "column": e.column, "reason": e.reason, "remedy": e.remedy}
                for e in refusal.errors[:20]
            ],
        },
        received_file_id=arrival.received_file_id,
        access=arrival.access,
        at=arrival.at,
    )
    return ImportOutcome(
        kind=arrival.kind,
        status="rejected",
        received_file_id=arrival.received_file_id,
        errors=refusal.total,
        listed=refusal.errors,
        error_file=error_file,
    )


def _folder(name: str) -> Path:
    folder = Path(settings.AMPARO_HOME) / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _write_numbers(path: Path, numbers: tuple[tuple[str, str], ...]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["reference", "number"])
        table.writerows(numbers)


def _repairs(faults: Faults) -> Iterator[str]:
    if faults.repaired:
        yield ngettext(
            "In %(count)d cell, blanks, dashes or invisible characters of a number were dropped.",
            "In %(count)d cells, blanks, dashes or invisible characters of a number were dropped.",
            faults.repaired,
        ) % {"count": faults.repaired}


def _sound(
    arrival: _Arrival,
    columns: tuple[str, ...],
    faults: Faults,
    progress: Progress | None,
) -> Iterator[Row]:
    return rows_of(path=arrival.original.path, required=columns, faults=faults, progress=progress)


def _loaded(arrival: _Arrival, loaded: Loaded, faults: Faults) -> _Taken:
    arrival.record_accepted(rows=loaded.count, faults=faults)
    return _Taken(rows=loaded.count, numbers=loaded.numbers)


# --- persons ----------------------------------------------------------------------------------


def _take_persons(progress: Progress | None, arrival: _Arrival, faults: Faults) -> _Taken:
    rows = _sound(arrival, PERSONS, faults, progress)
    loaded = register.load_persons(
        rows=_persons(rows, faults, on=localdate(arrival.at)),
        received_file_id=arrival.received_file_id,
        access=arrival.access,
        at=arrival.at,
    )
    taken = _loaded(arrival, loaded, faults)
    return replace(taken, notices=tuple(map(_doubted, loaded.warnings)))


def _doubted(warning: tuple[str, int]) -> str:
    """Say how many rows an entry filter warned of."""
    demanded, count = warning
    text = ngettext(
        "%(count)d row is taken in although this does not hold: %(demanded)s.",
        "%(count)d rows are taken in although this does not hold: %(demanded)s.",
        count,
    )
    return text % {"count": count, "demanded": demanded}


def _persons(rows: Iterator[Row], faults: Faults, *, on: date) -> Iterator[PersonRow]:
    """Yield the sound rows; at the end, refuse the file if there was any other."""
    rule = national_id_rule()
    for row in rows:
        person = _person(row, rule, on)
        if row.is_sound:
            yield person
    faults.refuse_if_any()


def _person(row: Row, rule: IdentifierRule, on: date) -> PersonRow:
    given, family = row.name("given_names"), row.name("family_name")
    if row.is_sound and not given and not family:
        row.wrong(
            "given_names",
            _("The row has no name."),
            _("Fill in at least one of given_names and family_name."),
        )
    birth_date, precision = _birth(row, on)
    kind = row.choice("payment_kind", ("bank", "wallet"), empty_means="")
    provider = row.identifier("payment_provider", at_most=11, required=bool(kind))
    account = row.identifier("payment_account", at_most=34, required=bool(kind))
    if row.is_sound and not kind and (provider or account):
        row.wrong(
            "payment_kind",
            _("A provider or account is given, but not of which kind."),
            _("Write “bank” or “wallet”, or empty the other two cells."),
        )
    if provider and not is_bic(provider):
        row.wrong(
            "payment_provider",
            _("A BIC has 8 or 11 characters: four, the country's two letters, two or five."),
            _("Use the BIC of the bank or of the wallet's operator."),
        )
    if kind and row.is_sound and not is_account_number(account):
        row.wrong(
            "payment_account",
            _("An account number has 1 to 34 Latin letters and digits."),
            _("Copy it from the document again."),
        )
    return PersonRow(
        row=row.line,
        person_ref=row.text("person_ref", at_most=40),
        given_names=given,
        family_name=family,
        sex=row.choice("sex", ("female", "male", "other", "unknown")),
        birth_date=birth_date,
        birth_precision=precision,
        national_id=row.checked_identifier("national_id", rule=rule),
        district=row.words("district", at_most=60, required=False),
        address=row.words("address", at_most=200, required=False),
        payment_kind=kind,
        payment_provider=provider,
        payment_account=account,
        household_ref=row.text("household_ref", at_most=40, required=False),
        household_role=row.choice(
            "household_role", ("member", "reference-person"), empty_means="member"
        ),
        parent_refs=tuple(
            part.strip()
            for part in row.text("parent_refs", at_most=200, required=False).split(
                _PARENTS_SEPARATED_BY
            )
            if part.strip()
        ),
    )


def _birth(row: Row, on: date) -> tuple[date | None, str]:
    """Return the first possible day of birth, and how much of it is known."""
    birth_date, written = row.day_month_or_year("birth_date")
    precision = row.choice("birth_precision", ("day", "month", "year"), empty_means=written)
    if birth_date is None:
        return None, "day"
    if birth_date > on:
        row.wrong("birth_date", _("The birth lies in the future."), _("Check the date."))
    if precision != written and not _is_first_of(birth_date, precision):
        row.wrong(
            "birth_precision",
            _("The date is written more precisely than it is said to be known."),
            _("Write 2026 or 2026-11 in birth_date where more is not known."),
        )
    if written != "day" and precision == "day":
        row.wrong(
            "birth_precision",
            _("The day is said to be known, and is not written."),
            _("Write the day, or “month” or “year”."),
        )
    return birth_date, precision


def _is_first_of(day: date, precision: str) -> bool:
    return day.day == 1 and (precision == "month" or day.month == 1)


# --- employers and employments ----------------------------------------------------------------


def _take_employers(progress: Progress | None, arrival: _Arrival, faults: Faults) -> _Taken:
    rows = _sound(arrival, EMPLOYERS, faults, progress)
    loaded = register.load_employers(
        rows=_employers(rows, faults),
        received_file_id=arrival.received_file_id,
        access=arrival.access,
        at=arrival.at,
    )
    return _loaded(arrival, loaded, faults)


def _employers(rows: Iterator[Row], faults: Faults) -> Iterator[EmployerRow]:
    for row in rows:
        name = row.words("name", at_most=160)
        if row.is_sound and not name:
            row.wrong("name", _("The cell is empty."), _("Fill it in."))
        employer = EmployerRow(
            row=row.line,
            number=row.number("number", required=False),
            name=name,
            activity=row.text("activity", at_most=10),
            district=row.words("district", at_most=60),
        )
        if row.is_sound:
            yield employer
    faults.refuse_if_any()


def _take_employments(progress: Progress | None, arrival: _Arrival, faults: Faults) -> _Taken:
    rows = _sound(arrival, EMPLOYMENTS, faults, progress)
    loaded = register.load_employments(
        rows=_employments(rows, faults, on=localdate(arrival.at)),
        received_file_id=arrival.received_file_id,
        access=arrival.access,
        at=arrival.at,
    )
    return _loaded(arrival, loaded, faults)


def _employments(rows: Iterator[Row], faults: Faults, *, on: date) -> Iterator[EmploymentRow]:
    for row in rows:
        starts_on, ends_before = row.day("starts_on"), row.day("ends_before", required=False)
        if starts_on is not None and ends_before is not None and ends_before <= starts_on:
            row.wrong(
                "ends_before",
                _("The employment ends before it starts."),
                _("ends_before is the first day on which the person no longer works there."),
            )
        if starts_on is not None and starts_on > on + days.ANNOUNCED_AHEAD:
            row.wrong("starts_on", days.too_far_ahead(), _("Check the date."))
        number, worker = row.number("employer_number"), row.identifier("national_id")
        occupation = row.text("occupation", at_most=10, required=False)
        if occupation and not is_occupation(occupation):
            row.wrong(
                "occupation",
                _("An occupation is a code of ISCO-08: one to four digits."),
                _("Look the code up, or leave the cell empty."),
            )
        if row.is_sound and starts_on is not None:
            yield EmploymentRow(
                row=row.line,
                employer_number=number,
                national_id=worker,
                starts_on=starts_on,
                ends_before=ends_before,
                occupation=occupation,
            )
    faults.refuse_if_any()


# --- confirmed accounts -----------------------------------------------------------------------


def _take_account_confirmations(
    progress: Progress | None, arrival: _Arrival, faults: Faults
) -> _Taken:
    rows = _sound(arrival, ACCOUNT_CONFIRMATIONS, faults, progress)
    loaded = register.load_account_confirmations(
        rows=_confirmations(rows, faults, on=localdate(arrival.at)),
        received_file_id=arrival.received_file_id,
        access=arrival.access,
        at=arrival.at,
    )
    return _loaded(arrival, loaded, faults)


def _confirmations(
    rows: Iterator[Row], faults: Faults, *, on: date
) -> Iterator[AccountConfirmationRow]:
    for row in rows:
        provider = row.identifier("payment_provider", at_most=11)
        account = row.identifier("payment_account", at_most=34)
        confirmed_on = row.day("confirmed_on")
        if confirmed_on is not None and confirmed_on > on:
            row.wrong(
                "confirmed_on", _("The confirmation lies in the future."), _("Check the date.")
            )
        if row.is_sound and confirmed_on is not None:
            yield AccountConfirmationRow(
                row=row.line,
                provider=provider,
                account_number=account,
                confirmed_on=confirmed_on,
            )
    faults.refuse_if_any()


# --- awards taken on --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _AwardRow:
    line: int
    person_number: str
    payee_number: str
    award: Callable[[UUID, UUID], AwardToTakeOn]


def _take_awards(
    progress: Progress | None,
    vouched: VouchedFor,
    approver: Access,
    arrival: _Arrival,
    faults: Faults,
) -> _Taken:
    rows = list(_awards(_sound(arrival, AWARDS, faults, progress)))
    faults.refuse_if_any()
    persons = persons_by_identifier(
        values={number for row in rows for number in (row.person_number, row.payee_number)}
    )
    awards = []
    for row in rows:
        person_id, payee_id = persons.get(row.person_number), persons.get(row.payee_number)
        for column, found in (("person_number", person_id), ("payee_number", payee_id)):
            if found is None:
                faults.add(
                    row=row.line,
                    column=column,
                    reason=_("No person with this number is registered."),
                    remedy=_("Check the number, or register the person first."),
                )
        if person_id is not None and payee_id is not None:
            awards.append(row.award(person_id, payee_id))
    faults.refuse_if_any()
    arrival.record_accepted(rows=len(awards), faults=faults)
    try:
        taken_on = take_on_awards(
            rows=awards,
            received_file_id=arrival.received_file_id,
            control_count=vouched.count,
            control_total=vouched.total,
            signatory=vouched.signatory,
            access=arrival.access,
            approver=approver,
            at=arrival.at,
        )
    except (PreparerIsApprover, TakeOnTotalsDiffer, UnableToTakeOn) as refusal:
        raise _refused(refusal) from refusal
    return _Taken(rows=taken_on.count)


def _awards(rows: Iterator[Row]) -> Iterator[_AwardRow]:
    """Yield the sound rows; an empty payee_number means that the person is paid themselves."""
    for row in rows:
        person = row.number("person_number")
        payee = row.number("payee_number", required=False) or person
        amount = row.amount("amount")
        contingency_on, starts_on = row.day("contingency_on"), row.day("starts_on")
        texts = {
            column: row.text(column, at_most=at_most)
            for column, at_most in (
                ("reference", 60),
                ("scheme", 60),
                ("benefit", 40),
                ("component", 40),
            )
        }
        if amount is not None and amount == 0:
            row.wrong("amount", _("An award of zero pays nothing."), _("Leave the row out."))
        if (
            row.is_sound
            and amount is not None
            and contingency_on is not None
            and starts_on is not None
        ):
            yield _AwardRow(
                line=row.line,
                person_number=person,
                payee_number=payee,
                award=partial(
                    _award,
                    texts=texts,
                    amount=amount,
                    contingency_on=contingency_on,
                    starts_on=starts_on,
                ),
            )


def _award(
    person_id: UUID,
    payee_id: UUID,
    *,
    texts: Mapping[str, str],
    amount: Decimal,
    contingency_on: date,
    starts_on: date,
) -> AwardToTakeOn:
    return AwardToTakeOn(
        **texts,
        person_id=person_id,
        payee_id=payee_id,
        amount=amount,
        contingency_on=contingency_on,
        starts_on=starts_on,
    )


# --- years taken on ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _YearRow:
    line: int
    identifier: str
    scheme: str
    year: int
    months: int
    earnings: Decimal


def _take_history(progress: Progress | None, arrival: _Arrival, faults: Faults) -> _Taken:
    years = list(_years(_sound(arrival, HISTORY, faults, progress), localdate(arrival.at)))
    faults.refuse_if_any()
    persons = persons_by_identifier(values={year.identifier for year in years})
    by_scheme: dict[str, list[contributions.NewYear]] = {}
    seen: set[tuple[UUID, str, int]] = set()
    for year in years:
        person_id = persons.get(year.identifier)
        if person_id is None:
            faults.add(
                row=year.line,
                column="national_id",
                reason=_("The identifier names no registered person, or more than one."),
                remedy=_("Check the identifier; register the person first, or use their number."),
            )
            continue
        if (person_id, year.scheme, year.year) in seen:
            faults.add(
                row=year.line,
                column="year",
                reason=_("An earlier row has the same person, scheme and year."),
                remedy=_("Put all months and earnings of a year into one row."),
            )
        seen.add((person_id, year.scheme, year.year))
        by_scheme.setdefault(year.scheme, []).append(
            contributions.NewYear(
                person_id=person_id, year=year.year, months=year.months, earnings=year.earnings
            )
        )
    faults.refuse_if_any()
    arrival.record_accepted(rows=len(years), faults=faults)
    for scheme, taken_on in by_scheme.items():
        try:
            contributions.take_on_years(
                scheme=scheme,
                years=taken_on,
                received_file_id=arrival.received_file_id,
                access=arrival.access,
                at=arrival.at,
            )
        except contributions.YearTakenOnAlready as refusal:
            raise _refused(refusal) from refusal
    return _Taken(rows=len(years))


def _years(rows: Iterator[Row], on: date) -> Iterator[_YearRow]:
    for row in rows:
        identifier = row.identifier("national_id")
        scheme = row.text("scheme", at_most=60)
        year = row.whole("year", least=_FIRST_YEAR, most=on.year)
        months = row.whole("months", least=1, most=12)
        earnings = row.amount("earnings")
        if row.is_sound and year is not None and months is not None and earnings is not None:
            yield _YearRow(
                line=row.line,
                identifier=identifier,
                scheme=scheme,
                year=year,
                months=months,
                earnings=earnings,
            )


# --- declarations -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _WageRow:
    line: int
    employer_number: str
    month: Month
    declared_lines: int
    declared_total: Decimal
    identifier: str
    name: str
    wage: Decimal


def _take_declarations(progress: Progress | None, arrival: _Arrival, faults: Faults) -> _Taken:
    current = Month.of(localdate(arrival.at))
    rows = list(_wages(_sound(arrival, DECLARATIONS, faults, progress), current))
    faults.refuse_if_any()
    grouped: dict[tuple[str, Month], list[_WageRow]] = {}
    for row in rows:
        grouped.setdefault((row.employer_number, row.month), []).append(row)
    employers = employers_by_number(values={row.employer_number for row in rows})
    declarations = [
        declaration
        for (number, month), lines in grouped.items()
        if (declaration := _declaration(employers.get(number), month, lines, faults)) is not None
    ]
    faults.refuse_if_any()
    arrival.record_accepted(rows=len(rows), faults=faults)
    try:
        posted = contributions.post_declarations(
            declarations=declarations,
            received_file_id=arrival.received_file_id,
            access=arrival.access,
            at=arrival.at,
        )
    except (
        contributions.AlreadyDeclared,
        contributions.WorkerDeclaredTwice,
        UnableToAssess,
    ) as refusal:
        raise _refused(refusal) from refusal
    return _Taken(rows=len(rows), notices=tuple(_needing_an_eye(posted)))


def _needing_an_eye(posted: Sequence[contributions.DeclarationPosted]) -> Iterator[str]:
    if suspended := sum(each.suspense_count for each in posted):
        yield ngettext(
            "%(count)d line names nobody in the register and waits in suspense.",
            "%(count)d lines name nobody in the register and wait in suspense.",
            suspended,
        ) % {"count": suspended}
    for month in sorted({each.month for each in posted if not each.is_assessed}):
        yield _(
            "No scheme collects contributions for %(month)s: its declarations are posted and "
            "nothing is due on them. Check the month; if it is right, ask the policy office."
        ) % {"month": month}


def _wages(rows: Iterator[Row], current: Month) -> Iterator[_WageRow]:
    for row in rows:
        number, month = row.number("employer_number"), row.month("month")
        if month is not None and month > current:
            row.wrong("month", _("The month has not begun."), _("Declare it when it is over."))
        declared_lines = row.whole("declared_lines", least=1, most=999_999)
        declared_total = row.amount("declared_total")
        identifier = row.identifier("national_id", required=False)
        name, wage = row.name("name", at_most=200), row.amount("wage")
        if (
            row.is_sound
            and month is not None
            and declared_lines is not None
            and declared_total is not None
            and wage is not None
        ):
            yield _WageRow(
                line=row.line,
                employer_number=number,
                month=month,
                declared_lines=declared_lines,
                declared_total=declared_total,
                identifier=identifier,
                name=name,
                wage=wage,
            )


def _declaration(
    employer_id: UUID | None, month: Month, rows: list[_WageRow], faults: Faults
) -> contributions.NewDeclaration | None:
    """Return one employer's declaration for a month, or note what is wrong with it."""
    first = rows[0]
    if employer_id is None:
        faults.add(
            row=first.line,
            column="employer_number",
            reason=_("No employer with this number is registered."),
            remedy=_("Check the number, or register the employer first."),
        )
        return None
    for row in rows:
        if (row.declared_lines, row.declared_total) != (first.declared_lines, first.declared_total):
            faults.add(
                row=row.line,
                column="declared_total",
                reason=_("The declared totals differ from those of the declaration's first row."),
                remedy=_("Repeat the same declared_lines and declared_total in all its rows."),
            )
    _check_totals(rows, faults)
    _check_workers_once(rows, faults)
    return contributions.NewDeclaration(
        employer_id=employer_id,
        month=month,
        lines=[
            contributions.NewWageLine(identifier=row.identifier, name=row.name, wage=row.wage)
            for row in rows
        ],
        declared_lines=first.declared_lines,
        declared_total=first.declared_total,
    )


def _check_totals(rows: list[_WageRow], faults: Faults) -> None:
    """Invariant 5: the header's totals equal the lines, or nothing posts."""
    first = rows[0]
    if first.declared_lines != len(rows):
        faults.add(
            row=first.line,
            column="declared_lines",
            reason=_("The declaration has %(count)d lines in this file, which is not its number.")
            % {"count": len(rows)},
            remedy=_("Add the missing lines, or correct declared_lines."),
        )
    if first.declared_total != sum((row.wage for row in rows), Decimal(0)):
        faults.add(
            row=first.line,
            column="declared_total",
            reason=_("The wages of the declaration do not add up to its declared total."),
            remedy=_("Check the wages line by line, or correct declared_total."),
        )


def _check_workers_once(rows: list[_WageRow], faults: Faults) -> None:
    seen: set[str] = set()
    for row in rows:
        if row.identifier and row.identifier in seen:
            faults.add(
                row=row.line,
                column="national_id",
                reason=_("An earlier line of this declaration names the same worker."),
                remedy=_("Declare all wages of a worker and month in one line."),
            )
        seen.add(row.identifier)


def _refused(refusal: Exception) -> RowsRefused:
    """Turn the refusal of the whole file by a lower room into a fault of the whole file."""
    error = RowError(row=0, column="", reason=str(refusal), remedy="")
    return RowsRefused(errors=[error], total=1)
