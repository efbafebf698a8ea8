"""An explanation as a page of its own, and what became of every rule of a table."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from amparo.rules.packs import Pack, Result, load_pack
from amparo.rules.trace import explain, explain_page, explain_text

HOUSEHOLD = Path(__file__).parents[3] / "benches" / "household-benefit" / "1"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(HOUSEHOLD)


@pytest.fixture
def result(pack: Pack) -> Result:
    first = (HOUSEHOLD / "cases" / "own.jsonl").read_text("utf-8").splitlines()[0]
    inputs: Mapping[str, Any] = json.loads(first, parse_float=Decimal)["inputs"]
    facts = pack.read_json_inputs("benefit", inputs)
    return pack.evaluate("benefit", facts, on=date(2026, 2, 1))


def test_every_rule_says_what_became_of_it(result: Result) -> None:
    assert result.trace is not None

    text = explain_text(explain(result.trace))

    assert "rule 4 (rate_4): does not apply: household size is 4, and the rule asks for: 2" in text
    assert "rule 5 (rate_5): applied" in text
    assert "rule 6 (rate_6): not asked: an earlier rule applied" in text
    assert "Monthly rent: 400 (from the claim)" in text
    assert "Is eligible: yes" in text
    assert "rounded to 2 decimals, halves to even = 100" in text


def test_a_rule_that_holds_and_is_outranked_says_so(result: Result) -> None:
    trace = json.loads(json.dumps(result.trace))
    (table,) = [table for each in trace["decisions"] for table in each["tables"]]
    table["hit_policy"] = "PRIORITY"

    (explained,) = explain(trace, language="fr").tables

    assert explained.rows[5].why == "remplie aussi, mais une autre règle passe avant elle"
    assert explained.rows[4].why == ""
    assert explained.rows[0].why.startswith("ne s'applique pas")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_page_stands_alone_and_holds_the_whole_explanation(
    pack: Pack, result: Result, language: str
) -> None:
    assert result.trace is not None
    explanation = pack.explain(result.trace, language=language)

    page = explain_page(result.trace, explanation, language=language)

    tree: Any = html.document_fromstring(page)
    assert tree.get("lang") == language
    assert "@media print" in page
    assert not tree.xpath("//script|//img|//link|//a|//*[@style]")
    assert all(table.findtext("caption") for table in tree.xpath("//table"))
    assert all(row.xpath("th[@scope='row']") for row in tree.xpath("//tbody/tr"))
    shown = tree.text_content()
    for text in (
        explanation.sentence,
        *(fact.value for fact in explanation.facts),
        *(row.why for table in explanation.tables for row in table.rows),
        *(line.result for line in explanation.arithmetic),
        *(used.law for used in explanation.parameters),
        result.pack_hash,
    ):
        assert text in shown
    assert len(tree.xpath("//tr[@class='applied']")) == 1


def test_nothing_of_a_value_is_read_as_markup(pack: Pack, result: Result) -> None:
    trace = json.loads(json.dumps(result.trace))
    trace["inputs"][7]["value"] = "<script>alert(1)</script>"
    trace["missing"], trace["outcome"] = ["<b>"], "undetermined"

    page = explain_page(trace, pack.explain(trace, language="en"), language="en")

    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "&lt;b&gt;" in page
