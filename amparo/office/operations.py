"""Tasks, notices, numbers, originals: written in the transaction of the process they serve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid4
from zoneinfo import available_timezones

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as jobs

from amparo.journal.operations import record, record_without_mandate
from amparo.office.models import LegalTimeZone, LongWork, Notice, ReceivedFile, Task
from amparo.office.numbering import written_numbers
from amparo.office.originals import Original, keep_original
from amparo.values import Access, Right, is_readable

# One row a series and year is locked until the transaction ends: no number is given twice, and a
# rolled-back transaction gives its numbers back.
_TAKE_NUMBERS = """
INSERT INTO office_numberseries AS s (series, year, last_number) VALUES (%s, %s, %s)
ON CONFLICT (series, year) DO UPDATE SET last_number = s.last_number + excluded.last_number
RETURNING last_number
"""
_NOTICE_SERIES = "NT"


class UnableToClose(Exception):
    """The task cannot be closed."""


class UnableToChangeTimeZone(Exception):
    """The legal time zone cannot be changed so."""


class AlreadyAccepted(Exception):
    """A file with the same content was accepted before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """Something a person must look at. One task of a kind is open for a subject at a time."""

    kind: str
    subject_kind: str
    subject_id: UUID
    role: str
    details: Mapping[str, Any] = field(default_factory=dict)
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotice:
    """A message to a person. content: what page, letter and SMS are made from."""

    kind: str
    recipient_id: UUID
    language: str
    subject_kind: str
    subject_id: UUID
    content: Mapping[str, Any]


@transaction.atomic
def next_numbers(*, series: str, on: date, count: int) -> list[str]:
    """Take `count` numbers of a series in a row, such as CL-2026-000123-4."""
    if count < 1:
        raise ValueError(f"{count} numbers cannot be taken: ask for at least one.")
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_NUMBERS, [series, on.year, count])
        last = cursor.fetchone()[0]
    return written_numbers(series=series, year=on.year, first=last - count + 1, count=count)


def next_number(*, series: str, on: date) -> str:
    """Take the next number of a series."""
    return next_numbers(series=series, on=on, count=1)[0]


@transaction.atomic
def open_tasks(*, tasks: Sequence[NewTask], at: datetime) -> None:
    """Open tasks in one statement; one of the same kind that is open for a subject stays as it is.

    The operation that opens tasks journals why.
    """
    Task.objects.bulk_create(
        (
            Task(
                kind=task.kind,
                subject_kind=task.subject_kind,
                subject_id=task.subject_id,
                role=task.role,
                details=dict(task.details),
                due_on=task.due_on,
                opened_at=at,
            )
            for task in tasks
        ),
        ignore_conflicts=True,
        batch_size=5000,
    )


@transaction.atomic
def open_task(
    *,
    kind: str,
    subject_kind: str,
    subject_id: UUID,
    role: str,
    at: datetime,
    details: Mapping[str, Any] | None = None,
    due_on: date | None = None,
) -> UUID:
    """Open a task, or find the one of this kind that is open for the subject; return its id."""
    task = NewTask(
        kind=kind,
        subject_kind=subject_kind,
        subject_id=subject_id,
        role=role,
        details=details or {},
        due_on=due_on,
    )
    open_tasks(tasks=[task], at=at)
    # Locked: nobody closes it between here and the caller's commit.
    return (
        Task.objects.select_for_update()
        .values_list("id", flat=True)
        .get(kind=kind, subject_id=subject_id, closed_at=None)
    )


@transaction.atomic
def close_task(*, task_id: UUID, outcome: str, access: Access, at: datetime) -> None:
    """Close a task of one's own role, saying what came of it. Raises UnableToClose."""
    access.require(Right.TASK_CLOSE)
    if not is_readable(outcome):
        raise UnableToClose(_("Say what came of the task: others read it."))
    closed = Task.objects.filter(id=task_id, role=access.role, closed_at=None).update(
        closed_at=at, closed_by=access.actor_id, outcome=outcome
    )
    if closed != 1:
        raise UnableToClose(
            _("No such task is open for the role “%(role)s”; somebody may have closed it.")
            % {"role": access.role}
        )
    record(kind="office.task_closed", access=access, subject_kind="task", subject_id=task_id)


@transaction.atomic
def close_tasks_about(
    *, kind: str, subject_id: UUID, outcome: str, access: Access, at: datetime
) -> int:
    """Close the open task of a kind because its subject was dealt with; return their count: 0, 1.

    The process that dealt with the subject demanded its own right.
    """
    closed = Task.objects.filter(kind=kind, subject_id=subject_id, closed_at=None).update(
        closed_at=at, closed_by=access.actor_id, outcome=outcome
    )
    if closed:
        record(
            kind="office.task_closed",
            access=access,
            subject_kind="task-subject",
            subject_id=subject_id,
            details={"kind": kind},
        )
    return closed


@transaction.atomic
def issue_notices(*, notices: Sequence[NewNotice], at: datetime) -> list[UUID]:
    """Issue messages to people in one statement; return their ids in the order given."""
    if not notices:
        return []
    numbers = next_numbers(series=_NOTICE_SERIES, on=localdate(at), count=len(notices))
    rows = [
        Notice(
            id=uuid4(),
            number=number,
            kind=notice.kind,
            recipient_id=notice.recipient_id,
            language=notice.language,
            subject_kind=notice.subject_kind,
            subject_id=notice.subject_id,
            content=dict(notice.content),
            issued_at=at,
        )
        for notice, number in zip(notices, numbers, strict=True)
    ]
    Notice.objects.bulk_create(rows, batch_size=5000)
    return [row.id for row in rows]


def issue_notice(
    *,
    kind: str,
    recipient_id: UUID,
    language: str,
    subject_kind: str,
    subject_id: UUID,
    content: Mapping[str, Any],
    at: datetime,
) -> UUID:
    """Issue a message to a person, numbered in the year in which it is issued here."""
    notice = NewNotice(
        kind=kind,
        recipient_id=recipient_id,
        language=language,
        subject_kind=subject_kind,
        subject_id=subject_id,
        content=content,
    )
    return issue_notices(notices=[notice], at=at)[0]


@transaction.atomic
def receive_original(
    *, path: Path, kind: str, file_name: str, access: Access, at: datetime
) -> Original:
    """Keep a file exactly as it arrived, before anybody reads it. Raises UnableToReceive.

    The journal gets its hash and size; the name that the sender gave it may name a person, and is
    kept with `record_received_file` only.
    """
    original = keep_original(path=path)
    record(
        kind="office.original_received",
        access=access,
        details={"kind": kind, "sha256": original.sha256, "size": original.size},
    )
    return original


@transaction.atomic
def record_received_file(
    *,
    original: Original,
    kind: str,
    file_name: str,
    outcome: Literal["accepted", "rejected"],
    access: Access,
    at: datetime,
    accepted_rows: int = 0,
    rejected_rows: int = 0,
    report: Mapping[str, Any] | None = None,
    received_file_id: UUID | None = None,
) -> UUID:
    """Record what became of a file, in the transaction that takes in its rows.

    received_file_id: given when the rows name their source before the outcome is recorded. Raises
    AlreadyAccepted when a file of the same kind and content was accepted, also at the same moment.
    """
    file = ReceivedFile(
        id=received_file_id or uuid4(),
        sha256=original.sha256,
        kind=kind,
        file_name=file_name[:255],
        size=original.size,
        received_at=at,
        received_by=access.actor_id,
        outcome=outcome,
        accepted_rows=accepted_rows,
        rejected_rows=rejected_rows,
        report=dict(report or {}),
    )
    try:
        with transaction.atomic():
            file.save(force_insert=True)
    except IntegrityError as error:
        if "a_file_is_accepted_once" not in str(error):
            raise
        raise AlreadyAccepted(
            _("A file with exactly this content was accepted before. Nothing was taken in again.")
        ) from error
    record(
        kind=f"office.file_{outcome}",
        access=access,
        subject_kind="received-file",
        subject_id=file.id,
        details={"kind": kind, "accepted_rows": accepted_rows, "rejected_rows": rejected_rows},
    )
    return file.id


# --- long work --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkToDo:
    """What a job needs to know: on what, for whom, in which role and language."""

    work_id: UUID
    subject_id: UUID
    details: Mapping[str, Any]
    language: str
    asked_by: UUID
    role: str
    purpose: str


@transaction.atomic
def ask_for_work(
    *,
    kind: str,
    subject_kind: str,
    subject_id: UUID,
    right: Right,
    access: Access,
    at: datetime,
    details: Mapping[str, Any] | None = None,
) -> UUID:
    """Have a background job do something; return the work, or the one that is open already.

    kind: the job's name. right: what the work takes; the job asks for it again when it runs. Of two
    who press at once, both get the same work: the database lets one be open for a subject.
    """
    access.require(right)
    work = LongWork(
        id=uuid4(),
        kind=kind,
        subject_kind=subject_kind,
        subject_id=subject_id,
        details=dict(details or {}),
        state="waiting",
        language=get_language() or settings.LANGUAGE_CODE,
        asked_by=access.actor_id,
        role=access.role,
        purpose=access.purpose,
        asked_at=at,
    )
    # Waits for a second one who inserts at this moment, and then leaves theirs as it is.
    LongWork.objects.bulk_create([work], ignore_conflicts=True)
    open_id: UUID = LongWork.objects.values_list("id", flat=True).get(
        kind=kind, subject_id=subject_id, state__in=["waiting", "running"]
    )
    if open_id != work.id:
        return open_id
    jobs.configure_task(
        name=kind, lock=str(subject_id), queueing_lock=f"{kind} {subject_id}"
    ).defer(work_id=str(work.id))
    record(
        kind="office.work_asked",
        access=access,
        subject_kind=subject_kind,
        subject_id=subject_id,
        details={"work": work.id, "kind": kind},
    )
    return work.id


@transaction.atomic
def begin_work(*, work_id: UUID, at: datetime) -> WorkToDo | None:
    """Begin a work, or go on after its worker was killed; None when it is over already."""
    work = LongWork.objects.select_for_update().get(id=work_id)
    if work.state not in {"waiting", "running"}:
        return None
    work.state = "running"
    work.started_at = work.started_at or at
    work.save(update_fields=["state", "started_at"])
    _work_journaled("office.work_begun", work)
    return WorkToDo(
        work_id=work.id,
        subject_id=work.subject_id,
        details=work.details,
        language=work.language,
        asked_by=work.asked_by,
        role=work.role,
        purpose=work.purpose,
    )


def report_work(*, work_id: UUID, done: int, total: int) -> None:
    """Say how far a work is. Not evidence, so it leaves no row in the journal."""
    LongWork.objects.filter(id=work_id, state="running").update(done=done, total=total)


@transaction.atomic
def finish_work(*, work_id: UUID, result: Mapping[str, Any], at: datetime) -> None:
    """Keep what came of a work."""
    work = LongWork.objects.select_for_update().get(id=work_id)
    work.state, work.result, work.ended_at = "done", dict(result), at
    work.save(update_fields=["state", "result", "ended_at"])
    _work_journaled("office.work_done", work)


@transaction.atomic
def fail_work(*, work_id: UUID, message: str, at: datetime, incident: str = "") -> None:
    """Keep why a work stopped; it may be asked for again. message: holds no personal value."""
    work = LongWork.objects.select_for_update().get(id=work_id)
    work.state, work.message, work.incident, work.ended_at = "failed", message, incident, at
    work.save(update_fields=["state", "message", "incident", "ended_at"])
    _work_journaled("office.work_failed", work, incident=incident)


def _work_journaled(kind: str, work: LongWork, **details: str) -> None:
    """Journal what became of a work: the acts in it are journaled under the asker's mandate."""
    record_without_mandate(
        kind=kind,
        actor_id=work.asked_by,
        subject_kind=work.subject_kind,
        subject_id=work.subject_id,
        details={"work": work.id, "kind": work.kind, **details},
    )


def change_legal_time_zone(*, name: str, at: datetime, using: str) -> None:
    """Reckon days in another zone from now on; what was reckoned before stays as it was.

    using: the connection of the role that owns the tables: the application cannot change the
    zone, for months are closed and paid by it. Raises UnableToChangeTimeZone.
    """
    with transaction.atomic(using=using):
        if name not in available_timezones():
            raise UnableToChangeTimeZone(
                f"There is no time zone “{name}”. Use a name such as Africa/Nairobi."
            )
        before = LegalTimeZone.objects.using(using).latest("applies_from")
        if before.name == name:
            raise UnableToChangeTimeZone(
                f"{name} is the legal time zone already, since {before.applies_from:%Y-%m-%d}."
            )
        LegalTimeZone(name=name, applies_from=at).save(using=using, force_insert=True)
        record_without_mandate(
            kind="office.time_zone_changed",
            details={"from": before.name, "to": name},
            using=using,
        )
