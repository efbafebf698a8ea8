"""A trace can be stored as JSON and read years later without the engine."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from amparo.rules.packs import load_pack
from amparo.rules.trace import explain, explain_text
from tests.rules.packs.packs import pack

SCHEMES = Path(__file__).parents[3] / "schemes"
CHILD_GRANT = SCHEMES / "xa" / "child-grant" / "1"
ON = date(2026, 6, 1)


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def trace_of(decision: str, **inputs: object) -> dict[str, Any]:
    old_age = load_pack(SCHEMES / "xa" / "old-age" / "1")
    trace = old_age.evaluate(decision, inputs, on=ON).trace
    assert trace is not None
    stored: dict[str, Any] = json.loads(json.dumps(trace))
    return stored


def amina(**changed: object) -> dict[str, Any]:
    facts: dict[str, object] = {
        "date_of_birth": date(1963, 4, 17),
        "claim_date": ON,
        "contributed_months": 312,
        "employment_ended": True,
    }
    return trace_of("old_age_eligibility", **{**facts, **changed})


def test_a_trace_is_json_with_numbers_as_text() -> None:
    trace = amina()

    assert trace["schema"] == "amparo.trace/1"
    assert trace["outcome"] == "granted"
    months = next(fact for fact in trace["inputs"] if fact["name"] == "contributed_months")
    assert (months["value"], months["type"], months["source"]) == (
        "312",
        "number",
        "account.contributed_months",
    )
    assert trace["pack"]["hash"] == load_pack(SCHEMES / "xa" / "old-age" / "1").hash


def test_an_explanation_shows_the_rule_that_matched_and_why_others_did_not() -> None:
    explanation = explain(amina(employment_ended=False))

    (table,) = explanation.tables
    matched = [row for row in table.rows if row.matched]
    assert [row.id for row in matched] == ["old_age_eligibility_still_employed"]
    assert matched[0].annotations == ("Amparia Social Insurance Act, Art. 14(1)(c)",)
    assert [row.failed for row in table.rows] == [0, 1, None, None, None]
    assert explanation.outcome == "refused"
    assert explanation.sentence == "The conditions are not met. Employment has not ended."
    assert "Amparia Social Insurance Act, Art. 14(1)(c)" in explanation.laws


def test_an_explanation_names_what_is_missing_in_the_readers_language() -> None:
    english = explain(amina(employment_ended=None))
    french = explain(amina(employment_ended=None), language="fr")

    assert english.missing == ("Employment has ended",)
    assert french.missing == ("L'emploi a pris fin",)
    assert french.sentence.startswith("La décision n'est pas encore possible")
    assert [fact.is_missing for fact in english.facts] == [False, False, False, True]
    assert english.facts[3].value == "not known"


def test_an_unknown_language_is_answered_in_english() -> None:
    assert explain(amina(), language="eo").sentence.startswith("The conditions are met.")


def test_arithmetic_is_shown_line_by_line_with_the_rounding() -> None:
    explanation = explain(
        trace_of(
            "old_age_amount",
            total_insurable_earnings=Decimal("253459.44"),
            contributed_months=312,
            claim_date=ON,
        )
    )

    lines = [(line.expression, line.values, line.result) for line in explanation.arithmetic]
    assert any(
        expression.endswith(", rounded down to 1 decimal")
        and values == "316.8243, rounded down to 1 decimal"
        and result == "316.8"
        for expression, values, result in lines
    )
    assert lines[0] == (
        (
            "Insurable earnings of all months contributed \N{MULTIPLICATION SIGN} "
            "Pension earned per year of contributions"
        ),
        "253,459.44 \N{MULTIPLICATION SIGN} 0.015",
        "3,801.8916",
    )
    assert any(
        expression.startswith("the higher of earned pension")
        and values == "the higher of 316.8 and 175"
        and result == "316.8"
        for expression, values, result in lines
    )
    assert explanation.arithmetic[0].feel == "total_insurable_earnings * accrual_rate"
    accrual = next(used for used in explanation.parameters if used.name == "accrual_rate")
    assert accrual.law == "Amparia Social Insurance Act, Art. 16(1); Amendment Act 3/2014"
    assert (accrual.value, accrual.valid_from) == (
        "1.5 %",
        "1\N{NO-BREAK SPACE}Jan\N{NO-BREAK SPACE}2015",
    )
    assert explanation.sentence == "The amount is 316.80\N{NO-BREAK SPACE}XTS."


def child_grant(decision: str, **changed: object) -> dict[str, Any]:
    facts: dict[str, object] = {
        "child_date_of_birth": date(2024, 8, 25),
        "claim_date": date(2026, 11, 1),
        **changed,
    }
    trace = load_pack(CHILD_GRANT).evaluate(decision, facts, on=date(2026, 11, 1)).trace
    assert trace is not None
    stored: dict[str, Any] = json.loads(json.dumps(trace))
    return stored


def test_an_amount_is_money_and_says_how_often_it_is_paid() -> None:
    trace = child_grant("amount")
    pack_of_it = load_pack(CHILD_GRANT)

    assert explain(trace).sentence == "The amount is 45.00\N{NO-BREAK SPACE}XTS."
    assert pack_of_it.explain(trace, language="en").sentence == (
        "The amount is 45.00\N{NO-BREAK SPACE}XTS a month."
    )
    assert pack_of_it.explain(trace, language="fr").sentence == (
        "Le montant est de 45,00\N{NO-BREAK SPACE}XTS par mois."
    )


def test_days_lengths_of_time_and_sources_are_written_in_words() -> None:
    english = explain(child_grant("amount"))
    french = explain(child_grant("amount"), language="fr")

    born = english.facts[0]
    assert (plain(born.value), born.source) == ("25 Aug 2024", "the register")
    assert (plain(french.facts[0].value), french.facts[0].source) == ("25 août 2024", "le registre")
    age = english.arithmetic[2]
    assert (plain(age.values), age.result) == (
        "from 25 Aug 2024 to 1 Nov 2026",
        "2 years 2 months",
    )
    assert french.arithmetic[2].result == "2 ans 2 mois"


def test_a_decision_table_reads_without_knowing_feel() -> None:
    trace = child_grant("eligibility", resident=True)

    (table,) = load_pack(CHILD_GRANT).explain(trace, language="en").tables

    assert table.decision == "Right to the child grant"
    assert table.outputs == ("Right", "Reason", "Ends before")
    assert table.rows[1].tests == (
        "any",
        "16 years or over (Age at which the grant ends)",
        "any",
    )
    assert table.rows[0].outputs[:2] == ("no", "The child is not born yet.")
    assert table.rows[3].outputs[:2] == ("yes", "Age and residence of the child meet the law.")


def test_the_law_is_that_of_the_rule_that_fired_and_of_the_amounts_it_used() -> None:
    explanation = explain(child_grant("amount"))

    assert explanation.laws == (
        "Amparia Child Grant Act, Art. 4",
        "Amparia Child Grant Act, Art. 4(2)",
        "Amparia Child Grant Act, Art. 3(2)",
        "Amparia Child Grant Act, Art. 4(1)(a); Budget Act 2024",
    )
    assert [used.title for used in explanation.parameters] == ["Amount, under 3"]


def test_the_same_as_text() -> None:
    text = explain_text(explain(amina()))
    undetermined = explain_text(explain(amina(contributed_months=None)))
    contribution = trace_of(
        "contribution", month=date(2026, 6, 1), wage=Decimal(1000), worker_age=40
    )
    amount = explain_text(explain(contribution))

    assert "  Months contributed: 312 (from the contribution account)\n" in text
    assert "  Right to an old-age pension\n" in text
    assert "    rule 4 (old_age_eligibility_retired): applied\n" in text
    assert "Missing facts: Months contributed" in undetermined
    assert (
        "insurable earnings \N{MULTIPLICATION SIGN} Contribution rate of the worker, "
        "rounded to 2 decimals = " in amount
    )
    assert amount.startswith(
        "The result is Worker share: 55; Employer share: 85; Insurable earnings: 1,000."
    )


def test_reading_a_trace_needs_no_trace_of_the_choice_steps() -> None:
    from tests.rules.dmn.models import literal  # noqa: PLC0415 - beside its use
    from tests.rules.packs.packs import model  # noqa: PLC0415 - beside its use

    book = pack({"test.dmn": model(right=literal("if [income, 1] = [5, 1] then true else true"))})
    trace = book.evaluate("right", {"income": 5}, on=date(2024, 3, 1)).trace

    assert trace is not None
    assert trace["decisions"][0]["arithmetic"][0]["kind"] == "choice"
    assert explain(trace).arithmetic == ()


def test_a_doubt_is_in_the_trace_with_its_cause() -> None:
    trace = amina(contributed_months=None)

    decision = trace["decisions"][-1]
    assert decision["doubts"][0]["cause"] == "table.null"
    assert decision["doubts"][0]["facts"] == ["contributed_months"]
    assert trace["diagnostics"] == [] or trace["diagnostics"][0]["code"]


def test_without_tracing_the_outcome_is_the_same() -> None:
    book = pack()

    with_trace = book.evaluate("right", {"age": 63, "income": 80}, on=date(2024, 3, 1))
    without = book.evaluate("right", {"age": 63, "income": 80}, on=date(2024, 3, 1), trace=False)

    assert without.trace is None
    assert (without.outcome, without.value) == (with_trace.outcome, with_trace.value)


def test_lists_are_shown_item_by_item() -> None:
    from tests.rules.packs.packs import model  # noqa: PLC0415 - beside its use

    book = pack({"test.dmn": model(amount="[1, true, null]")})
    result = book.evaluate("amount", {}, on=date(2024, 3, 1))

    assert result.outcome == "undetermined"
    assert result.trace is not None
    assert explain(result.trace).value == "1, yes, not known"
