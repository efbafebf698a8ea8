"""What must hold of claims and awards (invariants 7, 8 and 10)."""

from typing import Final

from amparo.values.verification import Check, in_sql, triggers_hold

CHECKS: Final[tuple[Check, ...]] = (
    in_sql(
        invariant=7,
        name="a claim is approved by somebody other than its proposer",
        rows="SELECT FROM claims_claim WHERE approved_by IS NOT NULL",
        violations="""
            SELECT id::text FROM claims_claim
            WHERE approved_by = proposed_by
               OR state IN ('granted', 'refused') AND (approved_by IS NULL OR proposed_by IS NULL)
        """,
    ),
    in_sql(
        invariant=8,
        name="an award rests on a decision that grants it, or on a take-on",
        rows="SELECT FROM claims_award",
        violations="""
            SELECT a.id::text FROM claims_award a
            LEFT JOIN decisions_decision d ON d.id = a.granted_by_id
            WHERE d.id IS NULL OR d.outcome IN ('refused', 'undetermined')
        """,
    ),
    in_sql(
        invariant=8,
        name="a claim is refused or granted by a decision that says so",
        rows="SELECT FROM claims_claim WHERE state IN ('granted', 'refused')",
        violations="""
            SELECT c.id::text FROM claims_claim c
            LEFT JOIN decisions_decision d ON d.id = c.eligibility_id
            WHERE c.state IN ('granted', 'refused') AND d.outcome IS DISTINCT FROM c.state
        """,
    ),
    in_sql(
        invariant=10,
        name="a refusal gives its reasons",
        rows="SELECT FROM decisions_decision WHERE outcome = 'refused'",
        violations="""
            SELECT id::text FROM decisions_decision
            WHERE outcome = 'refused' AND jsonb_array_length(reasons) = 0
        """,
    ),
    in_sql(
        invariant=10,
        name="a refused claimant was told why, on which law, and how to appeal",
        rows="SELECT FROM claims_claim WHERE state = 'refused'",
        violations="""
            SELECT c.id::text FROM claims_claim c
            WHERE c.state = 'refused' AND NOT EXISTS (
              SELECT FROM office_notice n
              WHERE n.subject_id = c.id AND n.recipient_id = c.person_id
                AND n.language = c.language
                AND jsonb_array_length(n.content -> 'why') > 0
                AND n.content -> 'appeal' ->> 'until' IS NOT NULL
                AND n.content -> 'appeal' ->> 'law' <> '')
        """,
    ),
    triggers_hold(
        invariant=7,
        trigger="guard_rows",
        tables=("claims_claim", "claims_award", "claims_awardcomponent"),
    ),
)
