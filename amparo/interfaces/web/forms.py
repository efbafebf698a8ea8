"""Fields and forms that several pages share: days, births, identifiers, evidence and reason."""

import re
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.interfaces.web.vocabulary import word
from amparo.register import days
from amparo.register.identifiers import is_account_number, is_bic, national_id_rule
from amparo.register.naming import (
    NotAName,
    clean_name,
    clean_words,
    identifier_form,
    issuer_form,
)
from amparo.register.records import EVIDENCE, Grounds

_PARTS_OF_A_DAY: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


class DayField(forms.DateField):
    """A day, chosen from the browser's calendar, which reads 2026-11-03 in every language.

    Within the register's bounds: the last day of the calendar has no day after it.
    """

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(widget=widget, **options)

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day is not None and not days.is_possible(day):
            raise forms.ValidationError(days.outside_the_bounds())
        return day


def day_after(last_day: date) -> date:
    """Return the first day without something that had a last day."""
    return last_day + timedelta(days=1)


class NameField(forms.CharField):
    """A name in any script, kept as it is written but for what nobody can see."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=120, required=False, **options)

    def clean(self, value: Any) -> str:
        try:
            return clean_name(super().clean(value))
        except NotAName:
            raise forms.ValidationError(
                _(
                    "A name has at least one letter, at most 120 characters, no angle brackets and "
                    "no control characters. Type the name again."
                )
            ) from None


class WordsField(forms.CharField):
    """A name of a place: with something in it that can be read."""

    def clean(self, value: Any) -> str:
        try:
            words = clean_words(super().clean(value), at_most=self.max_length or 60)
        except NotAName:
            raise forms.ValidationError(
                _(
                    "Nothing in it can be read, or it holds angle brackets or control characters. "
                    "Type it again, with letters or digits."
                )
            ) from None
        if self.required and not words:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return words


class BirthField(forms.CharField):
    """A birth as far as it is known; its value is (first possible day, precision), or None."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=gettext_lazy("Born"),
            help_text=gettext_lazy(
                "As much as is known: 1963-02-28, or 1963-02, or 1963. Empty if nothing is known."
            ),
            max_length=10,
            required=False,
            **options,
        )

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        parts = _PARTS_OF_A_DAY.fullmatch(text)
        if parts is None:
            raise forms.ValidationError(_("Write it as 1963-02-28, 1963-02 or 1963."))
        year, month, day = parts.groups()
        try:
            first = date(int(year), int(month or 1), int(day or 1))
        except ValueError:
            raise forms.ValidationError(_("There is no such day. Check the date.")) from None
        if not days.is_possible(first):
            raise forms.ValidationError(days.outside_the_bounds())
        return first, "day" if day else "month" if month else "year"


def written_birth(birth_date: date | None, precision: str) -> str:
    """Write a birth as `BirthField` reads it."""
    if birth_date is None:
        return ""
    return birth_date.isoformat()[: {"year": 4, "month": 7}.get(precision, 10)]


class NationalIdField(forms.CharField):
    """A national identity number, held to the same rule as one that arrives by file."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=60, **options)

    def clean(self, value: Any) -> str:
        return checked_national_id(super().clean(value))


def checked_national_id(typed: str) -> str:
    """Return the number in its stored form; blanks and dashes are accepted."""
    number = identifier_form(typed)
    rule = national_id_rule()
    if number and not rule.has_the_right_form(number):
        raise forms.ValidationError(
            _(
                "This does not have the form of a national identity number. "
                "Copy it from the document again."
            )
        )
    if number and not rule.has_the_right_check_digit(number):
        raise forms.ValidationError(
            _("The check digit is wrong: a digit is mistyped. Copy it from the document again.")
        )
    return number


class ProviderField(forms.CharField):
    """The BIC of a bank or of a wallet's operator."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=14, **options)

    def clean(self, value: Any) -> str:
        bic = identifier_form(super().clean(value))
        if not is_bic(bic):
            raise forms.ValidationError(
                _(
                    "A BIC has 8 or 11 characters, such as CBXAXAXA: four for the bank or the "
                    "wallet's operator, two letters for the country, two or five more."
                )
            )
        return bic


class AccountNumberField(forms.CharField):
    """The number of an account, as an order of payment can carry it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            help_text=gettext_lazy(
                "At most 34 letters and digits; blanks and dashes do not matter."
            ),
            max_length=60,
            **options,
        )

    def clean(self, value: Any) -> str:
        number = identifier_form(super().clean(value))
        if not is_account_number(number):
            raise forms.ValidationError(
                _("An account number has 1 to 34 Latin letters and digits. Copy it again.")
            )
        return number


class IssuerField(forms.CharField):
    """Who issued an identifier: a country in two letters, or an organisation."""

    def clean(self, value: Any) -> str:
        try:
            return issuer_form(super().clean(value))
        except NotAName:
            raise forms.ValidationError(
                _("The issuer is a country in two letters, or a name of at most 20 characters.")
            ) from None


def evidence_choices() -> list[tuple[str, str]]:
    return [(code, word(code).capitalize()) for code in EVIDENCE]


class GroundsForm(forms.Form):
    """On which evidence a fact is written down, and why: shown last, after the fact itself."""

    evidence = forms.ChoiceField(
        label=gettext_lazy("Evidence seen"),
        choices=lambda: [("", _("choose")), *evidence_choices()],
    )
    reference = forms.CharField(
        label=gettext_lazy("Number of the document"), required=False, max_length=60
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Whoever reads the person's history sees it."),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        last = ("evidence", "reference", "reason")
        self.order_fields([name for name in self.fields if name not in last])

    def grounds(self) -> Grounds:
        return Grounds(
            evidence=self.cleaned_data["evidence"],
            reference=self.cleaned_data["reference"],
            reason=self.cleaned_data["reason"],
        )


class EndForm(GroundsForm):
    """The last day of something that ends."""

    ends_on = DayField(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("Where it never began: the day before its first day."),
    )

    def ends_before(self) -> date:
        return day_after(self.cleaned_data["ends_on"])
