"""Bringing a reference list up to date: whole, from a day on, with what it said before kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from amparo.journal.operations import record
from amparo.register import facts
from amparo.register.models import ReferenceEntry
from amparo.register.records import UNKNOWN_START, Origin
from amparo.values import Access, Right


class UnusableList(Exception):
    """The entries do not make a list: a code twice, a parent that is none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCode:
    """A code as its list states it; labels by language, details by name."""

    code: str
    parent: str = ""
    labels: Mapping[str, str]
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLoaded:
    """How a list changed: codes that are new, that say something else, that are gone, and all."""

    added: int
    changed: int
    ended: int
    total: int


@transaction.atomic
def load_reference_list(
    *,
    list_code: str,
    codes: Iterable[NewCode],
    publisher: str,
    applies_from: date | None,
    access: Access,
    at: datetime,
    received_file_id: UUID | None = None,
) -> ListLoaded:
    """Replace what a list says from a day on; None: since ever, which a first load says.

    Codes that are not in the file end on that day; what stays the same is left alone. The number
    of SQL statements does not depend on the number of codes. Raises UnusableList.
    """
    access.require(Right.REGISTER_IMPORT)
    wanted = _checked(list_code, list(codes), publisher)
    starts_on = applies_from or UNKNOWN_START
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('register.reference'))")
    rows = list(
        ReferenceEntry.objects.filter(
            Q(ends_before=None) | Q(ends_before__gt=starts_on),
            list_code=list_code,
            superseded_at=None,
        )
    )
    same = {row.code for row in rows if _says(row, wanted.get(row.code), publisher, starts_on)}
    gone = [row for row in rows if row.code not in same]
    origin = Origin(
        source="exchange", source_id=received_file_id, recorded_by=access.actor_id, at=at
    )
    facts.supersede(
        model=ReferenceEntry,
        of={"list_code": list_code},
        fact_ids=[row.id for row in gone],
        at=at,
    )
    before = [
        _entry(list_code, _as_new(row), row.publisher, origin, row.starts_on, starts_on)
        for row in gone
        if row.starts_on < starts_on
    ]
    new = [
        _entry(list_code, code, publisher, origin, starts_on, None)
        for code in wanted.values()
        if code.code not in same
    ]
    ReferenceEntry.objects.bulk_create([*before, *new], batch_size=2000)
    replaced = {row.code for row in gone}
    loaded = ListLoaded(
        added=sum(entry.code not in replaced for entry in new),
        changed=sum(entry.code in replaced for entry in new),
        ended=len(replaced - set(wanted)),
        total=len(wanted),
    )
    record(
        kind="register.reference_list_loaded",
        access=access,
        subject_kind="reference-list",
        details={
            "list": list_code,
            "publisher": publisher,
            "from": starts_on.isoformat(),
            "added": loaded.added,
            "changed": loaded.changed,
            "ended": loaded.ended,
        },
    )
    return loaded


def _checked(list_code: str, codes: list[NewCode], publisher: str) -> dict[str, NewCode]:
    if not list_code or len(list_code) > 40 or not publisher.strip():
        raise UnusableList(_("A list has a code of at most 40 characters and says who keeps it."))
    wanted = {code.code: code for code in codes}
    if not wanted:
        raise UnusableList(
            _("The list is empty. An empty list would end every code; that is not done so.")
        )
    if len(wanted) != len(codes):
        raise UnusableList(_("A code stands twice in the list. Leave one row for each code."))
    for code in codes:
        if not code.code or len(code.code) > 40 or not any(code.labels.values()):
            raise UnusableList(
                _("A code has 1 to 40 characters and a label in some language: “%(code)s” has not.")
                % {"code": code.code[:40]}
            )
        if code.parent and code.parent not in wanted:
            raise UnusableList(
                _("“%(code)s” stands below “%(parent)s”, which is no code of the list.")
                % {"code": code.code, "parent": code.parent[:40]}
            )
    return wanted


def _says(row: ReferenceEntry, code: NewCode | None, publisher: str, starts_on: date) -> bool:
    """Say whether a row states just this from the day on for good."""
    return (
        code is not None
        and row.starts_on <= starts_on
        and row.ends_before is None
        and row.publisher == publisher
        and _as_new(row) == code
    )


def _as_new(row: ReferenceEntry) -> NewCode:
    return NewCode(code=row.code, parent=row.parent, labels=row.labels, details=row.details)


def _entry(
    list_code: str,
    code: NewCode,
    publisher: str,
    origin: Origin,
    starts_on: date,
    ends_before: date | None,
) -> ReferenceEntry:
    return ReferenceEntry(
        id=uuid4(),
        list_code=list_code,
        code=code.code,
        parent=code.parent,
        labels=dict(code.labels),
        details=dict(code.details),
        publisher=publisher,
        starts_on=starts_on,
        ends_before=ends_before,
        recorded_at=origin.at,
        source=origin.source,
        source_id=origin.source_id,
        recorded_by=origin.recorded_by,
    )
