"""Writing down that a child was born: a new person, with their parents, in a household."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from amparo.journal.operations import record
from amparo.journal.reading import reading
from amparo.register.facts import as_of
from amparo.register.models import HouseholdMember, Vitals
from amparo.register.operations._common import ImpossibleLife, life_events
from amparo.register.operations._parts import UnableToRegister
from amparo.register.operations.persons import register_person
from amparo.register.records import NewPerson
from amparo.values import Access, Right

# A father may die before the birth; ten months are longer than any law presumes.
_LONGEST_PREGNANCY: Final = timedelta(days=306)


@transaction.atomic
def record_birth(
    *, child: NewPerson, access: Access, at: datetime, source_id: UUID | None = None
) -> UUID:
    """Register a child that was born to registered parents; return the child's id.

    The child joins the household named, or else that of the first parent who lives in one; nobody's
    death more than ten months before the birth makes a parent of them. Raises what
    `register_person` raises, ImpossibleLife.
    """
    access.require(Right.PERSON_REGISTER)
    if not child.parent_ids or child.birth_date is None:
        raise UnableToRegister(
            _("A birth has a day and at least one parent. Register a foundling as a person.")
        )
    with reading(access=access, right=Right.PERSON_REGISTER, details={"looked_for": "parents"}):
        _refuse_the_long_dead(child.parent_ids, child.birth_date)
        household = child.household_id or _household_of(child.parent_ids, child.birth_date, at)
    person_id = register_person(
        person=replace(child, household_id=household), access=access, at=at, source_id=source_id
    )
    with reading(
        access=access, right=Right.PERSON_REGISTER, subject_kind="person", subject_id=person_id
    ):
        vitals_id = Vitals.objects.values_list("id", flat=True).get(
            person_id=person_id, superseded_at=None
        )
    life_events(
        kind="birth",
        on_date=child.birth_date,
        facts=[(who, None, vitals_id) for who in (person_id, *child.parent_ids)],
        at=at,
    )
    record(
        kind="register.birth_recorded",
        access=access,
        subject_kind="person",
        subject_id=person_id,
        details={"fact": str(vitals_id)},
    )
    return person_id


def _refuse_the_long_dead(parent_ids: tuple[UUID, ...], born: date) -> None:
    """Raise where a parent died so long before that no pregnancy bridges it."""
    dead = Vitals.objects.filter(
        person_id__in=parent_ids, superseded_at=None, death_date__lt=born - _LONGEST_PREGNANCY
    )
    if dead.exists():
        raise ImpossibleLife(
            _("A parent died more than ten months before the birth. Check both days.")
        )


def _household_of(parent_ids: tuple[UUID, ...], born: date, at: datetime) -> UUID | None:
    homes = dict(
        as_of(
            HouseholdMember.objects.filter(person_id__in=parent_ids), on=born, known_at=at
        ).values_list("person_id", "household_id")
    )
    return next((homes[parent] for parent in parent_ids if parent in homes), None)
