"""Take in money, find whose it is, lay it on debts, take it back.

Lines that a bank or wallet reported before are known by their reference and change nothing. The
payer's reference decides first, then the employer's number in the payer's text, then an account
that has only ever paid for one employer; what none of these finds waits for an officer. Each of
these rules is one statement over the whole file.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.delivery.contributions.accounts import allocate, hold_accounts, take_back
from amparo.delivery.contributions.models import ReceiptBalance, ReceiptMatch
from amparo.delivery.contributions.references import number_in
from amparo.delivery.ledger.chart import BANK, UNALLOCATED_RECEIPTS
from amparo.delivery.ledger.operations import post_selected
from amparo.journal.operations import record
from amparo.journal.reading import reading
from amparo.office.numbering import is_written_right
from amparo.office.operations import (
    NewTask,
    close_tasks_about,
    open_tasks,
    record_received_file,
)
from amparo.office.originals import Original
from amparo.register.models import Employer
from amparo.values import Access, Right, rounded_amount

MATCHING_TASK: Final = "money to match"
_ROLE: Final = "compliance-officer"


class UnusableReceipt(Exception):
    """A line of money received is of another currency or of no amount. Nothing was taken in."""


class NoSuchReceipt(Exception):
    """There is no receipt with this id."""


class UnableToMatch(Exception):
    """A receipt cannot be matched so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Money booked in our favour. bank_reference: names it among all the bank ever reports."""

    bank_reference: str
    booked_on: date
    amount: Decimal
    currency: str
    payer_name: str = ""
    payer_account: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptsTaken:
    """What became of a file's credits. `known` were taken in before."""

    lines: int
    known: int
    matched: int
    unmatched: int
    total: Decimal

    def as_json(self) -> dict[str, object]:
        """Return counts, and the total as text."""
        return {
            "lines": self.lines,
            "known": self.known,
            "matched": self.matched,
            "unmatched": self.unmatched,
            "total": str(self.total),
        }


_STAGE: Final = """
CREATE TEMPORARY TABLE credited (
  number bigint GENERATED ALWAYS AS IDENTITY, bank_reference text, booked_on date,
  amount numeric(18, 2), currency text, payer_name text, payer_account text, text text,
  document_number text, employer_number text
)
"""
_COPY: Final = """
COPY credited (bank_reference, booked_on, amount, currency, payer_name, payer_account, text,
               document_number, employer_number) FROM STDIN
"""
_TAKE_IN: Final = """
INSERT INTO contributions_receipt
  (id, received_file_id, bank_reference, booked_on, amount, currency, payer_name, payer_account,
   text, received_at)
SELECT DISTINCT ON (bank_reference) gen_random_uuid(), %(file)s, bank_reference, booked_on, amount,
       currency, payer_name, payer_account, text, %(at)s
FROM credited ORDER BY bank_reference, number
ON CONFLICT (bank_reference) DO NOTHING
"""
_MATCH: Final = """
INSERT INTO contributions_receiptmatch
  (id, receipt_id, sequence, employer_id, rule, reason, matched_at, matched_by)
SELECT gen_random_uuid(), found.receipt_id, 1, found.employer_id, found.rule, '', %(at)s, %(by)s
FROM (
  SELECT r.id AS receipt_id,
         coalesce(d.employer_id, s.employer_id, e.id, p.employer_id) AS employer_id,
         CASE WHEN d.id IS NOT NULL OR s.id IS NOT NULL THEN 'reference'
              WHEN e.id IS NOT NULL THEN 'employer-number' ELSE 'payer-account' END AS rule
  FROM contributions_receipt r
  JOIN (SELECT DISTINCT ON (bank_reference) * FROM credited ORDER BY bank_reference, number) c
    ON c.bank_reference = r.bank_reference
  LEFT JOIN contributions_declaration d ON d.number = c.document_number
  LEFT JOIN contributions_estimate s ON s.number = c.document_number
  LEFT JOIN register_employer e ON e.number = c.employer_number
  LEFT JOIN (
    SELECT earlier.payer_account, (array_agg(DISTINCT b.employer_id))[1] AS employer_id
    FROM contributions_receipt earlier
    JOIN contributions_receiptbalance b ON b.receipt_id = earlier.id
    WHERE earlier.payer_account IN (SELECT payer_account FROM credited WHERE payer_account <> '')
      AND earlier.received_file_id <> %(file)s
    GROUP BY earlier.payer_account
    HAVING count(DISTINCT b.employer_id) = 1 AND count(b.employer_id) = count(*)
  ) p ON p.payer_account = r.payer_account
  WHERE r.received_file_id = %(file)s
) AS found
WHERE found.employer_id IS NOT NULL
"""
_COUNT: Final = """
SELECT count(*), count(b.employer_id), coalesce(sum(r.amount), 0.00)
FROM contributions_receipt r JOIN contributions_receiptbalance b ON b.receipt_id = r.id
WHERE r.received_file_id = %(file)s
"""
_EMPLOYERS: Final = """
SELECT DISTINCT b.employer_id
FROM contributions_receipt r JOIN contributions_receiptbalance b ON b.receipt_id = r.id
WHERE r.received_file_id = %(file)s AND b.employer_id IS NOT NULL
"""
_UNMATCHED: Final = """
SELECT r.id, r.booked_on
FROM contributions_receipt r JOIN contributions_receiptbalance b ON b.receipt_id = r.id
WHERE r.received_file_id = %(file)s AND b.employer_id IS NULL ORDER BY r.booked_on, r.id
"""
_BOOKS: Final = """
SELECT %s, %s, amount, '', NULL::uuid, id
FROM contributions_receipt WHERE received_file_id = %s
"""


@transaction.atomic
def read_in_receipts(
    *,
    credits_booked: Iterable[Credit],
    original: Original,
    file_kind: str,
    file_name: str,
    access: Access,
    at: datetime,
) -> ReceiptsTaken:
    """Take in a table of money received, once. Raises AlreadyAccepted, UnusableReceipt."""
    received_file_id = uuid4()
    taken = take_in_receipts(
        credits_booked=credits_booked, received_file_id=received_file_id, access=access, at=at
    )
    record_received_file(
        original=original,
        kind=file_kind,
        file_name=file_name,
        outcome="accepted",
        accepted_rows=taken.lines,
        report=taken.as_json(),
        received_file_id=received_file_id,
        access=access,
        at=at,
    )
    return taken


@transaction.atomic
def take_in_receipts(
    *, credits_booked: Iterable[Credit], received_file_id: UUID, access: Access, at: datetime
) -> ReceiptsTaken:
    """Take in a file's credits, match what the rules match, lay matched money on debts.

    Within a file and over all files, a bank reference counts once. What no rule matches opens a
    task. Raises UnusableReceipt: then nothing of the file counts.
    """
    file: dict[str, UUID | datetime] = {
        "file": received_file_id,
        "at": at,
        "by": access.actor_id,
    }
    lines = 0
    with (
        reading(
            access=access,
            right=Right.STATEMENT_READ_IN,
            subject_kind="received-file",
            subject_id=received_file_id,
        ),
        connection.cursor() as cursor,
    ):
        cursor.execute(_STAGE)
        with cursor.copy(_COPY) as copy:
            for lines, line in enumerate(credits_booked, start=1):  # noqa: B007 — counted on the way
                copy.write_row(_staged(line))
        cursor.execute(_TAKE_IN, file)
        fresh = int(cursor.rowcount)
        cursor.execute(_MATCH, file)
        cursor.execute("DROP TABLE credited")
        cursor.execute(_COUNT, file)
        _all, matched, total = cursor.fetchone()
        cursor.execute(_EMPLOYERS, file)
        employers = [employer_id for (employer_id,) in cursor.fetchall()]
        cursor.execute(_UNMATCHED, file)
        unmatched = cursor.fetchall()
        if fresh:
            _post_receipts(received_file_id, access=access, at=at)
    taken = ReceiptsTaken(
        lines=lines,
        known=lines - fresh,
        matched=matched,
        unmatched=len(unmatched),
        total=total,
    )
    hold_accounts(employers)
    allocate(employer_ids=employers, access=access, at=at)
    open_tasks(
        tasks=[
            NewTask(
                kind=MATCHING_TASK,
                subject_kind="receipt",
                subject_id=receipt_id,
                role=_ROLE,
                details={"booked_on": booked_on.isoformat()},
            )
            for receipt_id, booked_on in unmatched
        ],
        at=at,
    )
    record(
        kind="contributions.receipts_taken_in",
        access=access,
        subject_kind="received-file",
        subject_id=received_file_id,
        details=taken.as_json(),
    )
    return taken


@transaction.atomic
def match_receipt(
    *, receipt_id: UUID, employer_id: UUID, reason: str, access: Access, at: datetime
) -> None:
    """Say whose money a receipt is, first or anew, and lay it on that employer's debts.

    What the money paid before, for another employer, is owed again: each allocation is taken back
    by a row of its own. Raises NoSuchReceipt, UnableToMatch.
    """
    access.require(Right.RECEIPT_MATCH)
    balance = _balance(receipt_id)
    before = balance.employer_id
    hold_accounts({employer_id, *([before] if before else [])})
    balance.refresh_from_db()
    if balance.employer_id != before:
        raise UnableToMatch(
            _("Somebody matched this receipt at the same moment. Look at it again.")
        )
    if not Employer.objects.filter(id=employer_id).exists():
        raise UnableToMatch(_("There is no such employer. Register the employer first."))
    if employer_id == before:
        raise UnableToMatch(_("The receipt is matched to this employer already."))
    if not reason.strip():
        raise UnableToMatch(_("Say how you know whose money it is: others read it."))
    taken_back = take_back(receipt_id=receipt_id, access=access, at=at)
    balance.refresh_from_db()
    if balance.refunded:
        raise UnableToMatch(
            _("Part of this receipt was refunded, so it stays with its employer. Nothing changed.")
        )
    ReceiptMatch.objects.bulk_create(
        [
            ReceiptMatch(
                receipt_id=receipt_id,
                sequence=ReceiptMatch.objects.filter(receipt_id=receipt_id).count() + 1,
                employer_id=employer_id,
                rule="officer",
                reason=reason.strip(),
                matched_at=at,
                matched_by=access.actor_id,
            )
        ]
    )
    # What another receipt holds may now pay what this one paid before.
    allocate(employer_ids={employer_id, *([before] if before else [])}, access=access, at=at)
    close_tasks_about(
        kind=MATCHING_TASK,
        subject_id=receipt_id,
        outcome=_("matched to its employer"),
        access=access,
        at=at,
    )
    record(
        kind="contributions.receipt_matched",
        access=access,
        subject_kind="receipt",
        subject_id=receipt_id,
        details={"employer": employer_id, "before": before, "taken_back": taken_back},
    )


@transaction.atomic
def allocate_again(*, receipt_id: UUID, access: Access, at: datetime) -> None:
    """Take a receipt's money back from its debts and lay it on anew, in the order of today's rules.

    Raises NoSuchReceipt, UnableToMatch where nobody's account is known.
    """
    access.require(Right.RECEIPT_MATCH)
    balance = _balance(receipt_id)
    if balance.employer_id is None:
        raise UnableToMatch(_("Nobody knows yet whose money this is. Match it first."))
    hold_accounts({balance.employer_id})
    taken_back = take_back(receipt_id=receipt_id, access=access, at=at)
    made = allocate(employer_ids={balance.employer_id}, access=access, at=at)
    record(
        kind="contributions.receipt_allocated_again",
        access=access,
        subject_kind="receipt",
        subject_id=receipt_id,
        details={"taken_back": taken_back, "made": made},
    )


def _balance(receipt_id: UUID) -> ReceiptBalance:
    found = ReceiptBalance.objects.filter(receipt_id=receipt_id).first()
    if found is None:
        raise NoSuchReceipt(_("There is no receipt at this address. Open it from the list."))
    return found


def _post_receipts(received_file_id: UUID, *, access: Access, at: datetime) -> None:
    post_selected(
        source_kind="receipts",
        source_id=received_file_id,
        entry_date=timezone.localdate(at),
        narrative="Money received, not yet allocated",
        lines_sql=_BOOKS,
        parameters=[BANK, UNALLOCATED_RECEIPTS, received_file_id],
        access=access,
        at=at,
    )


def _staged(line: Credit) -> tuple[object, ...]:
    amount = rounded_amount(line.amount)
    if line.currency != settings.CURRENCY or amount <= 0:
        raise UnusableReceipt(
            _(
                "A credit booked on %(day)s is of another currency or not above zero. Nothing was "
                "taken in. Money in %(currency)s is received here; ask the bank for the amount "
                "that it booked."
            )
            % {"day": line.booked_on, "currency": settings.CURRENCY}
        )
    return (
        line.bank_reference,
        line.booked_on,
        amount,
        line.currency,
        line.payer_name[:140],
        line.payer_account[:60],
        line.text[:500],
        number_in(text=line.text),
        _employer_number(line.text),
    )


def _employer_number(text: str) -> str:
    """Return the first word of a text that is written like an employer's number."""
    for word in text.upper().replace(",", " ").replace(";", " ").split():
        plain = word.strip(".:()/")
        if plain.startswith("E-") and is_written_right(number=plain):
            return plain
    return ""
