"""What every step of a claim shares: finding it, reading it, and changing its state once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from amparo.delivery.claims.benefits import Benefit
from amparo.delivery.claims.models import Award, Claim
from amparo.delivery.claims.queries import NoSuchClaim
from amparo.journal.reading import reading
from amparo.register.identities import records_of
from amparo.values import Access, Right

Held = TypeVar("Held", Award, Claim)


class StepNotOpen(Exception):
    """No such step leads on from the claim's state; somebody may have been faster."""


@contextmanager
def reading_claim(*, claim_id: UUID, access: Access, right: Right) -> Iterator[Claim]:
    """Open the claimant's rows and yield the claim. Raises NoSuchClaim, NotPermitted."""
    access.require(right)
    with connection.cursor() as cursor:
        cursor.execute("SELECT claims_person_of(%s)", [claim_id])
        person_id = cursor.fetchone()[0]
    if person_id is None:
        raise NoSuchClaim(_("There is no claim at this address. Look for it in the inbox."))
    with reading(
        access=access,
        right=right,
        subject_kind="person",
        subject_id=person_id,
        details={"claim": str(claim_id)},
    ):
        yield Claim.objects.get(id=claim_id)


def move(claim: Claim, *, from_states: tuple[str, ...], **changes: Any) -> None:
    """Change a claim if it still is as it was read; raise StepNotOpen when it is not.

    The guard compares the state and the decisions that the caller saw, so two officers acting at
    once cannot both succeed, and nobody approves a decision that was replaced meanwhile.
    """
    changed = Claim.objects.filter(
        id=claim.id,
        state=claim.state,
        eligibility_id=claim.eligibility_id,
        amount_id=claim.amount_id,
    )
    if claim.state not in from_states or changed.update(**changes) != 1:
        raise StepNotOpen(
            _(
                "The claim %(number)s is “%(state)s”, or somebody changed it meanwhile; this step "
                "starts from “%(expected)s”. Nothing was changed. Open the claim again."
            )
            % {
                "number": claim.number,
                "state": claim.state,
                "expected": _("” or “").join(from_states),
            }
        )
    for name, value in changes.items():
        setattr(claim, name, value)


def held_already(
    among: QuerySet[Held], offered: Benefit, *, person_id: UUID, contingency_on: date
) -> Held | None:
    """Return the first claim or award that stands in the way of another of the benefit.

    On whichever of the person's records it stands; call it inside `reading`.
    """
    same = among.filter(
        person_id__in=records_of(person_id=person_id),
        scheme=offered.booked.scheme,
        benefit=offered.declared.code,
    )
    if not offered.is_single:
        same = same.filter(contingency_on=contingency_on)
    return same.order_by("number").first()
