"""Worked cases by form: a field for each fact, instead of JSON."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from django import forms
from django.core.validators import RegexValidator
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.interfaces.web.explanations import language_asked
from amparo.interfaces.web.forms import DayField
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act
from amparo.interfaces.web.views.draft_law import Writing, writing_page, written
from amparo.interfaces.web.views.drafts import drafted_or_404
from amparo.interfaces.web.vocabulary import state_word
from amparo.rules.authoring.caseforms import (
    NUMBER,
    Shape,
    TypedCase,
    case_of,
    decision_of,
    shape_of,
    typed_case,
)
from amparo.rules.authoring.workedcases import case_texts, with_case, without_case
from amparo.rules.book.queries import DraftedPack
from amparo.rules.packs import Pack
from amparo.values import Right

_OUTCOMES: Final = ("granted", "refused", "undetermined")
_FACT, _ENTRY = "fact-", "entry-"


class CaseForm(Writing):
    """A case: its day, its facts, and what the law says must come of them."""

    id = forms.RegexField(
        label=gettext_lazy("Name of the case"),
        help_text=gettext_lazy("Letters, digits and dashes, such as day-before-65."),
        regex=r"^[0-9A-Za-z][0-9A-Za-z._-]*$",
        max_length=100,
    )
    effective = forms.CharField(
        label=gettext_lazy("On the day"),
        help_text=gettext_lazy("The day whose law applies, such as 2027-01-01."),
        max_length=10,
        validators=[RegexValidator(r"^\d{4}(-\d{2}(-\d{2})?|-W\d{2})?$")],
    )

    def __init__(self, *args: Any, pack: Pack, shape: Shape, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shape, language = shape, language_asked()
        for name, kind in shape.facts.items():
            self.fields[f"{_FACT}{name}"] = _field(pack.label(name, language=language), kind)
        if shape.asks_outcome:
            self.fields["outcome"] = forms.ChoiceField(
                label=_("What must come of it"),
                choices=[(one, state_word(one)) for one in _OUTCOMES],
                widget=forms.RadioSelect,
            )
            self.fields["reasons"] = forms.MultipleChoiceField(
                label=_("With these reasons"),
                help_text=_("None ticked: the reasons are not looked at."),
                choices=[(one.code, one.texts.get(language) or one.text) for one in pack.reasons],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )
        for name, kind in shape.entries.items():
            label = _("Result: %(name)s") % {"name": pack.label(name, language=language)}
            self.fields[f"{_ENTRY}{name}"] = _field(label, kind)
        if not is_new:
            self.fields["remove"] = forms.BooleanField(
                label=_("Remove this case: the law no longer knows it"), required=False
            )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        entries = [said.get(f"{_ENTRY}{name}") for name in self.shape.entries]
        if self.shape.entries and not any(entries) and not self.errors:
            first = next(iter(self.shape.entries))
            self.add_error(
                f"{_ENTRY}{first}",
                _("Say what must come of it: a case that expects nothing always passes."),
            )
        return said

    def typed(self) -> TypedCase:
        said = self.cleaned_data
        return TypedCase(
            id=said["id"],
            effective=said["effective"],
            facts={name: _typed(said[f"{_FACT}{name}"]) for name in self.shape.facts},
            entries={name: _typed(said[f"{_ENTRY}{name}"]) for name in self.shape.entries},
            outcome=said.get("outcome", ""),
            reasons=tuple(said.get("reasons", ())),
        )


def _field(label: str, kind: str) -> forms.Field:
    """Make the field of a fact; empty: it is not known."""
    match kind:
        case "boolean":
            return forms.ChoiceField(
                label=label,
                choices=[("", _("not known")), ("true", _("yes")), ("false", _("no"))],
                required=False,
            )
        case "date":
            return DayField(label=label, required=False)
        case "number":
            return forms.RegexField(
                label=label,
                regex=f"^{NUMBER.pattern}$",
                required=False,
                max_length=70,
                error_messages={"invalid": _("Write digits with a point, such as 1250.50.")},
            )
        case _:
            return forms.CharField(label=label, required=False, max_length=500)


def _typed(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else value or ""


def _shape(pack: Pack, decision: str) -> Shape:
    shape = shape_of(pack, decision)
    if shape is None:
        raise Http404
    return shape


@page(Right.PACK_PROPOSE)
def draft_case_write(request: StaffRequest, draft_id: UUID, decides: str) -> HttpResponse:
    """Write one more worked case of a decision, by form."""
    drafted = drafted_or_404(request, draft_id)
    return _case_page(request, drafted, _shape(drafted.pack, decides), "")


@page(Right.PACK_PROPOSE)
def draft_case_form(request: StaffRequest, draft_id: UUID, case: str) -> HttpResponse:
    """Change a worked case by form, or remove it."""
    drafted = drafted_or_404(request, draft_id)
    text = case_texts(drafted.pack.files).get(case)
    if text is None:
        raise Http404
    return _case_page(request, drafted, _shape(drafted.pack, decision_of(text)), text)


def _case_page(
    request: StaffRequest, drafted: DraftedPack, shape: Shape, text: str
) -> HttpResponse:
    draft_id, known = drafted.draft.draft_id, typed_case(text, shape) if text else None
    if text and known is None:
        raise Http404  # it holds what no form shows; the page of its JSON has it
    form = CaseForm(
        request.POST or None,
        pack=drafted.pack,
        shape=shape,
        is_new=known is None,
        initial={"seen": drafted.number, **_initial(known)},
    )
    before = known.id if known else ""

    def change(files: Any) -> Any:
        if form.cleaned_data.get("remove"):
            return without_case(files, before)
        return with_case(files, before, case_of(form.typed(), shape, before=text))

    listed = reverse("web:draft-cases", args=[draft_id])
    done = written(
        request,
        drafted,
        form=form,
        change=change,
        act="case-removed" if form.data.get("remove") else "case",
        subject=before or str(form.data.get("id", "")),
        onward=listed,
    )
    if done:
        return done
    called = drafted.pack.label(shape.decision, language=language_asked())
    act = Act(
        title=before or _("New case: %(decision)s") % {"decision": called},
        button=_("Save the case"),
        form=form,
        consequence=_(
            "A case is what somebody signs: change what it expects only where the law changed."
        ),
        undo=_("A fact left empty is not known."),
    )
    json_page = (
        reverse("web:draft-case", args=[draft_id, before])
        if before
        else reverse("web:draft-case-new", args=[draft_id])
    )
    return writing_page(
        request, drafted, act, other_way=json_page, other_way_title=_("Write it as JSON")
    )


def _initial(known: TypedCase | None) -> dict[str, Any]:
    if known is None:
        return {}
    return {
        "id": known.id,
        "effective": known.effective,
        **{f"{_FACT}{name}": text for name, text in known.facts.items()},
        **{f"{_ENTRY}{name}": text for name, text in known.entries.items()},
        "outcome": known.outcome,
        "reasons": list(known.reasons),
    }
