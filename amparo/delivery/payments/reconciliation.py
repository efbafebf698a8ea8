"""Fitting what a bank reports to what was sent, as sets.

Runs inside the transaction and the reading of `operations.read_in_statement`. Whatever does not fit
exactly one payment, its amount and its currency is kept with its problem and has no effect.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

from django.db import connection

from amparo.delivery.contributions.operations import ReceiptsTaken


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLine:
    """A line of a statement or status report, as the bank wrote it.

    bank_reference: names the line among all lines this bank ever sends. end_to_end_id: ours.
    message_id: set instead when the line speaks of a whole payment file. amount: None when the
    message carries none (a status report need not).
    """

    bank_reference: str
    outcome: Literal["settled", "rejected", "returned", "other"]
    booked_on: date
    end_to_end_id: str = ""
    message_id: str = ""
    amount: Decimal | None = None
    currency: str = ""
    reason_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementOutcome:
    """What became of a statement's lines. `known` were read in before.

    received: what was paid to us by others.
    """

    received_file_id: UUID
    lines: int
    known: int
    settled: int
    rejected: int
    returned: int
    unmatched: int
    returned_total: Decimal
    received: ReceiptsTaken | None = None

    def as_json(self) -> dict[str, object]:
        """Return counts, and the total as text."""
        return {
            "lines": self.lines,
            "known": self.known,
            "settled": self.settled,
            "rejected": self.rejected,
            "returned": self.returned,
            "unmatched": self.unmatched,
            "returned_total": str(self.returned_total),
            **(
                {"received": self.received.as_json()}
                if self.received and self.received.lines
                else {}
            ),
        }

    @property
    def received_lines(self) -> int:
        return self.received.lines if self.received else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LineNeedingAttention:
    """A returned payment, or a line that fits none."""

    line_id: UUID
    outcome: str
    problem: str
    reason_code: str


_STAGE: Final = """
CREATE TEMPORARY TABLE reported (
  number bigint GENERATED ALWAYS AS IDENTITY,
  bank_reference text NOT NULL, outcome text NOT NULL, booked_on date NOT NULL,
  end_to_end_id text NOT NULL, message_id text NOT NULL, amount numeric(18, 2),
  currency text NOT NULL, reason_code text NOT NULL
) ON COMMIT DROP
"""

_COPY: Final = """
COPY reported (bank_reference, outcome, booked_on, end_to_end_id, message_id, amount, currency,
               reason_code) FROM STDIN
"""

# A line about a whole file becomes one line per payment in it, if the file's total is the bank's.
_TAKE_IN: Final = """
INSERT INTO payments_statementline
  (id, received_file_id, bank_reference, reported_id, instruction_id, outcome, problem, reason_code,
   amount, currency, booked_on, is_of_whole_file)
WITH expanded AS (
  SELECT r.number, r.bank_reference, r.outcome, r.booked_on, r.end_to_end_id, r.amount, r.currency,
         r.reason_code, r.message_id <> '' AS is_of_whole_file
  FROM reported r
  LEFT JOIN payments_paymentfile f ON f.message_id = r.message_id
  LEFT JOIN payments_payrun p ON p.id = f.run_id
  WHERE r.message_id = '' OR f.id IS NULL OR r.amount <> f.control_sum
        OR r.currency NOT IN ('', p.currency)
  UNION ALL
  SELECT r.number, r.bank_reference || '/' || i.end_to_end_id, r.outcome, r.booked_on,
         i.end_to_end_id, i.amount, i.currency, r.reason_code, true
  FROM reported r
  JOIN payments_paymentfile f ON f.message_id = r.message_id
  JOIN payments_instruction i ON (i.run_id, i.part) = (f.run_id, f.part)
  WHERE r.message_id <> '' AND (r.amount IS NULL OR r.amount = f.control_sum)
        AND r.currency IN ('', i.currency)
),
fresh AS (
  SELECT DISTINCT ON (bank_reference) * FROM expanded e
  WHERE NOT EXISTS (SELECT FROM payments_statementline s
                    WHERE s.bank_reference = e.bank_reference)
  ORDER BY bank_reference, number
),
fitted AS (
  SELECT fresh.*, i.id AS instruction_id, i.state,
         CASE
           WHEN fresh.outcome = 'other' THEN 'neither-paid-nor-returned'
           WHEN i.id IS NULL THEN 'unknown-payment'
           WHEN run.transmitted_at IS NULL THEN 'payment-not-sent'
           WHEN fresh.currency NOT IN ('', i.currency) THEN 'currency-differs'
           WHEN fresh.amount <> i.amount THEN 'amount-differs'
           WHEN fresh.outcome = 'settled' AND i.state IN ('settled', 'returned') AND EXISTS (
             SELECT FROM payments_statementline s
             WHERE s.instruction_id = i.id AND s.outcome = 'settled' AND s.problem = '')
             THEN 'settled-again'
           WHEN fresh.outcome = 'settled' AND i.state = 'rejected' THEN 'contradiction'
           WHEN fresh.outcome = 'rejected' AND i.state = 'settled' THEN 'contradiction'
           WHEN fresh.outcome <> 'settled' AND i.state IN ('rejected', 'returned')
             THEN 'returned-again'
         END AS problem,
         i.amount AS instructed, i.currency AS instructed_currency
  FROM fresh
  LEFT JOIN payments_instruction i
    ON i.id = CASE WHEN fresh.end_to_end_id ~ '^[0-9a-f]{32}$' THEN fresh.end_to_end_id::uuid END
  LEFT JOIN payments_payrun run ON run.id = i.run_id
),
ordered AS (
  SELECT fitted.*,
         row_number() OVER (PARTITION BY instruction_id, outcome = 'settled', problem IS NULL
                            ORDER BY number) AS occurrence,
         bool_or(outcome = 'settled' AND problem IS NULL)
           OVER (PARTITION BY instruction_id) AS settles_too
  FROM fitted
)
SELECT gen_random_uuid(), %(file)s, bank_reference, left(end_to_end_id, 35), instruction_id,
       outcome,
       CASE
         WHEN problem IS NOT NULL THEN problem
         WHEN occurrence > 1 AND outcome = 'settled' THEN 'settled-again'
         WHEN occurrence > 1 THEN 'returned-again'
         WHEN outcome = 'rejected' AND settles_too THEN 'contradiction'
         ELSE ''
       END,
       reason_code,
       CASE WHEN problem IS NULL THEN coalesce(amount, instructed) ELSE amount END,
       CASE WHEN problem IS NULL THEN instructed_currency ELSE currency END,
       booked_on, is_of_whole_file
FROM ordered
ON CONFLICT (bank_reference) DO NOTHING
"""

# Settled first: a payment that settled and came back in one statement ends as returned.
_SETTLE: Final = """
UPDATE payments_instruction i SET state = 'settled'
FROM payments_statementline s
WHERE s.received_file_id = %(file)s AND s.instruction_id = i.id
  AND s.problem = '' AND s.outcome = 'settled' AND i.state = 'instructed'
"""

_TAKE_BACK: Final = """
UPDATE payments_instruction i SET state = s.outcome
FROM payments_statementline s
WHERE s.received_file_id = %(file)s AND s.instruction_id = i.id
  AND s.problem = '' AND s.outcome IN ('rejected', 'returned')
"""

_END_LINES: Final = """
UPDATE payments_instructionline l SET is_live = false
FROM payments_statementline s
WHERE s.received_file_id = %(file)s AND s.instruction_id = l.instruction_id AND l.is_live
  AND s.problem = '' AND s.outcome IN ('rejected', 'returned')
"""

_COUNTS: Final = """
SELECT count(*),
       count(*) FILTER (WHERE problem = '' AND outcome = 'settled'),
       count(*) FILTER (WHERE problem = '' AND outcome = 'rejected'),
       count(*) FILTER (WHERE problem = '' AND outcome = 'returned'),
       count(*) FILTER (WHERE problem <> ''),
       coalesce(sum(amount) FILTER (WHERE problem = '' AND outcome IN ('rejected', 'returned')),
                0.00)
FROM payments_statementline WHERE received_file_id = %(file)s
"""

_ATTENTION: Final = """
SELECT id, outcome, problem, reason_code FROM payments_statementline
WHERE received_file_id = %(file)s AND (problem <> '' OR outcome IN ('rejected', 'returned'))
ORDER BY bank_reference
"""

_RUNS: Final = """
SELECT DISTINCT i.run_id
FROM payments_statementline s JOIN payments_instruction i ON i.id = s.instruction_id
WHERE s.received_file_id = %(file)s AND s.problem = ''
"""

# For the ledger: the bank has the money again, and we owe it as a returned payment.
RETURNED: Final = """
SELECT %s, %s, i.amount, 'person', i.payee_id, i.id
FROM payments_statementline s JOIN payments_instruction i ON i.id = s.instruction_id
WHERE s.received_file_id = %s AND s.problem = '' AND s.outcome IN ('rejected', 'returned')
"""


def take_in(*, lines: Iterable[BankLine], received_file_id: UUID) -> StatementOutcome:
    """Keep the lines not known yet, each with its payment or its problem, and apply the fitting."""
    file = {"file": received_file_id}
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(_COPY) as copy:
            for count, line in enumerate(lines, start=1):  # noqa: B007 — counted while streaming
                copy.write_row(_row(line))
        cursor.execute(_TAKE_IN, file)
        cursor.execute(_SETTLE, file)
        cursor.execute(_TAKE_BACK, file)
        cursor.execute(_END_LINES, file)
        cursor.execute(_COUNTS, file)
        fresh, settled, rejected, returned, unmatched, returned_total = cursor.fetchone()
        cursor.execute("DROP TABLE reported")
    return StatementOutcome(
        received_file_id=received_file_id,
        lines=count,
        known=max(0, count - fresh),
        settled=settled,
        rejected=rejected,
        returned=returned,
        unmatched=unmatched,
        returned_total=returned_total,
    )


def needing_attention(*, received_file_id: UUID) -> list[LineNeedingAttention]:
    """Return the lines of a file that somebody must look at."""
    with connection.cursor() as cursor:
        cursor.execute(_ATTENTION, {"file": received_file_id})
        return [
            LineNeedingAttention(
                line_id=line_id, outcome=outcome, problem=problem, reason_code=reason_code
            )
            for line_id, outcome, problem, reason_code in cursor.fetchall()
        ]


def runs_reported_on(*, received_file_id: UUID) -> list[UUID]:
    """Return the runs whose payments a file speaks of."""
    with connection.cursor() as cursor:
        cursor.execute(_RUNS, {"file": received_file_id})
        return [run_id for (run_id,) in cursor.fetchall()]


def _row(line: BankLine) -> tuple[object, ...]:
    return (
        line.bank_reference,
        line.outcome,
        line.booked_on,
        line.end_to_end_id,
        line.message_id,
        line.amount,
        line.currency,
        line.reason_code,
    )
