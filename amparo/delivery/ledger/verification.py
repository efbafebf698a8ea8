"""What must hold in the books (invariant 4)."""

from typing import Final

from amparo.values.verification import Check, in_sql, triggers_hold

CHECKS: Final[tuple[Check, ...]] = (
    in_sql(
        invariant=4,
        name="every posting moves an amount between two accounts of the chart, in an entry",
        rows="SELECT FROM ledger_posting",
        violations="""
            SELECT p.id::text FROM ledger_posting p
            LEFT JOIN ledger_journalentry e ON e.id = p.entry_id
            LEFT JOIN ledger_account debit ON debit.code = p.debit_id
            LEFT JOIN ledger_account credit ON credit.code = p.credit_id
            WHERE e.id IS NULL OR debit.code IS NULL OR credit.code IS NULL
               OR p.amount <= 0 OR p.debit_id = p.credit_id
        """,
    ),
    in_sql(
        invariant=4,
        name="every entry has postings",
        rows="SELECT FROM ledger_journalentry",
        violations="""
            SELECT e.id::text FROM ledger_journalentry e
            WHERE NOT EXISTS (SELECT FROM ledger_posting p WHERE p.entry_id = e.id)
        """,
    ),
    triggers_hold(
        invariant=4,
        trigger="append_only_rows",
        tables=("ledger_journalentry", "ledger_posting"),
    ),
    triggers_hold(
        invariant=4,
        trigger="only_in_open_entry",
        tables=("ledger_posting",),
    ),
)
