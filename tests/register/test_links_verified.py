"""What `amparo verify` says of links between records, sound ones and others."""

import psycopg

from amparo.register.verification import CHECKS
from tests.conftest import Clone
from tests.register.merging import merged, two_records, undone

_CIRCLE = """
ALTER TABLE register_identitylink DISABLE TRIGGER guard_identity;
INSERT INTO register_identitylink
    (id, person_id, survivor_id, approval_id, starts_on, recorded_at, recorded_by)
SELECT gen_random_uuid(), l.survivor_id, l.person_id, p.id, l.starts_on, l.recorded_at,
       l.recorded_by
FROM register_identitylink l, register_mergeproposal p
WHERE l.superseded_at IS NULL AND p.kind = 'unmerge';
"""


def found(clone: Clone, *, tampering: str = "") -> dict[str, int]:
    """Return the violations by check, after what the tables' owner did to them."""
    with psycopg.connect(clone.owner_url) as owner, owner.cursor() as cursor:
        if tampering:
            cursor.execute(tampering)
        violations = {check.name: check.run(cursor).violations for check in CHECKS}
        owner.rollback()
    return {name: count for name, count in violations.items() if count}


def test_links_made_and_undone_by_two_people_violate_nothing(cloned_database: Clone) -> None:
    pair = two_records()
    link, _review = merged(pair)
    undone(link, hours=5)
    merged(pair, hours=7)

    assert found(cloned_database) == {}


def test_a_link_that_nobody_approved_and_that_leads_back_is_found(cloned_database: Clone) -> None:
    pair = two_records()
    link, _review = merged(pair)
    undone(link, hours=5)
    merged(pair, hours=7)

    violations = found(cloned_database, tampering=_CIRCLE)

    assert violations["no link between records leads back to where it began"] == 2
    assert violations["each merge of two records, and each undoing, was approved by somebody else"]
    assert violations["the trigger guard_identity stands on register_identitylink"] == 1
