"""Steps that change something: shown with their consequence, carried out once.

Each form carries a key of its own. A form that arrives again, because somebody pressed twice or
went back, is answered with the outcome of the first time. Two at the same instant are told apart by
the operation itself, which acts only from the state it expects.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

_DONE_IN_SESSION = "done"
_KEYS_KEPT = 40
KEY = "key"
CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A step this person may take now. confirm: what they declare, where it cannot be undone."""

    title: str
    href: str
    consequence: str
    confirm: str = ""
    look: str = ""  # "", "secondary" or "warning"
    form: forms.Form | None = None
    key: str = field(default_factory=lambda: str(uuid4()))

    @property
    def name(self) -> str:
        """Return a name for ids within the page."""
        return self.href.strip("/").replace("/", "-")


def carry_out(
    request: HttpRequest,
    *,
    act: Callable[[], str],
    refusals: tuple[type[Exception], ...],
    back: str,
    onward: str = "",
    must_confirm: bool = False,
) -> HttpResponse:
    """Do what the form asks, once, and go back with a message of what happened.

    act: returns the message of success. refusals: the operation's own errors, shown as they are.
    onward: where success leads, where that is another page than the one the form was on.
    """
    key = request.POST.get(KEY, "")
    done: list[Sequence[str]] = request.session.get(_DONE_IN_SESSION, [])
    if earlier := next((message for known, message in done if key and known == key), None):
        messages.success(request, earlier)
        return redirect(onward or back)
    if must_confirm and request.POST.get(CONFIRMED) != "yes":
        messages.error(request, _("Nothing was changed. Tick the box to confirm, then try again."))
        return redirect(back)
    try:
        message = act()
    except refusals as error:
        messages.error(request, str(error))
        return redirect(back)
    request.session[_DONE_IN_SESSION] = [*done, (key, message)][-_KEYS_KEPT:]
    messages.success(request, message)
    return redirect(onward or back)
