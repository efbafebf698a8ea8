"""Trace to explanation, from the JSON alone: the sentence, the facts, the rule, the law, the sums.

Texts of schemes come from the trace in the languages of the pack; the few words of this module
are below, in English and French.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "granted": "The conditions are met.",
        "refused": "The conditions are not met.",
        "undetermined": "This cannot be decided yet: an officer must look at it.",
        "computed": "The result is",
        "missing": "Missing facts",
        "facts": "Facts",
        "law": "Law",
        "parameters": "Amounts and rates set by law",
        "arithmetic": "Calculation",
        "reasons": "Reasons",
        "unknown": "not known",
        "since": "in force from",
        "rules": "Rules",
        "true": "yes",
        "false": "no",
    },
    "fr": {
        "granted": "Les conditions sont remplies.",
        "refused": "Les conditions ne sont pas remplies.",
        "undetermined": "La décision n'est pas encore possible : un agent doit l'examiner.",
        "computed": "Le résultat est",
        "missing": "Faits manquants",
        "facts": "Faits",
        "law": "Loi",
        "parameters": "Montants et taux fixés par la loi",
        "arithmetic": "Calcul",
        "reasons": "Motifs",
        "unknown": "inconnu",
        "since": "en vigueur depuis le",
        "rules": "Règles",
        "true": "oui",
        "false": "non",
    },
}


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    title: str
    value: str
    source: str
    is_missing: bool


@dataclass(frozen=True, slots=True)
class ExplainedReason:
    code: str
    text: str
    law: str


@dataclass(frozen=True, slots=True)
class ExplainedRow:
    """failed: the column, from 0, that ruled the row out; None if it matched or was not reached."""

    id: str
    tests: tuple[str, ...]
    outputs: tuple[str, ...]
    annotations: tuple[str, ...]
    matched: bool
    failed: int | None


@dataclass(frozen=True, slots=True)
class ExplainedTable:
    """inputs: label and value of each column. outputs, annotations: the other columns' labels."""

    decision: str
    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[str, ...]
    annotations: tuple[str, ...]
    rows: tuple[ExplainedRow, ...]
    law: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of arithmetic: as the law says it, with the values in place, and the result."""

    decision: str
    expression: str
    values: str
    result: str


@dataclass(frozen=True, slots=True)
class UsedParameter:
    name: str
    title: str
    value: str
    valid_from: str
    law: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a page or a letter shows, in this order."""

    sentence: str
    outcome: str
    value: str
    reasons: tuple[ExplainedReason, ...]
    missing: tuple[str, ...]
    facts: tuple[Fact, ...]
    tables: tuple[ExplainedTable, ...]
    arithmetic: tuple[Line, ...]
    parameters: tuple[UsedParameter, ...]
    laws: tuple[str, ...]
    words: Mapping[str, str]


def explain(trace: Mapping[str, Any], *, language: str = "en") -> Explanation:
    """Explain a trace in a language; what the pack lacks in it is given in English."""
    words = WORDS.get(language, WORDS["en"])
    titles = {
        fact["name"]: _text(fact["title"], language, fact["name"]) for fact in trace["inputs"]
    }
    titles |= {
        parameter["name"]: _text(parameter["title"], language, parameter["name"])
        for parameter in trace["parameters"]
    }
    reasons = tuple(
        ExplainedReason(
            reason["code"], _text(reason["texts"], language, reason["text"]), reason["law"]
        )
        for reason in trace["reasons"]
    )
    value = show(trace["value"], words)
    return Explanation(
        sentence=_sentence(trace, reasons, value, words),
        outcome=trace["outcome"],
        value=value,
        reasons=reasons,
        missing=tuple(titles.get(name, name) for name in trace["missing"]),
        facts=tuple(
            Fact(
                fact["name"],
                titles[fact["name"]],
                show(fact["value"], words),
                fact["source"],
                fact["value"] is None,
            )
            for fact in trace["inputs"]
        ),
        tables=tuple(
            _table(decision, table, words)
            for decision in trace["decisions"]
            for table in decision["tables"]
        ),
        arithmetic=tuple(_lines(trace, words)),
        parameters=tuple(
            UsedParameter(
                parameter["name"],
                titles[parameter["name"]],
                show(parameter["value"], words),
                parameter["valid_from"] or "",
                parameter["law"],
            )
            for parameter in trace["parameters"]
        ),
        laws=_laws(trace, reasons),
        words=words,
    )


def _text(texts: Mapping[str, str], language: str, fallback: str) -> str:
    return texts.get(language) or texts.get("en") or fallback


def _sentence(
    trace: Mapping[str, Any],
    reasons: tuple[ExplainedReason, ...],
    value: str,
    words: Mapping[str, str],
) -> str:
    if trace["outcome"] == "computed":
        return f"{words['computed']} {value}."
    return " ".join([words[trace["outcome"]], *(reason.text for reason in reasons)])


def show(value: Any, words: Mapping[str, str]) -> str:
    """Write an encoded value for a reader."""
    match value:
        case None:
            return words["unknown"]
        case bool():
            return words["true" if value else "false"]
        case list():
            return ", ".join(show(item, words) for item in value)
        case dict():
            entries = (
                f"{key.replace('_', ' ')}: {show(item, words)}" for key, item in value.items()
            )
            return "; ".join(entries)
        case _:
            return str(value)


def _table(
    decision: Mapping[str, Any], table: Mapping[str, Any], words: Mapping[str, str]
) -> ExplainedTable:
    return ExplainedTable(
        decision=decision["name"],
        inputs=tuple((clause["label"], show(clause["value"], words)) for clause in table["inputs"]),
        outputs=tuple(table["outputs"]),
        annotations=tuple(table["annotations"]),
        rows=tuple(
            ExplainedRow(
                row["id"],
                tuple(row["tests"]),
                tuple(row["outputs"]),
                tuple(row["annotations"]),
                row["matched"],
                row["failed"],
            )
            for row in table["rows"]
        ),
        law=tuple(decision["law"]),
    )


def _lines(trace: Mapping[str, Any], words: Mapping[str, str]) -> list[Line]:
    return [
        Line(decision["name"], step["expression"], step["values"], show(step["result"], words))
        for decision in trace["decisions"]
        for step in decision["arithmetic"]
        if step["kind"] != "choice"
    ]


def _laws(trace: Mapping[str, Any], reasons: tuple[ExplainedReason, ...]) -> tuple[str, ...]:
    found = [reason.law for reason in reasons]
    found += [law for decision in trace["decisions"] for law in decision["law"]]
    found += [parameter["law"] for parameter in trace["parameters"]]
    return tuple(dict.fromkeys(law for law in found if law))


def explain_text(trace: Mapping[str, Any], *, language: str = "en") -> str:
    """Explain a trace as plain text."""
    explanation = explain(trace, language=language)
    words = explanation.words
    parts = [explanation.sentence]
    if explanation.missing:
        parts.append(f"{words['missing']}: {', '.join(explanation.missing)}")
    parts.append(
        _block(words["facts"], [f"{fact.title}: {fact.value}" for fact in explanation.facts])
    )
    parts.append(
        _block(
            words["reasons"],
            [
                f"{reason.text} ({reason.law})" if reason.law else reason.text
                for reason in explanation.reasons
            ],
        )
    )
    parts.append(
        _block(
            words["rules"],
            [
                f"{table.decision}: {', '.join(row.id for row in table.rows if row.matched) or '-'}"
                for table in explanation.tables
            ],
        )
    )
    parts.append(
        _block(
            words["arithmetic"],
            [
                f"{line.expression} = {line.values} = {line.result}"
                for line in explanation.arithmetic
            ],
        )
    )
    parts.append(
        _block(
            words["parameters"],
            [
                f"{used.title}: {used.value} ({words['since']} {used.valid_from}; {used.law})"
                for used in explanation.parameters
            ],
        )
    )
    parts.append(_block(words["law"], list(explanation.laws)))
    return "\n\n".join(part for part in parts if part) + "\n"


def _block(title: str, lines: list[str]) -> str:
    return "\n".join([title, *(f"  {line}" for line in lines)]) if lines else ""
