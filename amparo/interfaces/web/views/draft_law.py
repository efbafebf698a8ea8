"""What a draft says of itself: its law, first day, transitional clause, questions; new amounts."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.interfaces.web.actions import Done, fill_in
from amparo.interfaces.web.checks import changes_table, checked
from amparo.interfaces.web.explanations import language_asked
from amparo.interfaces.web.forms import DayField
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act, Fact
from amparo.interfaces.web.tables import Cell, Column, Row, Table
from amparo.interfaces.web.views.draft_parts import at_fields, save_revision
from amparo.interfaces.web.views.drafts import READERS, drafted_or_404, frame_of
from amparo.interfaces.web.views.rules import paragraphs
from amparo.interfaces.web.vocabulary import language_name, word
from amparo.rules.authoring import FaultyParameter, FaultyTable, NewParameter, NewRow
from amparo.rules.authoring.manifest import with_clause, with_first_day, with_law, with_question
from amparo.rules.authoring.packfiles import with_parameter
from amparo.rules.book.operations import DraftMoved, UnableToDraft
from amparo.rules.book.queries import DraftedPack
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.packs import Pack
from amparo.rules.packs.applicability import FACTS
from amparo.rules.packs.pack import LAW
from amparo.rules.packs.texts import LANGUAGES
from amparo.values import Right

Files = Mapping[str, str]
_LONGEST_LAW: Final = 200_000
# Words of FEEL that are entered as a number, a text, yes or no, a day.
TYPES: Final = ("number", "string", "boolean", "date")


class Writing(forms.Form):
    """A form that changes a draft: it carries the revision that its writer saw."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


def written(
    request: StaffRequest,
    drafted: DraftedPack,
    *,
    form: forms.Form,
    change: Callable[[Files], Files],
    act: str,
    subject: str,
    onward: str,
) -> HttpResponse | None:
    """Save what a form changes as a revision; None where the form is to be shown, with faults."""

    def do() -> Done:
        message = save_revision(
            request,
            drafted,
            seen=form.cleaned_data["seen"],
            files=change(drafted.pack.files),
            act=act,
            subject=subject,
        )
        return Done(message=message, onward=onward)

    try:
        return fill_in(request, form=form, act=do, refusals=())
    except DraftMoved as error:
        # What was typed stays; who has compared may send it again, after what was saved meanwhile.
        form.add_error(None, str(error))
        form.data = {**request.POST.dict(), **_several(request, form), "seen": str(drafted.number)}
    except UnableToDraft as error:
        form.add_error(None, str(error))
    except (FaultyParameter, FaultyTable) as error:
        at_fields(form, error)
    except RuleError as error:
        form.add_error(None, str(error))
    return None


def _several(request: StaffRequest, form: forms.Form) -> dict[str, Any]:
    """Return what was sent for the fields that take several values."""
    names = (
        name for name, one in form.fields.items() if isinstance(one, forms.MultipleChoiceField)
    )
    return {name: request.POST.getlist(name) for name in names}


def writing_page(
    request: StaffRequest,
    drafted: DraftedPack,
    act: Act,
    *,
    other_way: str = "",
    other_way_title: str = "",
) -> HttpResponse:
    """Show a form of a draft, with how the draft checks out beside it and what it changes below."""
    changes = changes_table(drafted.base.pack, drafted.pack, query=request.GET)
    context = {
        **frame_of(request, drafted, ""),
        "act": Act(
            title=act.title,
            button=act.button,
            form=act.form,
            consequence=act.consequence,
            undo=act.undo,
            facts_title=act.facts_title,
            facts=act.facts,
            tables=[changes],
        ),
        "checked": checked(drafted.pack),
        "other_way": other_way,
        "other_way_title": other_way_title,
    }
    return render(request, "web/draft_writing.html", context)


# --- what it says of itself -----------------------------------------------------------------------


@page(*READERS)
def draft_law(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Show a draft's law, its first day and clause, and how its facts are called."""
    drafted = drafted_or_404(request, draft_id)
    frame = frame_of(request, drafted, "web:draft-law")
    manifest = drafted.pack.manifest
    clause = manifest.applicability
    context = {
        **frame,
        "facts": [
            Fact(label=_("Written for days from"), value=manifest.valid_from, kind="day"),
            Fact(
                label=_("Transitional clause"),
                value=clause.when if clause else _("None: it is for every case."),
                note=clause.law if clause else "",
            ),
        ],
        "questions": _questions_table(drafted.pack, draft_id, is_open=bool(frame["is_open"])),
        "law_text": paragraphs(drafted.pack.files[LAW]),
    }
    return render(request, "web/draft_law.html", context)


def _questions_table(pack: Pack, draft_id: UUID, *, is_open: bool) -> Table:
    language = language_asked()
    return Table(
        name="questions",
        caption=_("Facts it asks for"),
        columns=(
            Column(title=_("Fact")),
            Column(title=_("Kind")),
            Column(title=_("Source")),
        ),
        rows=[
            Row(
                cells=(
                    Cell(
                        value=one.titles.get(language) or one.title,
                        note=one.name,
                        href=reverse("web:draft-question", args=[draft_id, one.name])
                        if is_open
                        else "",
                    ),
                    Cell(value=word(one.type)),
                    Cell(value=one.source),
                )
            )
            for one in pack.manifest.inputs
        ],
        empty=_("These rules ask for no fact."),
        is_exportable=False,
    )


class LawForm(Writing):
    """The text of the law."""

    text = forms.CharField(
        label=gettext_lazy("Text of the law"),
        help_text=gettext_lazy(
            "As the rules follow it, with each article's number. A line with # is a heading, an "
            "empty line begins a paragraph."
        ),
        widget=forms.Textarea(attrs={"rows": 24, "lang": "en"}),
        max_length=_LONGEST_LAW,
        strip=False,
    )


@page(Right.PACK_PROPOSE)
def draft_law_text(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Change the text of the law that stands beside the rules."""
    drafted = drafted_or_404(request, draft_id)
    initial = {"text": drafted.pack.files[LAW], "seen": drafted.number}
    form = LawForm(request.POST or None, initial=initial)
    done = written(
        request,
        drafted,
        form=form,
        change=lambda files: with_law(files, form.cleaned_data["text"]),
        act="law",
        subject=LAW,
        onward=reverse("web:draft-law", args=[draft_id]),
    )
    if done:
        return done
    act = Act(
        title=_("Text of the law"),
        button=_("Save the text"),
        form=form,
        consequence="",
        undo=_("Each save is a revision; an earlier one can be restored."),
    )
    return writing_page(request, drafted, act)


class VersionForm(Writing):
    """From which day the version is written, and which cases it spares."""

    valid_from = DayField(
        label=gettext_lazy("Written for days from"),
        help_text=gettext_lazy("It cannot be put in force for an earlier day."),
    )
    when = forms.CharField(
        label=gettext_lazy("For which cases"),
        help_text=gettext_lazy(
            "Empty: for every case. Else a condition on contingency_on, the day the right depends "
            'on, or claimed_on, the day of the claim, such as claimed_on >= date("2027-07-01"). '
            "Cases that it spares stay with the version before."
        ),
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "class": "am-code"}),
        required=False,
        max_length=2000,
    )
    law = forms.CharField(
        label=gettext_lazy("Law of the clause"),
        help_text=gettext_lazy("The article that spares these cases."),
        required=False,
        max_length=300,
    )


@page(Right.PACK_PROPOSE)
def draft_version(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Change a version's first day and its transitional clause."""
    drafted = drafted_or_404(request, draft_id)
    manifest = drafted.pack.manifest
    clause = manifest.applicability
    initial = {
        "valid_from": manifest.valid_from,
        "when": clause.when if clause else "",
        "law": clause.law if clause else "",
        "seen": drafted.number,
    }
    form = VersionForm(request.POST or None, initial=initial)

    def change(files: Files) -> Files:
        said = form.cleaned_data
        return with_clause(
            with_first_day(files, said["valid_from"]), when=said["when"], law=said["law"]
        )

    done = written(
        request,
        drafted,
        form=form,
        change=change,
        act="version",
        subject=manifest.version,
        onward=reverse("web:draft-law", args=[draft_id]),
    )
    if done:
        return done
    act = Act(
        title=_("The version"),
        button=_("Save the version"),
        form=form,
        consequence=_("Which law decides a case follows from this once the rules are in force."),
        undo=_("Each save is a revision; an earlier one can be restored."),
        facts_title=_("What a clause may ask for"),
        facts=[Fact(label=name, value=word(name)) for name in FACTS],
    )
    return writing_page(request, drafted, act)


class QuestionForm(Writing):
    """How a fact is called, in each language it has."""

    def __init__(self, *args: Any, titles: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = tuple(dict.fromkeys((*LANGUAGES, *titles)))
        for language in self.languages:
            self.fields[language] = forms.CharField(
                label=_("In words, %(language)s") % {"language": language_name(language)},
                widget=forms.TextInput(attrs={"lang": language}),
                required=False,
                max_length=300,
            )


@page(Right.PACK_PROPOSE)
def draft_question(request: StaffRequest, draft_id: UUID, fact: str) -> HttpResponse:
    """Change how a fact is called where it is asked for and explained."""
    drafted = drafted_or_404(request, draft_id)
    asked = next((one for one in drafted.pack.manifest.inputs if one.name == fact), None)
    if asked is None:
        raise Http404
    initial = {**asked.titles, "seen": drafted.number}
    form = QuestionForm(request.POST or None, titles=asked.titles, initial=initial)
    done = written(
        request,
        drafted,
        form=form,
        change=lambda files: with_question(
            files, fact, {one: form.cleaned_data[one] for one in form.languages}
        ),
        act="question",
        subject=fact,
        onward=reverse("web:draft-law", args=[draft_id]),
    )
    if done:
        return done
    act = Act(
        title=_("Fact %(name)s") % {"name": fact},
        button=_("Save the words"),
        form=form,
        consequence=_("Questions, letters and explanations use these words."),
        undo=_("Each save is a revision; an earlier one can be restored."),
    )
    return writing_page(request, drafted, act)


# --- a new amount or rate -------------------------------------------------------------------------


class ParameterForm(Writing):
    """A parameter that the rules do not have yet, with its first row."""

    name = forms.CharField(
        label=gettext_lazy("Name in the rules"),
        help_text=gettext_lazy("Letters, digits and underscores, such as lower_limit."),
        max_length=60,
        widget=forms.TextInput(attrs={"spellcheck": "false", "class": "am-code"}),
    )
    type = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=lambda: [(one, word(one)) for one in TYPES]
    )
    unit = forms.CharField(
        label=gettext_lazy("Unit"),
        help_text=gettext_lazy("Such as XTS a month, years, %."),
        required=False,
        max_length=60,
    )
    used_by = forms.MultipleChoiceField(
        label=gettext_lazy("Decisions that may use it"),
        help_text=gettext_lazy("Their tables and formulas can name it from now on."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    value = forms.CharField(
        label=gettext_lazy("Value"),
        help_text=gettext_lazy(
            "Digits with a point, such as 1250.50; a date as 2026-11-30; true or false."
        ),
        max_length=200,
    )
    valid_from = DayField(label=gettext_lazy("Valid from"))
    known_from = DayField(
        label=gettext_lazy("Known from"),
        help_text=gettext_lazy("The day on which the law was published."),
    )
    law = forms.CharField(
        label=gettext_lazy("Law"),
        help_text=gettext_lazy("The act, article or notice that sets it."),
        max_length=300,
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=1000)
    gaps_allowed = forms.BooleanField(
        label=gettext_lazy("A day without a value is no error: then an officer decides"),
        required=False,
    )

    def __init__(self, *args: Any, pack: Pack, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = language_asked()
        for one in LANGUAGES:
            self.fields[f"title_{one}"] = forms.CharField(
                label=_("In words, %(language)s") % {"language": language_name(one)},
                widget=forms.TextInput(attrs={"lang": one}),
                max_length=300,
            )
        field = self.fields["used_by"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [
                (decision.name, pack.label(decision.name, language=language))
                for model in pack.library.models.values()
                for decision in model.decisions.values()
            ]
        self.order_fields(["name", *(f"title_{one}" for one in LANGUAGES), "type", "unit"])

    def parameter(self) -> NewParameter:
        said = self.cleaned_data
        return NewParameter(
            name=said["name"],
            type=said["type"],
            unit=said["unit"],
            titles=tuple((one, said[f"title_{one}"].strip()) for one in LANGUAGES),
            gaps_allowed=said["gaps_allowed"],
            row=NewRow(
                value=said["value"].strip(),
                valid_from=said["valid_from"].isoformat(),
                known_from=said["known_from"].isoformat(),
                law=said["law"],
                note=said["note"],
            ),
        )


@page(Right.PACK_PROPOSE)
def draft_parameter_new(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Add an amount or rate that the rules do not have yet."""
    drafted = drafted_or_404(request, draft_id)
    form = ParameterForm(request.POST or None, pack=drafted.pack, initial={"seen": drafted.number})
    done = written(
        request,
        drafted,
        form=form,
        change=lambda files: with_parameter(
            files, form.parameter(), used_by=form.cleaned_data["used_by"]
        ),
        act="parameter-new",
        subject=str(form.data.get("name", "")),
        onward=reverse("web:draft-parameters", args=[draft_id]),
    )
    if done:
        return done
    act = Act(
        title=_("New amount or rate"),
        button=_("Add it"),
        form=form,
        consequence=_("Nothing is computed from it until a table or formula names it."),
        undo=_("Each save is a revision; an earlier one can be restored."),
    )
    return writing_page(request, drafted, act)
