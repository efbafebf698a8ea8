"""To which account a person is paid, and who receives for them."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.interfaces.web.actions import CheckedForm
from amparo.interfaces.web.forms import (
    AccountNumberField,
    DayField,
    EndForm,
    ProviderField,
    day_after,
)
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act, Fact
from amparo.interfaces.web.views.someone import person_named, who
from amparo.interfaces.web.views.writing import (
    UNTIL,
    FactForm,
    SeenForm,
    coded,
    fact_page,
    first_day,
    last_day,
    record_now,
    seen_of,
    somebody,
    stated,
)
from amparo.interfaces.web.vocabulary import word
from amparo.register.operations import end_payee, set_payee, set_payment_account
from amparo.register.records import NewAccount
from amparo.values import Right

_ACCOUNTS = (("bank", gettext_lazy("bank account")), ("wallet", gettext_lazy("mobile wallet")))


class AccountForm(FactForm):
    """Where a person receives money, from a day on."""

    of_kind = "payment-account"
    compared_with = (
        coded("kind"),
        stated("provider"),
        stated("account_number"),
        first_day(),
        UNTIL,
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=_ACCOUNTS, widget=forms.RadioSelect, initial="bank"
    )
    provider = ProviderField(label=gettext_lazy("BIC of the bank or of the wallet's operator"))
    account_number = AccountNumberField(label=gettext_lazy("Account number"))
    starts_on = DayField(label=gettext_lazy("From"))


@page(Right.PERSON_REGISTER, hides=True)
def account(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Name the account to which a person is paid."""
    form = AccountForm(
        request.POST or None,
        initial={
            "seen": seen_of(request, person_id, "payment-account"),
            "starts_on": request.visit.on,
        },
    )

    def write(**told: Any) -> None:
        given = form.cleaned_data
        set_payment_account(
            account=NewAccount(
                kind=given["kind"],
                provider=given["provider"],
                account_number=given["account_number"],
            ),
            starts_on=given["starts_on"],
            **told,
        )

    def show() -> Act:
        paid = record_now(request, person_id, "account").account
        return Act(
            title=_("Name a payment account"),
            button=_("Record the account"),
            form=form,
            consequence=_(
                "Nothing is paid to it until the bank or the wallet's operator has confirmed that "
                "it exists and is this person's: somebody other than you. Until then payments are "
                "held, not lost."
            ),
            undo=_("Name the right account from the same day on: it takes the place of this one."),
            facts_title=_("Recorded now"),
            facts=[
                Fact(
                    label=_("Is paid to"),
                    value=f"{word(paid.kind)}, {paid.provider} {paid.account_number}"
                    if paid
                    else _("no account known"),
                ),
                Fact(label=_("Confirmed on"), value=paid.verified_on if paid else None, kind="day"),
            ],
        )

    return fact_page(
        request,
        person_id,
        form=form,
        write=write,
        done=_("The account is recorded. Nothing is paid to it before its operator confirms it."),
        show=show,
    )


class PayeeForm(CheckedForm, FactForm):
    """Who receives money for a person; who that is, is shown before it is recorded."""

    of_kind = "payee"
    compared_with = (
        somebody("representative_id", field="representative"),
        first_day(),
        last_day(),
    )
    compared = ("representative",)
    representative = forms.CharField(
        label=gettext_lazy("Number or identity number of who receives"), max_length=60
    )
    starts_on = DayField(label=gettext_lazy("From"))
    ends_on = DayField(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("Empty where it has no end yet."),
        required=False,
    )

    def __init__(self, *args: Any, request: StaffRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    def clean_representative(self) -> str:
        typed = str(self.cleaned_data["representative"])
        self.cleaned_data["payee"] = person_named(self._request, typed, looked_for="payee")
        return typed


@page(Right.PERSON_REGISTER, hides=True)
def payee(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Name who receives money for a person."""
    form = PayeeForm(
        request.POST or None,
        request=request,
        initial={
            "seen": seen_of(request, person_id, "payee"),
            "starts_on": request.visit.on,
        },
    )

    def write(**told: Any) -> None:
        last = form.cleaned_data["ends_on"]
        set_payee(
            representative_id=form.cleaned_data["payee"].person_id,
            starts_on=form.cleaned_data["starts_on"],
            ends_before=day_after(last) if last else None,
            **told,
        )

    def done() -> str:
        return _("%(name)s receives for this person.") % {"name": form.cleaned_data["payee"].name}

    def show() -> Act:
        known = record_now(request, person_id, "payees").payee
        named = known.name if known else _("nobody")
        facts = [Fact(label=_("Receives for this person"), value=named)]
        found = form.cleaned_data["payee"] if form.is_valid() else None
        if found is not None:
            facts.extend(who(found, label=_("Payee")))
        return Act(
            title=_("Name a payee"),
            button=_("Record this payee") if found else _("Look who that is"),
            form=form,
            consequence=_(
                "The benefit stays this person's; from the next pay run on the money goes to the "
                "payee's own confirmed account."
            ),
            undo=_("End the payee on the day before the first one: they then never received."),
            facts_title=_("Is this the right person?") if found else _("Recorded now"),
            facts=facts,
        )

    return fact_page(request, person_id, form=form, write=write, done=done, show=show)


class PayeeEnd(SeenForm, EndForm):
    """The last day on which somebody receives for a person."""

    of_kind = "payee"
    compared_with = (
        somebody("representative_id", title=gettext_lazy("Payee")),
        last_day(),
    )


@page(Right.PERSON_REGISTER, hides=True)
def payee_end(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """End that somebody receives for a person."""
    form = PayeeEnd(request.POST or None, initial={"seen": seen_of(request, person_id, "payee")})

    def show() -> Act:
        known = record_now(request, person_id, "payees").payee
        return Act(
            title=_("End the payee"),
            button=_("Record the end"),
            form=form,
            consequence=_(
                "From the next pay run on this person is paid again. What was granted with this "
                "payee is held instead, and an officer gets a task."
            ),
            undo=_("Name the payee again."),
            facts_title=_("Recorded now"),
            facts=[
                Fact(
                    label=_("Receives for this person"), value=known.name if known else _("nobody")
                ),
                Fact(label=_("From"), value=known.times.starts_on if known else None, kind="day"),
            ],
        )

    return fact_page(
        request,
        person_id,
        form=form,
        write=lambda **told: end_payee(ends_before=form.ends_before(), **told),
        done=_("Nobody receives for this person after that day."),
        show=show,
    )
