"""Reading what the law protects more: health, disability, belonging to an indigenous people."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection

from amparo.journal.reading import reading
from amparo.values import Access, Right

_OPEN = "SELECT set_config('amparo.special', %s, true)"


@contextmanager
def reading_special(*, access: Access, right: Right, person_id: UUID) -> Iterator[None]:
    """Open one person's specially protected rows to the statements inside; journaled as such.

    As with `reading`, the setting lasts no longer than the block: a block that fails is rolled
    back to its savepoint, which restores it. Raises NotPermitted.
    """
    details = {"looked_for": "specially protected facts"}
    with reading(
        access=access,
        right=right,
        subject_kind="person",
        subject_id=person_id,
        details=details,
    ):
        _set("on")
        yield
        _set("")


def _set(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [value])
