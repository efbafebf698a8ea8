"""Nobody is named in a simulation over real people."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from amparo.rules.packs import load_pack
from amparo.rules.simulation.compare import simulate
from amparo.rules.simulation.disclosure import LEAST, pseudonymous
from amparo.rules.simulation.population import population_of
from amparo.rules.simulation.report import as_data, charts, read_data, tables
from amparo.rules.simulation.results import Simulation
from tests.architecture.source import PROJECT

PACK = load_pack(PROJECT / "schemes" / "xa" / "social-pension" / "1")
ON = date(2026, 12, 1)
BORN = date(1950, 3, 17)


def person(number: int, *, sex: str, district: str) -> tuple[dict[str, object], dict[str, object]]:
    facts = {
        "date_of_birth": BORN,
        "claim_date": date(2021, 5, 1),
        "resident": True,
        "other_pension_amount": Decimal(0),
    }
    about = {
        "reference": f"A-{number}",
        "sex": sex,
        "birth_date": BORN,
        "region": district,
    }
    return facts, about


@pytest.fixture(scope="module")
def found() -> Simulation:
    """Give twelve people who all gain: two men, and three districts with 8, 3 and 1 of them."""
    districts = [*["Kora"] * 8, *["Lakeside"] * 3, "Old Port"]
    people = [
        person(number, sex="male" if number < 2 else "female", district=district)
        for number, district in enumerate(districts)
    ]
    rows, about = zip(*people, strict=True)
    population = population_of(
        list(rows), list(about), packs=[PACK], benefit="social_pension", origin="the register"
    )
    kept = dict(PACK.files)
    kept["parameters.toml"] = kept["parameters.toml"].replace("value = 132", "value = 150")
    after = type(PACK)(kept)
    return simulate(
        before=PACK, after=after, benefit="social_pension", population=population, on=ON
    )


def test_groups_of_few_are_put_together_until_they_are_enough(found: Simulation) -> None:
    told = pseudonymous(found)

    # Three and one are still too few alone: with the eight nobody can be told apart.
    (region,) = told.groups["region"]
    assert (region.name, region.cases, region.winners) == ("Kora, Lakeside, Old Port", 12, 12)
    (sex,) = told.groups["sex"]
    assert sex.cases == 12
    assert told.groups["all"] == found.groups["all"]
    assert sum(group.won for group in told.groups["region"]) == found.groups["all"][0].won


def test_groups_that_are_enough_stay(found: Simulation) -> None:
    (everybody,) = found.groups["all"]
    large = (
        replace(everybody, name="a", cases=LEAST),
        replace(everybody, name="b", cases=LEAST - 2),
        replace(everybody, name="c", cases=LEAST - 3),
    )

    told = pseudonymous(replace(found, groups={**found.groups, "region": large}))

    assert [(group.name, group.cases) for group in told.groups["region"]] == [
        ("a", LEAST),
        ("b, c", 2 * LEAST - 5),
    ]


def test_single_cases_bear_no_reference_no_birth_and_no_small_group(found: Simulation) -> None:
    told = pseudonymous(found)

    assert [one.reference for one in told.affected] == [str(n) for n in range(1, 13)]
    assert {one.region for one in told.affected} == {"Kora, Lakeside, Old Port"}
    text = repr(told.affected)
    assert "1950-03-17" not in text
    assert "03-17" not in text
    assert "1950-··-··" in text
    assert "A-0" not in text
    assert "2021-05-01" in text  # the day of the claim, which the register does not tell
    parameters = [trace["parameters"] for one in told.affected for trace in one.after_traces]
    assert parameters == [
        trace["parameters"] for one in found.affected for trace in one.after_traces
    ]


def test_what_is_told_as_data_is_read_back_whole(found: Simulation) -> None:
    alone = replace(pseudonymous(found), affected=())

    again = read_data(as_data(alone), title=alone.title)

    assert again == alone


@pytest.mark.parametrize("language", ["en", "fr"])
def test_tables_and_charts_speak_each_language(found: Simulation, language: str) -> None:
    titles = [table.title for table in tables(found, language=language)]
    drawn = list(charts(found, language=language))

    assert ("Cost a month, XTS" in titles) == (language == "en")
    assert ("Coût mensuel, XTS" in titles) == (language == "fr")
    for chart in drawn:
        assert all(bar.x >= 0 and bar.x + bar.width <= chart.width for bar in chart.bars)
        assert all(bar.y + bar.height <= chart.height for bar in chart.bars)
