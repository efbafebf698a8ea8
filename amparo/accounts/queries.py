"""Who holds which role when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from amparo.accounts.models import Mandate, User
from amparo.accounts.operations import SECOND_FACTOR_FAILED
from amparo.journal.queries import events_since
from amparo.values import Access, Page, Right

PAGE_SIZE = 50


class NoSuchMandate(Exception):
    """There is no mandate with this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateRow:
    """A mandate with what its role allows. `role_title` is translated where it is shown."""

    mandate_id: UUID
    user_id: UUID
    user_name: str
    role: str
    role_title: str
    rights: tuple[str, ...]
    purposes: tuple[str, ...]
    starts_on: date
    ends_before: date | None
    granted_by: UUID | None
    granted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as others may see it."""

    user_id: UUID
    username: str
    display_name: str
    language: str
    is_active: bool
    is_system: bool


def mandates_in_force(
    *, user_id: UUID, on: date, role: str | None = None
) -> tuple[MandateRow, ...]:
    """Return an active user's mandates on a day, by role; an account that is closed has none."""
    held = (
        Mandate.objects.filter(user_id=user_id, user__is_active=True, starts_on__lte=on)
        .filter(Q(ends_before=None) | Q(ends_before__gt=on))
        .select_related("user", "role")
        .order_by("role_id")
    )
    if role is not None:
        held = held.filter(role_id=role)
    return tuple(_row(mandate) for mandate in held)


def account_named(*, username: str) -> Account | None:
    user = User.objects.filter(username=username).first()
    if user is None:
        return None
    return Account(
        user_id=user.id,
        username=user.username,
        display_name=user.display_name,
        language=user.language,
        is_active=user.is_active,
        is_system=user.is_system,
    )


def display_names(*, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the names to show for actors of the journal, of tasks, of decisions."""
    return dict(User.objects.filter(id__in=user_ids).values_list("id", "display_name"))


def failed_second_factors(*, user_id: UUID, since: datetime) -> int:
    """Return how many wrong codes were given for an account since an instant."""
    return events_since(kind=SECOND_FACTOR_FAILED, actor_id=user_id, since=since)


def is_installed() -> bool:
    """Say whether the installation decision was taken: whether anybody holds a mandate."""
    return Mandate.objects.exists()


def mandates_page(*, access: Access, page: int = 1, page_size: int = PAGE_SIZE) -> Page[MandateRow]:
    """Return all mandates, the latest granted first. Open to whoever grants and whoever audits."""
    access.require_any(Right.MANDATE_GRANT, Right.JOURNAL_READ)
    mandates = Mandate.objects.select_related("user", "role").order_by("-granted_at", "id")
    rows = mandates[(page - 1) * page_size : page * page_size]
    return Page(
        rows=tuple(_row(mandate) for mandate in rows),
        number=page,
        size=page_size,
        total=mandates.count(),
    )


def mandate(*, mandate_id: UUID, access: Access) -> MandateRow:
    """Return one mandate. Raises NoSuchMandate."""
    access.require_any(Right.MANDATE_GRANT, Right.JOURNAL_READ)
    found = Mandate.objects.select_related("user", "role").filter(id=mandate_id).first()
    if found is None:
        raise NoSuchMandate(_("There is no such mandate. Look at the list again."))
    return _row(found)


def _row(mandate: Mandate) -> MandateRow:
    return MandateRow(
        mandate_id=mandate.id,
        user_id=mandate.user_id,
        user_name=mandate.user.display_name,
        role=mandate.role_id,
        role_title=mandate.role.title,
        rights=tuple(mandate.role.rights),
        purposes=tuple(mandate.role.purposes),
        starts_on=mandate.starts_on,
        ends_before=mandate.ends_before,
        granted_by=mandate.granted_by_id,
        granted_at=mandate.granted_at,
    )
