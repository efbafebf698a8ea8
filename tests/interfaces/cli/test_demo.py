"""`amparo demo`: the whole chain in a process of its own, and what a newcomer finds."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from amparo.interfaces.cli import postgres
from amparo.interfaces.cli.demonstration.bank import payments_in, return_every
from tests.architecture.source import PROJECT
from tests.interfaces.cli.conftest import Amparo

ASKED = ("demo", "--persons", "300", "--months", "2", "--on", "2026-11-22", "--no-serve", "--json")


def told(answer: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    assert answer.returncode == 0, answer.stderr
    value: dict[str, Any] = json.loads(answer.stdout)
    return value


def test_the_demonstration_runs_the_chain_and_every_invariant_holds(
    amparo: Amparo, home: Path
) -> None:
    story = told(amparo(*ASKED))
    again = told(amparo(*ASKED))
    verified = amparo("verify", "--json")

    summary = story["summary"]
    assert summary["persons"] == 300
    assert Decimal(summary["interest_charged"]) > 0
    assert summary["claims"]["granted"] > 0
    assert summary["claims"]["refused"] > 0
    assert summary["claims"]["evidence pending"] > 0
    first, second = summary["pay_runs"]
    assert (first["month"], second["month"]) == ("2026-10", "2026-11")
    assert Decimal(second["total"]) > Decimal(first["total"]) > 0
    assert "password" not in story
    assert again == story
    assert verified.returncode == 0, verified.stdout
    assert (home / "demonstration.json").stat().st_mode & 0o777 == 0o600


def test_a_demonstration_that_was_killed_is_told_again_from_the_beginning(
    amparo: Amparo, environment: dict[str, str], home: Path
) -> None:
    teller = subprocess.Popen(
        [sys.executable, "-m", "amparo.interfaces.cli.main", *ASKED],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    record = home / "demonstration.json"
    until = time.monotonic() + 60
    while not record.exists() and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(teller.pid, signal.SIGKILL)
    teller.wait()
    assert json.loads(record.read_text())["state"] == "begun"

    before = {path for path in home.rglob("*") if path.parent.name in ("originals", "numbers")}

    story = told(amparo(*ASKED))

    assert story["state"] == "told"
    assert story["summary"]["persons"] == 300
    assert not any(path.is_file() for path in before)
    assert not postgres.status(home=home).running
    assert amparo("verify").returncode == 0
    assert not postgres.status(home=home).running


def test_another_demonstration_than_the_one_asked_for_is_not_thrown_away(amparo: Amparo) -> None:
    told(amparo(*ASKED))

    other = amparo("demo", "--persons", "400", "--no-serve", "--json")

    assert "is here already" in other.stderr
    assert told(other)["summary"]["persons"] == 300


PAIN = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn><PmtInf>
{0}</PmtInf></CstmrCdtTrfInitn></Document>"""
PAYMENT = """<CdtTrfTxInf><PmtId><EndToEndId>E{0}</EndToEndId></PmtId>
<Amt><InstdAmt Ccy="XTS">{0}.50</InstdAmt></Amt></CdtTrfTxInf>"""


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    path = tmp_path / "sent.xml"
    path.write_text(PAIN.format("".join(PAYMENT.format(n) for n in range(1, 8))))
    return path


def test_the_simulated_bank_returns_every_nth_payment_as_a_real_bank_would(
    sent: Path, tmp_path: Path, oracles: Path
) -> None:
    answer = tmp_path / "answer.xml"

    returned = return_every(
        nth=3, payment_files=[sent], at=datetime(2026, 11, 22, tzinfo=UTC), answer=answer
    )

    assert returned == 2
    message = etree.parse(answer)
    schema = etree.XMLSchema(etree.parse(oracles / "interop/iso20022/camt.054.001.08.xsd"))
    assert schema.validate(message), schema.error_log
    amounts = [element.text for element in message.iter("{*}Amt")]
    assert amounts == ["3.50", "3.50", "6.50", "6.50"]
    assert [each.end_to_end_id for each in payments_in(sent)] == [f"E{n}" for n in range(1, 8)]


def test_a_bank_that_could_credit_everything_answers_nothing(sent: Path, tmp_path: Path) -> None:
    answer = tmp_path / "answer.xml"

    returned = return_every(
        nth=8, payment_files=[sent], at=datetime(2026, 11, 22, tzinfo=UTC), answer=answer
    )

    assert returned == 0
    assert not answer.exists()
