"""Take on the awards that an older system was paying (invariant 2).

Set-based: the rows go by COPY into a temporary table, and three INSERT … SELECT make take-on
decisions, awards and components. A hundred thousand awards are taken on in seconds.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.delivery.claims.benefits import Benefit, BenefitNotOffered, benefit_in_force
from amparo.delivery.claims.models import TakeOn
from amparo.delivery.decisions.operations import TakeOnFile, take_on
from amparo.journal.operations import record
from amparo.office.operations import next_numbers
from amparo.rules.book.queries import NoPackInForce
from amparo.rules.packs import UnclearLaw
from amparo.values import Access, Month, Right, rounded_amount


class TakeOnTotalsDiffer(Exception):
    """The rows are not what the file's signatory vouched for. Nothing was taken on."""


class PreparerIsApprover(Exception):
    """One person prepared awards and approved them. Nothing was taken on."""


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
  person_id uuid, payee_id uuid, scheme text, benefit text, is_single boolean, component text,
  amount numeric(18, 2), contingency_on date, starts_on date
) ON COMMIT DROP
"""
_COPY: Final = "COPY staged_awards FROM STDIN"
_AWARDS: Final = """
INSERT INTO claims_award
  (id, number, claim_id, take_on_id, scheme, benefit, is_single, person_id, payee_id,
   contingency_on, state, starts_on, ends_before, granted_by_id)
SELECT award_id, number, NULL, %s, scheme, benefit, is_single, person_id, payee_id,
       contingency_on, 'in payment', starts_on, NULL, decision_id
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
    approver: Access,
    at: datetime,
) -> AwardsTakenOn:
    """Take on all awards of a file, or none; each rests on a take-on decision.

    control_count, control_total: what the file's signatory vouched for: rows, and the sum of the
    monthly amounts. signatory: who, by name and office. access: of whoever prepares the file;
    approver: of another person, who takes the decisions on.
    Raises TakeOnTotalsDiffer, UnableToTakeOn, PreparerIsApprover.
    """
    access.require(Right.CLAIM_PROPOSE)
    approver.require(Right.CLAIM_APPROVE)
    if access.actor_id == approver.actor_id:
        raise PreparerIsApprover(
            _(
                "Whoever prepares a file of awards does not approve it. Nothing was taken on. Let "
                "somebody else approve."
            )
        )
    _refuse_other_totals(rows, control_count=control_count, control_total=control_total)
    today = timezone.localdate(at)
    offers = _offers(rows, on=today, known_at=at)
    _refuse_arrears(rows, today=today)
    numbers = next_numbers(series="AW", on=today, count=len(rows))
    file = TakeOnFile(
        received_file_id=received_file_id,
        control_count=control_count,
        control_total=control_total,
        signatory=signatory,
    )
    basis = TakeOn(
        received_file_id=received_file_id,
        control_count=control_count,
        control_total=control_total,
        signatory=signatory,
        prepared_by=access.actor_id,
        approved_by=approver.actor_id,
        approved_at=at,
    )
    basis.save(force_insert=True)
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(_COPY) as copy:
            for staged in _staged(rows, numbers, offers):
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
            access=approver,
            at=at,
        )
        try:
            with transaction.atomic():
                cursor.execute(_AWARDS, [basis.id])
                cursor.execute(_COMPONENTS, [settings.CURRENCY])
        except IntegrityError as error:
            raise UnableToTakeOn(
                _(
                    "A person has the same benefit twice in this file, or holds it already; or an "
                    "amount is not above zero. Nothing was taken on. Send a file that holds each "
                    "award once."
                )
            ) from error
        cursor.execute("DROP TABLE staged_awards")
    record(
        kind="claims.awards_taken_on",
        access=approver,
        subject_kind="received-file",
        subject_id=received_file_id,
        details={
            "awards": len(rows),
            "total": str(control_total),
            "prepared_by": str(access.actor_id),
        },
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


def _offers(
    rows: Sequence[AwardToTakeOn], *, on: date, known_at: datetime
) -> Mapping[tuple[str, str], Benefit]:
    """Return the benefit of each scheme and code; raise UnableToTakeOn where none is in force.

    An award of what no rules know could never be changed, ended or explained.
    """
    offers: dict[tuple[str, str], Benefit] = {}
    for scheme, code in sorted({(row.scheme, row.benefit) for row in rows}):
        try:
            offers[scheme, code] = benefit_in_force(
                scheme=scheme, benefit=code, on=on, claimed_on=None, known_at=known_at
            )
        except (BenefitNotOffered, NoPackInForce, UnclearLaw) as refusal:
            raise UnableToTakeOn(
                _("Nothing was taken on. %(reason)s") % {"reason": refusal}
            ) from refusal
    for row in rows:
        component = offers[row.scheme, row.benefit].declared.component
        if row.component != component:
            raise UnableToTakeOn(
                _(
                    "The row “%(reference)s” pays the component “%(given)s”; %(scheme)s pays "
                    "%(benefit)s as “%(component)s”. Nothing was taken on. Correct the component."
                )
                % {
                    "reference": row.reference,
                    "given": row.component,
                    "scheme": row.scheme,
                    "benefit": row.benefit,
                    "component": component,
                }
            )
    return offers


def _refuse_arrears(rows: Sequence[AwardToTakeOn], *, today: date) -> None:
    """Refuse a start in any month but this one or the one before: the rest are arrears."""
    this_month = Month.of(today)
    allowed = (this_month.previous().starts_on, this_month.starts_on)
    for row in rows:
        if row.starts_on not in allowed:
            raise UnableToTakeOn(
                _(
                    "The row “%(reference)s” starts on %(starts_on)s; awards are taken on from "
                    "%(earliest)s or %(latest)s. Nothing was taken on. Months before are arrears: "
                    "the older system pays them, or a claim decides on them."
                )
                % {
                    "reference": row.reference,
                    "starts_on": row.starts_on,
                    "earliest": allowed[0],
                    "latest": allowed[1],
                }
            )


def _staged(
    rows: Sequence[AwardToTakeOn],
    numbers: Sequence[str],
    offers: Mapping[tuple[str, str], Benefit],
) -> Iterator[tuple[object, ...]]:
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
            offers[row.scheme, row.benefit].is_single,
            row.component,
            row.amount,
            row.contingency_on,
            row.starts_on,
        )
