"""Explanations of decisions, as parts of a page: the rule engine's words, set out in tables."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from amparo.delivery.claims.terms import HeldBack
from amparo.delivery.decisions.queries import DecisionRecord
from amparo.interfaces.web import formats
from amparo.interfaces.web.tables import Cell, Column, Row, Table, Value, written
from amparo.interfaces.web.vocabulary import word
from amparo.rules.trace import Explanation
from amparo.rules.trace.explain import ExplainedTable, source_in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A decision ready to be shown: outcome in a sentence, facts, rules, sums, law, appeal."""

    title: str
    decision: DecisionRecord
    explanation: Explanation | None
    facts: Table
    rules: Sequence[Table]
    arithmetic: Table
    parameters: Table
    appeal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An explanation alone, without the decision of a process around it."""

    title: str
    sentence: str
    outcome: str
    tables: Sequence[Table]


def told(explanation: Explanation, *, name: str) -> Told:
    """Set out an explanation. name: for ids within the page."""
    tables = [
        _facts_table(explanation),
        *(_rule(table) for table in explanation.tables),
        _arithmetic(explanation),
        _parameters(explanation),
    ]
    return Told(
        title=explanation.title,
        sentence=explanation.sentence,
        outcome=explanation.outcome,
        tables=[
            replace(table, name=f"{name}-{number}")
            for number, table in enumerate(tables, start=1)
            if table.rows
        ],
    )


def language_asked() -> str:
    """Return the reader's language in its main form, as packs write it."""
    return (get_language() or "en").split("-")[0]


def explained(decision: DecisionRecord, *, title: str, shows_appeal: bool = True) -> Explained:
    """Set out a decision; a take-on decision has facts from its file and no rules.

    title: where no rules, and so no manifest, give the decision one. shows_appeal: False where
    the page says once, for several decisions together, how to appeal.
    """
    explanation = decision.explanation
    return Explained(
        title=explanation.title if explanation else title,
        decision=decision,
        explanation=explanation,
        facts=_facts(decision),
        rules=[_rule(table) for table in explanation.tables] if explanation else [],
        arithmetic=_arithmetic(explanation),
        parameters=_parameters(explanation),
        appeal=_appeal(decision) if shows_appeal else "",
    )


def held_back_in_words(limit: HeldBack | None) -> str:
    """Say why a benefit starts after the right to it; "" where nothing held it back."""
    if limit is None:
        return ""
    if limit.months:
        said = ngettext(
            "The right began on %(right_from)s. The law lets a benefit start at most %(months)s "
            "month before the month of the claim, so it is paid from %(starts_on)s (%(law)s).",
            "The right began on %(right_from)s. The law lets a benefit start at most %(months)s "
            "months before the month of the claim, so it is paid from %(starts_on)s (%(law)s).",
            limit.months,
        )
    else:
        said = _(
            "The right began on %(right_from)s. The law lets no benefit start before the month "
            "of the claim, so it is paid from %(starts_on)s (%(law)s)."
        )
    return said % {
        "right_from": formats.day(limit.right_from),
        "months": limit.months,
        "starts_on": formats.day(limit.starts_on),
        "law": limit.law,
    }


def _facts(decision: DecisionRecord) -> Table:
    if decision.explanation is not None:
        return _facts_table(decision.explanation)
    return _table_of_facts(
        [
            Row(
                cells=(
                    Cell(value=word(name)),
                    Cell(value=_given(given.value)),
                    Cell(value=source_in_words(given.source, language=language_asked())),
                )
            )
            for name, given in decision.inputs.items()
        ]
    )


def _facts_table(explanation: Explanation) -> Table:
    return _table_of_facts(
        [
            Row(
                cells=(
                    Cell(value=fact.title),
                    Cell(value=fact.value, note=_("missing") if fact.is_missing else ""),
                    Cell(value=fact.source),
                )
            )
            for fact in explanation.facts
        ]
    )


def _table_of_facts(rows: Sequence[Row]) -> Table:
    return Table(
        caption=_("Facts it rests on"),
        columns=(
            Column(title=_("Fact")),
            Column(title=_("Value")),
            Column(title=_("Source")),
        ),
        rows=rows,
        empty=_("No fact was needed."),
        is_exportable=False,
    )


def _given(value: Value) -> str:
    """Write a fact as the file gave it."""
    return str(value) if isinstance(value, str) else written(value, kind="text")


def _rule(table: ExplainedTable) -> Table:
    """Show every row of a decision table, the matched one marked, the failing test named."""
    columns = [Column(title=_("Rule"))]
    columns += [Column(title=f"{label}: {value}") for label, value in table.inputs]
    columns += [Column(title=f"→ {label}" if label else "→") for label in table.outputs]
    columns += [Column(title=label) for label in table.annotations]
    rows = []
    for number, row in enumerate(table.rows, start=1):
        tests = [
            Cell(value=test, note=_("does not hold") if row.failed == position else "")
            for position, test in enumerate(row.tests)
        ]
        name = Cell(
            value=str(number), note=_("this rule applied") if row.matched else "", hint=row.id
        )
        others = [Cell(value=text) for text in (*row.outputs, *row.annotations)]
        rows.append(
            Row(cells=(name, *tests, *others), emphasis="am-matched" if row.matched else "")
        )
    return Table(
        caption=table.decision,
        columns=tuple(columns),
        rows=rows,
        empty=_("This table has no rules."),
        is_exportable=False,
    )


def _arithmetic(explanation: Explanation | None) -> Table:
    return Table(
        caption=_("Calculation"),
        columns=(
            Column(title=_("Of")),
            Column(title=_("As the law says it")),
            Column(title=_("With the figures")),
            Column(title=_("Result"), kind="number"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=line.decision),
                    Cell(value=line.expression, hint=line.feel),
                    Cell(value=line.values),
                    Cell(value=line.result),
                )
            )
            for line in (explanation.arithmetic if explanation else ())
        ],
        empty="",
        is_exportable=False,
    )


def _parameters(explanation: Explanation | None) -> Table:
    return Table(
        caption=_("Amounts and rates set by law"),
        columns=(
            Column(title=_("Name")),
            Column(title=_("Value"), kind="number"),
            Column(title=_("In force from")),
            Column(title=_("Law")),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=used.title),
                    Cell(value=used.value),
                    Cell(value=used.valid_from),
                    Cell(value=used.law),
                )
            )
            for used in (explanation.parameters if explanation else ())
        ],
        empty="",
        is_exportable=False,
    )


def _appeal(decision: DecisionRecord) -> str:
    if decision.appeal is None:
        return ""
    return _("Appeal to %(authority)s within %(days)s days of the letter (%(law)s).") % {
        "authority": decision.appeal.authority,
        "days": decision.appeal.days,
        "law": decision.appeal.law,
    }
