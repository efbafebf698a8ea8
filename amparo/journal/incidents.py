"""Incidents: what nobody expected, under a number that page, log and journal share.

The journal keeps where it happened and of which kind the failure was; the message of a failure may
hold anything, and stays in the log.
"""

import logging
import traceback
from uuid import UUID

from django.db import Error

from amparo.journal.operations import record_incident
from amparo.values import incident_number

_log = logging.getLogger(__name__)


def journal_incident(
    *, failure: BaseException | None, where: str, actor_id: UUID | None = None
) -> str:
    """Journal an incident in a transaction of its own; return its number, which the log has too.

    where: the route of a page, the name of a job or command, without any value. Where the database
    is what failed, the log alone has it.
    """
    number = incident_number()
    kind = type(failure).__name__ if failure else ""
    _log.error("Incident %s: %s at %s", number, kind or "failure", where)
    try:
        record_incident(
            number=number, where=where, failure=kind, raised_in=_place(failure), actor_id=actor_id
        )
    except Error as refusal:
        _log.error(
            "Incident %s is in this log alone: the journal could not be written (%s)",
            number,
            type(refusal).__name__,
        )
    return number


def _place(failure: BaseException | None) -> str:
    """Return where in the source a failure was raised."""
    frames = traceback.extract_tb(failure.__traceback__) if failure else []
    if not frames:
        return ""
    last = frames[-1]
    return f"{last.filename.rpartition('/amparo/')[2]}:{last.lineno} {last.name}"
