"""The caseload of a benefit, with the facts its latest decisions rested on, in two statements.

For what concerns everybody at once, such as what a change of the law would cost.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from amparo.delivery.decisions.freezing import thaw
from amparo.journal.reading import reading
from amparo.register.described import Described, described
from amparo.values import Access, Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A person's case. facts: by input, as frozen; none for an award taken on from elsewhere.

    reference: the number of the award, or of the claim where there is none.
    """

    reference: str
    person: Described
    contingency_on: date
    facts: Mapping[str, Any]
    is_taken_on: bool


_CASES: Final = """
WITH live AS (
    SELECT * FROM claims_award
     WHERE scheme = %(scheme)s AND benefit = %(benefit)s AND state <> 'terminated'
       AND (ends_before IS NULL OR ends_before > %(on)s)
), claimed AS (
    SELECT DISTINCT ON (c.person_id, CASE WHEN c.is_single THEN NULL ELSE c.contingency_on END)
           coalesce(a.number, c.number) AS reference, c.person_id, c.contingency_on,
           e.inputs || coalesce(m.inputs, '{}'::jsonb) AS inputs, false AS is_taken_on
      FROM claims_claim c
      JOIN decisions_decision e ON e.id = c.eligibility_id
      LEFT JOIN decisions_decision m ON m.id = c.amount_id
      LEFT JOIN live a ON a.claim_id = c.id
     WHERE c.scheme = %(scheme)s AND c.benefit = %(benefit)s
       AND (a.id IS NOT NULL OR c.state IN ('proposed', 'refused'))
     ORDER BY c.person_id, CASE WHEN c.is_single THEN NULL ELSE c.contingency_on END,
              a.id IS NULL, c.submitted_at DESC, c.number
)
SELECT reference, person_id, contingency_on, inputs, is_taken_on FROM claimed
UNION ALL
SELECT number, person_id, contingency_on, '{}'::jsonb, true FROM live WHERE take_on_id IS NOT NULL
ORDER BY 1
"""


def caseload(*, scheme: str, benefit: str, on: date, access: Access) -> tuple[Case, ...]:
    """Return the cases of a benefit: awards that run on a day, and claims proposed or refused.

    A person has one case, or one for each contingency where the benefit repeats: the live award,
    else the latest claim. Who may read claims may read these; who may simulate gets them to try
    rules on, and must show none by name; who may see figures, to count, and must show none at all.
    """
    right = _right_of(access)
    details = {"read": "caseload", "scheme": scheme, "benefit": benefit}
    with reading(access=access, right=right, details=details), connection.cursor() as cursor:
        cursor.execute(_CASES, {"scheme": scheme, "benefit": benefit, "on": on})
        rows = cursor.fetchall()
        people = {
            person.person_id: person
            for person in described(person_ids={row[1] for row in rows}, on=on)
        }
    return tuple(
        Case(
            reference=reference,
            person=people[person_id],
            contingency_on=contingency_on,
            facts=_thawed(inputs),
            is_taken_on=is_taken_on,
        )
        for reference, person_id, contingency_on, inputs, is_taken_on in rows
    )


def everybody(*, on: date, access: Access) -> tuple[Described, ...]:
    """Return everybody registered who is not known to have died by a day; rights as above."""
    right = _right_of(access)
    with reading(access=access, right=right, details={"read": "everybody registered"}):
        people = described(person_ids=None, on=on)
    return tuple(one for one in people if one.death_date is None or one.death_date > on)


def _right_of(access: Access) -> Right:
    rights = (Right.CLAIM_READ, Right.PACK_SIMULATE)
    return next((right for right in rights if access.allows(right)), Right.FIGURES_READ)


def _thawed(inputs: Any) -> dict[str, Any]:
    kept: Mapping[str, Any] = (
        json.loads(inputs, parse_float=Decimal) if isinstance(inputs, str) else inputs
    )
    return {name: thaw(each["value"]) for name, each in kept.items()}
