"""Taking in whole files of persons, employers and employments.

Rows stream into a temporary table by COPY, references are resolved and contradictions found by
joins, and the facts are written by one INSERT … SELECT per table. So the number of SQL statements
does not depend on the number of rows, and COPY never meets row-level security, which refuses it.

A load is all or nothing: a fault anywhere raises RowsRefused, and the caller's transaction rolls
back. What a file states is true since nobody knows when, unless the file says since when.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Final, LiteralString
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from amparo.journal.operations import record
from amparo.journal.reading import reading
from amparo.office.operations import next_numbers
from amparo.register.entry import FileFilters, NoEntryFilters
from amparo.register.matching.keys import first_bones, given_bones, keys_of
from amparo.register.matching.traits import Described, traits_of
from amparo.register.naming import search_form
from amparo.register.operations import _loading_sql as sql
from amparo.register.operations._common import explained
from amparo.register.operations._match_keys import refresh_keys
from amparo.register.records import (
    UNKNOWN_START,
    AccountConfirmationRow,
    EmployerRow,
    EmploymentRow,
    Loaded,
    PersonRow,
)
from amparo.values import Access, Right
from amparo.values.rows import RowError, RowsRefused

# More faults than this help nobody; the rest is counted.
ERRORS_LISTED: Final = 10_000

_WHAT_AN_OFFICER_MAY_TAKE: Final = (
    "an_identifier_names_one_person",
    "employer_number_plain",
    "register_employer_number_key",
    "one_employment_with_an_employer_at_a_time",
)


@transaction.atomic
def load_persons(
    *, rows: Iterable[PersonRow], received_file_id: UUID, access: Access, at: datetime
) -> Loaded:
    """Register the persons of a file; return the number given to each reference.

    Parents and households are references within the file, or the identifier, person number or
    household number of somebody registered. Raises RowsRefused, also for rows that an entry filter
    blocks, and for all of them where the filters are not in force.
    """
    access.require(Right.REGISTER_IMPORT)
    filters = _filters(at)
    stems = {kind: _stem(at) for kind in sql.STEMS}
    with _loading(access, received_file_id) as cursor:
        cursor.execute(sql.ARRIVING_PERSONS)
        parents: list[tuple[int, str]] = []
        count = _copy(
            cursor, sql.COPY_PERSONS, _person_columns(filters.passing(iter(rows)), parents, stems)
        )
        _copy(cursor, sql.COPY_PARENTS, parents)
        cursor.execute(sql.RESOLVE_PERSONS, stems)
        _refuse_faults(cursor, sql.person_checks(), blocked=_blocked(filters))
        _give_numbers(cursor, series="P", count=count, at=at)
        cursor.execute("SELECT count(*) FROM arriving_household WHERE is_new")
        _give_numbers(cursor, series="H", count=cursor.fetchone()[0], at=at)
        origin = _origin("exchange", received_file_id, access, at)
        for statement in sql.WRITE_PERSONS:
            cursor.execute(statement, {**origin, **stems})
        cursor.execute(sql.CHILDREN_OF_REGISTERED)
        refresh_keys(person_ids=[child for (child,) in cursor.fetchall()])
        cursor.execute(sql.PERSON_NUMBERS)
        numbers = tuple(cursor.fetchall())
        cursor.execute(sql.DROP_PERSONS)
    _journal("register.persons_loaded", count, received_file_id, access, warned=filters.warned)
    return Loaded(count=count, numbers=numbers, warnings=filters.warnings())


@transaction.atomic
def load_employers(
    *, rows: Iterable[EmployerRow], received_file_id: UUID, access: Access, at: datetime
) -> Loaded:
    """Register the employers of a file; one without a number gets the next one.

    Return the number by row. Raises RowsRefused.
    """
    access.require(Right.REGISTER_IMPORT)
    with _loading(access, received_file_id) as cursor:
        cursor.execute(sql.ARRIVING_EMPLOYERS)
        count = _copy(
            cursor,
            sql.COPY_EMPLOYERS,
            (
                (
                    n,
                    row.row,
                    row.number,
                    row.name,
                    search_form(row.name),
                    row.activity,
                    row.district,
                )
                for n, row in enumerate(rows, start=1)
            ),
        )
        cursor.execute("ANALYZE arriving_employer")
        _refuse_faults(cursor, sql.employer_checks())
        _give_numbers(cursor, series="E", count=count, at=at)
        for statement in sql.WRITE_EMPLOYERS:
            cursor.execute(statement, _origin("exchange", received_file_id, access, at))
        cursor.execute(sql.EMPLOYER_NUMBERS)
        numbers = tuple(cursor.fetchall())
        cursor.execute("DROP TABLE arriving_employer, arriving_number")
    _journal("register.employers_loaded", count, received_file_id, access)
    return Loaded(count=count, numbers=numbers)


@transaction.atomic
def load_employments(
    *, rows: Iterable[EmploymentRow], received_file_id: UUID, access: Access, at: datetime
) -> Loaded:
    """Write down the employments of a file between registered employers and persons.

    Raises RowsRefused, for an employment that overlaps another of the same two as well.
    """
    access.require(Right.REGISTER_IMPORT)
    with _loading(access, received_file_id) as cursor:
        cursor.execute(sql.ARRIVING_EMPLOYMENTS)
        count = _copy(
            cursor,
            sql.COPY_EMPLOYMENTS,
            (
                (
                    row.row,
                    row.employer_number,
                    row.national_id,
                    row.starts_on,
                    row.ends_before,
                    row.occupation,
                )
                for row in rows
            ),
        )
        cursor.execute(sql.RESOLVE_EMPLOYMENTS)
        _refuse_faults(cursor, sql.employment_checks())
        for statement in sql.WRITE_EMPLOYMENTS:
            cursor.execute(statement, _origin("declaration", received_file_id, access, at))
        cursor.execute("DROP TABLE arriving_employment, resolved_employment")
    _journal("register.employments_loaded", count, received_file_id, access)
    return Loaded(count=count)


@transaction.atomic
def load_account_confirmations(
    *,
    rows: Iterable[AccountConfirmationRow],
    received_file_id: UUID,
    access: Access,
    at: datetime,
) -> Loaded:
    """Record that banks and wallet operators confirm accounts; return how many were unconfirmed.

    An account confirmed before keeps its earlier confirmation. Raises RowsRefused.
    """
    access.require(Right.REGISTER_IMPORT)
    with _loading(access, received_file_id) as cursor:
        cursor.execute(sql.ARRIVING_CONFIRMATIONS)
        _copy(
            cursor,
            sql.COPY_CONFIRMATIONS,
            ((row.row, row.provider, row.account_number, row.confirmed_on) for row in rows),
        )
        cursor.execute("ANALYZE arriving_confirmation")
        _refuse_faults(cursor, sql.confirmation_checks())
        cursor.execute(sql.CONFIRM_ACCOUNTS, _origin("exchange", received_file_id, access, at))
        count = int(cursor.rowcount)
        cursor.execute("DROP TABLE arriving_confirmation")
    _journal("register.accounts_confirmed", count, received_file_id, access)
    return Loaded(count=count)


# --- steps ------------------------------------------------------------------------------------


@contextmanager
def _loading(access: Access, received_file_id: UUID) -> Iterator[CursorWrapper]:
    """Read the register for a load, one load at a time.

    Two loads at once could both find that an identifier is free. An officer at a screen does not
    wait for a load; where both take the same identifier at the same moment, the load gives way.
    """
    with (
        reading(
            access=access,
            right=Right.REGISTER_IMPORT,
            subject_kind="received-file",
            subject_id=received_file_id,
        ),
        connection.cursor() as cursor,
        explained({name: _taken_meanwhile() for name in _WHAT_AN_OFFICER_MAY_TAKE}),
    ):
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('register.load'))")
        yield cursor


def _taken_meanwhile() -> RowsRefused:
    fault = RowError(
        row=0,
        column="",
        reason=_("While the file was read, somebody registered one of its numbers or periods."),
        remedy=_("Send the file again: it then shows which row is concerned."),
    )
    return RowsRefused(errors=[fault], total=1)


def _copy(cursor: CursorWrapper, statement: LiteralString, rows: Iterable[Sequence[object]]) -> int:
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
    return int(cursor.rowcount)


def _person_columns(
    rows: Iterable[PersonRow], parents: list[tuple[int, str]], stems: Mapping[str, str]
) -> Iterator[tuple[object, ...]]:
    """Yield the staged columns of each row; note its parents, who need a table of their own."""
    persons, vitals = stems["persons"], stems["vitals"]
    for ordinal, row in enumerate(rows, start=1):
        parents.extend((ordinal, parent) for parent in row.parent_refs)
        yield (
            ordinal,
            row.row,
            row.person_ref,
            row.given_names,
            row.family_name,
            search_form(f"{row.given_names} {row.family_name}"),
            row.sex,
            row.birth_date,
            row.birth_precision,
            row.national_id,
            row.district,
            row.address,
            row.payment_kind,
            row.payment_provider,
            row.payment_account,
            row.household_ref,
            row.household_role,
            f"{persons}{ordinal:08x}",
            f"{vitals}{ordinal:08x}",
            *_key_columns(row),
        )


def _key_columns(row: PersonRow) -> tuple[str, str, str]:
    """Return a row's keys, and what a child's and a mother's keys are made of, as PostgreSQL reads.

    The skeletons are Latin letters and digits alone: they need no quotes in an array.
    """
    traits = traits_of(
        Described(
            given_names=row.given_names,
            family_name=row.family_name,
            sex=row.sex,
            birth_date=row.birth_date,
            birth_precision=row.birth_precision,
            identifiers=(("national-id", settings.COUNTRY, row.national_id),)
            if row.national_id
            else (),
            phones=(row.payment_account,) if row.payment_kind == "wallet" else (),
            district=row.district,
            address=row.address,
        )
    )
    given = given_bones(traits)
    first = first_bones((*traits.given_words, *(traits.family or "").split()))
    return _array(keys_of(traits)), _array(given), first


def _array(values: Iterable[object]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def _stem(at: datetime) -> str:
    """Return the first 24 digits of ids in the order of their making: RFC 9562, version 7.

    The instant in milliseconds, then 42 random bits; the row's place in the file follows.
    """
    instant = f"{int(at.timestamp() * 1000):012x}"
    random = f"{secrets.randbits(12):03x}-{0x8000 | secrets.randbits(14):04x}"
    return f"{instant[:8]}-{instant[8:]}-7{random}-{secrets.randbits(16):04x}"


def _give_numbers(cursor: CursorWrapper, *, series: str, count: int, at: datetime) -> None:
    """Put the next `count` numbers beside the ordinals of what arrived."""
    if count == 0:
        return
    numbers = next_numbers(series=series, on=localdate(at), count=count)
    _copy(
        cursor,
        "COPY arriving_number (series, ordinal, number) FROM STDIN",
        ((series, ordinal, number) for ordinal, number in enumerate(numbers, start=1)),
    )


def _filters(at: datetime) -> FileFilters:
    try:
        return FileFilters(at=at)
    except NoEntryFilters as error:
        fault = RowError(
            row=0,
            column="",
            reason=str(error),
            remedy=_("Send the file again once they are in force."),
        )
        raise RowsRefused(errors=[fault], total=1) from error


def _blocked(filters: FileFilters) -> list[RowError]:
    """Return the rows that entry filters block, as faults of the file."""
    return [
        RowError(
            row=row,
            column=finding.field,
            reason=_("It does not hold: %(demanded)s.") % {"demanded": finding.demanded},
            remedy=_("Correct the row, or find out why the record must be as it is."),
        )
        for row, finding in filters.blocked
    ]


def _refuse_faults(
    cursor: CursorWrapper, checks: Iterable[sql.Check], *, blocked: Sequence[RowError] = ()
) -> None:
    """Raise RowsRefused with the faults of all checks, in the order of the file."""
    errors: list[RowError] = list(blocked)
    total = len(errors)
    for check in checks:
        cursor.execute(check.numbered(at_most=ERRORS_LISTED))
        found = cursor.fetchall()
        total += found[0][1] if found else 0
        errors += [
            RowError(row=row, column=check.column, reason=check.reason, remedy=check.remedy)
            for row, _total in found
        ]
    if errors:
        ordered = sorted(errors, key=lambda error: (error.row, error.column))
        raise RowsRefused(errors=ordered[:ERRORS_LISTED], total=total)


def _origin(
    source: str, received_file_id: UUID, access: Access, at: datetime
) -> dict[str, UUID | datetime | date | str]:
    return {
        "always": UNKNOWN_START,
        "at": at,
        "on": localdate(at),
        "source": source,
        "file": received_file_id,
        "by": access.actor_id,
        "country": settings.COUNTRY,
    }


def _journal(
    kind: str,
    count: int,
    received_file_id: UUID,
    access: Access,
    warned: Mapping[str, int] | None = None,
) -> None:
    record(
        kind=kind,
        access=access,
        subject_kind="received-file",
        subject_id=received_file_id,
        details={"rows": count, **({"warned": dict(warned)} if warned else {})},
    )
