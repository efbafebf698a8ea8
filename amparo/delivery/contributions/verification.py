"""What must hold of declarations and wage lines (invariants 5 and 6)."""

from typing import Final

from amparo.values.verification import Check, in_sql

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
              SELECT e.source_id, sum(p.amount) AS posted
              FROM ledger_journalentry e JOIN ledger_posting p ON p.entry_id = e.id
              WHERE p.debit_id = '1200' GROUP BY e.source_id
            ) books ON books.source_id = d.id
            WHERE coalesce(assessed.due, 0) <> coalesce(books.posted, 0)
        """,
    ),
)
