"""What must hold of claims and awards (invariants 7, 8 and 10)."""

from typing import Final

from amparo.rules.book.queries import packs_listed, version
from amparo.values.verification import Check, Cursor, Finding, in_sql, triggers_hold

_KINDS_THAT_REPEAT: Final = """
SELECT scheme, benefit, count(*), (array_agg(id::text ORDER BY id))[1:10]
FROM claims_award WHERE NOT is_single AND state <> 'terminated'
GROUP BY scheme, benefit ORDER BY scheme, benefit
"""


def _repeating(cursor: Cursor) -> Finding:
    """Ask every version of the schemes concerned whether the benefit ever repeated."""
    cursor.execute(_KINDS_THAT_REPEAT)
    kinds = cursor.fetchall()
    schemes = {scheme for scheme, *_rest in kinds}
    repeating = {
        (listed.scheme, benefit.code)
        for listed in packs_listed()
        if listed.scheme in schemes
        for benefit in version(version_id=listed.version_id).pack.manifest.benefits
        if benefit.repeats
    }
    wrong = [row for row in kinds if (row[0], row[1]) not in repeating]
    return Finding(
        rows=sum(count for _scheme, _benefit, count, _ids in kinds),
        violations=sum(count for _scheme, _benefit, count, _ids in wrong),
        examples=tuple(each for *_rest, ids in wrong for each in ids)[:10],
    )


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
            LEFT JOIN claims_claim c ON c.id = a.claim_id
            WHERE d.id IS NULL OR d.outcome IN ('refused', 'undetermined')
               OR num_nonnulls(a.claim_id, a.take_on_id) <> 1
               OR a.claim_id IS NOT NULL AND (c.state, c.amount_id, c.person_id)
                  IS DISTINCT FROM ('granted', d.id, a.person_id)
        """,
    ),
    in_sql(
        invariant=8,
        name="every amount of an award was approved with its claim, or taken on with its file",
        rows="SELECT FROM claims_awardcomponent",
        violations="""
            SELECT n.id::text FROM claims_awardcomponent n
            JOIN claims_award a ON a.id = n.award_id
            LEFT JOIN decisions_decision d ON d.id = n.decision_id
            LEFT JOIN claims_claim c ON c.id = a.claim_id
            LEFT JOIN claims_scheduledamount s
              ON s.decision_id = n.decision_id AND s.eligibility_id = c.eligibility_id
            WHERE d.id IS NULL
               OR a.claim_id IS NOT NULL AND (s.claim_id, s.amount, s.starts_on)
                  IS DISTINCT FROM (a.claim_id, n.amount, n.starts_on)
               OR a.claim_id IS NULL AND (d.kind, d.subject_id)
                  IS DISTINCT FROM ('take-on', a.id)
        """,
    ),
    in_sql(
        invariant=2,
        name="awards taken on are what the file's signatory vouched for, and two people agreed",
        rows="SELECT FROM claims_takeon",
        violations="""
            SELECT t.id::text FROM claims_takeon t
            LEFT JOIN claims_award a ON a.take_on_id = t.id
            LEFT JOIN claims_awardcomponent n ON n.award_id = a.id AND n.sequence = 1
            GROUP BY t.id
            HAVING t.approved_by = t.prepared_by
                OR (t.control_count, t.control_total)
                   IS DISTINCT FROM (count(DISTINCT a.id), coalesce(sum(n.amount), 0))
        """,
    ),
    in_sql(
        invariant=8,
        name="a benefit is held once, unless its rules let it repeat",
        rows="SELECT FROM claims_award WHERE state <> 'terminated'",
        violations="""
            SELECT unnest(array_agg(a.id::text)) FROM claims_award a
            WHERE a.state <> 'terminated'
            GROUP BY a.person_id, a.scheme, a.benefit HAVING count(*) > 1 AND bool_or(a.is_single)
        """,
    ),
    Check(
        invariant=8,
        name="what is held more than once repeats by the rules of its scheme",
        run=_repeating,
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
    triggers_hold(
        invariant=8,
        trigger="guard_new_rows",
        tables=("claims_claim", "claims_award", "claims_awardcomponent"),
    ),
    triggers_hold(
        invariant=8,
        trigger="append_only_rows",
        tables=("claims_scheduledamount", "claims_takeon"),
    ),
)
