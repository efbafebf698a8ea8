"""Who lives and eats together: founding a household, joining one, another part in it, leaving.

A person lives in one household at a time: whoever joins another leaves theirs on that day.

based_on: the person's memberships that an officer had read, as `facts.require_unchanged` wants
them; what somebody else has written since is not overwritten, FactChangedMeanwhile is raised.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from amparo.journal.operations import record
from amparo.journal.reading import reading
from amparo.office.operations import next_number
from amparo.register import days, facts
from amparo.register.models import Household, HouseholdMember, Vitals
from amparo.register.operations._common import (
    NobodyThere,
    by_officer,
    check_start,
    ground,
    lock_person,
)
from amparo.register.records import Grounds
from amparo.values import Access, Right

PARTS: Final = ("reference-person", "member")


class NotInAHousehold(Exception):
    """The person lives in no household beyond the day."""


class UnableToJoin(Exception):
    """The person cannot live in this household from that day on."""


@transaction.atomic
def found_household(
    *,
    person_id: UUID,
    starts_on: date,
    access: Access,
    at: datetime,
    grounds: Grounds | None = None,
    based_on: Collection[UUID] | None = None,
) -> UUID:
    """Open a household with a person as its reference person from a day on; return its id.

    Raises UnableToJoin, FactChangedMeanwhile, ImpossibleDay.
    """
    access.require(Right.PERSON_REGISTER)
    household = Household(number=next_number(series="H", on=localdate(at)), registered_at=at)
    household.save(force_insert=True)
    fact_id = _live_in(
        person_id, household.id, "reference-person", starts_on, access, at, grounds, based_on
    )
    _journal("register.household_founded", access, person_id, fact_id, household.id)
    return household.id


@transaction.atomic
def join_household(
    *,
    person_id: UUID,
    household_id: UUID,
    role: str,
    starts_on: date,
    access: Access,
    at: datetime,
    grounds: Grounds | None = None,
    based_on: Collection[UUID] | None = None,
) -> UUID:
    """Write down that a person lives in a household, or has another part in theirs, from a day on.

    role: one of PARTS. Return the membership. Raises NobodyThere, UnableToJoin,
    FactChangedMeanwhile, ImpossibleDay.
    """
    access.require(Right.PERSON_REGISTER)
    if not Household.objects.filter(pk=household_id).exists():
        raise NobodyThere(_("There is no such household. Look its number up again."))
    if role not in PARTS:
        raise UnableToJoin(_("There is no such part in a household. Choose one of the list."))
    fact_id = _live_in(person_id, household_id, role, starts_on, access, at, grounds, based_on)
    _journal("register.household_joined", access, person_id, fact_id, household_id)
    return fact_id


@transaction.atomic
def leave_household(
    *,
    person_id: UUID,
    ends_before: date,
    access: Access,
    at: datetime,
    grounds: Grounds | None = None,
    based_on: Collection[UUID] | None = None,
) -> None:
    """Write down that a person lives in no household from a day on.

    Written down by mistake, a membership ends on the day it began. Raises NotInAHousehold,
    FactChangedMeanwhile, ImpossibleDay.
    """
    access.require(Right.PERSON_REGISTER)
    days.check_end(ends_before)
    lock_person(person_id)
    with reading(
        access=access, right=Right.PERSON_REGISTER, subject_kind="person", subject_id=person_id
    ):
        keys = {"person_id": person_id}
        facts.require_unchanged(model=HouseholdMember, of=keys, based_on=based_on)
        left = (
            HouseholdMember.objects.filter(superseded_at=None, **keys)
            .filter(Q(ends_before=None) | Q(ends_before__gt=ends_before))
            .order_by("starts_on")
            .first()
        )
        if left is None:
            raise NotInAHousehold(
                _("The person lives in no household beyond that day. Check the date.")
            )
        facts.retract(
            model=HouseholdMember,
            of=keys,
            starts_on=ends_before,
            ends_before=None,
            origin=by_officer(access=access, at=at),
        )
        ground(person_id=person_id, fact_id=left.id, grounds=grounds, access=access, at=at)
        _journal("register.household_left", access, person_id, left.id, left.household_id)


def _live_in(
    person_id: UUID,
    household_id: UUID,
    role: str,
    starts_on: date,
    access: Access,
    at: datetime,
    grounds: Grounds | None,
    based_on: Collection[UUID] | None,
) -> UUID:
    """State a person's membership from a day on, in the place of any other."""
    lock_person(person_id)
    with reading(
        access=access, right=Right.PERSON_REGISTER, subject_kind="person", subject_id=person_id
    ):
        keys = {"person_id": person_id}
        facts.require_unchanged(model=HouseholdMember, of=keys, based_on=based_on)
        check_start(person_id=person_id, starts_on=starts_on, at=at)
        died = Vitals.objects.filter(superseded_at=None, **keys).values_list(
            "death_date", flat=True
        )
        death_date = died.first()
        if death_date is not None and starts_on > death_date:
            raise UnableToJoin(_("The person died before that day. Check the date."))
        fact_id = facts.state(
            model=HouseholdMember,
            of=keys,
            values={"household_id": household_id, "role": role},
            starts_on=starts_on,
            ends_before=None,
            origin=by_officer(access=access, at=at),
        )
        ground(person_id=person_id, fact_id=fact_id, grounds=grounds, access=access, at=at)
    return fact_id


def _journal(kind: str, access: Access, person_id: UUID, fact_id: UUID, household_id: UUID) -> None:
    record(
        kind=kind,
        access=access,
        subject_kind="person",
        subject_id=person_id,
        details={"fact": str(fact_id), "household": str(household_id)},
    )
