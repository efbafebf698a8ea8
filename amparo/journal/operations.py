"""Appending to the journal."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from amparo.values import Access

# One statement without RETURNING; `id` and `happened_at` come from the database and from nowhere
# else.
_APPEND = """
INSERT INTO journal_event
    (kind, actor_id, role, purpose, mandate_id, subject_kind, subject_id, details)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s::jsonb)
"""


class OutsideTransaction(Exception):
    """An event was to be journaled outside the transaction of what it records."""


def record(
    *,
    kind: str,
    access: Access,
    subject_kind: str = "",
    subject_id: UUID | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Append one event to the journal, in the transaction of what it records.

    kind: room and verb, such as "claims.approved". details: ids, counts and salted hashes, no
    personal value.
    Raises OutsideTransaction.
    """
    _append(
        kind,
        (access.actor_id, access.role, access.purpose, access.mandate_id),
        (subject_kind, subject_id),
        details,
    )


def record_without_mandate(
    *,
    kind: str,
    actor_id: UUID | None = None,
    subject_kind: str = "",
    subject_id: UUID | None = None,
    details: Mapping[str, Any] | None = None,
    using: str = DEFAULT_DB_ALIAS,
) -> None:
    """Append an event that no mandate covers: a sign-in, a lock-out, the installation decision.

    using: the connection of the act, "owner" where the tables' owner acts.
    """
    _append(kind, (actor_id, "", "", None), (subject_kind, subject_id), details, using)


@transaction.atomic
def record_incident(
    *, number: str, where: str, failure: str, raised_in: str, actor_id: UUID | None
) -> None:
    """Append an incident: what failed was rolled back before, so this is a transaction of its own.

    failure: the class of the exception, never its message, which may hold a personal value.
    """
    record_without_mandate(
        kind="incident",
        actor_id=actor_id,
        details={"number": number, "where": where, "failure": failure, "raised_in": raised_in},
    )


def salted_hash(*, text: str) -> str:
    """Return a hash that finds the same text again in the journal and tells nobody what it was.

    Keyed with the installation's secret: without it, names and numbers could be guessed one by one.
    """
    return salted_hmac("amparo.journal", text, algorithm="sha256").hexdigest()


def _append(
    kind: str,
    actor: tuple[UUID | None, str, str, UUID | None],
    subject: tuple[str, UUID | None],
    details: Mapping[str, Any] | None,
    using: str = DEFAULT_DB_ALIAS,
) -> None:
    connection = connections[using]
    if not connection.in_atomic_block:
        raise OutsideTransaction(
            _(
                "The event “%(kind)s” was to be journaled outside a transaction, so the act could "
                "stand without its evidence. Nothing was written. Journal inside the operation."
            )
            % {"kind": kind}
        )
    document = DjangoJSONEncoder().encode(dict(details or {}))
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, [kind, *actor, *subject, document])
