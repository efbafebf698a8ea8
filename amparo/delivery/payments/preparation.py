"""Preparing a run: snapshot, calculation and comparison, each one pass of SQL over the whole run.

No loop over people in Python. Each function here runs inside the transaction of the operation that
calls it, and inside a reading of personal data.

What is due. A component is due for every month in which it is in force on at least one day, from
the first month not yet entitled up to the run's month: so a late grant, an ended suspension and a
repaired account bring their back-pay without anybody adding it. A later sequence of a component
pays a month only beyond what earlier sequences gave or give for it: where two meet within a month,
the month brings the higher amount, once. Amounts are whole months; a pack that prorates says so in
its amounts.

Who receives. The payee named in the register on the run's day; where none was ever named, the
award's. Where the award's payee was named and is no longer, the payment is held.

What becomes of it. Every component considered gets one row, which is paid, held (owed, and waiting
for a repair) or excluded (not payable as things stand), with the reason. Nothing is left out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

from amparo.delivery.payments.reasons import ACCOUNT_REASONS

PAYMENTS_A_FILE: Final = 50_000
HASHED_TOGETHER: Final = 10_000  # rows; keeps each text far below PostgreSQL's limit of 1 GB


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a run found due."""

    item_count: int
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculation:
    """What a run will send, with its control totals from two independent sums."""

    instruction_count: int
    instructed: Decimal
    entitled: Decimal
    content_hash: str


# What was instructed once and is owed again: rejected, returned, or in a run that was abandoned.
# Few rows, found by index; so they are set aside before the statement that goes through everything.
_ENDED = """
CREATE TEMPORARY TABLE ended_entitlement ON COMMIT DROP AS
SELECT e.id AS entitlement_id, e.award_id, e.component, e.sequence, e.month, e.amount,
       bool_or(i.state IN ('rejected', 'returned')) AS is_reissue
FROM payments_instructionline l
JOIN payments_instruction i ON i.id = l.instruction_id
JOIN payments_entitlement e ON e.id = l.entitlement_id
WHERE NOT l.is_live
  AND NOT EXISTS (SELECT FROM payments_instructionline other
                  WHERE other.entitlement_id = l.entitlement_id AND other.is_live)
GROUP BY e.id
"""

# Accounts to which a bank could not pay, for a reason that lies with the account. They wait for
# another account to be recorded, whatever month is due. Few rows, found by index.
_FAILED = """
CREATE TEMPORARY TABLE failed_account ON COMMIT DROP AS
SELECT DISTINCT i.payment_account_id AS account_id
FROM payments_statementline s
JOIN payments_instruction i ON i.id = s.instruction_id
WHERE s.problem = '' AND s.outcome IN ('rejected', 'returned')
  AND NOT s.is_of_whole_file AND s.reason_code = ANY (%(account_reasons)s)
"""

# Who has several records, with each of them and the one that survived: whose word leads, and on
# which what was learnt since was written. Few rows; everybody else is left out.
_SAME_PERSON = """
CREATE TEMPORARY TABLE same_person ON COMMIT DROP AS
WITH merged AS (
  SELECT person_id AS id, register_survivor(person_id) AS survivor_id
  FROM register_identitylink WHERE superseded_at IS NULL
),
record AS (SELECT id, survivor_id FROM merged UNION SELECT survivor_id, survivor_id FROM merged)
SELECT asked.id AS person_id, record.id AS record_id, record.survivor_id
FROM record AS asked JOIN record USING (survivor_id)
"""


def _of_persons(name: str, columns: str) -> str:
    """Make of facts by record, in the CTE <name>_of_record, those by person: of all their records.

    The surviving record's fact stands first. columns: after person_id.
    """
    listed = ", ".join(f"r.{column}" for column in columns.split(", "))
    # Names of our own columns.
    return f"""{name} AS (
  SELECT r.person_id, {listed} FROM {name}_of_record r
  WHERE NOT EXISTS (SELECT FROM same_person s WHERE s.person_id = r.person_id)
  UNION ALL
  (SELECT DISTINCT ON (s.person_id) s.person_id, {listed}
   FROM same_person s JOIN {name}_of_record r ON r.person_id = s.record_id
   ORDER BY s.person_id, s.record_id = s.survivor_id DESC, s.record_id)
)"""  # noqa: S608


# A death stands on the surviving record, or is not believed.
_DIED = """died_of_record AS (
  SELECT person_id, min(death_date) AS death_date
  FROM register_vitals
  WHERE superseded_at IS NULL AND death_date IS NOT NULL
  GROUP BY person_id
),
died AS (
  SELECT r.person_id, r.death_date FROM died_of_record r
  WHERE NOT EXISTS (SELECT FROM same_person s WHERE s.person_id = r.person_id)
  UNION ALL
  SELECT s.person_id, r.death_date
  FROM same_person s JOIN died_of_record r ON r.person_id = s.survivor_id
  WHERE s.record_id = s.survivor_id
)"""

_NAMED = f"""named_of_record AS NOT MATERIALIZED (
  SELECT person_id, representative_id
  FROM register_representation
  WHERE superseded_at IS NULL AND kind = 'payee'
    AND starts_on <= %(on)s AND (ends_before IS NULL OR ends_before > %(on)s)
),
{_of_persons("named", "representative_id")}"""  # noqa: S608 — our own text

# The payee's facts as they are known now and true on the day; who has died; what was paid before.
# Facts are joined once, as sets; the last month entitled is found by an_entitlement_is_due_once.
_SNAPSHOT = f"""
INSERT INTO payments_payrunitem (
  run_id, award_id, award_component_id, decision_id, scheme, benefit, component, month, sequence,
  person_id, payee_id, payment_account_id, payee_name_id, amount, disposition, reason,
  entitlement_id, is_new, is_reissue)
WITH {_DIED},
account_of_record AS NOT MATERIALIZED (
  SELECT id, person_id, verified_on
  FROM register_paymentaccount
  WHERE superseded_at IS NULL
    AND starts_on <= %(on)s AND (ends_before IS NULL OR ends_before > %(on)s)
),
{_of_persons("account", "id, verified_on")},
name_of_record AS NOT MATERIALIZED (
  SELECT id, person_id, given_names || family_name ~ '[[:cntrl:]]' AS has_control
  FROM register_personname
  WHERE superseded_at IS NULL
    AND starts_on <= %(on)s AND (ends_before IS NULL OR ends_before > %(on)s)
),
{_of_persons("name", "id, has_control")},
{_NAMED},
named_once AS (
  SELECT DISTINCT person_id, representative_id FROM register_representation WHERE kind = 'payee'
),
component AS (
  SELECT c.id, c.award_id, c.component, c.sequence, c.amount, c.currency, c.decision_id,
         date_trunc('month', c.starts_on::timestamp)::date AS first_month,
         least(%(month)s,
               date_trunc('month', (c.ends_before - 1)::timestamp)::date,
               date_trunc('month', (a.ends_before - 1)::timestamp)::date) AS last_month,
         a.scheme, a.benefit, a.person_id, a.state,
         coalesce(named.representative_id, a.payee_id) AS payee_id,
         named.person_id IS NULL AND named_once.person_id IS NOT NULL AS payee_ended
  FROM claims_awardcomponent c
  JOIN claims_award a ON a.id = c.award_id
  LEFT JOIN named ON named.person_id = a.person_id
  LEFT JOIN named_once
    ON (named_once.person_id, named_once.representative_id) = (a.person_id, a.payee_id)
  WHERE c.starts_on < %(month_ends_before)s
),
never_entitled AS (
  SELECT c.*, due.month::date AS month, NULL::uuid AS entitlement_id, false AS is_reissue,
         c.amount - CASE WHEN c.sequence > 1 THEN greatest(0, (
           SELECT sum(e.amount) FROM payments_entitlement e
           WHERE e.award_id = c.award_id AND e.component = c.component
             AND e.month = due.month::date), (
           SELECT max(o.amount) FROM claims_awardcomponent o
           WHERE o.award_id = c.award_id AND o.component = c.component
             AND o.sequence < c.sequence AND o.starts_on < due.month + interval '1 month'
             AND (o.ends_before IS NULL OR o.ends_before > due.month))) ELSE 0 END AS amount_due
  FROM component c
  CROSS JOIN LATERAL generate_series(
    greatest(c.first_month::timestamp, (
      SELECT max(e.month) + interval '1 month' FROM payments_entitlement e
      WHERE e.award_id = c.award_id AND e.component = c.component AND e.sequence = c.sequence)),
    c.last_month::timestamp,
    interval '1 month') AS due (month)
),
owed_again AS (
  SELECT c.*, o.month, o.entitlement_id, o.is_reissue, o.amount AS amount_due
  FROM ended_entitlement o
  JOIN component c ON (c.award_id, c.component, c.sequence) = (o.award_id, o.component, o.sequence)
  WHERE o.month <= %(month)s
),
considered AS (
  SELECT *, true AS is_new FROM never_entitled UNION ALL SELECT *, false FROM owed_again
),
judged AS (
  SELECT considered.*, account.id AS account_id, name.id AS name_id,
    CASE
      WHEN considered.state = 'suspended' THEN 'award-suspended'
      WHEN person_died.death_date < considered.month THEN 'person-died'
      WHEN considered.month > considered.last_month THEN 'no-longer-due'
      WHEN considered.amount_due <= 0 THEN 'already-paid'
    END AS excluded,
    CASE
      WHEN payee_died.death_date IS NOT NULL THEN 'payee-died'
      WHEN considered.payee_ended THEN 'payee-ended'
      WHEN considered.currency <> %(currency)s THEN 'other-currency'
      WHEN name.id IS NULL OR name.has_control THEN 'no-name'
      WHEN account.id IS NULL THEN 'no-account'
      WHEN account.verified_on IS NULL OR account.verified_on > %(on)s THEN 'account-not-verified'
      WHEN failed.account_id IS NOT NULL THEN 'account-failed'
    END AS held
  FROM considered
  LEFT JOIN account ON account.person_id = considered.payee_id
  LEFT JOIN failed_account AS failed ON failed.account_id = account.id
  LEFT JOIN name ON name.person_id = considered.payee_id
  LEFT JOIN died AS person_died ON person_died.person_id = considered.person_id
  LEFT JOIN died AS payee_died ON payee_died.person_id = considered.payee_id
)
SELECT %(run)s, award_id, id, decision_id, scheme, benefit, component, month, sequence,
       person_id, payee_id, account_id, name_id, amount_due,
       CASE WHEN excluded IS NOT NULL THEN 'excluded' WHEN held IS NOT NULL THEN 'held'
            ELSE 'pay' END,
       coalesce(excluded, held, ''),
       CASE WHEN entitlement_id IS NOT NULL THEN entitlement_id
            WHEN excluded IS NULL AND held IS NULL THEN gen_random_uuid() END,
       is_new, is_reissue
FROM judged
"""  # noqa: S608 — our own text

# A hash over any number of rows, in order: each chunk is hashed, then the chunks' hashes are.
_HASH = """
WITH numbered AS (
  SELECT row_number() OVER (ORDER BY {order}) AS n, ROW({columns})::text AS row
  FROM {table} WHERE run_id = %(run)s
),
chunk AS (
  SELECT (n - 1) / %(together)s AS number,
         sha256(convert_to(string_agg(row, E'\\n' ORDER BY n), 'UTF8')) AS hash
  FROM numbered GROUP BY 1
)
SELECT encode(sha256(coalesce(string_agg(hash, ''::bytea ORDER BY number), ''::bytea)), 'hex')
FROM chunk
"""

_SNAPSHOT_HASH = _HASH.format(
    table="payments_payrunitem",
    order="award_component_id, month",
    columns="award_component_id, month, decision_id, payee_id, payment_account_id, payee_name_id,"
    " amount, disposition, reason, entitlement_id, is_reissue",
)

# Exactly what will be sent. The outcome at the bank is no part of it.
CONTENT_COLUMNS: Final = (
    "id, part, end_to_end_id, payee_id, payee_name, payment_account_id, account_kind, provider,"
    " account_number, amount, currency"
)
_CONTENT_HASH = _HASH.format(table="payments_instruction", order="id", columns=CONTENT_COLUMNS)

_ENTITLE = """
INSERT INTO payments_entitlement
  (id, run_id, award_id, component, month, sequence, decision_id, amount)
SELECT i.entitlement_id, i.run_id, i.award_id, i.component, i.month, i.sequence, i.decision_id,
       i.amount
FROM payments_payrunitem i
WHERE i.run_id = %(run)s AND i.disposition = 'pay' AND i.is_new
"""

# One payment to one payee's account, whatever the number of awards and months behind it.
_INSTRUCT = """
WITH payee AS MATERIALIZED (
  SELECT gen_random_uuid() AS id, payee_id, payment_account_id, payee_name_id, sum(amount) AS amount
  FROM payments_payrunitem
  WHERE run_id = %(run)s AND disposition = 'pay'
  GROUP BY payee_id, payment_account_id, payee_name_id
),
numbered AS MATERIALIZED (
  SELECT *, (row_number() OVER (ORDER BY id) - 1) / %(a_file)s + 1 AS part FROM payee
),
written AS (
  INSERT INTO payments_instruction
    (id, run_id, part, end_to_end_id, payee_id, payee_name, payment_account_id, account_kind,
     provider, account_number, amount, currency, state)
  SELECT n.id, %(run)s, n.part, replace(n.id::text, '-', ''), n.payee_id,
         left(btrim(name.given_names || ' ' || name.family_name), 140), account.id, account.kind,
         account.provider, account.account_number, n.amount, %(currency)s, 'instructed'
  FROM numbered n
  JOIN register_paymentaccount account ON account.id = n.payment_account_id
  JOIN register_personname name ON name.id = n.payee_name_id
)
INSERT INTO payments_instructionline
  (entitlement_id, instruction_id, amount, is_reissue, is_live)
SELECT i.entitlement_id, n.id, i.amount, i.is_reissue, true
FROM payments_payrunitem i
JOIN numbered n ON (n.payee_id, n.payment_account_id) = (i.payee_id, i.payment_account_id)
WHERE i.run_id = %(run)s AND i.disposition = 'pay'
"""

_CONTROL_TOTALS = """
SELECT (SELECT count(*) FROM payments_instruction WHERE run_id = %(run)s),
       (SELECT coalesce(sum(amount), 0.00) FROM payments_instruction WHERE run_id = %(run)s),
       (SELECT coalesce(sum(e.amount), 0.00)
        FROM payments_instruction i
        JOIN payments_instructionline l ON l.instruction_id = i.id
        JOIN payments_entitlement e ON e.id = l.entitlement_id
        WHERE i.run_id = %(run)s)
"""

_TOTALS = """
SELECT 'scheme', scheme || ' ' || benefit, count(*), sum(amount)
FROM payments_payrunitem WHERE run_id = %(run)s AND disposition = 'pay'
GROUP BY scheme, benefit
UNION ALL
SELECT 'provider', account_kind || ' ' || provider, count(*), sum(amount)
FROM payments_instruction WHERE run_id = %(run)s
GROUP BY account_kind, provider
UNION ALL
SELECT disposition, reason, count(*), sum(amount)
FROM payments_payrunitem WHERE run_id = %(run)s AND disposition <> 'pay'
GROUP BY disposition, reason
ORDER BY 1, 2
"""

# Each award's month in this run beside the run before. `before` is empty for a first run.
_COMPARE = """
INSERT INTO payments_difference
  (run_id, award_id, kind, explanation, decision_id, amount_before, amount_after)
WITH side AS (
  SELECT run_id, award_id,
         coalesce(sum(amount) FILTER (WHERE disposition = 'pay'), 0) AS paid,
         coalesce(sum(amount) FILTER (WHERE disposition = 'pay' AND NOT is_reissue
                    AND month = CASE WHEN run_id = %(run)s THEN %(month)s::date
                                     ELSE %(month_before)s::date END), 0) AS this_month,
         max(reason) FILTER (WHERE disposition <> 'pay') AS reason,
         bool_or(is_reissue) AS has_reissue,
         min(month) AS first_month,
         array_agg(DISTINCT decision_id) FILTER (WHERE disposition = 'pay') AS decisions,
         array_agg(DISTINCT payee_id) FILTER (WHERE disposition = 'pay') AS payees
  FROM payments_payrunitem
  WHERE run_id IN (%(run)s, %(before)s)
  GROUP BY run_id, award_id
),
now AS (SELECT * FROM side WHERE run_id = %(run)s),
before AS (SELECT * FROM side WHERE run_id = %(before)s),
differing AS (
  SELECT coalesce(now.award_id, before.award_id) AS award_id,
         coalesce(before.paid, 0) AS amount_before, coalesce(now.paid, 0) AS amount_after,
         before.this_month AS month_before, now.this_month AS month_now,
         before.reason AS reason_before, now.reason AS reason_now,
         now.has_reissue, now.first_month,
         before.decisions AS decisions_before, now.decisions AS decisions_now
  FROM now FULL JOIN before USING (award_id)
  WHERE coalesce(before.paid, 0) <> coalesce(now.paid, 0) OR before.payees <> now.payees
),
explained AS (
  SELECT d.*, a.state, a.ends_before, granted.id AS granted_id, granted.kind AS granted_kind,
    CASE WHEN d.amount_before = 0 THEN 'new' WHEN d.amount_after = 0 THEN 'stopped'
         ELSE 'changed' END AS kind,
    CASE
      WHEN d.amount_before = 0 THEN CASE
        WHEN d.reason_before IS NOT NULL THEN 'no-longer-held'
        WHEN d.has_reissue THEN 'paid-again'
        WHEN %(before_at)s::timestamptz IS NULL OR granted.decided_at > %(before_at)s
          THEN CASE granted.kind WHEN 'take-on' THEN 'taken-on' ELSE 'granted' END
        WHEN d.first_month > %(month_before)s::date THEN 'became-due'
      END
      WHEN d.amount_after = 0 THEN CASE
        WHEN d.reason_now IS NOT NULL THEN d.reason_now
        WHEN a.state = 'terminated' OR a.ends_before <= %(month)s THEN 'award-ended'
        WHEN d.month_before = 0 THEN 'arrears-were-paid'
        WHEN NOT EXISTS (
          SELECT FROM claims_awardcomponent c
          WHERE c.award_id = d.award_id AND c.starts_on < %(month_ends_before)s
            AND (c.ends_before IS NULL OR c.ends_before > %(month)s)) THEN 'component-ended'
      END
      WHEN d.amount_before = d.amount_after THEN 'new-payee'
      ELSE CASE
        WHEN d.decisions_now <> d.decisions_before THEN 'new-decision'
        WHEN d.month_now = d.month_before THEN 'arrears'
        WHEN d.reason_now IS NOT NULL THEN d.reason_now
        WHEN d.reason_before IS NOT NULL THEN 'no-longer-held'
      END
    END AS explanation
  FROM differing d
  JOIN claims_award a ON a.id = d.award_id
  JOIN decisions_decision granted ON granted.id = a.granted_by_id
)
SELECT %(run)s, award_id, kind, coalesce(explanation, 'unexplained'),
       CASE explanation
         WHEN 'granted' THEN granted_id WHEN 'taken-on' THEN granted_id
         WHEN 'new-decision' THEN (
           SELECT decision FROM unnest(decisions_now) AS decision
           WHERE decision <> ALL (decisions_before) LIMIT 1)
       END,
       amount_before, amount_after
FROM explained
"""

_COMPARISON = """
SELECT kind, explanation, count(*), sum(amount_before), sum(amount_after)
FROM payments_difference WHERE run_id = %(run)s
GROUP BY kind, explanation ORDER BY kind, explanation
"""

_STILL_PAYABLE = f"""
WITH {_DIED},
{_NAMED}
SELECT count(*) FROM payments_payrunitem i
JOIN claims_award a ON a.id = i.award_id
JOIN register_paymentaccount account ON account.id = i.payment_account_id
LEFT JOIN named ON named.person_id = i.person_id
LEFT JOIN died AS person_died ON person_died.person_id = i.person_id
LEFT JOIN died AS payee_died ON payee_died.person_id = i.payee_id
WHERE i.run_id = %(run)s AND i.disposition = 'pay'
  AND (a.state = 'suspended'
       OR coalesce(named.representative_id, a.payee_id) <> i.payee_id
       OR a.ends_before <= i.month
       OR account.superseded_at IS NOT NULL
       OR account.ends_before <= %(on)s
       OR person_died.death_date < i.month
       OR payee_died.death_date IS NOT NULL)
"""  # noqa: S608 — our own text


@contextmanager
def _whole_sets(cursor: CursorWrapper) -> Iterator[None]:
    """Join and sort whole sets in memory, by hash and never row by row.

    Right after a bulk load PostgreSQL has no statistics, and behind row-level security it expects
    few rows; a nested loop over a country then takes hours. The usual 4 MB would spill each sort.
    """
    cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '128MB'")
    yield
    cursor.execute("SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL work_mem TO DEFAULT")


def take_snapshot(*, run_id: UUID, month: date, month_ends_before: date, on: date) -> Snapshot:
    """Write one item per component and month considered."""
    parameters: dict[str, Any] = {
        "run": run_id,
        "month": month,
        "month_ends_before": month_ends_before,
        "on": on,
        "currency": settings.CURRENCY,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SAME_PERSON)
        cursor.execute(_ENDED)
        cursor.execute(_FAILED, {"account_reasons": list(ACCOUNT_REASONS)})
        with _whole_sets(cursor):
            cursor.execute(_SNAPSHOT, parameters)
            count = cursor.rowcount
        cursor.execute("DROP TABLE same_person, ended_entitlement, failed_account")
        return Snapshot(item_count=count, content_hash=_hash(_SNAPSHOT_HASH, run_id))


def calculate(*, run_id: UUID) -> Calculation:
    """Write the entitlements, the instructions and what each instruction pays."""
    parameters: dict[str, Any] = {
        "run": run_id,
        "currency": settings.CURRENCY,
        "a_file": PAYMENTS_A_FILE,
    }
    with connection.cursor() as cursor, _whole_sets(cursor):
        cursor.execute(_ENTITLE, parameters)
        cursor.execute(_INSTRUCT, parameters)
    return calculated(run_id=run_id)


def calculated(*, run_id: UUID) -> Calculation:
    """Sum and hash again what the database holds: the evidence that nothing has changed."""
    with connection.cursor() as cursor, _whole_sets(cursor):
        cursor.execute(_CONTROL_TOTALS, {"run": run_id})
        count, instructed, entitled = cursor.fetchone()
    return Calculation(
        instruction_count=count,
        instructed=instructed,
        entitled=entitled,
        content_hash=_hash(_CONTENT_HASH, run_id),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceGroup:
    """Differences of one kind with one explanation."""

    kind: str
    explanation: str
    count: int
    before: Decimal
    after: Decimal

    def as_json(self) -> dict[str, object]:
        """Return what the run keeps; amounts as text."""
        return {
            "kind": self.kind,
            "explanation": self.explanation,
            "count": self.count,
            "before": str(self.before),
            "after": str(self.after),
        }


def totals(*, run_id: UUID) -> dict[str, list[dict[str, object]]]:
    """Return control totals by scheme and provider, and by reason of what is not paid."""
    groups: dict[str, list[dict[str, object]]] = {
        "scheme": [],
        "provider": [],
        "held": [],
        "excluded": [],
    }
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, {"run": run_id})
        for group, name, count, amount in cursor.fetchall():
            groups[group].append({"name": name, "count": count, "amount": str(amount)})
    return groups


def compare(
    *,
    run_id: UUID,
    month: date,
    month_ends_before: date,
    before: tuple[UUID, date, object] | None,
) -> list[DifferenceGroup]:
    """Write the differences from the run before; return them counted by kind and explanation.

    before: that run's id, month and the instant of its snapshot.
    """
    before_id, month_before, before_at = before or (None, None, None)
    parameters: dict[str, Any] = {
        "run": run_id,
        "month": month,
        "month_ends_before": month_ends_before,
        "before": before_id,
        "month_before": month_before,
        "before_at": before_at,
    }
    with connection.cursor() as cursor:
        with _whole_sets(cursor):
            cursor.execute(_COMPARE, parameters)
        cursor.execute(_COMPARISON, {"run": run_id})
        return [
            DifferenceGroup(
                kind=kind,
                explanation=explanation,
                count=count,
                before=amount_before,
                after=amount_after,
            )
            for kind, explanation, count, amount_before, amount_after in cursor.fetchall()
        ]


def no_longer_payable(*, run_id: UUID, on: date) -> int:
    """Count the items of the run that could not be paid as they were approved."""
    with connection.cursor() as cursor:
        cursor.execute(_SAME_PERSON)
        with _whole_sets(cursor):
            cursor.execute(_STILL_PAYABLE, {"run": run_id, "on": on})
            (count,) = cursor.fetchone()
        cursor.execute("DROP TABLE same_person")
    return int(count)


def _hash(query: str, run_id: UUID) -> str:
    with connection.cursor() as cursor, _whole_sets(cursor):
        cursor.execute(query, {"run": run_id, "together": HASHED_TOGETHER})
        (digest,) = cursor.fetchone()
    return str(digest)
