"""What is proposed, what was decided, by whom and why."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from amparo.accounts.queries import display_names
from amparo.governance.kernel.models import Resolution
from amparo.values import Access, Page, Right

PAGE_SIZE = 25
_READERS = (Right.PACK_READ, Right.PACK_PROPOSE, Right.PACK_APPROVE, Right.JOURNAL_READ)


class NoSuchResolution(Exception):
    """There is no resolution of this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionRow:
    """A resolution as its reader sees it."""

    resolution_id: UUID
    gate: str
    gate_title: str
    title: str
    reason: str
    content_hash: str
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    decision_reason: str
    expires_at: datetime | None


def resolutions_page(
    *, access: Access, state: str | None = None, page: int = 1, page_size: int = PAGE_SIZE
) -> Page[ResolutionRow]:
    """Return resolutions, the latest proposed first: to who proposes, decides or audits."""
    access.require_any(*_READERS)
    resolutions = Resolution.objects.select_related("gate").order_by("-proposed_at", "id")
    if state is not None:
        resolutions = resolutions.filter(state=state)
    found = list(resolutions[(page - 1) * page_size : page * page_size])
    return Page(rows=_rows(found), number=page, size=page_size, total=resolutions.count())


def resolution(*, resolution_id: UUID, access: Access) -> ResolutionRow:
    """Return one resolution. Raises NoSuchResolution."""
    access.require_any(*_READERS)
    found = Resolution.objects.select_related("gate").filter(id=resolution_id).first()
    if found is None:
        raise NoSuchResolution(_("There is no such proposal."))
    return _rows([found])[0]


def _rows(found: list[Resolution]) -> tuple[ResolutionRow, ...]:
    people = {r.proposed_by for r in found} | {r.decided_by for r in found if r.decided_by}
    names = display_names(user_ids=people)
    return tuple(_row(resolution, names) for resolution in found)


def _row(resolution: Resolution, names: dict[UUID, str]) -> ResolutionRow:
    decided_by = resolution.decided_by
    return ResolutionRow(
        resolution_id=resolution.id,
        gate=resolution.gate_id,
        gate_title=resolution.gate.title,
        title=resolution.title,
        reason=resolution.reason,
        content_hash=resolution.content_hash,
        state=resolution.state,
        proposed_by=names[resolution.proposed_by],
        proposed_at=resolution.proposed_at,
        decided_by=names[decided_by] if decided_by else "",
        decided_at=resolution.decided_at,
        decision_reason=resolution.decision_reason,
        expires_at=resolution.expires_at,
    )
