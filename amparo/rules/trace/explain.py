"""Trace to explanation, from the JSON alone: the sentence, the facts, the rule, the law, the sums.

Texts of schemes come from the trace in the languages of the pack; the few words of this module
are below, in English and French. The trace names only the reasons that were given, and not how
often an amount is paid: who has the pack at hand passes both, and loses nothing without.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from amparo.rules.trace.wording import PHRASES, Writer

Texts = Mapping[str, str]

WORDS: Final[Mapping[str, Texts]] = {
    "en": {
        "granted": "The conditions are met.",
        "refused": "The conditions are not met.",
        "undetermined": "This cannot be decided yet: an officer must look at it.",
        "computed": "The result is {0}.",
        "amount": "The amount is {0}.",
        "missing": "Missing facts",
        "facts": "Facts",
        "law": "Law",
        "parameters": "Amounts and rates set by law",
        "arithmetic": "Calculation",
        "reasons": "Reasons",
        "since": "in force from",
        "rules": "Rules",
        "rule": "rule {0}",
        "applied": "applied",
        "fails": "does not apply: {0} is {1}, and the rule asks for: {2}",
        "not asked": "not asked: an earlier rule applied",
        "outranked": "holds too, but another rule goes before it",
        "conclusions": "Step by step",
        "source": "from {0}",
        "basis": "Rules {0}, version {1}, on {2}",
        "name": "Name",
        "value": "Value",
        "where from": "Source",
        "as written": "As the law says it",
        "with figures": "With the figures",
        "result": "Result",
        "content": "Content hash",
    },
    "fr": {
        "granted": "Les conditions sont remplies.",
        "refused": "Les conditions ne sont pas remplies.",
        "undetermined": "La décision n'est pas encore possible : un agent doit l'examiner.",
        "computed": "Le résultat est {0}.",
        "amount": "Le montant est de {0}.",
        "missing": "Faits manquants",
        "facts": "Faits",
        "law": "Loi",
        "parameters": "Montants et taux fixés par la loi",
        "arithmetic": "Calcul",
        "reasons": "Motifs",
        "since": "en vigueur depuis le",
        "rules": "Règles",
        "rule": "règle {0}",
        "applied": "appliquée",
        "fails": "ne s'applique pas : {0} vaut {1}, et la règle demande : {2}",
        "not asked": "non examinée : une règle précédente s'applique",
        "outranked": "remplie aussi, mais une autre règle passe avant elle",
        "conclusions": "Pas à pas",
        "source": "selon {0}",
        "basis": "Règles {0}, version {1}, au {2}",
        "name": "Nom",
        "value": "Valeur",
        "where from": "Source",
        "as written": "Selon la loi",
        "with figures": "Avec les chiffres",
        "result": "Résultat",
        "content": "Empreinte du contenu",
    },
}

# The first word of a declared source, as manifests write them, in words.
SOURCES: Final[Mapping[str, Texts]] = {
    "en": {
        "register": "the register",
        "claim": "the claim",
        "account": "the contribution account",
        "awards": "awards in payment",
        "declaration": "the declaration",
        "officer": "an officer's finding",
    },
    "fr": {
        "register": "le registre",
        "claim": "la demande",
        "account": "le compte de cotisations",
        "awards": "les prestations en paiement",
        "declaration": "la déclaration",
        "officer": "le constat d'un agent",
    },
}

# Names that models give to columns and results of their tables.
LABELS: Final[Mapping[str, Texts]] = {
    "en": {
        "eligible": "Right",
        "reason": "Reason",
        "amount": "Amount",
        "ends_before": "Ends before",
        "law": "Law",
        "worker": "Worker share",
        "employer": "Employer share",
        "insurable": "Insurable earnings",
    },
    "fr": {
        "eligible": "Droit",
        "reason": "Motif",
        "amount": "Montant",
        "ends_before": "Prend fin avant",
        "law": "Loi",
        "worker": "Part du travailleur",
        "employer": "Part de l'employeur",
        "insurable": "Gains assurables",
    },
}

_NAME: Final = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Fact:
    """source: where the fact comes from, in words."""

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
    """failed: the column, from 0, that ruled the row out; None if it matched or was not reached.

    why: in words, why the rule did not give the result; empty for one that did.
    """

    id: str
    tests: tuple[str, ...]
    outputs: tuple[str, ...]
    annotations: tuple[str, ...]
    matched: bool
    failed: int | None
    why: str


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
    """One line of arithmetic: as the law says it, with the values in place, and the result.

    feel: the expression as the model writes it.
    """

    decision: str
    expression: str
    values: str
    result: str
    feel: str


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What one decision on the way came to."""

    decision: str
    value: str
    law: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UsedParameter:
    name: str
    title: str
    value: str
    valid_from: str
    law: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a page or a letter shows, in this order.

    title: of the decision. scheme: the title of the pack. laws: of the rules that fired, of the
    decisions whose working is shown, and of the parameters they used; no others.
    conclusions: of every decision on the way, in the order they were taken.
    """

    title: str
    scheme: str
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
    conclusions: tuple[Conclusion, ...]
    words: Texts


def explain(
    trace: Mapping[str, Any],
    *,
    language: str = "en",
    frequency: str = "",
    reason_texts: Mapping[str, Texts] | None = None,
    labels: Texts | None = None,
) -> Explanation:
    """Explain a trace in a language; what the pack lacks in it is given in English.

    frequency: of the benefit, such as "monthly", where the decision is about its amount.
    reason_texts: the texts of every reason of the pack by code; the trace has those given.
    labels: what the pack calls names and headings of its model in this language.
    """
    language = language if language in WORDS else "en"
    words = WORDS[language]
    writer = _writer(trace, language, reason_texts or {}, labels or {})
    reasons = tuple(
        ExplainedReason(
            reason["code"], _text(reason["texts"], language, reason["text"]), reason["law"]
        )
        for reason in trace["reasons"]
    )
    used = _used_parameters(trace)
    value = _value(trace, writer, frequency)
    return Explanation(
        title=_text(trace["title"], language, trace["decision"]),
        scheme=_text(trace["pack"]["title"], language, trace["pack"]["scheme"]),
        sentence=_sentence(trace, reasons, value, words),
        outcome=trace["outcome"],
        value=value,
        reasons=reasons,
        missing=tuple(writer.name(name) for name in trace["missing"]),
        facts=tuple(
            Fact(
                fact["name"],
                writer.name(fact["name"]),
                writer.value(fact["value"], fact["type"]),
                source_in_words(fact["source"], language=language),
                fact["value"] is None,
            )
            for fact in trace["inputs"]
        ),
        tables=tuple(
            _table(trace, decision, table, writer)
            for decision in trace["decisions"]
            for table in decision["tables"]
        ),
        arithmetic=tuple(_lines(trace, writer)),
        parameters=tuple(
            UsedParameter(
                parameter["name"],
                writer.name(parameter["name"]),
                writer.known[parameter["name"]],
                writer.day(parameter["valid_from"] or ""),
                parameter["law"],
            )
            for parameter in used
        ),
        laws=_laws(trace, reasons, used),
        conclusions=tuple(
            Conclusion(
                _decision_title(trace, decision["name"], writer),
                writer.value(decision["value"], decision["type"]),
                tuple(decision["law"]),
            )
            for decision in trace["decisions"]
        ),
        words=words,
    )


def source_in_words(source: str, *, language: str) -> str:
    """Write a declared source for a reader; one that nobody named is shown with spaces."""
    place = source.partition(".")[0]
    return SOURCES.get(language, SOURCES["en"]).get(place) or source.replace("_", " ")


def _text(texts: Texts, language: str, fallback: str) -> str:
    return texts.get(language) or texts.get("en") or fallback.replace("_", " ")


def _writer(
    trace: Mapping[str, Any], language: str, reason_texts: Mapping[str, Texts], labels: Texts
) -> Writer:
    titles = {**LABELS[language], **labels}
    titles |= {
        named["name"]: _text(named["title"], language, named["name"])
        for named in (*trace["inputs"], *trace["parameters"])
    }
    reasons = {code: _text(texts, language, code) for code, texts in reason_texts.items()}
    reasons |= {
        reason["code"]: _text(reason["texts"], language, reason["text"])
        for reason in trace["reasons"]
    }
    plain = Writer(
        language=language,
        titles=titles,
        known={},
        reasons=reasons,
        currency=trace["pack"]["currency"],
    )
    known = {
        parameter["name"]: plain.measured(parameter["value"], parameter["unit"], parameter["type"])
        for parameter in trace["parameters"]
    }
    return Writer(
        language=language,
        titles=titles,
        known=known,
        reasons=reasons,
        currency=plain.currency,
    )


def _value(trace: Mapping[str, Any], writer: Writer, frequency: str) -> str:
    """Write the result; that of an amount as money, with how often it is paid."""
    value, kind = trace["value"], trace["type"]
    if kind == "context" and "amount" in value:
        value, kind = value["amount"], "number"  # what else it holds is about time
    if trace["kind"] == "amount" and kind == "number":
        money = writer.money(value)
        return writer.phrase(frequency, money) if frequency in PHRASES[writer.language] else money
    return writer.value(trace["value"], trace["type"])


def _sentence(
    trace: Mapping[str, Any],
    reasons: tuple[ExplainedReason, ...],
    value: str,
    words: Texts,
) -> str:
    if trace["outcome"] == "computed":
        return words["amount" if trace["kind"] == "amount" else "computed"].format(value)
    return " ".join([words[trace["outcome"]], *(reason.text for reason in reasons)])


def _decision_title(trace: Mapping[str, Any], name: str, writer: Writer) -> str:
    """Return the manifest's title of the decision asked for, else its label or name as a title."""
    if name == trace["decision"]:
        return _text(trace["title"], writer.language, name)
    title = writer.name(name)
    return title[:1].upper() + title[1:]


def _label(text: str, writer: Writer) -> str:
    """Write a column's label: a name by its title, a written label as it stands."""
    known = writer.titles.get(text) or LABELS[writer.language].get(text.lower())
    return known or text.replace("_", " ")


def _table(
    trace: Mapping[str, Any],
    decision: Mapping[str, Any],
    table: Mapping[str, Any],
    writer: Writer,
) -> ExplainedTable:
    return ExplainedTable(
        decision=_decision_title(trace, decision["name"], writer),
        inputs=tuple(
            (_label(clause["label"], writer), writer.value(clause["value"], clause["type"]))
            for clause in table["inputs"]
        ),
        outputs=tuple(_label(label, writer) for label in table["outputs"]),
        annotations=tuple(_label(label, writer) for label in table["annotations"]),
        rows=tuple(
            ExplainedRow(
                row["id"],
                tuple(writer.test(test) for test in row["tests"]),
                tuple(_outputs(table, row, writer)),
                tuple(row["annotations"]),
                row["matched"],
                row["failed"],
                _why_not(table, row, writer),
            )
            for row in table["rows"]
        ),
        law=tuple(decision["law"]),
    )


def _why_not(table: Mapping[str, Any], row: Mapping[str, Any], writer: Writer) -> str:
    """Say why a rule did not give the result: the first test that failed, with value and test."""
    words = WORDS[writer.language]
    if row["matched"]:
        return ""
    if row["failed"] is not None:
        clause, test = table["inputs"][row["failed"]], row["tests"][row["failed"]]
        value = writer.value(clause["value"], clause["type"])
        return words["fails"].format(_label(clause["label"], writer), value, writer.test(test))
    return words["not asked" if table["hit_policy"] == "FIRST" else "outranked"]


def _outputs(table: Mapping[str, Any], row: Mapping[str, Any], writer: Writer) -> Iterator[str]:
    """Write a row's outputs; what the one row that fired had to compute, as what came out."""
    is_alone = table["matched"] == [row["id"]] and not table["aggregation"]
    for label, output in zip(table["outputs"], row["outputs"], strict=True):
        result = table["result"]
        if isinstance(result, dict):
            result = result.get(label)
        if is_alone and output not in writer.known and isinstance(result, str | bool):
            yield writer.value(result)
        else:
            yield writer.output(output)


def _lines(trace: Mapping[str, Any], writer: Writer) -> list[Line]:
    return [
        Line(
            _decision_title(trace, decision["name"], writer),
            writer.expression(step["expression"]),
            writer.expression(step["values"]),
            writer.value(step["result"]),
            step["expression"],
        )
        for decision in trace["decisions"]
        for step in decision["arithmetic"]
        if step["kind"] != "choice"
    ]


# --- what the result rests on ---------------------------------------------------------------------


def _used_parameters(trace: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the parameters that the result rests on: named by a rule that fired or by a sum.

    What a decision asks for and no row of its tables names is in its own expression or heads a
    column, so it counts. Where no rule fired, every rule counts: each may be the one wanted.
    """
    names = {name for decision in trace["decisions"] for name in _names_used(decision)}
    return [parameter for parameter in trace["parameters"] if parameter["name"] in names]


def _names_used(decision: Mapping[str, Any]) -> set[str]:
    rows = [row for table in decision["tables"] for row in table["rows"]]
    in_sums = {
        name for step in decision["arithmetic"] for name in _NAME.findall(step["expression"])
    }
    elsewhere = set(decision["requires"]) - _names_in(rows)
    fired = [row for row in rows if row["matched"]]
    return in_sums | elsewhere | _names_in(fired or rows)


def _names_in(rows: list[Mapping[str, Any]]) -> set[str]:
    cells = [cell for row in rows for cell in (*row["tests"], *row["outputs"])]
    return {name for cell in cells for name in _NAME.findall(cell)}


def _laws(
    trace: Mapping[str, Any],
    reasons: tuple[ExplainedReason, ...],
    used: list[Mapping[str, Any]],
) -> tuple[str, ...]:
    """Return each law once; where one text continues another, the longer one."""
    found = [reason.law for reason in reasons]
    found += [law for decision in trace["decisions"] for law in _laws_fired(decision)]
    for decision in reversed(trace["decisions"]):
        is_asked = decision["name"] == trace["decision"]
        if is_asked or decision["tables"] or decision["arithmetic"]:
            found += decision["law"]
    found += [parameter["law"] for parameter in used]
    laws = dict.fromkeys(law for law in found if law)
    return tuple(law for law in laws if not any(other.startswith(f"{law};") for other in laws))


def _laws_fired(decision: Mapping[str, Any]) -> Iterator[str]:
    for table in decision["tables"]:
        for row in table["rows"]:
            if row["matched"]:
                for label, annotation in zip(table["annotations"], row["annotations"], strict=True):
                    if label.lower() == "law":
                        yield annotation


# --- as text --------------------------------------------------------------------------------------


def explain_text(explanation: Explanation) -> str:
    """Write an explanation as plain text."""
    words = explanation.words
    parts = [explanation.sentence]
    if explanation.missing:
        parts.append(f"{words['missing']}: {', '.join(explanation.missing)}")
    parts.append(
        _block(
            words["facts"],
            [
                f"{fact.title}: {fact.value} ({words['source'].format(fact.source)})"
                for fact in explanation.facts
            ],
        )
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
            [line for table in explanation.tables for line in _rule_lines(table, words)],
        )
    )
    parts.append(
        _block(
            words["conclusions"],
            [f"{each.decision}: {each.value}" for each in explanation.conclusions],
        )
    )
    parts.append(
        _block(
            words["arithmetic"],
            [
                f"{line.decision}: {line.expression} = {line.values} = {line.result}"
                for line in explanation.arithmetic
            ],
        )
    )
    parts.append(
        _block(
            words["parameters"],
            [
                f"{used.title}: {used.value}"
                + (f" ({words['since']} {used.valid_from}; {used.law})" if used.valid_from else "")
                for used in explanation.parameters
            ],
        )
    )
    parts.append(_block(words["law"], list(explanation.laws)))
    return "\n\n".join(part for part in parts if part) + "\n"


def _rule_lines(table: ExplainedTable, words: Texts) -> Iterator[str]:
    """Name each rule by its place in the table and its id, with what became of it."""
    yield table.decision
    for number, row in enumerate(table.rows, start=1):
        yield f"  {words['rule'].format(number)} ({row.id}): {row.why or words['applied']}"


def _block(title: str, lines: list[str]) -> str:
    return "\n".join([title, *(f"  {line}" for line in lines)]) if lines else ""
