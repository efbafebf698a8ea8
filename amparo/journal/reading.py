"""Reading personal data: with a right, for a purpose, in a transaction, on the record."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from amparo.journal.operations import record
from amparo.values import Access, NotPermitted, Right

# The old values are read before the new ones are set: MATERIALIZED keeps the two apart.
_ENTER = """
WITH before AS MATERIALIZED (
    SELECT coalesce(current_setting('amparo.purpose', true), '') AS purpose,
           coalesce(current_setting('amparo.subject', true), '') AS subject
)
SELECT purpose, subject,
       set_config('amparo.purpose', %s, true), set_config('amparo.subject', %s, true)
FROM before
"""
_LEAVE = "SELECT set_config('amparo.purpose', %s, true), set_config('amparo.subject', %s, true)"


@contextmanager
def reading(
    *,
    access: Access,
    right: Right,
    subject_kind: str = "",
    subject_id: UUID | None = None,
    details: Mapping[str, Any] | None = None,
) -> Iterator[None]:
    """Open personal rows to the statements inside, journal the read, close them again.

    The settings are transaction-local (SET LOCAL): they cannot survive into the next request on a
    pooled connection. Inside an outer reading, the outer purpose and subject stand again
    afterwards. An access bound to one person (`access.subject_id`) sees that person's rows only.
    Raises NotPermitted.
    """
    access.require(right)
    own_subject = access.subject_id
    if own_subject is not None and subject_id not in {None, own_subject}:
        raise NotPermitted(
            _("This access reads one person's own record only, and another person's was asked for.")
        )
    was_open = connection.in_atomic_block
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_ENTER, [access.purpose, str(own_subject or "")])
            outer = cursor.fetchone()[:2]
        record(
            kind="read",
            access=access,
            subject_kind=subject_kind,
            subject_id=subject_id or own_subject,
            details={**(details or {}), "right": right.value},
        )
        yield
        if was_open:
            # A failed block is rolled back to its savepoint, which restores the settings; a
            # finished one is not.
            with connection.cursor() as cursor:
                cursor.execute(_LEAVE, outer)
