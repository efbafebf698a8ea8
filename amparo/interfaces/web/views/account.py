"""The signed-in person's own account: the role they work in, their second factors."""

from typing import cast
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from amparo.accounts.operations import choose_language
from amparo.governance.kernel.access import RoleHeld, roles_in_force
from amparo.interfaces.web.pages import (
    ROLE_IN_SESSION,
    StaffRequest,
    for_every_account,
    page,
)
from amparo.interfaces.web.refusals import without_mandate
from amparo.interfaces.web.vocabulary import right_word, role_word


class RoleForm(forms.Form):
    """The choice among the roles in force for this person."""

    role = forms.ChoiceField(widget=forms.RadioSelect, label=_("Work as"))
    next = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: object, roles: tuple[RoleHeld, ...], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choice = cast("forms.ChoiceField", self.fields["role"])
        choice.choices = [(held.code, role_word(held.code)) for held in roles]


@for_every_account
@login_required
def role(request: HttpRequest) -> HttpResponse:
    """Choose the role to work in; every page then shows it."""
    user_id = cast("UUID", request.user.pk)
    roles = roles_in_force(user_id=user_id, on=timezone.localdate())
    if not roles:
        return without_mandate(request)
    form = RoleForm(
        request.POST or None,
        roles=roles,
        initial={
            "role": request.session.get(ROLE_IN_SESSION),
            "next": request.GET.get("next", ""),
        },
    )
    if request.method == "POST" and form.is_valid():
        request.session[ROLE_IN_SESSION] = form.cleaned_data["role"]
        target = form.cleaned_data["next"]
        is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
        return redirect(target if is_ours else "web:home")
    return render(request, "web/role.html", {"form": form})


@page()
def account(request: StaffRequest) -> HttpResponse:
    """Show who is signed in, with which roles, and where password and second factor change."""
    rights = sorted(right_word(right.value) for right in request.visit.access.rights)
    return render(request, "web/account.html", {"rights": rights})


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Speak another language from here on; whoever is signed in meets it again next time."""
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and check_for_language(chosen):
        choose_language(user_id=request.user.pk, language=chosen)
    return set_language(request)
