"""Whoever signs in with a password that others were shown chooses their own before all else.

It stands before every page, those of the second factor too: else somebody who saw the password
could leave a passkey of theirs in the account before its owner comes.
"""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

_OPEN = ("account_change_password", "account_logout", "set_language")


class OwnPasswordFirst:
    """Middleware: leads to the page on which a password is chosen, until one is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        until = getattr(request.user, "first_password_until", None)
        if until is None or request.path in {reverse(name) for name in _OPEN}:
            return self.get_response(request)
        messages.info(
            request,
            _("Choose a password of your own first: others have seen the one you signed in with."),
        )
        return redirect("account_change_password")
