"""What must hold of resolutions and mandates (invariant 7)."""

from typing import Final

from amparo.values.verification import Check, in_sql

CHECKS: Final[tuple[Check, ...]] = (
    in_sql(
        invariant=7,
        name="a resolution is decided by somebody other than its proposer",
        rows="SELECT FROM govkernel_resolution",
        violations="SELECT id::text FROM govkernel_resolution WHERE decided_by = proposed_by",
    ),
    in_sql(
        invariant=7,
        name="a gate pass was approved by somebody other than its proposer",
        rows="SELECT FROM journal_gatepass",
        violations="SELECT id::text FROM journal_gatepass WHERE approved_by = proposed_by",
    ),
    in_sql(
        invariant=7,
        name="nobody holds two roles that control each other",
        rows="SELECT FROM accounts_mandate",
        violations="""
            SELECT a.id::text FROM accounts_mandate a
            JOIN accounts_mandate b ON b.user_id = a.user_id AND a.id <> b.id
              AND daterange(a.starts_on, a.ends_before) && daterange(b.starts_on, b.ends_before)
            JOIN accounts_incompatibleroles i
              ON (i.first_id, i.second_id) = (a.role_id, b.role_id)
        """,
    ),
)
