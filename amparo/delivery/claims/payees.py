"""Who receives what a person is entitled to: an answer from the register, never a guess."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from amparo.register import facts
from amparo.register.identities import records_of
from amparo.register.models import HouseholdMember, Kinship, Representation, Vitals
from amparo.values import age_on

# Convention on the Rights of the Child, Article 1: below the age of eighteen years.
_OF_AGE: Final = 18


def payee_of(*, person_id: UUID, on: date, known_at: datetime) -> UUID:
    """Return who receives on a day, as known at an instant; call it inside `reading`.

    A payee named in the register receives first. For a child, a guardian comes next, then a living
    parent in the child's household, then another living parent, by person number. Otherwise, and
    where the register names none of them, the person: without an account of their own the payment
    is held for repair, and seen. Of a person's several records, the surviving one receives.
    """
    records = records_of(person_id=person_id, known_at=known_at)
    person_id = records[0]
    named = facts.as_of(
        Representation.objects.filter(person_id__in=records), on=on, known_at=known_at
    )
    payees = named.filter(kind="payee").order_by("rank", "recorded_at", "id")
    if payee := payees.values_list("representative_id", flat=True).first():
        return payee
    if not _is_child(person_id, on=on, known_at=known_at):
        return person_id
    ties = list(
        facts.as_of(
            Kinship.objects.filter(person_id__in=records, kind__in=["guardian", "parent"]),
            on=on,
            known_at=known_at,
        ).select_related("relative")
    )
    adults = {tie.relative_id for tie in ties}
    dead = _known_dead(adults, known_at=known_at)
    together = _in_household_of(person_id, adults, on=on, known_at=known_at)
    living = [tie for tie in ties if tie.relative_id not in dead]
    if not living:
        return person_id
    first = min(
        living,
        key=lambda tie: (
            tie.kind != "guardian",
            tie.relative_id not in together,
            tie.relative.number,
        ),
    )
    return first.relative_id


def _is_child(person_id: UUID, *, on: date, known_at: datetime) -> bool:
    vitals = facts.as_of(Vitals.objects.filter(person_id=person_id), on=on, known_at=known_at)
    birth_date = vitals.values_list("birth_date", flat=True).first()
    return birth_date is not None and age_on(birth_date=birth_date, on=on) < _OF_AGE


def _known_dead(person_ids: set[UUID], *, known_at: datetime) -> set[UUID]:
    known = facts.known(Vitals.objects.filter(person_id__in=person_ids), at=known_at)
    return set(known.exclude(death_date=None).values_list("person_id", flat=True))


def _in_household_of(
    person_id: UUID, others: set[UUID], *, on: date, known_at: datetime
) -> set[UUID]:
    members = facts.as_of(HouseholdMember.objects.all(), on=on, known_at=known_at)
    own = members.filter(person_id=person_id).values("household_id")
    shared = members.filter(household_id__in=own, person_id__in=others)
    return set(shared.values_list("person_id", flat=True))
