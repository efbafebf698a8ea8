"""What a draft comes to: its own worked cases, its lint, and what it changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.interfaces.web.tables import Cell, Column, Row, Table
from amparo.interfaces.web.vocabulary import state_cell
from amparo.rules.authoring import Sheet
from amparo.rules.packs import CheckReport, Pack, check_loaded
from amparo.rules.packs.diff import Change, diff_packs
from amparo.rules.packs.lint import Finding

_SUBJECTS: Final[Mapping[str, Promise]] = {
    "pack": gettext_lazy("pack"),
    "input": gettext_lazy("fact asked for"),
    "declared decision": gettext_lazy("decision"),
    "benefit": gettext_lazy("benefit"),
    "reason": gettext_lazy("reason"),
    "case": gettext_lazy("worked case"),
    "law": gettext_lazy("text of the law"),
    "model": gettext_lazy("model"),
    "type": gettext_lazy("type"),
    "model input": gettext_lazy("input of the model"),
    "service": gettext_lazy("decision service"),
    "knowledge model": gettext_lazy("shared formula"),
    "decision": gettext_lazy("decision"),
    "expression": gettext_lazy("expression"),
    "table": gettext_lazy("table"),
    "column": gettext_lazy("column"),
    "rule": gettext_lazy("rule"),
    "cell": gettext_lazy("cell"),
    "parameter": gettext_lazy("parameter"),
    "row": gettext_lazy("row of a parameter"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A check as it is shown beside what is edited. broken: why nothing could be run."""

    said: str
    is_sound: bool
    findings: Sequence[Finding]
    failing: Table | None
    passing: Table | None
    broken: str = ""


def checked(pack: Pack) -> Checked:
    """Lint a pack and run its worked cases."""
    report = check_loaded(pack)
    return Checked(
        said=_said(report),
        is_sound=report.is_ok,
        findings=report.findings,
        failing=_cases_table(report, passed=False),
        passing=_cases_table(report, passed=True),
    )


def not_checked(why: str) -> Checked:
    """Say that a pack does not load yet, so that nothing of it can be run."""
    return Checked(
        said=_("The worked cases run again once everything can be read."),
        is_sound=False,
        findings=(),
        failing=None,
        passing=None,
        broken=why,
    )


def _said(report: CheckReport) -> str:
    count = len(report.cases)
    if not count:
        cases = _("The pack has no worked case.")
    elif report.failed:
        cases = ngettext(
            "%(failed)s of %(count)s worked case fails.",
            "%(failed)s of %(count)s worked cases fail.",
            count,
        ) % {"failed": report.failed, "count": count}
    else:
        cases = ngettext(
            "%(count)s worked case passes.", "All %(count)s worked cases pass.", count
        ) % {"count": count}
    found = len(report.findings)
    findings = ngettext("%(count)s finding.", "%(count)s findings.", found) % {"count": found}
    return f"{cases} {findings}"


def _cases_table(report: CheckReport, *, passed: bool) -> Table | None:
    """List the cases that pass or those that fail, with what was expected and what came."""
    cases = [case for case in report.cases if case.passed == passed]
    if not cases:
        return None
    columns = [Column(title=_("Case")), Column(title=_("Answer"), kind="state")]
    if not passed:
        columns.append(Column(title=_("Expected and got")))
    state = "case passes" if passed else "case fails"
    return Table(
        name=f"cases-{'pass' if passed else 'fail'}",
        caption=_("Worked cases that pass") if passed else _("Worked cases that fail"),
        columns=tuple(columns),
        rows=[
            Row(
                cells=(
                    Cell(value=case.id, note=case.decision),
                    state_cell(state),
                    Cell(value="; ".join(case.differences)),
                )[: len(columns)]
            )
            for case in cases
        ],
        empty="",
        is_exportable=False,
    )


def sheet_table(sheet: Sheet, before: Sheet | None) -> Table:
    """Show a decision table to be read; a rule that differs from the one before is marked."""
    known = {row.id: row for row in before.rows} if before else {}
    columns = [Column(title=_("Rule"))]
    columns += [
        Column(title=f"→ {one.title}" if one.kind == "output" else one.title)
        for one in sheet.columns
    ]
    return Table(
        name=f"table-{sheet.decision}",
        caption=sheet.name,
        columns=tuple(columns),
        rows=[
            Row(
                cells=(
                    Cell(value=row.id, note=row.description),
                    *(Cell(value=text) for text in row.cells),
                ),
                emphasis="" if known.get(row.id) == row else "am-matched",
            )
            for row in sheet.rows
        ],
        empty=_("This table has no rules."),
        is_exportable=False,
    )


def changes_table(
    before: Pack, after: Pack, *, query: QueryDict, caption: str = "", name: str = "changes"
) -> Table:
    """Show what differs between two packs, one line a change."""
    return Table(
        name=name,
        caption=caption or _("Changes against the version it starts from"),
        columns=(
            Column(title=_("Where")),
            Column(title=_("Change"), kind="state"),
            Column(title=_("Before")),
            Column(title=_("After")),
        ),
        rows=[_change_row(change) for change in diff_packs(before, after).changes],
        empty=_("Nothing differs."),
        query=query,
    )


def _change_row(change: Change) -> Row:
    word = str(_SUBJECTS.get(change.subject, change.subject))
    place = ", ".join(filter(None, (change.element, change.place)))
    return Row(
        cells=(
            Cell(value=place or word, note=word),
            state_cell(f"change {change.kind}"),
            Cell(value=_shortened(change.before)),
            Cell(value=_shortened(change.after)),
        )
    )


_LONGEST: Final = 600


def _shortened(text: str | None) -> str:
    if text is None:
        return ""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
