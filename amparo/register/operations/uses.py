"""Which decision rested on which fact, told by the rooms that decide."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction


@transaction.atomic
def record_fact_use(*, fact_ids: Iterable[UUID], used_in: str, used_id: UUID) -> None:
    """Remember that `used_in`/`used_id` (such as "decision" and its id) rests on these facts.

    The deciding operation has the right to decide; remembering on what needs none of its own.
    """
    rows = list(fact_ids)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO register_factuse (fact_id, used_in, used_id)"
            " SELECT unnest(%s::uuid[]), %s, %s",
            [rows, used_in, used_id],
        )
