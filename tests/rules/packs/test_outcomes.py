"""Outcomes: granted, refused with reasons, or undetermined with what is missing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from amparo.rules.feel.temporal import MonthsDuration
from amparo.rules.packs import NoParameterValue, Pack, UnusablePack, WrongInput
from tests.rules.dmn.models import decision, literal, source
from tests.rules.packs.packs import MANIFEST, model, pack

ON = date(2024, 3, 1)


def outcome_of(age: Any, income: Any) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    result = pack().evaluate("right", {"age": age, "income": income}, on=ON)
    return result.outcome, tuple(reason.code for reason in result.reasons), result.missing


@pytest.mark.parametrize(
    ("age", "income", "outcome", "reasons", "missing"),
    [
        (63, 80, "granted", ("MET",), ()),
        (50, 80, "refused", ("TOO_YOUNG",), ()),
        (63, 101, "refused", ("TOO_RICH",), ()),
        (63, None, "undetermined", (), ("income",)),
        (None, 80, "undetermined", (), ("age",)),
        (None, None, "undetermined", (), ("age", "income")),
        (50, None, "refused", ("TOO_YOUNG",), ()),
    ],
)
def test_missing_data_never_refuses_and_never_grants(
    age: Any, income: Any, outcome: str, reasons: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    found = outcome_of(age, income)

    assert found[0] == outcome
    assert found[1] == reasons
    assert set(found[2]) == set(missing)


def test_an_input_left_out_is_not_known() -> None:
    result = pack().evaluate("right", {"age": 63}, on=ON)

    assert result.outcome == "undetermined"
    assert result.missing == ("income",)


def test_an_if_on_missing_data_is_undetermined_whatever_it_gives() -> None:
    silent = pack({"test.dmn": model(right=literal("if income > 100 then false else true"))})
    explicit = pack(
        {
            "test.dmn": model(
                right=literal("if income != null and income > 100 then false else true")
            )
        }
    )

    assert silent.evaluate("right", {"age": 63}, on=ON).outcome == "undetermined"
    assert explicit.evaluate("right", {"age": 63}, on=ON).outcome == "granted"


def test_a_comparison_with_missing_data_neither_refuses_nor_grants() -> None:
    for rule in ("income = 5", "income != 5", "income in (5, 6)", "not(income = 5)"):
        book = pack({"test.dmn": model(right=literal(f'{{eligible: {rule}, reason: "MET"}}'))})

        result = book.evaluate("right", {"age": 63}, on=ON)

        assert (result.outcome, result.missing) == ("undetermined", ("income",)), rule


def test_an_amount_with_missing_data_is_undetermined() -> None:
    result = pack().evaluate("amount", {"income": None}, on=ON)

    assert (result.outcome, result.value, result.missing) == ("undetermined", None, ("income",))


def test_an_amount_is_computed_with_the_parameter_of_the_day() -> None:
    book = pack()

    assert book.evaluate("amount", {"income": Decimal("99.99")}, on=ON).value == Decimal("9.9")
    later = book.evaluate("amount", {"income": Decimal("99.99")}, on=date(2025, 1, 1))
    assert (later.outcome, later.value) == ("computed", Decimal("19.9"))


def test_what_was_known_then_decides_as_it_did_then() -> None:
    book = pack()
    on, before = date(2024, 8, 1), datetime(2025, 3, 1, 11, 59, tzinfo=UTC)

    then = book.evaluate("amount", {"income": 100}, on=on, known_at=before)
    now = book.evaluate("amount", {"income": 100}, on=on)

    assert (then.value, now.value) == (Decimal(10), Decimal(15))
    assert then.known_at == before
    assert book.parameter("rate", on, before + timedelta(minutes=1)) == book.parameter("rate", on)


def test_a_parameter_may_follow_a_date_among_the_inputs() -> None:
    result = pack().evaluate("of_birth", {"born": date(2025, 2, 28)}, on=ON)

    assert result.trace is not None
    assert result.trace["parameters_on"] == "2025-02-28"
    assert result.value == date(2026, 2, 28)


def test_a_day_no_parameter_covers_is_named() -> None:
    with pytest.raises(NoParameterValue, match="rate has no value on 2023-12-31"):
        pack().evaluate("amount", {"income": 100}, on=date(2023, 12, 31))
    with pytest.raises(NoParameterValue, match="as known at 2020-01-01"):
        pack().parameter("rate", ON, datetime(2020, 1, 1, tzinfo=UTC))


def test_a_parameter_with_gaps_is_null_in_them() -> None:
    assert pack().parameter("bonus", ON) is None
    row = pack().parameter("bonus", date(2025, 1, 1))
    assert row is not None
    assert row.value == Decimal(5)


def test_known_at_needs_a_time_zone() -> None:
    with pytest.raises(WrongInput, match="no time zone"):
        pack().evaluate("amount", {}, on=ON, known_at=datetime(2025, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("decision", "inputs", "code"),
    [
        ("right", {"age": 63.0}, "input.float"),
        ("right", {"age": "63"}, "input.type"),
        ("right", {"age": True}, "input.type"),
        ("right", {"age": 200}, "input.value"),
        ("right", {"age": Decimal("NaN")}, "input.digits"),
        ("right", {"age": Decimal("1." + "1" * 40)}, "input.digits"),
        ("right", {"age": 10**40 + 1}, "input.digits"),
        ("right", {"age": object()}, "input.type"),
        ("right", {"years": 63}, "input.unknown"),
        ("right", {"rate": 1}, "input.unknown"),
        ("of_birth", {"born": "1960-01-01"}, "input.type"),
        ("of_birth", {"born": datetime(1960, 1, 1, tzinfo=UTC)}, "input.type"),
        ("wrong", {}, "decision.unknown"),
    ],
)
def test_wrong_inputs_are_refused_by_name(decision: str, inputs: dict[str, Any], code: str) -> None:
    with pytest.raises(WrongInput) as refused:
        pack().evaluate(decision, inputs, on=ON)

    assert refused.value.code == code
    assert refused.value.remedy


def test_a_refusal_without_a_reason_is_the_packs_fault() -> None:
    silent = pack({"test.dmn": model(right=literal("age > 60"))})
    unknown = pack({"test.dmn": model(right=literal('{eligible: false, reasons: ["NO"]}'))})
    vague = pack({"test.dmn": model(right=literal('"perhaps"'))})

    with pytest.raises(UnusablePack, match="refuses without a reason"):
        silent.evaluate("right", {"age": 50}, on=ON)
    with pytest.raises(UnusablePack, match="The reason NO has no text"):
        unknown.evaluate("right", {"age": 50}, on=ON)
    with pytest.raises(UnusablePack, match="neither yes nor no"):
        vague.evaluate("right", {"age": 50}, on=ON)


def test_several_reasons_keep_their_order() -> None:
    several = pack(
        {"test.dmn": model(right=literal('{eligible: false, reasons: ["TOO_RICH", "TOO_YOUNG"]}'))}
    )

    result = several.evaluate("right", {}, on=ON)

    assert [reason.code for reason in result.reasons] == ["TOO_RICH", "TOO_YOUNG"]
    assert result.reasons[1].texts["fr"] == "L'âge n'est pas atteint."


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{a: [1, "x"], b: true}', {"a": [Decimal(1), "x"], "b": True}),
        ('duration("P1Y")', MonthsDuration(12)),
        ('date("2024-02-29")', date(2024, 2, 29)),
    ],
)
def test_results_are_python_values(text: str, value: Any) -> None:
    assert pack({"test.dmn": model(amount=text)}).evaluate("amount", {}, on=ON).value == value


@pytest.mark.parametrize("text", ["[1..2]", "function(a) a", 'date("10000-01-01")'])
def test_results_nobody_can_store_are_refused_by_name(text: str) -> None:
    with pytest.raises(WrongInput) as refused:
        pack({"test.dmn": model(amount=text)}).evaluate("amount", {}, on=ON)

    assert refused.value.code == "result.type"


def test_python_values_of_every_kind_come_in() -> None:
    changed = model(amount="income").replace(
        'name="income" typeRef="number"', 'name="income" typeRef="Any"'
    )
    book = pack({"test.dmn": changed})
    values = {
        "list": [1, (2,)],
        "moment": datetime(2024, 2, 29, 1, 2, 3, 500000, tzinfo=UTC),
        "clock": time(1, 2, 3),
        "span": timedelta(days=1, microseconds=1),
        "months": MonthsDuration(2),
    }

    result = book.evaluate("amount", {"income": values}, on=ON)

    assert result.trace is not None
    assert result.trace["value"] == {
        "list": ["1", ["2"]],
        "moment": "2024-02-29T01:02:03.5Z",
        "clock": "01:02:03",
        "span": "P1DT0.000001S",
        "months": "P2M",
    }


def test_the_manifest_tells_what_each_decision_needs() -> None:
    manifest = pack().manifest
    right = manifest.decision("right")

    assert right is not None
    assert [(item.name, item.type, item.is_required, item.source) for item in right.inputs] == [
        ("age", "number", True, "register.age"),
        ("income", "number", False, "claim.income"),
    ]
    assert (right.title, right.input("age").title) == ("English", "English")
    assert manifest.benefits[0].title == "English"
    assert manifest.process is not None
    assert (manifest.process.decision_days, manifest.process.approval) == (30, "officer+approver")


def test_a_pack_says_what_it_is() -> None:
    book = pack()

    assert (book.scheme, book.version, book.title) == ("xa/test", "1", "English")
    assert (book.country, book.currency, book.valid_from) == ("XA", "XTS", date(2024, 1, 1))
    assert [parameter.title for parameter in book.parameters] == ["English", "English"]
    with pytest.raises(WrongInput, match="has no parameter"):
        book.parameter("ratio", ON)


def test_a_month_may_choose_the_parameters() -> None:
    text = (
        model()
        .replace('name="born" typeRef="date"', 'name="born" typeRef="string"')
        .replace("born +", "date(born) +")
    )
    book = pack({"test.dmn": text, "scheme.toml": MANIFEST})

    trace = book.evaluate("of_birth", {"born": "2025-02"}, on=ON).trace

    assert trace is not None
    assert trace["parameters_on"] == "2025-02-01"
    with pytest.raises(WrongInput, match="is no year, month, week or date"):
        book.evaluate("of_birth", {"born": "February"}, on=ON)


def test_a_year_may_choose_the_parameters() -> None:
    text = (
        model()
        .replace('name="born" typeRef="date"', 'name="born" typeRef="number"')
        .replace('born + duration("P1Y")', "born + 1")
    )
    book = pack({"test.dmn": text, "scheme.toml": MANIFEST})

    trace = book.evaluate("of_birth", {"born": 2025}, on=ON).trace

    assert trace is not None
    assert trace["parameters_on"] == "2025-01-01"
    for wrong in ("2025.5", "0", "10000"):
        with pytest.raises(WrongInput, match="is no year, month, week or date"):
            book.evaluate("of_birth", {"born": Decimal(wrong)}, on=ON)


def test_a_year_may_begin_on_another_day_than_the_first_of_january() -> None:
    text = (
        model()
        .replace('name="born" typeRef="date"', 'name="born" typeRef="number"')
        .replace('born + duration("P1Y")', "born + 1")
    )
    begins = MANIFEST.replace(
        'parameters_on = "born"', 'parameters_on = "born"\nyear_begins = "04-06"'
    )
    book = pack({"test.dmn": text, "scheme.toml": begins})

    trace = book.evaluate("of_birth", {"born": 2025}, on=ON).trace

    assert trace is not None
    assert trace["parameters_on"] == "2025-04-06"
    for wrong in ("02-29", "13-01", "April"):
        with pytest.raises(UnusablePack, match=f"year_begins is {wrong}"):
            pack({"scheme.toml": begins.replace("04-06", wrong)})


@pytest.mark.parametrize(
    ("week", "monday"),
    [("2024-W15", "2024-04-08"), ("2025-W01", "2024-12-30"), ("2020-W53", "2020-12-28")],
)
def test_a_week_may_choose_the_parameters_of_its_monday(week: str, monday: str) -> None:
    text = (
        model()
        .replace('name="born" typeRef="date"', 'name="born" typeRef="string"')
        .replace('born + duration("P1Y")', "born")
    )
    book = pack({"test.dmn": text, "scheme.toml": MANIFEST})

    trace = book.evaluate("of_birth", {"born": week}, on=ON).trace

    assert trace is not None
    assert trace["parameters_on"] == monday
    for wrong in ("2024-W53", "2024-W00", "2024-W1"):
        with pytest.raises(WrongInput, match="is no year, month, week or date"):
            book.evaluate("of_birth", {"born": wrong}, on=ON)


def test_an_unknown_date_takes_no_parameter_of_another_day() -> None:
    heading = 'name = "amount"\nkind = "amount"'
    by_birth = MANIFEST.replace(heading, f'{heading}\nparameters_on = "born"')
    book = pack({"scheme.toml": by_birth})

    result = book.evaluate("amount", {"income": 100, "born": None}, on=ON)

    assert (result.outcome, result.value, result.missing) == ("undetermined", None, ("born",))
    assert result.trace is not None
    assert result.trace["parameters_on"] is None


COUPLE = (
    "<itemDefinition name='tPerson'>"
    "<itemComponent name='age'><typeRef>number</typeRef></itemComponent>"
    "<itemComponent name='carer'><typeRef>boolean</typeRef></itemComponent>"
    "</itemDefinition>"
    "<itemDefinition name='tPeople' isCollection='true'><typeRef>tPerson</typeRef>"
    "</itemDefinition>"
)


OF_THOSE_WHO_CARE_FOR_NOBODY = literal("sum(people[not(carer)].age)")


def couple(left_out: str, amount: str = OF_THOSE_WHO_CARE_FOR_NOBODY) -> Pack:
    text = source(
        decision("amount", amount, ["i:people"]),
        decision("right", literal("count(people) > 0"), ["i:people"]),
        inputs={"people": "tPeople"},
        head=COUPLE,
    )
    manifest = (
        MANIFEST.partition("[[input]]")[0]
        + f"""
[[input]]
name = "people"
from = "claim.people"
left_out = {left_out}
title = {{ en = "People", fr = "Personnes" }}

[[decision]]
name = "amount"
kind = "amount"
title = {{ en = "Amount", fr = "Montant" }}
"""
    )
    return pack({"test.dmn": text, "scheme.toml": manifest, "parameters.toml": ""})


def test_an_entry_left_out_is_not_known_or_what_the_manifest_says() -> None:
    people = [{"age": 40}, {"age": 50, "carer": True}]
    silent, telling = couple("{}"), couple("{ carer = false }")

    unknown = silent.evaluate("amount", {"people": people}, on=ON)
    meant = telling.evaluate("amount", {"people": people}, on=ON)
    asked = telling.evaluate("amount", {"people": [{"age": 40, "carer": None}]}, on=ON)

    assert unknown.outcome == "undetermined"
    assert (meant.outcome, meant.value) == ("computed", Decimal(40))
    assert asked.outcome == "undetermined"
    assert telling.read_json_inputs("amount", {"people": [{"age": Decimal(40)}]}) == {
        "people": [{"age": Decimal(40), "carer": False}]
    }


@pytest.mark.parametrize(
    "amount",
    [
        literal("count(people[age > 18])"),
        f"<filter><in>{literal('people')}</in><match>{literal('age > 18')}</match></filter>",
    ],
)
def test_unknown_people_are_not_taken_for_nobody(amount: str) -> None:
    book = couple("{}", amount)

    unknown = book.evaluate("amount", {}, on=ON)

    assert (unknown.outcome, unknown.missing) == ("undetermined", ("people",))
    assert book.evaluate("amount", {"people": []}, on=ON).outcome == "computed"


def test_where_leaving_out_has_a_meaning_a_misspelt_entry_is_refused() -> None:
    with pytest.raises(WrongInput, match="people has no entry carre"):
        couple("{ carer = false }").evaluate("amount", {"people": [{"carre": True}]}, on=ON)
    for wrong in ("{ carre = false }", "{ carer = 1 }"):
        with pytest.raises(UnusablePack, match="a meaning its type does not have"):
            couple(wrong)
    for wrong in ("1", "{ carer = [] }"):
        with pytest.raises(UnusablePack, match="left_out"):
            couple(wrong)


def test_one_pack_answers_many_threads_as_it_answers_one() -> None:
    book = pack()
    facts = [{"age": age, "income": income} for age in (50, 63, None) for income in (80, 101, None)]
    alone = [book.evaluate("right", each, on=ON) for each in facts]

    with ThreadPoolExecutor(max_workers=4) as threads:
        together = list(threads.map(lambda each: book.evaluate("right", each, on=ON), facts * 20))

    assert together == alone * 20


def test_where_a_required_fact_is_missing_those_that_may_be_left_out_are_not_named() -> None:
    optional = MANIFEST.replace("required = false", "").replace(
        'from = "register.date_of_birth"', 'from = "register.date_of_birth"\nrequired = false'
    )
    text = model(amount="income * rate * (if born = null then 1 else 2)").replace(
        '<decision id="amount" name="amount"><variable name="amount"/>',
        '<decision id="amount" name="amount"><variable name="amount"/>'
        '<informationRequirement><requiredInput href="#born"/></informationRequirement>',
    )
    book = pack({"scheme.toml": optional, "test.dmn": text})

    assert book.evaluate("amount", {}, on=ON).missing == ("income",)
    assert book.evaluate("amount", {"income": 100}, on=ON).value == Decimal(10)
