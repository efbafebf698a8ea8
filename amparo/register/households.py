"""Households as the register answers for them: who lives in one, and which one somebody means."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from amparo.journal.reading import reading
from amparo.register.facts import as_of as true_and_known
from amparo.register.models import Household, HouseholdMember
from amparo.register.naming import number_form
from amparo.register.queries import household_then, persons_by_identifier
from amparo.register.records import HouseholdRecord
from amparo.values import Access, Right


class NoSuchHousehold(Exception):
    """The register holds no household with this id."""


def household_record(
    *, household_id: UUID, access: Access, as_of: date, known_at: datetime
) -> HouseholdRecord:
    """Return who lives in a household on a day, as known at an instant. Raises NoSuchHousehold."""
    if not Household.objects.filter(pk=household_id).exists():
        raise NoSuchHousehold(_("There is no such household. Look its number up again."))
    with reading(
        access=access,
        right=Right.PERSON_READ,
        subject_kind="household",
        subject_id=household_id,
    ):
        return household_then(household_id=household_id, on=as_of, known_at=known_at)


def household_numbers(*, household_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the numbers of households."""
    return dict(Household.objects.filter(pk__in=household_ids).values_list("id", "number"))


def household_meant(
    *, text: str, access: Access, as_of: date, known_at: datetime
) -> HouseholdRecord | None:
    """Return the household whose number was typed, or in which the person lives whose number was.

    None where the number names neither, or a person who lives in none on the day.
    """
    named = Household.objects.filter(number=number_form(text)).values_list("id", flat=True).first()
    if named is None:
        with reading(access=access, right=Right.PERSON_READ, details={"looked_for": "household"}):
            named_by_text = persons_by_identifier(values=[text]).values()
            living = HouseholdMember.objects.filter(person_id__in=named_by_text)
            member = true_and_known(living, on=as_of, known_at=known_at).first()
        named = member.household_id if member else None
    if named is None:
        return None
    return household_record(household_id=named, access=access, as_of=as_of, known_at=known_at)
