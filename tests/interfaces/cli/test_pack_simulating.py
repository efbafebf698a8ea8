"""`amparo pack simulate`: over people made up, a file, the caseload, everybody registered."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types
import pytest
from django.utils.timezone import localdate, now
from pytest_django.fixtures import Settings
from typer.testing import CliRunner

from amparo.accounts.operations import create_user, grant_mandate
from amparo.delivery.claims import populations
from amparo.delivery.claims.operations import approve_claim, assess_claim, submit_claim
from amparo.governance.kernel.access import access_for
from amparo.interfaces.cli.main import app
from amparo.journal.models import Event
from amparo.rules.packs import Pack, load_pack, load_pack_files
from amparo.rules.packs.pack import read_folder
from amparo.rules.simulation.compare import simulate
from amparo.rules.simulation.population import UnusablePopulation
from amparo.settings import PASSWORD_HASHERS
from amparo.values import NotPermitted, Right
from tests.architecture.source import PROJECT
from tests.conftest import Clone
from tests.delivery import world as worlds
from tests.delivery.world import AT, SCHEME, World

FOLDER = PROJECT / "schemes" / "xa" / "social-pension" / "1"
ON = "2026-12-01"


def draft_of(folder: Path, into: Path, *changes: tuple[str, str]) -> Path:
    """Write a pack with changed texts, as version 2."""
    for name, text in read_folder(folder).items():
        changed = text
        for old, new in (('version = "1"', 'version = "2"'), *changes):
            changed = changed.replace(old, new)
        path = into / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(changed, encoding="utf-8")
    return into


def amparo(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["pack", "simulate", *arguments])
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.output


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    return draft_of(FOLDER, tmp_path / "2", ("value = 132", "value = 150"))


def test_people_made_up_are_the_same_for_a_seed(draft: Path, tmp_path: Path) -> None:
    asked = (str(draft), "--against", str(FOLDER), "--on", ON, "--synthetic", "200", "--json")

    first: dict[str, Any] = json.loads(amparo(*asked, "--seed", "5"))
    again = json.loads(amparo(*asked, "--seed", "5"))
    other = json.loads(amparo(*asked, "--seed", "6"))

    assert first == again != other
    assert first["cases"] == 200
    assert sum(first["before"]["states"].values()) == 200
    assert first["groups"]["all"][0]["losers"] == 0


def test_a_version_is_found_in_the_schemes_and_a_page_is_written(
    draft: Path, tmp_path: Path
) -> None:
    page = tmp_path / "report.html"

    told = amparo(
        str(draft), "--against", "1", "--on", ON, "--synthetic", "50", "--html", str(page)
    )

    assert "Cost a month, XTS" in told
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_file_of_cases_is_read_by_the_names_of_inputs(draft: Path, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text(
        "reference,date_of_birth,claim_date,resident,other_pension_amount\n"
        "Amina,1950-02-28,2026-11-01,true,0\n"
        "Josefa,1950-02-28,2026-11-01,,0\n"
    )

    told = json.loads(
        amparo(str(draft), "--against", "1", "--on", ON, "--population", str(people), "--json")
    )

    assert told["difference_month"] == "18.00"
    assert [one["case"] for one in told["affected"]] == ["Amina"]
    assert told["before"]["missing"] == {"resident": 1}


def test_what_cannot_be_asked_for_is_said(draft: Path, tmp_path: Path) -> None:
    usual = (str(draft), "--on", ON)
    assert "no version 9" in amparo(*usual, "--against", "9", "--synthetic", "5", code=2)
    assert "--as" in amparo(*usual, "--against", "1", code=2)
    both = ("--synthetic", "5", "--everybody")
    assert "Choose one" in amparo(*usual, "--against", "1", *both, code=2)
    wrong = ("--synthetic", "5", "--benefit", "x")
    assert "has no benefit x" in amparo(*usual, "--against", "1", *wrong, code=2)


def test_a_population_that_holds_nobody_is_refused_and_is_no_incident(
    draft: Path, tmp_path: Path
) -> None:
    no_rows, no_bytes = tmp_path / "rows.parquet", tmp_path / "bytes.parquet"
    pq.write_table(pa.table({"claim_date": pa.array([], pa.date32())}), no_rows)
    no_bytes.write_bytes(b"")
    cut_off = tmp_path / "cut.csv"
    cut_off.write_text("")
    usual = (str(draft), "--against", "1", "--on", ON, "--population")

    assert "holds no case" in amparo(*usual, str(no_rows), code=2)
    assert "cannot be read as Parquet" in amparo(*usual, str(no_bytes), code=2)
    assert "bytes.parquet" in amparo(*usual, str(no_bytes), code=2)
    assert amparo(*usual, str(cut_off), code=2)


def test_a_report_is_refused_before_the_work_where_there_is_no_folder(
    draft: Path, tmp_path: Path
) -> None:
    page = tmp_path / "nowhere" / "report.html"
    usual = (str(draft), "--against", "1", "--on", ON, "--synthetic", "5")

    refused = amparo(*usual, "--html", str(page), code=2)

    assert "there is no folder" in " ".join(refused.split())
    assert not page.parent.exists()


# Over the register ------------------------------------------------------------------------------

PENSION = PROJECT / "tests" / "delivery" / "packs" / "old-age"
DAY = date(2026, 12, 1)


@pytest.fixture
def world(db: None, tmp_path: Path) -> World:
    return worlds.build(tmp_path)


@pytest.fixture
def packs(tmp_path: Path) -> tuple[Pack, Pack]:
    return load_pack(PENSION), load_pack(PENSION)


def claim(world: World, *, is_approved: bool) -> None:
    receipt = submit_claim(
        person_id=world.amina,
        scheme=SCHEME,
        benefit="old-age-pension",
        contingency_on=date(2026, 11, 1),
        answers={"has_stopped_work": True},
        channel="officer",
        access=world.bruno,
        at=AT,
    )
    assess_claim(claim_id=receipt.claim_id, access=world.bruno, at=AT)
    if is_approved:
        approve_claim(claim_id=receipt.claim_id, access=world.celia, at=AT)


def test_the_caseload_is_asked_with_the_facts_of_its_decisions(
    world: World, packs: tuple[Pack, Pack]
) -> None:
    world.pay_in("2026-05", "2026-06", "2026-07", wage="1000.01")
    claim(world, is_approved=True)

    people = populations.of_the_caseload(
        packs=packs, benefit="old-age-pension", on=DAY, access=world.bruno
    )
    found = simulate(
        before=packs[0], after=packs[1], benefit="old-age-pension", population=people, on=DAY
    )

    assert str(found.before.cost_month) == "400.00"
    assert found.before.states["granted"] == found.cases == 1
    assert found.groups["sex"][0].name == "female"
    read = Event.objects.filter(kind="read", details__read="caseload").get()
    assert read.details["right"] == "claims.read"


def test_a_refused_claim_is_in_the_caseload_and_an_untouched_one_is_not(
    world: World, packs: tuple[Pack, Pack]
) -> None:
    asked: dict[str, Any] = {
        "packs": packs,
        "benefit": "old-age-pension",
        "on": DAY,
        "access": world.bruno,
    }
    assert populations.of_the_caseload(**asked).cases == 0

    claim(world, is_approved=False)  # no month was paid in: the proposal is to refuse

    people = populations.of_the_caseload(**asked)
    found = simulate(
        before=packs[0], after=packs[1], benefit="old-age-pension", population=people, on=DAY
    )
    assert found.before.states["refused"] == found.cases == 1


def test_figures_alone_may_be_seen_by_who_may_not_read_claims(
    world: World, packs: tuple[Pack, Pack]
) -> None:
    claim(world, is_approved=False)
    manager = replace(world.bruno, rights=frozenset({Right.FIGURES_READ}))

    people = populations.of_the_caseload(
        packs=packs, benefit="old-age-pension", on=DAY, access=manager
    )

    assert people.cases == 1
    read = Event.objects.filter(kind="read", details__read="caseload").get()
    assert read.details["right"] == "office.read_figures"


def test_dario_reads_nobody(world: World, packs: tuple[Pack, Pack]) -> None:
    with pytest.raises(NotPermitted):
        populations.of_the_caseload(
            packs=packs, benefit="old-age-pension", on=DAY, access=world.dario
        )
    with pytest.raises(NotPermitted):
        populations.of_everybody(
            packs=(without_other_pensions(),) * 2,
            benefit="social_pension",
            on=DAY,
            access=world.dario,
        )


def without_other_pensions() -> Pack:
    """Give the social pension as if the register said of everybody who has another pension."""
    files = read_folder(FOLDER)
    source = 'from = "awards.other_pension_amount"'
    files["scheme.toml"] = files["scheme.toml"].replace(source, 'from = "register.district"')
    return load_pack_files(files)


def test_everybody_is_asked_only_where_the_register_says_all(
    world: World, packs: tuple[Pack, Pack]
) -> None:
    with pytest.raises(UnusablePopulation, match="does not say of everybody"):
        populations.of_everybody(packs=packs, benefit="old-age-pension", on=DAY, access=world.bruno)


# At the command line ----------------------------------------------------------------------------

PASSWORD = "a long enough password"


@pytest.fixture
def staffed(cloned_database: Clone, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Clone:
    """Bruno may read claims, Dario holds no mandate; nobody has claimed anything."""
    # Another process, with the product's settings, checks these passwords.
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS
    monkeypatch.setenv("AMPARO_PASSWORD", PASSWORD)
    people = {
        name: create_user(username=name, display_name=name.title(), password=PASSWORD, at=now())
        for name in ("ines", "bruno", "dario")
    }
    today = localdate(now())
    grant_mandate(
        user_id=people["ines"], role="administrator", starts_on=today, access=None, at=now()
    )
    ines = access_for(user_id=people["ines"], role="administrator", on=today)
    grant_mandate(
        user_id=people["bruno"], role="claims-officer", starts_on=today, access=ines, at=now()
    )
    return cloned_database


def test_bruno_simulates_over_the_register_and_dario_does_not(staffed: Clone, draft: Path) -> None:
    asked = (str(draft), "--against", str(FOLDER), "--on", ON, "--json")
    environment = {**staffed.environment, "DJANGO_SETTINGS_MODULE": "amparo.settings"}

    def in_a_process(*arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "amparo.interfaces.cli.main", "pack", "simulate", *arguments],
            cwd=PROJECT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, (done.stdout, done.stderr)
        return done.stdout

    told = json.loads(in_a_process(*asked, "--as", "bruno"))
    refused = in_a_process(*asked, "--as", "dario", code=1)
    unsaid = " ".join(in_a_process(*asked, "--as", "bruno", "--everybody", code=2).split())

    assert (told["cases"], told["population"]) == (0, "the register's caseload")
    assert told["before"]["cost_month"] == "0.00"
    assert told["affected"] == []
    assert "dario holds 0 roles" in refused
    assert "does not say of everybody: other_pension_amount" in unsaid
