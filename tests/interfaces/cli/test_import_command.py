"""`amparo import` as a person at a terminal meets it: messages, exit codes, JSON."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.test.utils import override_settings

from amparo.accounts.operations import create_user, grant_mandate
from amparo.governance.kernel.access import access_for
from amparo.interfaces.files.imports import PERSONS
from tests.architecture.source import PROJECT
from tests.conftest import Clone

PASSWORD = "sunflower at the gate 7"
NOW = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
# Each step is a process of its own, started as a person starts it.
pytestmark = pytest.mark.slow

Run = Callable[..., subprocess.CompletedProcess[str]]

HEADER = ",".join(PERSONS)
AMINA = "a,Amina,Kipsang,female,1963-02-28,,1234567897,Kora,,,,,,,"


# The command is the product as it is installed: it knows the product's own hasher only.
@override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2PasswordHasher"])
def appoint() -> None:
    """Give Rosa the mandate to register persons, and Dario none."""
    users = {
        name: create_user(username=name, display_name=name.title(), password=PASSWORD, at=NOW)
        for name in ("alma", "rosa", "dario")
    }
    since = date(2026, 1, 1)
    grant_mandate(user_id=users["alma"], role="administrator", starts_on=since, access=None, at=NOW)
    grant_mandate(
        user_id=users["rosa"],
        role="registration-officer",
        starts_on=since,
        access=access_for(user_id=users["alma"], role="administrator", on=since),
        at=NOW,
    )


@pytest.fixture
def run(cloned_database: Clone, tmp_path: Path) -> Run:
    """Run the command on a database in which Rosa registers persons and Dario may do nothing."""
    appoint()

    def run_command(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "amparo.interfaces.cli.main", "import", *arguments],
            cwd=PROJECT,
            env={
                **cloned_database.environment,
                "DJANGO_SETTINGS_MODULE": "amparo.settings",
                "AMPARO_HOME": str(tmp_path / "home"),
                "AMPARO_PASSWORD": PASSWORD,
                "COLUMNS": "200",
                "NO_COLOR": "1",
                **variables,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    (tmp_path / "home").mkdir()
    return run_command


@pytest.fixture
def good(tmp_path: Path) -> str:
    path = tmp_path / "persons.csv"
    path.write_text(f"{HEADER}\n{AMINA}\n")
    return str(path)


def test_a_good_file_is_accepted_and_known_the_second_time(run: Run, good: str) -> None:
    first = run("persons", good, "--as", "rosa")
    second = run("persons", good, "--as", "rosa", "--json")

    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert "Accepted: 1 rows of persons." in first.stdout
    assert "numbers given are in" in first.stderr.replace("\n", " ")
    answer = json.loads(second.stdout)
    assert (answer["status"], answer["rows"]) == ("already", 1)
    assert "already accepted on" in run("persons", good, "--as", "rosa").stdout


def test_a_bad_file_is_refused_with_its_first_faults_and_the_error_file(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(f"{HEADER}\n{AMINA.replace('1963-02-28', '2025-02-31')}\n")

    told = run("persons", str(path), "--as", "rosa")
    data = run("persons", str(path), "--as", "rosa", "--json")

    assert (told.returncode, data.returncode) == (1, 1), told.stderr
    assert "Refused: 1 faults. Nothing was taken in." in told.stdout
    assert "row 2, birth_date: The calendar has no such day." in told.stdout
    answer = json.loads(data.stdout)
    assert answer["first_errors"][0]["row"] == 2
    assert Path(answer["error_file"]).read_text().startswith("row,column,reason,remedy")


def test_a_file_that_is_too_large_is_refused_in_words(run: Run, good: str) -> None:
    answer = run("persons", good, "--as", "rosa", AMPARO_UPLOAD_LIMIT="10")

    assert answer.returncode == 1
    assert "It was not read" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_who_has_no_mandate_takes_nothing_in(run: Run, good: str) -> None:
    without = run("persons", good, "--as", "dario")
    unknown = run("persons", good, "--as", "nobody")

    assert (without.returncode, unknown.returncode) == (1, 1)
    assert "Traceback" not in without.stderr + unknown.stderr


def test_a_wrong_command_line_is_a_usage_error(run: Run, good: str) -> None:
    assert run("persons", "no-such-file.csv", "--as", "rosa").returncode == 2
    assert run("recipes", good, "--as", "rosa").returncode == 2
    assert run("persons", good).returncode == 2
    assert "--signatory" in run("awards", good, "--as", "rosa").stderr


def test_awards_need_a_second_person_to_be_named(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "awards.csv"
    path.write_text("reference\n")
    stated = ("--control-count", "1", "--control-total", "1.00", "--signatory", "D. Ferro")

    for approver in ((), ("--approved-by", "rosa")):
        answer = run("awards", str(path), "--as", "rosa", *stated, *approver)

        assert answer.returncode == 2
        assert "--approved-by" in answer.stderr


def test_the_approver_of_awards_signs_in_with_a_password_of_their_own(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "awards.csv"
    path.write_text("reference\n")
    stated = ("--control-count", "1", "--control-total", "1.00", "--signatory", "D. Ferro")

    answer = run(
        "awards",
        str(path),
        "--as",
        "bruno",
        "--approved-by",
        "celia",
        *stated,
        AMPARO_APPROVER_PASSWORD="not hers",
    )

    assert answer.returncode == 1
    assert "do not belong together" in answer.stderr
