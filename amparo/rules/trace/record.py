"""Evaluation to trace: versioned, JSON-serialisable, numbers as text so that nothing is lost."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from amparo.rules.dmn.graph import DecisionRecord, Library
from amparo.rules.dmn.model import Decision
from amparo.rules.dmn.tables import TableStep
from amparo.rules.feel.diagnostics import Diagnostic
from amparo.rules.feel.numbers import number_text
from amparo.rules.feel.run import Step, Unknown
from amparo.rules.feel.values import Value, kind_of, text_of

SCHEMA: Final = "amparo.trace/1"

Json = dict[str, Any]


def encode(value: Value) -> Any:
    """Write a FEEL value as JSON: numbers, dates and durations become text."""
    match value:
        case None | bool() | str():
            return value
        case Decimal():
            return number_text(value)
        case list():
            return [encode(item) for item in value]
        case dict():
            return {key: encode(item) for key, item in value.items()}
        case _:
            return text_of(value)


def typed(value: Value) -> Json:
    return {"value": encode(value), "type": kind_of(value)}


def decision_json(record: DecisionRecord, library: Library) -> Json:
    """Describe one decision: its value, law, tables, arithmetic and doubts."""
    compiled = library.elements[record.key]
    element = compiled.element
    law = list(element.law) if isinstance(element, Decision) else []
    description = element.description if isinstance(element, Decision) else ""
    return {
        "id": record.key[1],
        "name": record.name,
        **typed(record.value),
        "description": description,
        "law": law,
        "requires": [name for _, name, _ in compiled.requires],
        "tables": [table_json(step) for step in record.steps if isinstance(step, TableStep)],
        "arithmetic": [step_json(step) for step in record.steps if isinstance(step, Step)],
        "doubts": [unknown_json(doubt) for doubt in record.doubts],
    }


def table_json(step: TableStep) -> Json:
    """Describe a table as it is shown: every row, which matched, and why the others did not."""
    table = step.table
    rows = [
        {
            "id": rule.id,
            "tests": [test.text or "-" for test in rule.tests],
            "outputs": [cell.text for cell in rule.outputs],
            "annotations": list(rule.annotations),
            "matched": number in step.matched,
            "failed": step.failed[number],
        }
        for number, rule in enumerate(table.rules)
    ]
    return {
        "id": table.id,
        "hit_policy": table.hit_policy,
        "aggregation": table.aggregation,
        "inputs": [
            {"label": clause.label, **typed(value)}
            for clause, value in zip(table.inputs, step.values, strict=True)
        ],
        "outputs": [clause.label for clause in table.outputs],
        "annotations": list(table.annotations),
        "rows": rows,
        "matched": [table.rules[number].id for number in step.matched],
        "result": encode(step.result),
    }


def step_json(step: Step) -> Json:
    return {
        "kind": step.kind,
        "expression": step.expression,
        "values": step.values,
        "result": encode(step.result),
    }


def unknown_json(unknown: Unknown) -> Json:
    return {
        "cause": unknown.cause,
        "where": unknown.where,
        "expression": unknown.expression,
        "facts": list(unknown.facts),
    }


def diagnostic_json(diagnostic: Diagnostic) -> Json:
    return {
        "code": diagnostic.code,
        "message": diagnostic.message,
        "where": diagnostic.where,
        "expression": diagnostic.expression,
    }


def build_trace(
    *,
    head: Mapping[str, Any],
    inputs: Sequence[Json],
    parameters: Sequence[Json],
    records: Iterable[DecisionRecord],
    library: Library,
    diagnostics: Iterable[Diagnostic],
) -> Json:
    """Put a trace together. head: pack, decision, dates, outcome, value, reasons, missing."""
    return {
        "schema": SCHEMA,
        **head,
        "inputs": list(inputs),
        "parameters": list(parameters),
        "decisions": [decision_json(record, library) for record in records],
        "diagnostics": [diagnostic_json(item) for item in diagnostics],
    }
