"""Meeting people alike while somebody is registered.

Whatever is found goes into the stewards' queue. Nothing here refuses, merges or changes a record.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from amparo.journal.reading import reading
from amparo.register.duplicates import LikelyPair
from amparo.register.likeness import model_in_force, newcomer
from amparo.register.matching.candidates import Checked, people_like
from amparo.register.matching.keys import keys_of
from amparo.register.matching.model import Evidence, Probability
from amparo.register.operations._match_keys import wait_for_others
from amparo.register.operations.reviews import open_duplicate_reviews
from amparo.register.records import NewPerson
from amparo.values import Access, Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Somebody about to be registered: their keys, and who in the register they resemble."""

    keys: tuple[int, ...]
    checked: Checked


def meet_people_alike(*, person: NewPerson, access: Access, at: datetime) -> Arrival:
    """Look for a newcomer in the register, after everybody who is being registered as alike.

    Call it before a number is taken: numbers are waited for in turn, and so are keys.
    """
    with reading(
        access=access, right=Right.PERSON_REGISTER, details={"looked_for": "people alike"}
    ):
        traits = newcomer(person=person)
        keys = keys_of(traits)
        wait_for_others(keys=keys)
        checked = people_like(traits=traits, model=model_in_force(at=at))
    return Arrival(keys=keys, checked=checked)


def open_reviews(*, person_id: UUID, checked: Checked, access: Access, at: datetime) -> int:
    """Put everybody whom a newcomer resembles into the queue; return how many pairs went there."""
    pairs = [
        likely_pair(
            pair=(person_id, one.person_id),
            probability=one.probability,
            evidence=one.evidence,
            model_hash=checked.model_hash,
        )
        for one in checked.alike
    ]
    if not pairs:
        return 0
    return open_duplicate_reviews(
        pairs=pairs, model_hash=checked.model_hash, source="online", access=access, at=at
    )


def likely_pair(
    *,
    pair: tuple[UUID, UUID],
    probability: Probability,
    evidence: Iterable[Evidence],
    model_hash: str,
) -> LikelyPair:
    """Return two people as a pair for the queue, with what was weighed."""
    return LikelyPair(
        pair=pair,
        score=Decimal(f"{probability:.6f}"),
        evidence={
            one.comparison: {"step": one.step, "says": one.says, "weight": f"{one.weight:.2f}"}
            for one in evidence
        },
        model_hash=model_hash,
    )
