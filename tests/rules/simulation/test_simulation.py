"""A change of the law over eight people, every figure worked out by hand.

Before: the amount is a fifth of the income, for whoever is 60 and has at most 100. After: two
fifths, and at most 90. A, B and C gain, D loses the right, E and G have none either way, the
income of F is not known, and the age of H is none that the pack allows.
"""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types
import pytest

from amparo.rules.packs import Pack, load_pack, load_pack_files
from amparo.rules.simulation.compare import CannotCompare, simulate
from amparo.rules.simulation.population import (
    About,
    Population,
    UnusablePopulation,
    about_of,
    read_population,
)
from amparo.rules.simulation.report import as_data, as_page, as_text
from amparo.rules.simulation.results import Simulation
from tests.architecture.source import PROJECT
from tests.rules.packs.packs import MANIFEST, RIGHT, model, pack

ON = date(2026, 3, 1)
PEOPLE = """\
reference,age,income,sex,region
A,60,10,female,north
B,70,20,male,north
C,65,30,female,south
D,61,100,male,south
E,50,40,female,
F,60,,male,north
G,62,101,,south
H,131,10,female,north
"""
STRICTER = RIGHT.replace("100", "90").replace("&lt;= 100", "&lt;= 90")


def draft(changed: Mapping[str, str] | None = None) -> Pack:
    doubled = model(right=STRICTER, amount="floor(income * rate * 2, 1)")
    manifest = MANIFEST.replace('version = "1"', 'version = "2"')
    return pack({"test.dmn": doubled, "scheme.toml": manifest, **(changed or {})})


def people(folder: Path, text: str = PEOPLE) -> Population:
    path = folder / "people.csv"
    path.write_text(text, encoding="utf-8")
    return read_population(path, packs=[pack(), draft()], benefit="test")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    population = people(tmp_path_factory.mktemp("people"))
    return simulate(before=pack(), after=draft(), benefit="test", population=population, on=ON)


def test_both_costs_and_their_difference_are_exact(found: Simulation) -> None:
    assert found.before.cost_month == Decimal("32.00")  # 2 + 4 + 6 + 20
    assert found.after.cost_month == Decimal("24.00")  # 4 + 8 + 12
    assert found.difference_month == Decimal("-8.00")


def test_unknown_answers_are_neither_granted_nor_refused(found: Simulation) -> None:
    assert found.before.states == {
        "granted": 4,
        "refused": 2,
        "undetermined": 1,
        "not computed": 1,
    }
    assert found.after.states == {
        "granted": 3,
        "refused": 3,
        "undetermined": 1,
        "not computed": 1,
    }
    assert found.before.missing == {"income": 1}
    assert found.before.set_aside == {"age": 1}
    assert found.moves["granted", "refused"] == 1


def test_winners_and_losers_are_told_by_sex_age_and_region(found: Simulation) -> None:
    (all_,) = found.groups["all"]
    assert (all_.winners, all_.won, all_.losers, all_.lost) == (3, Decimal(12), 1, Decimal(20))
    assert (all_.same, all_.unknown, all_.cases) == (2, 2, 8)

    by_sex = {group.name: group for group in found.groups["sex"]}
    assert (by_sex["female"].won, by_sex["male"].won) == (Decimal(8), Decimal(4))
    assert (by_sex["male"].lost, by_sex["unknown"].same) == (Decimal(20), 1)

    by_region = {group.name: group for group in found.groups["region"]}
    assert (by_region["north"].won, by_region["south"].won) == (Decimal(6), Decimal(6))
    assert (by_region["unknown"].same, by_region["unknown"].winners) == (1, 0)

    assert [group.name for group in found.groups["age"]] == ["45-59", "60-64", "65-74", "75+"]
    assert found.groups["age"][2].won == Decimal(10)
    assert (found.groups["age"][3].winners, found.groups["age"][3].unknown) == (0, 1)


def test_quantiles_are_nearest_ranks(found: Simulation) -> None:
    assert found.before.paid.quantiles == {10: 2, 25: 2, 50: 4, 75: 6, 90: 20, 99: 20}
    assert found.after.paid.quantiles == {10: 4, 25: 4, 50: 8, 75: 12, 90: 12, 99: 12}


def test_the_gini_coefficient_is_that_of_the_textbook(found: Simulation) -> None:
    # 2·(1·2 + 2·4 + 3·6 + 4·20) / (4·32) - 5/4, and 2·(1·4 + 2·8 + 3·12) / (3·24) - 4/3
    assert found.before.paid.gini == Decimal("0.4375")
    assert found.after.paid.gini == Decimal("0.2222")


def test_the_most_affected_come_first_with_both_traces(found: Simulation) -> None:
    assert [(one.reference, one.change) for one in found.affected] == [
        ("D", Decimal("-20.00")),
        ("C", Decimal("6.00")),
        ("B", Decimal("4.00")),
        ("A", Decimal("2.00")),
    ]
    lost, won = found.affected[0], found.affected[1]
    assert [trace["decision"] for trace in lost.before_traces] == ["right", "amount"]
    assert [trace["outcome"] for trace in lost.after_traces] == ["refused"]
    assert lost.after_traces[0]["reasons"][0]["code"] == "TOO_RICH"
    assert won.after_traces[1]["value"] == "12"


def test_no_case_is_shown_where_none_may_be(tmp_path: Path) -> None:
    found = simulate(
        before=pack(),
        after=draft(),
        benefit="test",
        population=people(tmp_path),
        on=ON,
        most_affected=0,
    )

    assert found.affected == ()
    assert found.groups["all"][0].winners == 3


def test_what_runs_row_by_row_gives_the_same_figures_and_is_named(tmp_path: Path) -> None:
    by_rows = model(right=STRICTER, amount="floor(sqrt(income * income) * rate * 2, 1)")

    found = simulate(
        before=pack(),
        after=draft({"test.dmn": by_rows}),
        benefit="test",
        population=people(tmp_path),
        on=ON,
    )

    assert list(found.after.refusals) == ["amount"]
    assert found.after.by_interpreter["amount"] == 3
    assert found.after.cost_month == Decimal("24.00")
    assert "amount runs row by row" in as_text(found)


def test_a_quarterly_amount_is_compared_with_a_monthly_one_by_the_year(tmp_path: Path) -> None:
    quarterly = MANIFEST.replace('"monthly"', '"quarterly"')

    found = simulate(
        before=pack(),
        after=draft({"scheme.toml": quarterly}),
        benefit="test",
        population=people(tmp_path),
        on=ON,
    )

    assert found.period == "yearly"
    assert (found.before.cost_month, found.after.cost_month) == (Decimal(32), Decimal(8))
    assert found.groups["all"][0].lost == Decimal(288)  # 24 - 16, 48 - 32, 72 - 48, 240 - 0


def test_an_amount_paid_once_is_not_compared_with_a_monthly_one(tmp_path: Path) -> None:
    once = draft({"scheme.toml": MANIFEST.replace('"monthly"', '"once"')})

    with pytest.raises(CannotCompare, match="paid monthly before, once after"):
        simulate(before=pack(), after=once, benefit="test", population=people(tmp_path), on=ON)
    alone = simulate(before=once, after=once, benefit="test", population=people(tmp_path), on=ON)
    assert alone.before.cost_month is None
    assert alone.before.paid.total == Decimal(24)


SOCIAL_PENSION = load_pack(PROJECT / "schemes" / "xa" / "social-pension" / "1")


def claimed_long_ago() -> Population:
    table = pa.Table.from_pylist(
        [
            {
                "date_of_birth": date(1940, 2, 29),
                "claim_date": date(2021, 5, 1),
                "resident": True,
                "other_pension_amount": 0,
            }
        ]
    )
    about = about_of(table.column_names, [SOCIAL_PENSION])
    return Population(table=table, about=about, origin="one person")


def test_amounts_follow_the_rates_of_the_day_only_where_the_benefit_does() -> None:
    kept = dict(SOCIAL_PENSION.files)
    kept["scheme.toml"] = kept["scheme.toml"].replace("follows_rates = true\n", "")
    fixed = load_pack_files(kept)

    found = simulate(
        before=fixed,
        after=SOCIAL_PENSION,
        benefit="social_pension",
        population=claimed_long_ago(),
        on=date(2026, 12, 1),
    )
    new = simulate(
        before=fixed,
        after=SOCIAL_PENSION,
        benefit="social_pension",
        population=claimed_long_ago(),
        on=date(2026, 12, 1),
        as_new=True,
    )

    assert (found.before.cost_month, found.after.cost_month) == (Decimal(100), Decimal(132))
    assert new.before.cost_month == new.after.cost_month == Decimal(132)
    assert found.groups["age"][0].name == "75+"


def test_describing_columns_are_found_by_name_or_by_the_source_of_an_input() -> None:
    about = about_of(["date_of_birth", "district", "sex", "claim_date"], [SOCIAL_PENSION])

    assert about == About(sex="sex", birth_date="date_of_birth", region="district")


def test_parquet_and_csv_hold_the_same_people(tmp_path: Path, found: Simulation) -> None:
    path = tmp_path / "people.parquet"
    pq.write_table(people(tmp_path).table, path)
    population = read_population(path, packs=[pack(), draft()], benefit="test")

    again = simulate(before=pack(), after=draft(), benefit="test", population=population, on=ON)

    assert again.groups == found.groups


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("age,income\n60,1e3\n", "1 cells of the column income"),
        ("age,income\n60,0.12345678901\n", "1 cells of the column income"),
        ("weight\n60\n", "No column of people.csv is a fact"),
    ],
)
def test_a_file_that_says_something_else_is_refused(
    tmp_path: Path, text: str, problem: str
) -> None:
    with pytest.raises(UnusablePopulation, match=problem):
        people(tmp_path, text)


def test_an_unknown_benefit_is_refused_with_those_there_are(tmp_path: Path) -> None:
    population = people(tmp_path)

    with pytest.raises(UnusablePopulation, match=r"has no benefit other.*It has: test"):
        simulate(before=pack(), after=draft(), benefit="other", population=population, on=ON)


def test_nobody_granted_has_no_distribution(tmp_path: Path) -> None:
    found = simulate(
        before=pack(),
        after=draft(),
        benefit="test",
        population=people(tmp_path, "reference,age,income\nE,50,40\n"),
        on=ON,
    )

    assert found.before.paid.gini is None
    assert "nobody" in as_text(found)
    ET.fromstring(as_page(found).removeprefix("<!doctype html>\n"))  # noqa: S314 - our own page


def test_the_json_has_every_amount_as_text(found: Simulation) -> None:
    told = as_data(found)

    assert told["before"]["cost_month"] == "32.00"
    assert told["difference_month"] == "-8.00"
    assert told["groups"]["all"][0]["unknown"] == 2
    assert told["affected"][0]["after"]["traces"][0]["outcome"] == "refused"


def test_the_page_stands_alone_with_a_table_for_every_chart(tmp_path: Path) -> None:
    named = PEOPLE.replace("D,61", "<script>D,61")
    found = simulate(
        before=pack(), after=draft(), benefit="test", population=people(tmp_path, named), on=ON
    )

    page = as_page(found)

    assert "<script" not in page
    assert page.count("<svg") == 5
    assert page.count('role="img"') == 5
    assert page.count("<caption>") >= page.count("<svg")
    assert "http" not in page
    assert "&lt;script&gt;D" in page
