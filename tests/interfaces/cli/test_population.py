"""Amparia's people: always the same, like real ones, and taken in by the ordinary imports."""

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from amparo.interfaces.cli.population import AMINA, JOSEFA, TOMASI, Amparia, write_population
from amparo.interfaces.files import imports
from amparo.register.identifiers import IdentifierRule
from amparo.values import age_on
from tests.delivery import world as worlds

ON = date(2026, 11, 20)


@pytest.fixture(scope="module")
def amparia(tmp_path_factory: pytest.TempPathFactory) -> Amparia:
    return write_population(folder=tmp_path_factory.mktemp("amparia"), persons=3_000, on=ON)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_the_same_seed_and_day_give_the_same_files_to_the_byte(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_population(folder=tmp_path / name, persons=200, seed=7, on=ON)
    write_population(folder=tmp_path / "other", persons=200, seed=8, on=ON)

    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")
    assert hashes(tmp_path / "one") != hashes(tmp_path / "other")


@pytest.mark.parametrize("on", [date(2024, 2, 29), date(2027, 1, 1), date(2026, 12, 31)])
def test_every_day_can_be_the_day_of_the_story(on: date, tmp_path: Path) -> None:
    amparia = write_population(folder=tmp_path, persons=200, months=3, on=on)

    births = [row["birth_date"] for row in rows(amparia.persons)]
    assert all(birth <= str(on) for birth in births)
    assert len(amparia.declarations) == 3


def test_there_are_as_many_people_as_asked_for_and_about_a_third_are_children(
    amparia: Amparia,
) -> None:
    people = rows(amparia.persons)

    assert len(people) == amparia.person_count == 3_000
    assert len({person["person_ref"] for person in people}) == 3_000
    children = sum(int(person["birth_date"][:4]) > ON.year - 18 for person in people)
    assert 0.22 < children / len(people) < 0.38


def test_the_variety_of_a_real_register_is_there(amparia: Amparia) -> None:
    people = rows(amparia.persons)
    precisions = Counter(person["birth_precision"] for person in people)
    sizes = Counter(Counter(person["household_ref"] for person in people).values())

    assert sum(person["birth_date"].endswith("02-29") for person in people) > 5
    assert min(precisions["year"], precisions["month"]) > 10
    assert sum(not person["family_name"] for person in people) > 5
    assert sum(not person["given_names"].isascii() for person in people) > 50
    assert sum(not person["national_id"] for person in people) > 100
    assert {1, 2, 5} <= set(sizes)
    assert {kind for person in people if (kind := person["payment_kind"])} == {"bank", "wallet"}
    led_by_a_child = [
        person
        for person in people
        if person["household_role"] == "reference-person"
        and int(person["birth_date"][:4]) > ON.year - 17
    ]
    assert led_by_a_child


@pytest.mark.parametrize("seed", range(1, 21))
def test_every_identifier_is_well_formed_and_one_persons_own(seed: int, tmp_path: Path) -> None:
    amparia = write_population(folder=tmp_path, persons=200, seed=seed, months=2, on=ON)

    rule = IdentifierRule(pattern="[0-9]{10}", check_digit="luhn")
    given = [row["national_id"] for row in rows(amparia.persons) if row["national_id"]]
    assert all(rule.has_the_right_form(v) and rule.has_the_right_check_digit(v) for v in given)
    assert len(set(given)) == len(given)


def test_parents_are_older_than_their_children_and_named_before_them(amparia: Amparia) -> None:
    born: dict[str, int] = {}
    for person in rows(amparia.persons):
        year = int(person["birth_date"][:4])
        for parent in filter(None, person["parent_refs"].split("|")):
            assert born[parent] <= year - 16
        born[person["person_ref"]] = year


def test_the_cast_is_there_as_the_story_tells_it(amparia: Amparia) -> None:
    people = {person["person_ref"]: person for person in rows(amparia.persons)}
    ages = {
        name: age_on(birth_date=date.fromisoformat(people[name]["birth_date"]), on=ON)
        for name in (AMINA, JOSEFA)
    }
    employers = {row["number"]: row["name"] for row in rows(amparia.employers)}
    last = rows(amparia.declarations[-1])
    works = [row for row in last if row["national_id"] == people[AMINA]["national_id"]]

    assert ages == {AMINA: 63, JOSEFA: 70}
    assert people[TOMASI]["birth_date"].endswith("02-29")
    assert "Highland" in people[JOSEFA]["district"]
    assert {employers[row["employer_number"]] for row in works} == {"Kora Textiles", "Baraka Store"}
    assert {claim.benefit for claim in amparia.claims if claim.person_ref == AMINA} == {"old-age"}


def test_kora_declares_42_workers_two_of_them_mistyped_and_misses_a_month(amparia: Amparia) -> None:
    known = {row["national_id"] for row in rows(amparia.persons)}
    (kora,) = [r["number"] for r in rows(amparia.employers) if r["name"] == "Kora Textiles"]
    declared = [
        [row for row in rows(path) if row["employer_number"] == kora]
        for path in amparia.declarations
    ]

    assert [bool(lines) for lines in declared] == [True, True, True, True, False, True]
    assert len(declared[-1]) == 42
    assert sum(line["national_id"] not in known for line in declared[-1]) == 2
    (late,) = rows(amparia.late_declaration)
    assert late["national_id"] not in known


def test_every_declaration_adds_up(amparia: Amparia) -> None:
    for path in amparia.declarations:
        totals: dict[str, list[Decimal]] = {}
        headers: dict[str, tuple[str, str]] = {}
        for row in rows(path):
            totals.setdefault(row["employer_number"], []).append(Decimal(row["wage"]))
            headers[row["employer_number"]] = (row["declared_lines"], row["declared_total"])
        for employer, wages in totals.items():
            assert (len(wages), sum(wages)) == (
                int(headers[employer][0]),
                Decimal(headers[employer][1]),
            )


def test_somebody_expects_each_answer(amparia: Amparia) -> None:
    expected = Counter((claim.benefit, claim.expected) for claim in amparia.claims)

    assert {benefit for benefit, _answer in expected} == {
        "old-age",
        "social-pension",
        "child-grant",
    }
    assert {answer for _benefit, answer in expected} == {"granted", "refused", "undetermined"}
    refs = {row["person_ref"] for row in rows(amparia.persons)}
    assert all(claim.person_ref in refs for claim in amparia.claims)


@pytest.mark.django_db
def test_the_ordinary_imports_take_amparia_in(tmp_path: Path) -> None:
    world = worlds.build(tmp_path)
    amparia = write_population(folder=tmp_path / "amparia", persons=400, on=ON, months=2)
    take = {
        amparia.persons: imports.import_persons,
        amparia.employers: imports.import_employers,
        amparia.employments: imports.import_employments,
        amparia.history: imports.import_history,
        **dict.fromkeys(amparia.declarations, imports.import_declarations),
        amparia.late_declaration: imports.import_declarations,
    }

    outcomes = [
        importer(path=path, access=world.emil, at=worlds.AT) for path, importer in take.items()
    ]

    assert [(outcome.status, outcome.listed) for outcome in outcomes] == [
        ("accepted", ()) for _path in take
    ]
    assert outcomes[0].rows == 400
    assert any("suspense" in notice for outcome in outcomes for notice in outcome.notices)
