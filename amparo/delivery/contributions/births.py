"""Birth dates of workers, for schemes whose contributions follow age."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

from amparo.register import facts
from amparo.register.models import Vitals


def birth_dates_of(person_ids: Collection[UUID], *, known_at: datetime) -> Mapping[UUID, date]:
    """Return the birth dates known to the day at an instant; call it inside `reading`.

    Who is left out has none that is known: contributions then follow the pack's rule for that.
    """
    vitals = facts.known(
        Vitals.objects.filter(person_id__in=person_ids, birth_precision="day"), at=known_at
    )
    known = vitals.values_list("person_id", "birth_date")
    return {person_id: born for person_id, born in known if born is not None}
