"""Mandates: who holds which role from when to when; granted and ended by an administrator."""

from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.accounts.operations import UnableToEnd, UnableToGrant, end_mandate, grant_mandate
from amparo.accounts.queries import (
    Account,
    MandateRow,
    NoSuchMandate,
    account_named,
    display_names,
    mandates_page,
)
from amparo.accounts.queries import mandate as mandate_row
from amparo.accounts.roles import SYSTEM_ROLE
from amparo.interfaces.web import formats
from amparo.interfaces.web.actions import Done, fill_in
from amparo.interfaces.web.addresses import page_number
from amparo.interfaces.web.forms import DayField, day_after
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act, Crumb, Fact
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.views.opening import TermForm, role_choices
from amparo.interfaces.web.vocabulary import role_word
from amparo.values import Page, Right


class GrantForm(TermForm):
    """Who may act in which role, from when to when."""

    username = forms.CharField(label=gettext_lazy("Sign-in name"), max_length=80)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=role_choices)
    field_order = ("username", "role", "starts_on", "ends_on")
    account: Account

    def clean_username(self) -> str:
        username = str(self.cleaned_data["username"]).strip()
        account = account_named(username=username)
        if account is None:
            raise forms.ValidationError(
                _("Nobody signs in by this name. Open an account for them first.")
            )
        self.account = account
        return username


@page(Right.MANDATE_GRANT, Right.JOURNAL_READ)
def mandates(request: StaffRequest) -> HttpResponse:
    """List the mandates, the latest first, and let administrators grant one."""
    visit = request.visit
    may_grant = visit.access.allows(Right.MANDATE_GRANT)
    form = GrantForm((request.POST or None) if may_grant else None, on=visit.on)

    def act() -> Done:
        given = form.cleaned_data
        grant_mandate(
            user_id=form.account.user_id,
            role=given["role"],
            starts_on=given["starts_on"],
            ends_before=form.ends_before(),
            access=visit.access,
            at=visit.at,
        )
        said = {"name": form.account.display_name, "role": role_word(given["role"])}
        return Done(
            message=_("Granted: %(name)s, %(role)s.") % said, onward=reverse("web:mandates")
        )

    done = fill_in(request, form=form, act=act, refusals=(UnableToGrant,))
    if done is not None:
        return done
    table = _table(request, mandates_page(access=visit.access, page=page_number(request)))
    context = {
        "table": table,
        "may_open": may_grant,
        "act": Act(
            title=_("Grant a mandate"),
            button=_("Grant the mandate"),
            form=form,
            consequence=_(
                "They may do what the role carries from that day on, under your name as the one "
                "who granted it."
            ),
            undo=_("End the mandate from the list; what was done under it stays on record."),
        )
        if may_grant
        else None,
    }
    return exported(request, table) or render(request, "web/mandates.html", context)


def _table(request: StaffRequest, found: Page[MandateRow]) -> Table:
    visit = request.visit
    may_end = visit.access.allows(Right.MANDATE_GRANT)
    names = display_names(user_ids={one.granted_by for one in found.rows if one.granted_by})
    return Table(
        name="mandates",
        caption=_("Mandates"),
        columns=(
            Column(title=_("Who")),
            Column(title=_("Role")),
            Column(title=_("From"), kind="day"),
            Column(title=_("Last day"), kind="day"),
            Column(title=_("Granted by")),
            Column(title=_("Granted"), kind="instant"),
            *([Column(title=_("Change"))] if may_end else []),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.user_name),
                    Cell(value=role_word(one.role), hint=one.role),
                    Cell(value=one.starts_on),
                    Cell(value=formats.last_day(one.ends_before)),
                    Cell(
                        value=names.get(one.granted_by, "")
                        if one.granted_by
                        else _("decision at installation")
                    ),
                    Cell(value=one.granted_at),
                    *([_ending(request, one)] if may_end else []),
                ),
                emphasis="am-former" if one.ends_before and one.ends_before <= visit.on else "",
            )
            for one in found.rows
        ],
        empty=_("Nobody holds a mandate."),
        paging=found,
        query=request.GET,
    )


def _ending(request: StaffRequest, one: MandateRow) -> Cell:
    """Lead to where a mandate that still runs is ended; those of the jobs stay with the system."""
    runs = one.ends_before is None or one.ends_before > request.visit.on
    if not runs or one.role == SYSTEM_ROLE:
        return Cell(value="")
    return Cell(value=_("End"), href=reverse("web:mandate-end", args=[one.mandate_id]))


class EndForm(forms.Form):
    """The last day of a mandate."""

    ends_on = DayField(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("Yesterday ends it at once."),
    )


@page(Right.MANDATE_GRANT)
def mandate_end(request: StaffRequest, mandate_id: UUID) -> HttpResponse:
    """End a mandate."""
    visit = request.visit
    try:
        found = mandate_row(mandate_id=mandate_id, access=visit.access)
    except NoSuchMandate:
        raise Http404 from None
    form = EndForm(request.POST or None, initial={"ends_on": visit.on})

    def act() -> Done:
        end_mandate(
            mandate_id=mandate_id,
            ends_before=day_after(form.cleaned_data["ends_on"]),
            access=visit.access,
            at=visit.at,
        )
        return Done(
            message=_("The mandate ends: %(name)s, %(role)s.")
            % {"name": found.user_name, "role": role_word(found.role)},
            onward=reverse("web:mandates"),
        )

    done = fill_in(request, form=form, act=act, refusals=(UnableToEnd,))
    if done is not None:
        return done
    context = {
        "heading": _("End a mandate"),
        "crumbs": [Crumb(title=_("Mandates"), href=reverse("web:mandates"))],
        "act": Act(
            title=_("The end"),
            button=_("End the mandate"),
            form=form,
            consequence=_(
                "After that day the role's pages and steps refuse them. What they did stays valid. "
                "A mandate does not come back to life: it would be granted anew."
            ),
            undo=_("Grant the role again from the day after."),
            facts_title=_("The mandate"),
            facts=[
                Fact(label=_("Who"), value=found.user_name),
                Fact(label=_("Role"), value=role_word(found.role)),
                Fact(label=_("From"), value=found.starts_on, kind="day"),
                Fact(label=_("Last day"), value=formats.last_day(found.ends_before), kind="day"),
            ],
        ),
    }
    return render(request, "web/act_alone.html", context)
