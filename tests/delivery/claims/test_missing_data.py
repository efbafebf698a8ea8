"""Invariant 8 over the real packs: what is not known never refuses and never grants."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from django.conf import settings

from amparo.rules.packs import load_pack

KNOWN_AT = datetime(2026, 11, 20, tzinfo=UTC)
CLAIMED_FOR = date(2026, 11, 1)

# For each decision: facts with which every condition is met and every fact matters.
GRANTED: dict[tuple[str, str], dict[str, Any]] = {
    ("old-age", "old_age_eligibility"): {
        "date_of_birth": date(1964, 2, 29),
        "claim_date": CLAIMED_FOR,
        "contributed_months": Decimal(312),
        "employment_ended": True,
    },
    ("social-pension", "eligibility"): {
        "date_of_birth": date(1956, 2, 29),
        "claim_date": CLAIMED_FOR,
        "resident": True,
        "other_pension_amount": Decimal(0),
    },
    ("child-grant", "eligibility"): {
        "child_date_of_birth": date(2024, 2, 29),
        "claim_date": CLAIMED_FOR,
        "resident": True,
    },
}
WITHOUT = [
    (scheme, decision, missing)
    for (scheme, decision), facts in GRANTED.items()
    for size in range(len(facts) + 1)
    for missing in combinations(facts, size)
]


@pytest.mark.parametrize(("scheme", "decision", "missing"), WITHOUT)
def test_a_grant_turns_undetermined_by_whatever_is_missing(
    scheme: str, decision: str, missing: tuple[str, ...]
) -> None:
    pack = load_pack(settings.SCHEMES_DIR / "xa" / scheme / "1")
    facts = {
        name: None if name in missing else value
        for name, value in GRANTED[scheme, decision].items()
    }

    result = pack.evaluate(decision, facts, on=CLAIMED_FOR, known_at=KNOWN_AT)

    assert result.outcome == ("undetermined" if missing else "granted")
    assert set(result.missing) <= set(missing)
    assert bool(result.missing) == bool(missing)
