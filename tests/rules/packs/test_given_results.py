"""A result that was found already is taken in place of the decision that would compute it."""

from datetime import date
from decimal import Decimal

import pytest

from amparo.rules.packs import UnusablePack
from tests.rules.dmn.models import decision, literal
from tests.rules.packs.packs import MANIFEST, model, pack

ON = date(2024, 3, 1)
GIVEN = """
[[input]]
name = "means"
title = { en = "Means", fr = "Moyens" }
from = "officer.means"
required = false

[[decision]]
name = "means"
kind = "amount"
title = { en = "Means", fr = "Moyens" }
"""
MODEL = model(
    amount="means * rate",
    extra=decision("means", literal("income - 20"), ["i:income"], kind="number"),
).replace(
    '<decision id="amount" name="amount"><variable name="amount"/>',
    '<decision id="amount" name="amount"><variable name="amount"/>'
    '<informationRequirement><requiredDecision href="#means"/></informationRequirement>',
)
CHANGED = {"scheme.toml": MANIFEST + GIVEN, "test.dmn": MODEL}


def test_a_result_is_computed_unless_it_is_given() -> None:
    book = pack(CHANGED)

    computed = book.evaluate("amount", {"income": 120}, on=ON)
    given = book.evaluate("amount", {"means": 50}, on=ON)

    assert (computed.outcome, computed.value) == ("computed", Decimal(10))
    assert (given.outcome, given.value) == ("computed", Decimal(5))


def test_what_is_missing_is_the_fact_and_not_the_result() -> None:
    result = pack(CHANGED).evaluate("amount", {}, on=ON)

    assert (result.outcome, result.missing) == ("undetermined", ("income",))


def test_what_is_missing_where_a_result_chose_the_way_is_the_fact_behind_it() -> None:
    chosen = MODEL.replace("means * rate", "if means > 10 then rate else 0")

    result = pack({**CHANGED, "test.dmn": chosen}).evaluate("amount", {}, on=ON)

    assert (result.outcome, result.missing) == ("undetermined", ("income",))


def test_what_a_given_result_rests_on_is_not_missing() -> None:
    size = '<informationRequirement><requiredInput href="#size"/></informationRequirement>'
    income = '<informationRequirement><requiredInput href="#income"/></informationRequirement>'
    before, amount = MODEL.replace("means * rate", "means * rate * size").split(
        '<variable name="amount"/>'
    )
    # The amount rests on the income through the means alone, and on the size.
    sized = before + '<variable name="amount"/>' + size + amount.replace(income, "", 1)
    sized = sized.replace(
        "<decision",
        '<inputData id="size" name="size"><variable name="size"/></inputData><decision',
        1,
    )
    declared = GIVEN.replace('name = "means"', 'name = "size"', 1).partition("[[decision]]")[0]
    book = pack({"scheme.toml": MANIFEST + GIVEN + declared, "test.dmn": sized})

    unknown = book.evaluate("amount", {}, on=ON)
    found = book.evaluate("amount", {"means": 50}, on=ON)

    assert unknown.missing == ("income", "size")
    assert (found.outcome, found.missing) == ("undetermined", ("size",))


def test_the_trace_shows_a_given_result_as_a_fact_and_not_as_a_decision() -> None:
    given = pack(CHANGED).evaluate("amount", {"means": 50}, on=ON).trace
    computed = pack(CHANGED).evaluate("amount", {"income": 120}, on=ON).trace

    assert given is not None
    assert computed is not None
    assert {fact["name"]: fact["value"] for fact in given["inputs"]} == {
        "income": None,
        "means": "50",
    }
    assert [each["name"] for each in given["decisions"]] == ["amount"]
    assert [fact["name"] for fact in computed["inputs"]] == ["income"]
    assert [each["name"] for each in computed["decisions"]] == ["means", "amount"]


def test_the_manifest_tells_results_from_facts_and_a_decision_is_not_its_own_input() -> None:
    manifest = pack(CHANGED).manifest

    assert {item.name for item in manifest.inputs if item.is_result} == {"means"}
    means, amount = manifest.decision("means"), manifest.decision("amount")
    assert means is not None
    assert amount is not None
    assert [item.name for item in means.inputs] == ["income"]
    assert [item.name for item in amount.inputs] == ["income", "means"]


def test_an_input_that_is_nowhere_in_the_model_is_refused() -> None:
    with pytest.raises(UnusablePack, match="colour: declared as input but not in the model"):
        pack({**CHANGED, "scheme.toml": MANIFEST + GIVEN.replace('"means"', '"colour"', 1)})
