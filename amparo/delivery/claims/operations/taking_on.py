"""Take on the awards that an older system was paying (invariant 2).

Set-based: the rows go by COPY into a temporary table, and three INSERT … SELECT make take-on
decisions, awards and components. A hundred thousand awards are taken on in seconds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.delivery.decisions.operations import TakeOnFile, take_on
from amparo.journal.operations import record
from amparo.office.operations import next_numbers
from amparo.values import Access, Right, rounded_amount


class TakeOnTotalsDiffer(Exception):
    """The rows are not what the file's signatory vouched for. Nothing was taken on."""


class UnableToTakeOn(Exception):
    """A row of the file contradicts another, or what is there already. Nothing was taken on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardToTakeOn:
    """An award as the older system paid it. reference: the row's mark in the file.

    amount: per month, in the installation's currency. payee_id: who receives it, often the person.
    """

    reference: str
    person_id: UUID
    payee_id: UUID
    scheme: str
    benefit: str
    component: str
    amount: Decimal
    contingency_on: date
    starts_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardsTakenOn:
    received_file_id: UUID
    count: int
    total: Decimal


_STAGE: Final = """
CREATE TEMPORARY TABLE staged_awards (
  decision_id uuid, award_id uuid, component_id uuid, number text, reference text,
  person_id uuid, payee_id uuid, scheme text, benefit text, component text,
  amount numeric(18, 2), contingency_on date, starts_on date
) ON COMMIT DROP
"""
_COPY: Final = "COPY staged_awards FROM STDIN"
_AWARDS: Final = """
INSERT INTO claims_award
  (id, number, claim_id, scheme, benefit, person_id, payee_id, contingency_on, state, starts_on,
   ends_before, granted_by_id)
SELECT award_id, number, NULL, scheme, benefit, person_id, payee_id, contingency_on, 'in payment',
       starts_on, NULL, decision_id
  FROM staged_awards
"""
_COMPONENTS: Final = """
INSERT INTO claims_awardcomponent
  (id, award_id, component, amount, currency, starts_on, ends_before, decision_id, sequence)
SELECT component_id, award_id, component, amount, %s, starts_on, NULL, decision_id, 1
  FROM staged_awards
"""


@transaction.atomic
def take_on_awards(
    *,
    rows: Sequence[AwardToTakeOn],
    received_file_id: UUID,
    control_count: int,
    control_total: Decimal,
    signatory: str,
    access: Access,
    at: datetime,
) -> AwardsTakenOn:
    """Take on all awards of a file, or none; each rests on a take-on decision.

    control_count, control_total: what the file's signatory vouched for: rows, and the sum of the
    monthly amounts. signatory: who, by name and office.
    Raises TakeOnTotalsDiffer, UnableToTakeOn.
    """
    access.require(Right.CLAIM_APPROVE)
    _refuse_other_totals(rows, control_count=control_count, control_total=control_total)
    numbers = next_numbers(series="AW", on=timezone.localdate(at), count=len(rows))
    file = TakeOnFile(
        received_file_id=received_file_id,
        control_count=control_count,
        control_total=control_total,
        signatory=signatory,
    )
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(_COPY) as copy:
            for staged in _staged(rows, numbers):
                copy.write_row(staged)
        # Without statistics PostgreSQL takes a fresh temporary table for a small one.
        cursor.execute("ANALYZE staged_awards")
        take_on(
            rows_sql="""
                SELECT decision_id, award_id, person_id, contingency_on, reference, amount
                  FROM staged_awards
            """,
            parameters=[],
            file=file,
            access=access,
            at=at,
        )
        try:
            with transaction.atomic():
                cursor.execute(_AWARDS)
                cursor.execute(_COMPONENTS, [settings.CURRENCY])
        except IntegrityError as error:
            raise UnableToTakeOn(
                _(
                    "A person has the same benefit for the same day twice in this file, or has "
                    "that award already; or an amount is not above zero. Nothing was taken on. "
                    "Send a file that holds each award once."
                )
            ) from error
        cursor.execute("DROP TABLE staged_awards")
    record(
        kind="claims.awards_taken_on",
        access=access,
        subject_kind="received-file",
        subject_id=received_file_id,
        details={"awards": len(rows), "total": str(control_total)},
    )
    return AwardsTakenOn(received_file_id=received_file_id, count=len(rows), total=control_total)


def _refuse_other_totals(
    rows: Sequence[AwardToTakeOn], *, control_count: int, control_total: Decimal
) -> None:
    total = sum((rounded_amount(row.amount) for row in rows), Decimal("0.00"))
    if not rows or len(rows) != control_count or total != control_total:
        raise TakeOnTotalsDiffer(
            _(
                "The file states %(stated_count)s awards of %(stated_total)s a month; its rows are "
                "%(count)s and add up to %(total)s. Nothing was taken on. Ask the signatory for a "
                "file whose control totals fit."
            )
            % {
                "stated_count": control_count,
                "stated_total": control_total,
                "count": len(rows),
                "total": total,
            }
        )


def _staged(rows: Sequence[AwardToTakeOn], numbers: Sequence[str]) -> Iterator[tuple[object, ...]]:
    for row, number in zip(rows, numbers, strict=True):
        yield (
            uuid4(),
            uuid4(),
            uuid4(),
            number,
            row.reference,
            row.person_id,
            row.payee_id,
            row.scheme,
            row.benefit,
            row.component,
            row.amount,
            row.contingency_on,
            row.starts_on,
        )
