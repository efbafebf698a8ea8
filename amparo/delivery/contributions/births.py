"""Birth dates of workers, for schemes whose contributions follow age."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

from amparo.register import facts
from amparo.register.identities import survivors_of
from amparo.register.models import Vitals


def birth_dates_of(person_ids: Collection[UUID], *, known_at: datetime) -> Mapping[UUID, date]:
    """Return the birth dates known to the day at an instant; call it inside `reading`.

    Who is left out has none that is known: contributions then follow the pack's rule for that. Of a
    merged record, the surviving one says it.
    """
    survivors = survivors_of(person_ids=person_ids, known_at=known_at)
    asked = {*person_ids, *survivors.values()}
    vitals = facts.known(
        Vitals.objects.filter(person_id__in=asked, birth_precision="day"), at=known_at
    )
    known = dict(vitals.values_list("person_id", "birth_date"))
    return {
        person_id: born
        for person_id in person_ids
        if (born := known.get(survivors.get(person_id, person_id))) is not None
    }
