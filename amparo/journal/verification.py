"""What must hold of the evidence, and of every column that holds money (invariants 9 and 12)."""

from typing import Final

from amparo.journal.sealing import verify_chain
from amparo.values.verification import Check, Cursor, Finding, in_sql, triggers_hold

_OURS: Final = (
    "'^(journal|accounts|office|rulebook|register|ledger|decisions|contributions|claims|payments"
    "|govkernel)_'"
)


def _chain(_cursor: Cursor) -> Finding:
    """Compute every sealed block again from its events, and the chain from its blocks."""
    report = verify_chain()
    return Finding(
        rows=report.blocks,
        violations=len(report.faults),
        examples=tuple(f"block {fault.block}: {fault.problem}" for fault in report.faults[:10]),
    )


CHECKS: Final[tuple[Check, ...]] = (
    in_sql(
        invariant=9,
        name="no column is a floating-point number, and every amount has its scale",
        rows=f"""
            SELECT FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name ~ {_OURS}
        """,
        violations=f"""
            SELECT table_name || '.' || column_name FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name ~ {_OURS}
              AND (data_type IN ('real', 'double precision', 'money')
                   OR data_type = 'numeric' AND numeric_scale IS NULL)
        """,  # noqa: S608
    ),
    in_sql(
        invariant=12,
        name="every read has a person, a role, a purpose and a mandate",
        rows="SELECT FROM journal_event WHERE kind = 'read'",
        violations="""
            SELECT id::text FROM journal_event
            WHERE kind = 'read'
              AND (actor_id IS NULL OR mandate_id IS NULL OR role = '' OR purpose = '')
        """,
    ),
    Check(invariant=12, name="the sealed journal is whole and unaltered", run=_chain),
    triggers_hold(
        invariant=12, trigger="append_only_rows", tables=("journal_event", "journal_block")
    ),
)
