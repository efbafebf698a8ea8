"""Family ties: recorded, ended, corrected and withdrawn, seen from either of the two people."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.interfaces.web import formats
from amparo.interfaces.web.actions import CheckedForm
from amparo.interfaces.web.forms import DayField, GroundsForm, day_after
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act, Fact
from amparo.interfaces.web.views.someone import person_named, who
from amparo.interfaces.web.views.writing import (
    Compared,
    FactForm,
    act_page,
    first_day,
    last_day,
    record_now,
    written_ids,
)
from amparo.interfaces.web.vocabulary import tie_form_word, word
from amparo.register.operations import (
    During,
    Writing,
    appoint_guardian,
    correct_tie,
    end_tie,
    end_union,
    record_parent,
    record_union,
    withdraw_tie,
)
from amparo.register.queries import fact_history
from amparo.register.records import TIE_FORMS, HistoryLine, KinFact
from amparo.values import Right

# What the other person is to this one, and which kind of tie that is.
_TIE_OF = {
    "parent": "parent",
    "child": "parent",
    "spouse": "spouse",
    "guardian": "guardian",
    "ward": "guardian",
}


def _kinds() -> list[tuple[str, str]]:
    return [(code, word(code)) for code in _TIE_OF]


def _forms(*kinds: str) -> list[tuple[str, str]]:
    codes = dict.fromkeys(code for kind in kinds for code in TIE_FORMS[kind])
    return [("", _("not known")), *((code, tie_form_word(code)) for code in codes)]


def _writing(request: StaffRequest, person_id: UUID, form: GroundsForm) -> Writing:
    visit = request.visit
    return Writing(person_id=person_id, access=visit.access, at=visit.at, grounds=form.grounds())


# --- a new tie ----------------------------------------------------------------------------------


class TieForm(CheckedForm, GroundsForm):
    """Who is what to a person; who that is, is shown before it is recorded."""

    compared = ("relative", "kind")
    relative = forms.CharField(
        label=gettext_lazy("Number or identity number of the other person"), max_length=60
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("The other person is the"),
        choices=_kinds,
        widget=forms.RadioSelect,
    )
    form = forms.ChoiceField(
        label=gettext_lazy("How"),
        choices=lambda: _forms(*TIE_FORMS),
        required=False,
    )
    starts_on = DayField(
        label=gettext_lazy("From"),
        help_text=gettext_lazy(
            "Of spouses, the day of the union. Else empty where it holds from birth, or nobody "
            "knows."
        ),
        required=False,
    )

    def __init__(self, *args: Any, request: StaffRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    def clean_relative(self) -> str:
        typed = str(self.cleaned_data["relative"])
        self.cleaned_data["other"] = person_named(self._request, typed, looked_for="relative")
        return typed

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind, form = _TIE_OF.get(cleaned.get("kind", ""), ""), cleaned.get("form", "")
        if kind and form and form not in TIE_FORMS[kind]:
            fitting = ", ".join(tie_form_word(code) for code in TIE_FORMS[kind])
            self.add_error(
                "form", _("It does not go with this tie. These do: %(forms)s.") % {"forms": fitting}
            )
        if kind == "spouse" and not cleaned.get("starts_on"):
            self.add_error("starts_on", _("Say from which day the two are a couple."))
        return cleaned


@page(Right.PERSON_REGISTER, hides=True)
def tie_new(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Record that somebody is a person's parent, child, spouse, guardian or ward."""
    form = TieForm(request.POST or None, request=request)

    def act() -> str:
        given = form.cleaned_data
        other: UUID = given["other"].person_id
        told = {"form": given["form"], "during": During(starts_on=given["starts_on"])}
        mine, theirs = (_writing(request, one, form) for one in (person_id, other))
        match given["kind"]:
            case "parent":
                record_parent(writing=mine, parent_id=other, **told)
            case "child":
                record_parent(writing=theirs, parent_id=person_id, **told)
            case "guardian":
                appoint_guardian(writing=mine, guardian_id=other, **told)
            case "ward":
                appoint_guardian(writing=theirs, guardian_id=person_id, **told)
            case _:
                record_union(
                    writing=mine,
                    partner_id=other,
                    form=given["form"],
                    starts_on=given["starts_on"],
                )
        return _("The tie is recorded.")

    def show() -> Act:
        found = form.cleaned_data["other"] if form.is_valid() else None
        kin = () if found else record_now(request, person_id, "kin").kin
        return Act(
            title=_("Record a family tie"),
            button=_("Record the tie") if found else _("Look who that is"),
            form=form,
            consequence=_(
                "It shows in both records. Benefits of survivors and of children rest on it from "
                "the next assessment on; a union gives both the civil status that goes with it."
            ),
            undo=_("Correct the tie, or withdraw it, from either of the two records."),
            facts_title=_("Is this the right person?") if found else _("Recorded now"),
            facts=who(found, label=word(form.cleaned_data["kind"]).capitalize())
            if found
            else [_tied(one) for one in kin],
        )

    return act_page(request, person_id, form=form, act=act, show=show)


def _tied(one: KinFact) -> Fact:
    said = [
        tie_form_word(one.form),
        _("from %(day)s") % {"day": formats.day(one.times.starts_on)}
        if one.times.starts_on
        else "",
    ]
    return Fact(
        label=word(one.kind).capitalize(),
        value=one.name,
        note=", ".join(part for part in (*said, one.number) if part),
    )


# --- one that is recorded -----------------------------------------------------------------------


def _the_two(line: HistoryLine, names: Mapping[UUID, str]) -> str:
    two = (names.get(UUID(line.values[side]), "") for side in ("person_id", "relative_id"))
    return ", ".join((word(line.values["kind"]), *two))


class TieChangeForm(FactForm):
    """That a tie ended, was written down wrongly, or never was."""

    of_kind = "kinship"
    compared_with = (
        Compared(recorded=_the_two, title=gettext_lazy("Who")),
        Compared(recorded=lambda line, _names: tie_form_word(line.values["form"]), field="form"),
        first_day(),
        last_day(),
    )
    fact_id = forms.UUIDField(widget=forms.HiddenInput)
    what = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        choices=[
            ("end", gettext_lazy("it has ended")),
            ("correct", gettext_lazy("it was written down wrongly")),
            ("withdraw", gettext_lazy("it never was so")),
        ],
        widget=forms.RadioSelect,
    )
    ends_on = DayField(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("Where it ended. A death ends a union by itself."),
        required=False,
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("How the union ended"),
        choices=lambda: [
            ("", _("choose")),
            ("divorced", _("by divorce")),
            ("separated", _("by separation")),
            ("single", _("by annulment")),
        ],
        required=False,
    )
    form = forms.ChoiceField(
        label=gettext_lazy("How"),
        help_text=gettext_lazy("Only where it was written down wrongly."),
        required=False,
    )
    starts_on = DayField(
        label=gettext_lazy("From"),
        help_text=gettext_lazy("Only where it was written down wrongly."),
        required=False,
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["form"]).choices = _forms(kind)
        if kind != "spouse":
            del self.fields["outcome"]
            self.fields["ends_on"].help_text = _("Only where it has ended.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("what") == "end":
            if not cleaned.get("ends_on"):
                self.add_error("ends_on", _("Say which day was the last."))
            if "outcome" in self.fields and not cleaned.get("outcome"):
                self.add_error("outcome", _("Say how the union ended."))
        return cleaned


@page(Right.PERSON_REGISTER, hides=True)
def tie(request: StaffRequest, person_id: UUID, fact_id: UUID) -> HttpResponse:
    """End, correct or withdraw a family tie."""
    history = fact_history(
        person_id=person_id, access=request.visit.access, kinds=[TieChangeForm.of_kind]
    )
    ties = {line.times.fact_id: line for line in history}
    if fact_id not in ties:
        raise Http404
    known = ties[fact_id]
    if known.times.superseded_at is not None and request.method != "POST":
        raise Http404
    kind = known.values["kind"]
    form = TieChangeForm(
        request.POST or None,
        kind=kind,
        initial={
            "seen": written_ids(
                [one for one, line in ties.items() if line.times.superseded_at is None]
            ),
            "fact_id": fact_id,
            "what": "end" if kind != "parent" else "correct",
            "form": known.values["form"],
            "starts_on": known.times.starts_on,
            "ends_on": formats.last_day(known.times.ends_before),
        },
    )

    def act() -> str:
        given, writing = form.cleaned_data, _writing(request, person_id, form)
        tie_id, last = given["fact_id"], given["ends_on"]
        match given["what"]:
            case "withdraw":
                withdraw_tie(writing=writing, tie_id=tie_id)
                return _("The tie is withdrawn. It stays in the history.")
            case "correct":
                ends_before = day_after(last) if last else None
                during = During(starts_on=given["starts_on"], ends_before=ends_before)
                correct_tie(writing=writing, tie_id=tie_id, form=given["form"], during=during)
                return _("The tie is corrected. What was written before stays in the history.")
            case _ if kind == "spouse":
                end_union(
                    writing=writing,
                    tie_id=tie_id,
                    ends_before=day_after(last),
                    outcome=given["outcome"],
                )
            case _:
                end_tie(writing=writing, tie_id=tie_id, ends_before=day_after(last))
        return _("The end of the tie is recorded.")

    def show() -> Act:
        kin = record_now(request, person_id, "kin").kin
        return Act(
            title=_("End, correct or withdraw a family tie"),
            button=_("Record it"),
            form=form,
            consequence=_(
                "It shows in both records. Decisions made on the old tie stay as they are; the "
                "next assessment uses what is recorded now."
            ),
            undo=_("Record the tie again: what was written stays in the history."),
            facts_title=_("Recorded now"),
            facts=[_tied(one) for one in kin if one.times.fact_id == fact_id],
        )

    return act_page(request, person_id, form=form, act=act, show=show)
