"""Error pages: what happened, why, what to do, and a number to quote.

The incident number stands in the log beside the cause, never the personal data that was on the
page. A failure of ours is journaled under its number too.
"""

import logging
import sys
from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from amparo.journal.incidents import journal_incident
from amparo.register.identities import MergedIntoAnother
from amparo.values import NotPermitted, Right, incident_number

_log = logging.getLogger(__name__)


def _answer(
    request: HttpRequest, *, status: HTTPStatus, title: str, what: str, remedy: str
) -> HttpResponse:
    context = {
        "title": title,
        "what": what,
        "remedy": remedy,
        "incident": _incident(request, status),
    }
    return render(request, "web/error.html", context, status=status)


def _incident(request: HttpRequest, status: HTTPStatus) -> str:
    """Return a number to quote; the log holds it beside the address, next to the cause."""
    number = incident_number()
    _log.warning("Incident %s: %s at %s", number, status.value, request.path)
    return number


def refused(request: HttpRequest, *, rights: tuple[Right, ...] = ()) -> HttpResponse:
    """Say which right is missing and who grants it."""
    names = ", ".join(right.value for right in rights)
    return _answer(
        request,
        status=HTTPStatus.FORBIDDEN,
        title=_("Your role does not include this page"),
        what=_("The page needs the right “%(right)s”.") % {"right": names} if names else "",
        remedy=_(
            "If you hold another role, switch to it. Otherwise ask the person who grants mandates "
            "in your institution, and quote the incident number."
        ),
    )


def without_mandate(request: HttpRequest) -> HttpResponse:
    """Say that the account works but carries no role today."""
    return _answer(
        request,
        status=HTTPStatus.FORBIDDEN,
        title=_("You hold no role today"),
        what=_("You are signed in, but no mandate is in force for you on this day."),
        remedy=_(
            "Ask the person who grants mandates in your institution to give you a role, "
            "and quote the incident number."
        ),
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(
        request,
        status=HTTPStatus.BAD_REQUEST,
        title=_("We could not read this request"),
        what=_("Part of the address or of the form was not in a form that we understand."),
        remedy=_("Go back, check what you entered, and send it again."),
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refused(request)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(
        request,
        status=HTTPStatus.NOT_FOUND,
        title=_("Page not found"),
        what=_("There is no page at this address, or it is not for your role."),
        remedy=_("Check the address, or search for the person, employer or number above."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(
        request,
        status=HTTPStatus.FORBIDDEN,
        title=_("The form had expired"),
        what=_("Nothing was changed. The page was open for too long, or cookies are switched off."),
        remedy=_(
            "Go back: what you typed is still there. Load the page again in a second window, "
            "then send the form again."
        ),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer without asking the database who is there: it may be what failed."""
    visit = getattr(request, "visit", None)
    incident = journal_incident(
        failure=sys.exception(),
        # The route, not the address: it says which page, and nothing of what was asked.
        where=request.resolver_match.route if request.resolver_match else "",
        actor_id=visit.access.actor_id if visit else None,
    )
    context = {
        "title": _("Something went wrong on our side"),
        "what": _("Nothing was half-done: a step is either finished or was never begun."),
        "remedy": _("Try again in a minute. If it happens again, report the incident number."),
        "incident": incident,
        "institution": settings.INSTITUTION_NAME,
        "direction": "rtl" if get_language_bidi() else "ltr",
    }
    try:
        page = render_to_string("web/error.html", context)
    except ValueError as missing:
        # Where the pages' files were never collected, no page can name its styles.
        _log.warning("The pages' files are not in place: %s", missing)
        page = render_to_string("web/error_plain.html", context)
    return HttpResponse(page, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def too_large(request: HttpRequest) -> HttpResponse:
    return _answer(
        request,
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        title=_("The file is too large"),
        what=_("It was refused before it was read. The limit is %(limit)s.")
        % {"limit": filesizeformat(settings.UPLOAD_LIMIT)},
        remedy=_("Send the file in parts, or hand it to those who can import it on the server."),
    )


# What a form carries besides its file.
_ALLOWANCE = 1024 * 1024


class Refusals:
    """Middleware: too large is refused unread; a right the role lacks ends in a clear refusal."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > settings.UPLOAD_LIMIT + _ALLOWANCE:
            return too_large(request)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, NotPermitted):
            return refused(request)
        if isinstance(exception, MergedIntoAnother):
            return _led_to_the_survivor(request, exception.survivor_id)
        return None


def _led_to_the_survivor(request: HttpRequest, survivor_id: UUID) -> HttpResponse:
    """Lead from a merged record to the same page of the surviving one, and say so.

    What was sent to the merged one was not written: the form is shown empty, on the right record.
    """
    match = request.resolver_match
    messages.info(
        request,
        _("The record you asked for was merged into this one: both are one person's."),
    )
    if match is None or "person_id" not in match.kwargs:
        return redirect("web:person", survivor_id)
    kwargs = {**match.kwargs, "person_id": survivor_id}
    return HttpResponseRedirect(reverse(match.view_name, kwargs=kwargs))
