"""What must hold of runs, entitlements and payments (invariants 2, 3, 4, 7 and 8)."""

from typing import Final

from amparo.delivery.payments.preparation import CONTENT_COLUMNS, HASHED_TOGETHER
from amparo.values.verification import Check, in_sql, triggers_hold

_BOUND: Final = "('approved', 'locked', 'transmitted', 'reconciling')"

CHECKS: Final[tuple[Check, ...]] = (
    in_sql(
        invariant=2,
        name="every payment leads to its entitlements, to the cent",
        rows="SELECT FROM payments_instruction",
        violations="""
            SELECT i.id::text FROM payments_instruction i
            LEFT JOIN payments_instructionline l ON l.instruction_id = i.id
            LEFT JOIN payments_entitlement e ON e.id = l.entitlement_id
            GROUP BY i.id, i.amount
            HAVING count(e.id) = 0 OR count(e.id) <> count(l.id)
                OR sum(l.amount) <> i.amount OR sum(e.amount) <> i.amount
        """,
    ),
    in_sql(
        invariant=2,
        name="every entitlement leads to its award's decision, and that to a rule or a take-on",
        rows="SELECT FROM payments_entitlement",
        violations="""
            SELECT e.id::text FROM payments_entitlement e
            LEFT JOIN claims_awardcomponent c
              ON (c.award_id, c.component, c.sequence) = (e.award_id, e.component, e.sequence)
            LEFT JOIN decisions_decision d ON d.id = e.decision_id
            LEFT JOIN rulebook_packversion v ON v.id = d.pack_version_id
            WHERE c.id IS NULL OR c.decision_id <> e.decision_id OR d.id IS NULL
               OR (d.kind <> 'take-on' AND v.id IS NULL)
        """,
    ),
    in_sql(
        invariant=3,
        name="nothing is due twice for an award, component, month and sequence",
        rows="SELECT FROM payments_entitlement",
        violations="""
            SELECT min(id::text) FROM payments_entitlement
            GROUP BY award_id, component, month, sequence HAVING count(*) > 1
        """,
    ),
    in_sql(
        invariant=3,
        name="no month of a component brings more than its amount",
        rows="SELECT FROM payments_entitlement",
        violations="""
            SELECT min(e.id::text) FROM payments_entitlement e
            JOIN claims_awardcomponent c
              ON (c.award_id, c.component, c.sequence) = (e.award_id, e.component, e.sequence)
            GROUP BY e.award_id, e.component, e.month HAVING sum(e.amount) > max(c.amount)
        """,
    ),
    in_sql(
        invariant=3,
        name="no entitlement is paid by two live payments",
        rows="SELECT FROM payments_instructionline WHERE is_live",
        violations="""
            SELECT min(entitlement_id::text) FROM payments_instructionline
            WHERE is_live GROUP BY entitlement_id HAVING count(*) > 1
        """,
    ),
    in_sql(
        invariant=3,
        name="a payment is live as long as the bank has not refused it",
        rows="SELECT FROM payments_instructionline",
        violations="""
            SELECT l.id::text FROM payments_instructionline l
            JOIN payments_instruction i ON i.id = l.instruction_id
            WHERE l.is_live <> (i.state IN ('instructed', 'settled'))
        """,
    ),
    in_sql(
        invariant=3,
        name="a payment ends by a bank's report or with its abandoned run",
        rows="SELECT FROM payments_instruction WHERE state <> 'instructed'",
        violations="""
            SELECT i.id::text FROM payments_instruction i
            JOIN payments_payrun r ON r.id = i.run_id
            WHERE (i.state = 'cancelled') <> (r.state = 'abandoned')
               OR i.state IN ('settled', 'rejected', 'returned')
                  AND NOT EXISTS (SELECT FROM payments_statementline s
                                  WHERE s.instruction_id = i.id AND s.outcome = i.state
                                    AND s.problem = '')
        """,
    ),
    in_sql(
        invariant=4,
        name="a run's total is that of its items, payments, files and postings",
        rows="SELECT FROM payments_payrun WHERE state NOT IN ('planned', 'snapshot')",
        violations="""
            SELECT r.id::text FROM payments_payrun r
            WHERE r.state NOT IN ('planned', 'snapshot') AND (
              (r.total, r.instruction_count) NOT IN (
                SELECT coalesce(sum(amount), 0), count(*)
                FROM payments_instruction WHERE run_id = r.id)
              OR r.total <> (SELECT coalesce(sum(amount), 0)
                             FROM payments_payrunitem WHERE run_id = r.id AND disposition = 'pay')
              OR r.state IN ('locked', 'transmitted', 'reconciling') AND r.total <> (
                SELECT coalesce(sum(p.amount), 0)
                FROM ledger_journalentry e JOIN ledger_posting p ON p.entry_id = e.id
                WHERE e.source_kind = 'payrun accrued' AND e.source_id = r.id
                  AND p.credit_id = '2100')
              OR r.state IN ('transmitted', 'reconciling') AND (
                r.total <> (SELECT coalesce(sum(p.amount), 0)
                            FROM ledger_journalentry e JOIN ledger_posting p ON p.entry_id = e.id
                            WHERE e.source_kind = 'payrun paid' AND e.source_id = r.id
                              AND (p.debit_id, p.credit_id) = ('2100', '1000'))
                OR (r.total, r.instruction_count) NOT IN (
                  SELECT coalesce(sum(control_sum), 0), coalesce(sum(instruction_count), 0)
                  FROM payments_paymentfile WHERE run_id = r.id)))
        """,
    ),
    in_sql(
        invariant=4,
        name="each file's control sum is that of its payments",
        rows="SELECT FROM payments_paymentfile",
        violations="""
            SELECT f.id::text FROM payments_paymentfile f
            LEFT JOIN payments_instruction i ON (i.run_id, i.part) = (f.run_id, f.part)
            GROUP BY f.id, f.control_sum, f.instruction_count
            HAVING (f.control_sum, f.instruction_count) IS DISTINCT FROM
                   (coalesce(sum(i.amount), 0), count(i.id))
        """,
    ),
    in_sql(
        invariant=4,
        name="what banks sent back is what the ledger took back",
        rows="SELECT FROM payments_instruction WHERE state IN ('rejected', 'returned')",
        violations="""
            SELECT i.id::text FROM payments_instruction i
            LEFT JOIN (
              SELECT p.reference_id, sum(p.amount) AS amount
              FROM ledger_journalentry e JOIN ledger_posting p ON p.entry_id = e.id
              WHERE e.source_kind = 'payments returned' GROUP BY p.reference_id
            ) back ON back.reference_id = i.id
            WHERE (i.state IN ('rejected', 'returned')) <> (back.amount IS NOT NULL)
               OR back.amount <> i.amount
        """,
    ),
    in_sql(
        invariant=3,
        name="no run pays a month that had not begun when it was planned",
        rows="SELECT FROM payments_payrun",
        violations="""
            SELECT id::text FROM payments_payrun
            WHERE month > date_trunc(
                'month', planned_at AT TIME ZONE office_legal_time_zone(planned_at))
        """,
    ),
    in_sql(
        invariant=7,
        name="a run is approved by nobody who had a part in making it",
        rows="SELECT FROM payments_payrun WHERE approved_by IS NOT NULL",
        violations="""
            SELECT id::text FROM payments_payrun r
            WHERE approved_by IN (planned_by, prepared_by, calculated_by, compared_by)
               OR EXISTS (SELECT FROM payments_difference d
                          JOIN payments_differencestatement s ON s.difference_id = d.id
                          WHERE d.run_id = r.id AND s.stated_by = r.approved_by)
        """,
    ),
    in_sql(
        invariant=7,
        name="what is sent is what was approved, by its hash",
        rows=f"SELECT FROM payments_payrun WHERE state IN {_BOUND}",
        violations=f"""
            WITH numbered AS (
              SELECT i.run_id, row_number() OVER (PARTITION BY i.run_id ORDER BY i.id) AS n,
                     ROW({CONTENT_COLUMNS})::text AS row
              FROM payments_instruction i
            ),
            chunk AS (
              SELECT run_id, (n - 1) / {HASHED_TOGETHER} AS number,
                     sha256(convert_to(string_agg(row, E'\\n' ORDER BY n), 'UTF8')) AS hash
              FROM numbered GROUP BY 1, 2
            ),
            content AS (
              SELECT run_id,
                     encode(sha256(string_agg(hash, ''::bytea ORDER BY number)), 'hex') AS hash
              FROM chunk GROUP BY run_id
            )
            SELECT r.id::text FROM payments_payrun r LEFT JOIN content c ON c.run_id = r.id
            WHERE r.state IN {_BOUND}
              AND (c.hash IS DISTINCT FROM r.approved_hash OR r.approved_hash <> r.content_hash)
        """,  # noqa: S608 — fixed text
    ),
    in_sql(
        invariant=8,
        name="no approved run is empty",
        rows=f"SELECT FROM payments_payrun WHERE state IN {_BOUND}",
        violations=f"""
            SELECT r.id::text FROM payments_payrun r
            WHERE r.state IN {_BOUND}
              AND NOT EXISTS (SELECT FROM payments_instruction i WHERE i.run_id = r.id)
        """,  # noqa: S608 — fixed text
    ),
    in_sql(
        invariant=8,
        name="nothing undetermined, refused, held or excluded is paid",
        rows="SELECT FROM payments_instructionline",
        violations="""
            SELECT l.id::text FROM payments_instructionline l
            JOIN payments_instruction i ON i.id = l.instruction_id
            JOIN payments_entitlement e ON e.id = l.entitlement_id
            JOIN decisions_decision d ON d.id = e.decision_id
            LEFT JOIN payments_payrunitem t
              ON t.run_id = i.run_id AND t.entitlement_id = e.id AND t.disposition = 'pay'
            WHERE t.id IS NULL OR d.outcome IN ('undetermined', 'refused')
        """,
    ),
    triggers_hold(
        invariant=3,
        trigger="append_only_rows",
        tables=(
            "payments_payrunitem",
            "payments_entitlement",
            "payments_difference",
            "payments_differencestatement",
            "payments_paymentfile",
            "payments_statementline",
        ),
    ),
    triggers_hold(
        invariant=3,
        trigger="guard_rows",
        tables=("payments_payrun", "payments_instruction", "payments_instructionline"),
    ),
    triggers_hold(
        invariant=3,
        trigger="guard_new_rows",
        tables=("payments_payrun",),
    ),
    triggers_hold(
        invariant=3,
        trigger="written_in_state",
        tables=(
            "payments_payrunitem",
            "payments_entitlement",
            "payments_instruction",
            "payments_instructionline",
            "payments_difference",
            "payments_differencestatement",
            "payments_paymentfile",
        ),
    ),
    triggers_hold(
        invariant=7,
        trigger="guard_checker",
        tables=("payments_payrun",),
    ),
    triggers_hold(
        invariant=3,
        trigger="begins_instructed",
        tables=("payments_instruction",),
    ),
    triggers_hold(
        invariant=3,
        trigger="outcome_has_its_cause",
        tables=("payments_instruction",),
    ),
    triggers_hold(
        invariant=3,
        trigger="line_ends_with_its_payment",
        tables=("payments_instructionline",),
    ),
    triggers_hold(
        invariant=2,
        trigger="keys_exist",
        tables=(
            "ledger_posting",
            "payments_payrunitem",
            "payments_entitlement",
            "payments_instruction",
            "payments_instructionline",
            "payments_difference",
            "payments_statementline",
        ),
    ),
)
