"""What must hold of declarations and wage lines (invariants 5 and 6)."""

from typing import Final

from amparo.values.verification import Check, in_sql, triggers_hold

CHECKS: Final[tuple[Check, ...]] = (
    in_sql(
        invariant=5,
        name="a declaration's header is the sum of its lines",
        rows="SELECT FROM contributions_declaration",
        violations="""
            SELECT d.id::text FROM contributions_declaration d
            LEFT JOIN contributions_wageline w ON w.declaration_id = d.id
            GROUP BY d.id, d.line_count, d.total_wages
            HAVING (d.line_count, d.total_wages) IS DISTINCT FROM
                   (count(w.id), coalesce(sum(w.wage), 0))
        """,
    ),
    in_sql(
        invariant=6,
        name="a wage line belongs to a person, or waits in suspense",
        rows="SELECT FROM contributions_wageline",
        violations="""
            SELECT w.id::text FROM contributions_wageline w
            WHERE (w.state = 'matched') <> (w.person_id IS NOT NULL)
               OR w.state NOT IN ('matched', 'suspense')
        """,
    ),
    in_sql(
        invariant=6,
        name="lines in suspense lie on somebody's desk",
        rows="SELECT FROM contributions_wageline WHERE state = 'suspense'",
        violations="""
            SELECT DISTINCT w.declaration_id::text FROM contributions_wageline w
            WHERE w.state = 'suspense' AND NOT EXISTS (
              SELECT FROM office_task t
              WHERE t.subject_id = w.declaration_id AND t.kind = 'wage lines in suspense'
                AND t.closed_at IS NULL)
        """,
    ),
    in_sql(
        invariant=6,
        name="what employers owe by the books is what their lines were assessed at",
        rows="SELECT FROM contributions_declaration",
        violations="""
            SELECT d.id::text FROM contributions_declaration d
            LEFT JOIN (
              SELECT w.declaration_id, sum(l.worker_share + l.employer_share) AS due
              FROM contributions_wageline w
              JOIN contributions_liability l ON l.wage_line_id = w.id
              GROUP BY w.declaration_id
            ) assessed ON assessed.declaration_id = d.id
            LEFT JOIN (
              SELECT e.source_id,
                     sum(CASE WHEN p.debit_id = '1200' THEN p.amount ELSE -p.amount END) AS posted
              FROM ledger_journalentry e JOIN ledger_posting p ON p.entry_id = e.id
              WHERE '1200' IN (p.debit_id, p.credit_id) GROUP BY e.source_id
            ) books ON books.source_id = d.id
            WHERE coalesce(assessed.due, 0) <> coalesce(books.posted, 0)
        """,
    ),
    in_sql(
        invariant=6,
        name="a receipt is allocated, refunded or in suspense, to the cent",
        rows="SELECT FROM contributions_receipt",
        violations="""
            SELECT r.id::text FROM contributions_receipt r
            LEFT JOIN contributions_receiptbalance b ON b.receipt_id = r.id
            LEFT JOIN (SELECT receipt_id, sum(amount) AS sum FROM contributions_allocation
                       GROUP BY receipt_id) a ON a.receipt_id = r.id
            LEFT JOIN (SELECT receipt_id, sum(amount) AS sum FROM contributions_refund
                       GROUP BY receipt_id) f ON f.receipt_id = r.id
            WHERE (b.amount, b.allocated, b.refunded) IS DISTINCT FROM
                  (r.amount, coalesce(a.sum, 0), coalesce(f.sum, 0))
               OR b.suspended < 0
        """,
    ),
    in_sql(
        invariant=6,
        name="a debt is what its movements and allocations make of it, and never overpaid",
        rows="SELECT FROM contributions_debt",
        violations="""
            SELECT d.id::text FROM contributions_debt d
            LEFT JOIN contributions_debtbalance b ON b.debt_id = d.id
            LEFT JOIN (SELECT debt_id, sum(amount) AS sum FROM contributions_debtmovement
                       GROUP BY debt_id) m ON m.debt_id = d.id
            LEFT JOIN (SELECT debt_id, sum(amount) AS sum FROM contributions_allocation
                       GROUP BY debt_id) a ON a.debt_id = d.id
            WHERE (b.due, b.paid) IS DISTINCT FROM (m.sum, coalesce(a.sum, 0))
               OR b.employer_id <> d.employer_id OR b.paid NOT BETWEEN 0 AND b.due
        """,
    ),
    in_sql(
        invariant=6,
        name="what the accounts say is what the books say",
        rows="VALUES ('1200'), ('1210'), ('2300'), ('2310')",
        violations="""
            WITH accounts (code, amount) AS (
              SELECT CASE d.kind WHEN 'contribution' THEN '1200' ELSE '1210' END, b.due - b.paid
              FROM contributions_debtbalance b JOIN contributions_debt d ON d.id = b.debt_id
              UNION ALL SELECT '2300', -suspended FROM contributions_receiptbalance
              UNION ALL SELECT '2310', -refunded FROM contributions_receiptbalance
            ), books (code, amount) AS (
              SELECT debit_id, amount FROM ledger_posting
              UNION ALL SELECT credit_id, -amount FROM ledger_posting
            )
            SELECT checked.code FROM (VALUES ('1200'), ('1210'), ('2300'), ('2310'))
              AS checked (code)
            WHERE (SELECT coalesce(sum(amount), 0) FROM accounts WHERE code = checked.code)
               <> (SELECT coalesce(sum(amount), 0) FROM books WHERE code = checked.code)
        """,
    ),
    in_sql(
        invariant=6,
        name="money that nobody knows lies on somebody's desk",
        rows="SELECT FROM contributions_receiptbalance WHERE employer_id IS NULL",
        violations="""
            SELECT b.receipt_id::text FROM contributions_receiptbalance b
            WHERE b.employer_id IS NULL AND NOT EXISTS (
              SELECT FROM office_task t
              WHERE t.subject_id = b.receipt_id AND t.kind = 'money to match'
                AND t.closed_at IS NULL)
        """,
    ),
    in_sql(
        invariant=6,
        name="interest on the accounts is the sum of the months of delay charged",
        rows="SELECT FROM contributions_interestcharge",
        violations="""
            SELECT coalesce(m.run, c.run)::text
            FROM (SELECT source_id AS run, sum(amount) AS sum FROM contributions_debtmovement
                  WHERE kind = 'interest' GROUP BY source_id) m
            FULL JOIN (SELECT run_id AS run, sum(amount) AS sum FROM contributions_interestcharge
                       GROUP BY run_id) c ON c.run = m.run
            WHERE m.sum IS DISTINCT FROM c.sum
        """,
    ),
    in_sql(
        invariant=6,
        name="an estimate stands only while its month is not declared",
        rows="SELECT FROM contributions_estimate",
        violations="""
            SELECT e.id::text FROM contributions_estimate e
            WHERE EXISTS (SELECT FROM contributions_declaration d
                          WHERE (d.employer_id, d.month) = (e.employer_id, e.month))
              AND (SELECT coalesce(sum(m.amount), 0) FROM contributions_debtmovement m
                   WHERE m.source_id = e.id) <> 0
        """,
    ),
    in_sql(
        invariant=5,
        name="corrections leave every line a wage that is not below zero",
        rows="SELECT FROM contributions_wageline WHERE corrects_id IS NOT NULL",
        violations="""
            SELECT root.id::text FROM contributions_wageline root
            JOIN contributions_wageline w ON w.corrects_id = root.id
            GROUP BY root.id HAVING root.wage + sum(w.wage) < 0
        """,
    ),
    in_sql(
        invariant=7,
        name="nobody decided what they proposed about money",
        rows="SELECT FROM contributions_proposal WHERE state IN ('approved', 'refused')",
        violations="""
            SELECT p.id::text FROM contributions_proposal p
            WHERE p.state IN ('approved', 'refused')
              AND (p.decided_by IS NULL OR p.decided_by = p.proposed_by)
        """,
    ),
    triggers_hold(
        invariant=6,
        trigger="count_allocations",
        tables=("contributions_allocation",),
    ),
    triggers_hold(invariant=6, trigger="count_movements", tables=("contributions_debtmovement",)),
    triggers_hold(invariant=6, trigger="count_receipts", tables=("contributions_receipt",)),
    triggers_hold(invariant=6, trigger="count_matches", tables=("contributions_receiptmatch",)),
    triggers_hold(invariant=6, trigger="count_refunds", tables=("contributions_refund",)),
)
