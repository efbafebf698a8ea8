"""What lies on whose desk, what was sent to whom, what arrived."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from procrastinate.contrib.django.models import ProcrastinateWorker

from amparo.accounts.queries import display_names
from amparo.journal.operations import record
from amparo.journal.reading import reading
from amparo.office.models import LegalTimeZone, LongWork, Notice, ReceivedFile, Task
from amparo.values import Access, Page, Right

PAGE_SIZE = 25
# A worker that is alive says so every 10 seconds.
_SILENT_FOR = timedelta(seconds=30)

# Whoever takes files in may see what became of them, and whoever audits.
_FILE_RIGHTS = (
    Right.REGISTER_IMPORT,
    Right.DECLARATION_RECEIVE,
    Right.STATEMENT_READ_IN,
    Right.JOURNAL_READ,
)


class NotFound(Exception):
    """There is nothing with this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """A task as it lies in an inbox."""

    task_id: UUID
    kind: str
    subject_kind: str
    subject_id: UUID
    role: str
    details: Mapping[str, Any]
    opened_at: datetime
    due_on: date | None
    closed_at: datetime | None
    closed_by: UUID | None
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWork:
    """The open tasks of a role, by how long they have been open; late: past their due day."""

    role: str
    within_week: int
    within_month: int
    older: int
    late: int

    @property
    def count(self) -> int:
        return self.within_week + self.within_month + self.older


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """A message as it was issued."""

    notice_id: UUID
    number: str
    kind: str
    recipient_id: UUID
    language: str
    subject_kind: str
    subject_id: UUID
    content: Mapping[str, Any]
    issued_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedFileRow:
    """A file that arrived, and what became of it."""

    received_file_id: UUID
    sha256: str
    kind: str
    file_name: str
    size: int
    received_at: datetime
    received_by: str
    outcome: str
    accepted_rows: int
    rejected_rows: int
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    """A long work: how far it is, what came of it. has_worker: somebody is there to do it."""

    work_id: UUID
    kind: str
    subject_id: UUID
    details: Mapping[str, Any]
    state: str
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    done: int
    total: int
    message: str
    incident: str
    result: Mapping[str, Any]
    has_worker: bool

    @property
    def is_open(self) -> bool:
        return self.state in {"waiting", "running"}


def inbox(
    *, access: Access, role: str | None = None, page: int = 1, page_size: int = PAGE_SIZE
) -> Page[TaskRow]:
    """Return the open tasks of a role, the most urgent first. role: None takes the reader's own."""
    access.require(Right.TASK_READ)
    tasks = Task.objects.filter(role=role or access.role, closed_at=None)
    ordered = tasks.order_by("due_on", "opened_at", "id")[(page - 1) * page_size : page * page_size]
    rows = tuple(_task_row(task) for task in ordered)
    return Page(rows=rows, number=page, size=page_size, total=tasks.count())


def open_work(*, access: Access, on: date, at: datetime) -> tuple[OpenWork, ...]:
    """Count the open tasks of each role by age: up to 7 days, up to 30, older."""
    access.require(Right.FIGURES_READ)
    week, month = at - timedelta(days=7), at - timedelta(days=30)
    rows = (
        Task.objects.filter(closed_at=None)
        .values("role")
        .annotate(
            within_week=Count("id", filter=Q(opened_at__gte=week)),
            within_month=Count("id", filter=Q(opened_at__lt=week, opened_at__gte=month)),
            older=Count("id", filter=Q(opened_at__lt=month)),
            late=Count("id", filter=Q(due_on__lt=on)),
        )
        .order_by("role")
    )
    return tuple(OpenWork(**row) for row in rows)


def task_flow(*, access: Access, since: datetime) -> tuple[int, int]:
    """Count the tasks opened and the tasks closed since an instant."""
    access.require(Right.FIGURES_READ)
    found = Task.objects.aggregate(
        opened=Count("id", filter=Q(opened_at__gte=since)),
        closed=Count("id", filter=Q(closed_at__gte=since)),
    )
    return found["opened"], found["closed"]


def task(*, task_id: UUID, access: Access) -> TaskRow:
    """Return one task, open or closed. Raises NotFound."""
    access.require(Right.TASK_READ)
    found = Task.objects.filter(id=task_id).first()
    if found is None:
        raise NotFound(_("There is no such task."))
    return _task_row(found)


def notices_of(
    *, recipient_id: UUID, access: Access, records: Collection[UUID] = ()
) -> tuple[NoticeRow, ...]:
    """Return what was sent to a person, the latest first.

    records: all records of the person, where they have several.
    """
    with reading(
        access=access,
        right=Right.PERSON_READ,
        subject_kind="person",
        subject_id=recipient_id,
        details={"read": "notices"},
    ):
        found = Notice.objects.filter(recipient_id__in={recipient_id, *records})
        found = found.order_by("-issued_at", "-number")
        return tuple(_notice_row(notice) for notice in found)


def notice(*, notice_id: UUID, access: Access) -> NoticeRow:
    """Return one message. Raises NotFound."""
    with reading(
        access=access, right=Right.PERSON_READ, details={"read": "notice", "notice": notice_id}
    ):
        found = Notice.objects.filter(id=notice_id).first()
        if found is None:
            raise NotFound(_("There is no such notice."))
        # Whose it is shows only now; the person's list of readers must show it too.
        record(
            kind="read",
            access=access,
            subject_kind="person",
            subject_id=found.recipient_id,
            details={"read": "notice", "notice": notice_id, "right": Right.PERSON_READ.value},
        )
    return _notice_row(found)


def already_accepted(*, kind: str, sha256: str) -> ReceivedFileRow | None:
    """Return the accepted file of this kind with exactly this content, if there was one."""
    found = ReceivedFile.objects.filter(kind=kind, sha256=sha256, outcome="accepted").first()
    return _file_rows([found])[0] if found else None


def received_files_page(
    *, access: Access, kind: str | None = None, page: int = 1, page_size: int = PAGE_SIZE
) -> Page[ReceivedFileRow]:
    """Return files that arrived, the latest first."""
    access.require_any(*_FILE_RIGHTS)
    files = ReceivedFile.objects.order_by("-received_at", "id")
    if kind is not None:
        files = files.filter(kind=kind)
    rows = tuple(_file_rows(list(files[(page - 1) * page_size : page * page_size])))
    return Page(rows=rows, number=page, size=page_size, total=files.count())


def received_file(*, received_file_id: UUID, access: Access) -> ReceivedFileRow:
    """Return one file that arrived. Raises NotFound."""
    access.require_any(*_FILE_RIGHTS)
    found = ReceivedFile.objects.filter(id=received_file_id).first()
    if found is None:
        raise NotFound(_("There is no such file."))
    return _file_rows([found])[0]


def work(*, work_id: UUID, right: Right, access: Access, at: datetime) -> WorkRow:
    """Return one long work. Raises NotFound."""
    access.require(right)
    found = LongWork.objects.filter(id=work_id).first()
    if found is None:
        raise NotFound(_("There is no such work."))
    return _work_row(found, at)


def latest_work(*, subject_id: UUID, right: Right, access: Access, at: datetime) -> WorkRow | None:
    """Return the work that was asked for last on a subject."""
    access.require(right)
    found = LongWork.objects.filter(subject_id=subject_id).order_by("-asked_at", "id").first()
    return _work_row(found, at) if found else None


def _work_row(found: LongWork, at: datetime) -> WorkRow:
    has_worker = ProcrastinateWorker.objects.filter(last_heartbeat__gte=at - _SILENT_FOR).exists()
    return WorkRow(
        work_id=found.id,
        kind=found.kind,
        subject_id=found.subject_id,
        details=found.details,
        state=found.state,
        asked_by=display_names(user_ids={found.asked_by}).get(found.asked_by, ""),
        asked_at=found.asked_at,
        started_at=found.started_at,
        ended_at=found.ended_at,
        done=found.done,
        total=found.total,
        message=found.message,
        incident=found.incident,
        result=found.result,
        has_worker=has_worker,
    )


def _task_row(task: Task) -> TaskRow:
    return TaskRow(
        task_id=task.id,
        kind=task.kind,
        subject_kind=task.subject_kind,
        subject_id=task.subject_id,
        role=task.role,
        details=task.details,
        opened_at=task.opened_at,
        due_on=task.due_on,
        closed_at=task.closed_at,
        closed_by=task.closed_by,
        outcome=task.outcome,
    )


def _notice_row(notice: Notice) -> NoticeRow:
    return NoticeRow(
        notice_id=notice.id,
        number=notice.number,
        kind=notice.kind,
        recipient_id=notice.recipient_id,
        language=notice.language,
        subject_kind=notice.subject_kind,
        subject_id=notice.subject_id,
        content=notice.content,
        issued_at=notice.issued_at,
    )


def _file_rows(files: list[ReceivedFile]) -> list[ReceivedFileRow]:
    names = display_names(user_ids={file.received_by for file in files})
    return [
        ReceivedFileRow(
            received_file_id=file.id,
            sha256=file.sha256,
            kind=file.kind,
            file_name=file.file_name,
            size=file.size,
            received_at=file.received_at,
            received_by=names.get(file.received_by, ""),
            outcome=file.outcome,
            accepted_rows=file.accepted_rows,
            rejected_rows=file.rejected_rows,
            report=file.report,
        )
        for file in files
    ]


def legal_time_zone(*, using: str) -> str:
    """Return the zone in which the database's guards reckon days now."""
    return LegalTimeZone.objects.using(using).latest("applies_from").name
