"""Opening an account with its first mandate; what its owner first signs in with is shown once.

The first password stands on the answer to the form alone: in no session, message, journal or log.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from amparo.accounts.operations import (
    FirstSignIn,
    UnableToCreateUser,
    UnableToGrant,
    UnableToRenew,
    open_account,
    renew_first_password,
)
from amparo.accounts.roles import ROLES, SYSTEM_ROLE
from amparo.interfaces.web.actions import Done, fill_in
from amparo.interfaces.web.forms import DayField, day_after
from amparo.interfaces.web.navigation import languages_offered
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act, Crumb, Fact
from amparo.interfaces.web.vocabulary import role_word
from amparo.values import Right, is_readable


def role_choices() -> list[tuple[str, str]]:
    """Return the roles that people hold; the jobs of the system have one of their own."""
    roles = ((role.code, role_word(role.code)) for role in ROLES if role.code != SYSTEM_ROLE)
    return [("", _("choose")), *roles]


class TermForm(forms.Form):
    """From when to when somebody may act in a role."""

    starts_on = DayField(label=gettext_lazy("From"))
    ends_on = DayField(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("Empty where it has no end yet."),
        required=False,
    )

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"starts_on": on}
        self._on = on

    def clean_starts_on(self) -> date:
        first: date = self.cleaned_data["starts_on"]
        if first < self._on:
            raise forms.ValidationError(_("A mandate begins today at the earliest."))
        return first

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day lies before the first. Check both dates."))
        return cleaned

    def ends_before(self) -> date | None:
        last = self.cleaned_data["ends_on"]
        return day_after(last) if last else None


class AccountForm(TermForm):
    """Who is to sign in, and in which role they act first."""

    display_name = forms.CharField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("As colleagues know them: it stands beside all they do."),
        max_length=120,
    )
    username = forms.CharField(
        label=gettext_lazy("Sign-in name"),
        help_text=gettext_lazy("Small letters without accents, digits, dots, dashes, underlines."),
        max_length=80,
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=lambda: [(one.code, one.name) for one in languages_offered()],
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=role_choices)
    field_order = ("display_name", "username", "language", "role", "starts_on", "ends_on")

    def clean_display_name(self) -> str:
        name = str(self.cleaned_data["display_name"])
        if not is_readable(name):
            raise forms.ValidationError(_("An account needs the name of who signs in with it."))
        return name


@never_cache
@sensitive_variables("first")
@page(Right.MANDATE_GRANT)
def account_new(request: StaffRequest) -> HttpResponse:
    """Open an account with a first mandate."""
    visit = request.visit
    form = AccountForm(request.POST or None, on=visit.on)

    def make() -> FirstSignIn:
        given = form.cleaned_data
        return open_account(
            username=given["username"],
            display_name=given["display_name"],
            language=given["language"],
            role=given["role"],
            starts_on=given["starts_on"],
            ends_before=form.ends_before(),
            access=visit.access,
            at=visit.at,
        )

    return _shown_once(
        request,
        form,
        make=make,
        refusals=(UnableToCreateUser, UnableToGrant),
        act=Act(
            title=_("The account"),
            button=_("Open the account"),
            form=form,
            consequence=_(
                "A first password is made and shown to you once. Whoever it is for signs in with "
                "it within seven days, and must choose one of their own before anything else."
            ),
            undo=_("End the mandate from the list: an account without one can do nothing."),
        ),
        heading=_("Open an account"),
    )


class RenewForm(forms.Form):
    """Whose first password is made anew."""

    username = forms.CharField(label=gettext_lazy("Sign-in name"), max_length=80)

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip()


@never_cache
@sensitive_variables("first")
@page(Right.MANDATE_GRANT)
def account_renew(request: StaffRequest) -> HttpResponse:
    """Make another first password for somebody who never signed in."""
    visit = request.visit
    form = RenewForm(request.POST or None)
    return _shown_once(
        request,
        form,
        make=lambda: renew_first_password(
            username=form.cleaned_data["username"], access=visit.access, at=visit.at
        ),
        refusals=(UnableToRenew,),
        act=Act(
            title=_("The account"),
            button=_("Make another first password"),
            form=form,
            consequence=_(
                "The earlier first password opens nothing any more. Whoever has chosen a password "
                "of their own keeps it: nobody else can give them another."
            ),
            undo=_("Make yet another: the latest alone opens the account."),
        ),
        heading=_("Another first password"),
    )


@sensitive_variables("first", "made")
def _shown_once(
    request: StaffRequest,
    form: forms.Form,
    *,
    make: Callable[[], FirstSignIn],
    refusals: tuple[type[Exception], ...],
    act: Act,
    heading: str,
) -> HttpResponse:
    """Show the form; or do it and show what was made, on this answer and nowhere else."""
    made: list[FirstSignIn] = []

    def do() -> Done:
        made.append(make())
        message = _("The account of %(name)s is open. Its first password was shown once.")
        return Done(message=message % {"name": made[0].username}, onward=reverse("web:mandates"))

    crumbs = [Crumb(title=_("Mandates"), href=reverse("web:mandates"))]
    done = fill_in(request, form=form, act=do, refusals=refusals)
    if made:
        (first,) = made
        facts = [
            Fact(label=_("Sign-in name"), value=first.username),
            Fact(label=_("First password"), value=first.password),
            Fact(label=_("Opens the account until"), value=first.until, kind="instant"),
        ]
        context = {"heading": heading, "crumbs": crumbs, "facts": facts}
        return render(request, "web/account_opened.html", context)
    return done or render(
        request, "web/act_alone.html", {"heading": heading, "crumbs": crumbs, "act": act}
    )
