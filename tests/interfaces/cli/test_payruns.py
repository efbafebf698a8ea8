"""A month is paid from the command line, by two people who sign in."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.utils.timezone import localdate, now
from typer.testing import CliRunner

from amparo.accounts.operations import create_user, grant_mandate
from amparo.governance.kernel.access import access_for
from amparo.interfaces.cli.main import app
from amparo.journal.queries import events_page
from tests.conftest import Clone
from tests.delivery.payments import awards

PASSWORD = "a long enough password"
MONTH = f"{localdate(now()):%Y-%m}"


@pytest.fixture
def institution(cloned_database: Clone, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """Bruno prepares, Celia approves, Dario has no mandate; two awards are due."""
    monkeypatch.setenv("DATABASE_URL", cloned_database.app_url)
    monkeypatch.setenv("AMPARO_OWNER_DATABASE_URL", cloned_database.owner_url)
    monkeypatch.setenv("AMPARO_PASSWORD", PASSWORD)
    people = {
        name: create_user(username=name, display_name=name.title(), password=PASSWORD, at=now())
        for name in ("ines", "bruno", "celia", "dario")
    }
    today = localdate(now())
    grant_mandate(
        user_id=people["ines"], role="administrator", starts_on=today, access=None, at=now()
    )
    ines = access_for(user_id=people["ines"], role="administrator", on=today)
    for name, role in (("bruno", "finance-officer"), ("celia", "finance-approver")):
        grant_mandate(user_id=people[name], role=role, starts_on=today, access=ines, at=now())
    first = today.replace(day=1)
    awards.award(amount="100.00", starts_on=first)
    awards.award(amount="40.00", starts_on=first, given="Tomasi", account=None)
    return cloned_database


def amparo(*arguments: str, code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(app, [*arguments, "--json"])
    assert result.exit_code == code, result.output
    return json.loads(result.stdout) if code == 0 else {"said": result.output}


def test_a_month_is_paid_by_two_people(institution: Clone, tmp_path: Path) -> None:
    month = ("--month", MONTH)
    amparo("payrun", "plan", "--as", "bruno", *month)
    prepared = amparo("payrun", "prepare", "--as", "bruno", *month)
    assert (prepared["state"], prepared["total"]) == ("compared", "100.00")
    assert prepared["held"] == [{"name": "no-account", "count": 1, "amount": "40.00"}]

    own = amparo("payrun", "approve", "--as", "bruno", *month, "--hash", prepared["hash"], code=1)
    assert "payments.approve" in own["said"]
    approved = amparo("payrun", "approve", "--as", "celia", *month, "--hash", prepared["hash"])
    assert approved["state"] == "approved"

    sent = amparo("payrun", "transmit", "--as", "bruno", *month, "--folder", str(tmp_path))
    (path,) = sent["paths"]
    assert Path(path).read_bytes().count(b"<CdtTrfTxInf>") == 1
    assert sent["files"][0]["control_sum"] == "100.00"

    assert amparo("payrun", "list", "--as", "bruno")["runs"][0]["state"] == "transmitted"
    assert amparo("payrun", "show", "--as", "celia", *month)["outcomes"] == [
        {"name": "sent", "count": 1, "amount": "100.00"}
    ]


def test_the_pages_for_people_say_the_same(institution: Clone) -> None:
    amparo("payrun", "plan", "--as", "bruno", "--month", MONTH)

    result = CliRunner().invoke(app, ["payrun", "prepare", "--as", "bruno", "--month", MONTH])

    assert result.exit_code == 0
    assert "1 payments, 100.00 XTS" in result.stdout
    assert "The payee has no payment account." in result.stdout


def test_a_statement_is_read_in_or_refused(institution: Clone, tmp_path: Path) -> None:
    good = tmp_path / "status.xml"
    good.write_text(
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>'
        "<GrpHdr><MsgId>S1</MsgId><CreDtTm>2026-11-21T08:00:00Z</CreDtTm></GrpHdr>"
        "<TxInfAndSts><OrgnlEndToEndId>unknown</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
        "</TxInfAndSts></CstmrPmtStsRpt></Document>"
    )
    bad = tmp_path / "bad.xml"
    bad.write_text("<html/>")

    read = amparo("payrun", "read-statement", str(good), "--as", "bruno")
    again = amparo("payrun", "read-statement", str(good), "--as", "bruno")
    refused = CliRunner().invoke(app, ["payrun", "read-statement", str(bad), "--as", "bruno"])

    assert (read["status"], read["unmatched"]) == ("accepted", 1)
    assert again["status"] == "already"
    assert refused.exit_code == 1
    assert "html" in refused.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("plan", "--as", "bruno", "--month", "November"), 2, "not a month"),
        (("prepare", "--as", "bruno", "--month", "2020-01"), 1, "No run is planned"),
        (("show", "--as", "dario", "--month", MONTH), 1, "holds 0 roles"),
        (("show", "--as", "nobody", "--month", MONTH), 1, "do not belong together"),
        (("show", "--as", "bruno", "--role", "auditor", "--month", MONTH), 1, "No mandate"),
        (("read-statement", "missing.xml", "--as", "bruno"), 2, "no file missing.xml"),
    ],
)
def test_a_refusal_says_what_to_do(
    institution: Clone, arguments: tuple[str, ...], code: int, said: str
) -> None:
    result = CliRunner().invoke(app, ["payrun", *arguments])

    assert result.exit_code == code
    assert said in " ".join(result.output.split())


def test_signing_in_is_journaled_and_a_wrong_password_refused(
    institution: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    amparo("payrun", "list", "--as", "bruno")
    monkeypatch.setenv("AMPARO_PASSWORD", "a wrong password")
    wrong = CliRunner().invoke(app, ["payrun", "list", "--as", "bruno"])
    assert wrong.exit_code == 1

    from amparo.accounts.queries import account_named  # noqa: PLC0415 — Django is set up by now

    ines = account_named(username="ines")
    assert ines is not None
    access = access_for(user_id=ines.user_id, role="administrator", on=localdate(now()))
    kinds = [event.kind for event in events_page(access=access).rows]
    assert kinds.count("accounts.signed_in") == 1
    assert "accounts.sign_in_failed" in kinds


def test_an_abandoned_run_can_be_planned_again(institution: Clone) -> None:
    amparo("payrun", "plan", "--as", "bruno", "--month", MONTH)
    amparo("payrun", "prepare", "--as", "bruno", "--month", MONTH)

    result = CliRunner().invoke(
        app,
        ["payrun", "abandon", "--as", "bruno", "--month", MONTH, "--reason", "wrong", "--json"],
    )

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["state"] == "abandoned"
    assert amparo("payrun", "plan", "--as", "bruno", "--month", MONTH)["state"] == "planned"
