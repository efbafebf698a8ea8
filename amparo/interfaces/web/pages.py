"""Who may see a page: every view declares its audience, and meets only people who belong to it.

A view receives a `StaffRequest`, whose `visit` holds the permission that governance made for the
role the person works in, and the time of the request, read once. Where the existence of what the
page shows is personal data, somebody outside the audience gets the same answer as for a page that
does not exist; elsewhere a clear refusal and a way to ask.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from amparo.governance.kernel.access import RoleHeld, roles_and_access
from amparo.interfaces.web.refusals import refused, without_mandate
from amparo.values import Access, Right

_P = ParamSpec("_P")
ROLE_IN_SESSION = "role"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who a page is for. Without a right: everybody who holds a mandate."""

    rights: tuple[Right, ...] = ()
    hides: bool = False

    def admits(self, access: Access) -> bool:
        return not self.rights or any(access.allows(right) for right in self.rights)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request by somebody who may make it."""

    access: Access
    role: RoleHeld
    roles: tuple[RoleHeld, ...]
    on: date
    at: datetime


class StaffRequest(HttpRequest):
    """A request that has passed the door."""

    visit: Visit


_View = Callable[Concatenate[StaffRequest, _P], HttpResponse]
_Door = Callable[Concatenate[HttpRequest, _P], HttpResponse]


def page(*rights: Right, hides: bool = False) -> Callable[[_View[_P]], _Door[_P]]:
    """Open a view to those whose role carries any of the rights.

    hides: outsiders get 404, because that the page exists would tell them something about a person.
    """
    audience = Audience(rights=rights, hides=hides)

    def declare(view: _View[_P]) -> _Door[_P]:
        @wraps(view)
        def door(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            answer = _visit(request)
            if isinstance(answer, HttpResponse):
                return answer
            staff = cast("StaffRequest", request)
            staff.visit = answer
            if not audience.admits(answer.access):
                if hides:
                    raise Http404
                return refused(request, rights=rights)
            return view(staff, *args, **kwargs)

        door.audience = audience  # type: ignore[attr-defined]
        return door

    return declare


def for_every_account(view: _Door[_P]) -> _Door[_P]:
    """Declare that a page is for everybody who can sign in, in whatever role."""
    view.audience = Audience()  # type: ignore[attr-defined]
    return view


def _visit(request: HttpRequest) -> Visit | HttpResponse:
    """Return the visit in the role chosen, or the page that asks for a role."""
    at = timezone.now()
    on = timezone.localdate(at)
    user_id = cast("UUID", request.user.pk)
    roles, access = roles_and_access(
        user_id=user_id, chosen=request.session.get(ROLE_IN_SESSION), on=on
    )
    if not roles:
        return without_mandate(request)
    if access is None:
        query = urlencode({"next": request.get_full_path()})
        return redirect(f"{reverse('web:role')}?{query}")
    role = next(held for held in roles if held.code == access.role)
    return Visit(access=access, role=role, roles=roles, on=on, at=at)
