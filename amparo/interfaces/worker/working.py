"""How a job does long work for somebody: under that person's mandate, in their language.

The mandate is asked for when the job runs, and again at each step: one that has ended in the
meantime stops the work. What an operation refuses is kept as its message; what nobody expected is
kept as an incident, and rises.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import override

from amparo.governance.kernel.access import access_for
from amparo.journal.incidents import journal_incident
from amparo.office.operations import WorkToDo, begin_work, fail_work, finish_work, report_work
from amparo.values import Access, NotPermitted

_REPORTED_EVERY_SECONDS = 1


def carry_out_work(
    *,
    work_id: UUID,
    job: str,
    do: Callable[[WorkToDo], Mapping[str, Any]],
    refusals: tuple[type[Exception], ...],
) -> None:
    """Do a work that somebody asked for. do: returns what the page shows when it is over.

    Safe to be run again: what is over stays so, and `do` goes on where it was interrupted.
    """
    work = begin_work(work_id=work_id, at=now())
    if work is None:
        return
    expected: tuple[type[Exception], ...] = (NotPermitted, *refusals)
    with override(work.language):
        try:
            result = do(work)
        except expected as refusal:
            fail_work(work_id=work_id, message=str(refusal), at=now())
        except Exception as failure:
            incident = journal_incident(failure=failure, where=job, actor_id=work.asked_by)
            message = _("Something went wrong on our side. What was not finished was undone.")
            fail_work(work_id=work_id, message=message, incident=incident, at=now())
            raise
        else:
            finish_work(work_id=work_id, result=result, at=now())


def access_of_asker(*, work: WorkToDo) -> Access:
    """Ask governance for the access of whoever asked, as it is now. Raises NoMandate."""
    return access_for(user_id=work.asked_by, role=work.role, on=localdate(), purpose=work.purpose)


@contextmanager
def progress_of(*, work: WorkToDo) -> Iterator[Callable[[int, int], None]]:
    """Yield what a long transaction reports its progress to.

    A thread writes it down on a connection of its own: what the transaction itself wrote, nobody
    else would see before its end.
    """
    latest: list[tuple[int, int]] = []
    over = Event()

    def report(done: int, total: int) -> None:
        latest[:] = [(done, total)]

    def write_down() -> None:
        try:
            while not over.wait(_REPORTED_EVERY_SECONDS):
                if latest:
                    done, total = latest[0]
                    report_work(work_id=work.work_id, done=done, total=total)
        finally:
            connection.close()

    writer = Thread(target=write_down)
    writer.start()
    try:
        yield report
    finally:
        over.set()
        writer.join()
