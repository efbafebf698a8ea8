"""`amparo verify` finds nothing wrong where nothing is, and each kind of damage where it is.

The damage is done by the server's administrator with every trigger off: the application could not.
"""

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest

from amparo.interfaces.cli.verify import INVARIANTS, SeesTooLittle, all_checks, check_all
from amparo.values import Month
from tests.conftest import Clone
from tests.delivery.payments import awards
from tests.interfaces.cli.conftest import Amparo

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
BRUNO = awards.acting("Bruno", "finance-officer")
CELIA = awards.acting("Celia", "finance-approver")


@pytest.fixture
def paid(cloned_database: Clone, tmp_path: Path) -> Clone:
    """A database in which a run of two payments was sent and one of them returned."""
    from amparo.delivery.payments import operations  # noqa: PLC0415 — Django is set up by now
    from amparo.delivery.payments.queries import run_record  # noqa: PLC0415
    from amparo.interfaces.files.statements import read_statement  # noqa: PLC0415
    from amparo.journal.sealing import seal_block  # noqa: PLC0415

    awards.award(amount="100.00", starts_on=date(2026, 11, 1))
    awards.award(amount="40.00", starts_on=date(2026, 11, 1), given="Tomasi")
    run_id = operations.plan_run(month=Month(2026, 11), access=BRUNO, at=AT)
    operations.prepare_run(run_id=run_id, access=BRUNO, at=AT)
    content = run_record(run_id=run_id, access=BRUNO).content_hash
    operations.approve_run(run_id=run_id, content_hash=content, access=CELIA, at=AT)
    operations.transmit_run(run_id=run_id, folder=tmp_path, access=BRUNO, at=AT)
    with psycopg.connect(cloned_database.admin_url) as connection:
        (payment,) = connection.execute(
            "SELECT end_to_end_id FROM payments_instruction WHERE amount = 40"
        ).fetchone() or ("",)
    answer = tmp_path / "status.xml"
    answer.write_text(
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>'
        "<GrpHdr><MsgId>S1</MsgId><CreDtTm>2026-11-21T08:00:00Z</CreDtTm></GrpHdr>"
        f"<TxInfAndSts><OrgnlEndToEndId>{payment}</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
        "</TxInfAndSts></CstmrPmtStsRpt></Document>"
    )
    read_statement(path=answer, access=BRUNO, at=AT)
    seal_block(at=AT)
    return cloned_database


def violated(clone: Clone) -> set[str]:
    return {
        each.check.name for each in check_all(owner_url=clone.owner_url) if each.finding.violations
    }


def damage(clone: Clone, statement: str) -> None:
    """Change the database with all triggers, keys and policies out of the way."""
    with psycopg.connect(clone.admin_url) as connection:
        tables = connection.execute(
            "SELECT c.oid::regclass::text FROM pg_class c"
            " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
        ).fetchall()
        for (table,) in tables:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL".encode())
        connection.execute(statement.encode())
        for (table,) in tables:
            triggers = connection.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
                [table],
            ).fetchall()
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL".encode())
            for (trigger,) in triggers:
                connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}".encode())


def test_a_sound_database_has_no_violation(paid: Clone) -> None:
    checked = list(check_all(owner_url=paid.owner_url))

    assert [(c.check.name, c.finding.examples) for c in checked if c.finding.violations] == []
    rows = {c.check.name: c.finding.rows for c in checked}
    assert rows["every payment leads to its entitlements, to the cent"] == 2
    assert rows["what banks sent back is what the ledger took back"] == 1
    assert rows["every read has a person, a role, a purpose and a mandate"] > 0
    assert rows["the sealed journal is whole and unaltered"] == 1


def test_every_check_names_an_invariant_of_the_product() -> None:
    checks = all_checks()

    assert {check.invariant for check in checks} <= set(INVARIANTS)
    assert len({check.name for check in checks}) > 30


_DAMAGES = [
    (
        "UPDATE payments_instruction SET amount = amount + 1 WHERE amount = 100",
        {
            "every payment leads to its entitlements, to the cent",
            "a run's total is that of its items, payments, files and postings",
            "each file's control sum is that of its payments",
            "what is sent is what was approved, by its hash",
        },
    ),
    (
        "UPDATE payments_instruction SET account_number = '666' WHERE amount = 100",
        {"what is sent is what was approved, by its hash"},
    ),
    (
        "UPDATE payments_instructionline SET is_live = false",
        {"a payment is live as long as the bank has not refused it"},
    ),
    (
        "UPDATE payments_entitlement SET decision_id = gen_random_uuid()",
        {
            "every entitlement leads to its award's decision, and that to a rule or a take-on",
        },
    ),
    (
        (
            "ALTER TABLE payments_entitlement DROP CONSTRAINT an_entitlement_is_due_once;"
            "INSERT INTO payments_entitlement SELECT (jsonb_populate_record(e, jsonb_build_object("
            "'id', gen_random_uuid()))).* FROM payments_entitlement e LIMIT 1"
        ),
        {
            "nothing is due twice for an award, component, month and sequence",
            "no month of a component brings more than its amount",
        },
    ),
    (
        (
            "DROP INDEX one_live_instruction_an_entitlement;"
            "INSERT INTO payments_instructionline (amount, is_reissue, is_live, entitlement_id,"
            " instruction_id) SELECT amount, is_reissue, is_live, entitlement_id, instruction_id"
            " FROM payments_instructionline WHERE is_live"
        ),
        {
            "no entitlement is paid by two live payments",
            "every payment leads to its entitlements, to the cent",
        },
    ),
    (
        "DELETE FROM ledger_posting WHERE id = (SELECT min(id) FROM ledger_posting)",
        {"a run's total is that of its items, payments, files and postings"},
    ),
    (
        "UPDATE ledger_posting SET credit_id = '9999' WHERE debit_id = '5100'",
        {
            "every posting moves an amount between two accounts of the chart, in an entry",
            "a run's total is that of its items, payments, files and postings",
        },
    ),
    (
        (
            "DELETE FROM ledger_posting p USING ledger_journalentry e"
            " WHERE e.id = p.entry_id AND e.source_kind = 'payments returned'"
        ),
        {
            "every entry has postings",
            "what banks sent back is what the ledger took back",
        },
    ),
    (
        "UPDATE payments_paymentfile SET control_sum = 1",
        {
            "each file's control sum is that of its payments",
            "a run's total is that of its items, payments, files and postings",
        },
    ),
    (
        (
            "ALTER TABLE payments_payrun DROP CONSTRAINT payrun_maker_is_not_checker;"
            "UPDATE payments_payrun SET approved_by = prepared_by"
        ),
        {"a run is approved by nobody who had a part in making it"},
    ),
    (
        "UPDATE payments_payrun SET month = '2026-12-01'",
        {"no run pays a month that had not begun when it was planned"},
    ),
    (
        "UPDATE decisions_decision SET outcome = 'undetermined'",
        {
            "an award rests on a decision that grants it, or on a take-on",
            "nothing undetermined, refused, held or excluded is paid",
        },
    ),
    (
        (
            "DROP INDEX one_live_award_of_a_single_benefit;"
            "INSERT INTO claims_award SELECT (jsonb_populate_record(a, jsonb_build_object("
            "'id', gen_random_uuid(), 'number', 'AW-2', 'contingency_on', '2019-01-01'))).*"
            " FROM claims_award a LIMIT 1"
        ),
        {
            "a benefit is held once, unless its rules let it repeat",
            "awards taken on are what the file's signatory vouched for, and two people agreed",
        },
    ),
    (
        "UPDATE claims_award SET is_single = false",
        {"what is held more than once repeats by the rules of its scheme"},
    ),
    (
        (
            "UPDATE decisions_decision SET outcome = 'refused', reasons = '[]'"
            " WHERE id NOT IN (SELECT granted_by_id FROM claims_award);"
            "INSERT INTO decisions_decision SELECT (jsonb_populate_record(d, jsonb_build_object("
            "'id', gen_random_uuid(), 'outcome', 'refused'))).* FROM decisions_decision d LIMIT 1"
        ),
        {"a refusal gives its reasons"},
    ),
    (
        "ALTER TABLE ledger_posting ALTER COLUMN amount TYPE double precision",
        {"no column is a floating-point number, and every amount has its scale"},
    ),
    (
        "UPDATE journal_event SET purpose = '' WHERE kind = 'read'",
        {
            "every read has a person, a role, a purpose and a mandate",
            "the sealed journal is whole and unaltered",
        },
    ),
    (
        "DELETE FROM journal_event WHERE id = (SELECT min(id) FROM journal_event)",
        {"the sealed journal is whole and unaltered"},
    ),
    (
        (
            "ALTER TABLE register_personname DROP CONSTRAINT one_name_at_a_time;"
            "INSERT INTO register_personname SELECT (jsonb_populate_record(n, jsonb_build_object("
            "'id', gen_random_uuid()))).* FROM register_personname n LIMIT 1"
        ),
        {
            "no two rows of register_personname are true and known at once",
            "an exclusion constraint stands on every table of facts",
        },
    ),
    (
        "DROP TRIGGER append_only_rows ON payments_entitlement",
        {
            (
                "the trigger append_only_rows stands on payments_payrunitem, payments_entitlement,"
                " payments_difference, payments_differencestatement, payments_paymentfile,"
                " payments_statementline"
            )
        },
    ),
    (
        "DROP TRIGGER guard_rows ON payments_instruction",
        {
            (
                "the trigger guard_rows stands on payments_payrun, payments_instruction,"
                " payments_instructionline"
            )
        },
    ),
]


@pytest.mark.parametrize(("statement", "found"), _DAMAGES, ids=[d[0][:60] for d in _DAMAGES])
def test_damage_is_found_by_the_checks_it_concerns_and_no_other(
    paid: Clone, statement: str, found: set[str]
) -> None:
    damage(paid, statement)

    assert violated(paid) == found


def test_an_account_that_sees_too_little_is_refused(paid: Clone) -> None:
    with pytest.raises(SeesTooLittle, match="AMPARO_OWNER_DATABASE_URL"):
        list(check_all(owner_url=paid.app_url))


@pytest.mark.slow
def test_the_command_exits_with_1_on_a_violation_and_0_without(paid: Clone) -> None:
    command = [sys.executable, "-m", "amparo.interfaces.cli.main", "verify", "--json"]
    environment = {**paid.environment, "DJANGO_SETTINGS_MODULE": "amparo.settings"}
    sound = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    damage(paid, "UPDATE payments_paymentfile SET control_sum = 1")
    damaged = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert (sound.returncode, json.loads(sound.stdout)["violations"]) == (0, 0), sound.stderr
    assert (damaged.returncode, json.loads(damaged.stdout)["violations"]) == (1, 2)


def test_in_an_empty_home_nothing_is_verified_or_made(amparo: Amparo, home: Path) -> None:
    answer = amparo("verify")

    assert answer.returncode == 3
    assert "Nothing is installed" in answer.stderr
    assert list(home.iterdir()) == []
