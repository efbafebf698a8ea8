"""Steps that change something: shown with their consequence, carried out once.

Each form carries a key of its own. A form that arrives again, because somebody pressed twice or
went back, is answered with the outcome of the first time. Two at the same instant go one after the
other: the second finds what the first has done.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from amparo.journal.once import one_after_the_other

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
    absent: tuple[type[Exception], ...] = (),
) -> HttpResponse:
    """Do what the form asks, once, and go back with a message of what happened.

    act: returns the message of success. refusals: the operation's own errors, shown as they are;
    absent: those that say that there is nothing to act on. onward: where success leads, where that
    is another page than the one the form was on.
    """
    if earlier := _done_before(request):
        return earlier
    if must_confirm and request.POST.get(CONFIRMED) != "yes":
        messages.error(request, _("Nothing was changed. Tick the box to confirm, then try again."))
        return redirect(back)
    with _alone(request):
        if earlier := _done_before(request):
            return earlier
        try:
            message = act()
        except absent:
            raise Http404 from None
        except refusals as error:
            messages.error(request, str(error))
            return redirect(back)
        return _remembered(request, message, onward or back)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a form did: the message of success, and the address where it is seen."""

    message: str
    onward: str


def fill_in(
    request: HttpRequest,
    *,
    form: forms.Form,
    act: Callable[[], Done],
    refusals: tuple[type[Exception], ...],
) -> HttpResponse | None:
    """Do what a page's form asks, once, and go where it is seen.

    None: the form is to be shown, with what was typed and what is wrong with it. act: called with
    a valid form only; refusals: the operation's own errors, shown above the form as they are.
    """
    if request.method != "POST":
        return None
    if earlier := _done_before(request):
        return earlier
    if not form.is_valid() or (isinstance(form, CheckedForm) and not form.is_checked()):
        return None
    with _alone(request):
        if earlier := _done_before(request):
            return earlier
        try:
            done = act()
        except refusals as error:
            form.add_error(None, str(error))
            return None
        return _remembered(request, done.message, done.onward)


class CheckedForm(forms.Form):
    """A form of two steps: what it leads to is shown first, and done at the second press.

    compared: the fields that, changed between the two, make the first step be taken again.
    """

    checked = forms.CharField(required=False, widget=forms.HiddenInput, max_length=1000)
    compared: ClassVar[tuple[str, ...]] = ()

    def is_checked(self) -> bool:
        """Say whether what is sent was shown before; if not, the form remembers that it is now."""
        shown = "|".join(str(self.cleaned_data.get(name) or "") for name in self.compared)
        if self.cleaned_data["checked"] == shown:
            return True
        self.data = {**self.data.dict(), "checked": shown}  # type: ignore[attr-defined]  # QueryDict
        return False


@contextmanager
def _alone(request: HttpRequest) -> Iterator[None]:
    """Wait for a request with the same form's key; then know what it has done."""
    key = request.POST.get(KEY, "")
    if not key:
        yield
        return
    with one_after_the_other(key):
        request.session[_DONE_IN_SESSION] = request.session.load().get(_DONE_IN_SESSION, [])
        yield


def _done_before(request: HttpRequest) -> HttpResponse | None:
    """Answer a form that arrives again with the outcome of the first time."""
    key = request.POST.get(KEY, "")
    done: list[Sequence[str]] = request.session.get(_DONE_IN_SESSION, [])
    earlier = next((one for one in done if key and one[0] == key), None)
    if earlier is None:
        return None
    _key, message, onward = earlier
    messages.success(request, message)
    return redirect(onward)


def _remembered(request: HttpRequest, message: str, onward: str) -> HttpResponse:
    done: list[Sequence[str]] = request.session.get(_DONE_IN_SESSION, [])
    kept = [*done, (request.POST.get(KEY, ""), message, onward)]
    request.session[_DONE_IN_SESSION] = kept[-_KEYS_KEPT:]
    # Before the lock is given back: whoever waits reads it.
    request.session.save()
    messages.success(request, message)
    return redirect(onward)
