"""What a caller may hand in: facts as JSON has them, and facts a decision does not need."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from amparo.rules.feel.diagnostics import LimitExceeded
from amparo.rules.packs import WrongInput
from tests.rules.dmn.models import literal
from tests.rules.packs.packs import model, pack

ON = date(2024, 3, 1)
YEARLY = """<itemDefinition name="tYearly" isCollection="true">
<itemComponent name="year"><typeRef>number</typeRef></itemComponent>
<itemComponent name="amount"><typeRef>number</typeRef></itemComponent>
</itemDefinition><inputData id="age"
"""
# The input income is a list of yearly amounts here; the amount is their sum.
CHANGED = {
    "test.dmn": model(
        right=literal('{eligible: true, reason: "MET"}'), amount="sum(income[year > 2000].amount)"
    )
    .replace(
        '<variable name="income" typeRef="number"/>', '<variable name="income" typeRef="tYearly"/>'
    )
    .replace('<inputData id="age"', YEARLY),
}


def amount_of(income: Any) -> tuple[str, Any, tuple[str, ...]]:
    book = pack(CHANGED)
    inputs = book.read_json_inputs("amount", {"income": income})
    result = book.evaluate("amount", inputs, on=ON)
    return result.outcome, result.value, result.missing


def test_an_object_by_year_is_a_list_of_pairs() -> None:
    by_year = {"2000": Decimal(7), "2001": Decimal(10), "2002": Decimal("0.5")}
    as_list = [{"year": int(year), "amount": amount} for year, amount in by_year.items()]

    assert amount_of(by_year) == amount_of(as_list) == ("computed", Decimal("10.5"), ())


def test_an_empty_object_is_an_empty_list() -> None:
    read = pack(CHANGED).read_json_inputs("amount", {"income": {}})

    assert read == {"income": []}


@pytest.mark.parametrize(
    "income", [{"MMI": 3}, {"2001": "many"}, {"2001.5e1": 1}, {"year": 2001, "amount": 3}, 5]
)
def test_what_is_no_list_of_pairs_is_refused_by_name(income: Any) -> None:
    with pytest.raises(WrongInput, match="income must be a tYearly"):
        amount_of(income)


def test_an_input_that_holds_a_null_is_named_as_missing() -> None:
    assert amount_of({"2001": Decimal(1), "2002": None}) == ("undetermined", None, ("income",))


def test_a_fact_of_the_scheme_that_a_decision_does_not_need_is_let_pass() -> None:
    book = pack()

    result = book.evaluate("amount", {"income": 100, "age": 63, "born": date(1961, 1, 1)}, on=ON)

    assert result.value == Decimal(10)
    with pytest.raises(WrongInput, match="amount has no input colour"):
        book.evaluate("amount", {"income": 100, "colour": "red"}, on=ON)


FAMILY = """<itemDefinition name="tFamily">
<itemComponent name="born"><typeRef>date</typeRef></itemComponent>
<itemComponent name="children" isCollection="true"><typeRef>tFamily</typeRef></itemComponent>
</itemDefinition><inputData id="age"
"""
# Here the input income is a family, in which each child is a family again.
OF_A_FAMILY = {
    "test.dmn": model(
        right=literal('{eligible: true, reason: "MET"}'),
        amount="income.children[1].children[1].born.year * rate",
    )
    .replace(
        '<variable name="income" typeRef="number"/>', '<variable name="income" typeRef="tFamily"/>'
    )
    .replace('<inputData id="age"', FAMILY),
}


def family(depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {"born": "2020-02-29"}
    for _ in range(depth):
        found = {"born": "2000-02-29", "children": [found]}
    return found


def test_dates_are_read_and_entries_completed_in_a_type_that_contains_itself() -> None:
    book = pack(OF_A_FAMILY)

    inputs = book.read_json_inputs("amount", {"income": family(2)})

    assert book.evaluate("amount", inputs, on=ON).value == Decimal("202.0")


def test_a_wrong_value_deep_in_a_family_is_refused() -> None:
    book = pack(OF_A_FAMILY)
    wrong = family(2)
    wrong["children"][0]["children"][0]["born"] = "2021-02-29"

    with pytest.raises(WrongInput, match=r"income\.children.*cannot be read as a date"):
        book.read_json_inputs("amount", {"income": wrong})


@pytest.mark.parametrize("depth", [60, 100_000])
def test_a_family_without_end_is_refused_and_ends_nothing_else(depth: int) -> None:
    book = pack(OF_A_FAMILY)

    with pytest.raises(LimitExceeded, match="within each other"):
        book.read_json_inputs("amount", {"income": family(depth)})
    with pytest.raises(LimitExceeded, match="within each other"):
        book.evaluate("amount", {"income": family(depth)}, on=ON)


def test_what_rests_on_a_family_is_asked_row_by_row() -> None:
    plan = pack(OF_A_FAMILY).compile(["amount"], on=ON)

    assert [refusal.decision for refusal in plan.refusals] == ["amount"]
