"""What a bank reports is taken in once, fitted exactly, or refused whole."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from amparo.delivery.ledger.queries import trial_balance
from amparo.delivery.payments import reconciliation, words
from amparo.delivery.payments.models import Instruction, InstructionLine, PayRun, StatementLine
from amparo.delivery.payments.operations import (
    approve_run,
    plan_run,
    prepare_run,
    transmit_run,
)
from amparo.delivery.payments.queries import payments_of_person, problem_lines_page, run_record
from amparo.interfaces.files.statements import StatementRead, bank_lines, read_statement
from amparo.journal.reading import reading
from amparo.office.models import ReceivedFile, Task
from amparo.register.models import PaymentAccount
from amparo.values import Access, Month, NotPermitted, Right
from tests.delivery.payments import awards
from tests.delivery.payments.seeing import seen

BRUNO = awards.acting("Bruno", "finance-officer")
CELIA = awards.acting("Celia", "finance-approver")
DARIO = awards.acting("Dario", "registration-officer")
AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

pytestmark = pytest.mark.django_db

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{message}">"""


def camt054(*entries: str, notification: str = "N1") -> str:
    return (
        HEAD.format(message="camt.054.001.08")
        + f"<BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-23T08:00:00Z</CreDtTm>"
        f"</GrpHdr><Ntfctn><Id>{notification}</Id>{''.join(entries)}</Ntfctn>"
        "</BkToCstmrDbtCdtNtfctn></Document>"
    )


def entry(
    reference: str,
    end_to_end_id: str,
    amount: str,
    *,
    direction: str = "DBIT",
    currency: str = "XTS",
    reason: str = "",
    status: str = "BOOK",
) -> str:
    returned = f"<RtrInf><Rsn><Cd>{reason}</Cd></Rsn></RtrInf>" if reason else ""
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'
        f"<Sts><Cd>{status}</Cd></Sts><BookgDt><Dt>2026-11-23</Dt></BookgDt>"
        f"<AcctSvcrRef>{reference}</AcctSvcrRef><NtryDtls><TxDtls><Refs>"
        f"<EndToEndId>{end_to_end_id}</EndToEndId></Refs>{returned}</TxDtls></NtryDtls></Ntry>"
    )


def batch_entry(reference: str, message_id: str, amount: str) -> str:
    return (
        f'<Ntry><Amt Ccy="XTS">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>2026-11-23</Dt></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef>"
        f"<NtryDtls><Btch><MsgId>{message_id}</MsgId></Btch></NtryDtls></Ntry>"
    )


def pain002(*transactions: str, group: str = "", message_id: str = "X") -> str:
    status = f"<GrpSts>{group}</GrpSts>" if group else ""
    block = (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{message_id}</OrgnlPmtInfId>{''.join(transactions)}"
        "</OrgnlPmtInfAndSts>"
        if transactions
        else ""
    )
    return (
        HEAD.format(message="pain.002.001.10") + "<CstmrPmtStsRpt>"
        "<GrpHdr><MsgId>S1</MsgId><CreDtTm>2026-11-21T08:00:00Z</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{message_id}</OrgnlMsgId>"
        f"<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{status}</OrgnlGrpInfAndSts>{block}"
        "</CstmrPmtStsRpt></Document>"
    )


def transaction(end_to_end_id: str, status: str, reason: str = "") -> str:
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    return (
        f"<TxInfAndSts><OrgnlEndToEndId>{end_to_end_id}</OrgnlEndToEndId>"
        f"<TxSts>{status}</TxSts>{why}</TxInfAndSts>"
    )


class Sent:
    """A run of two payments that was sent, and a bank that answers."""

    def __init__(self, bruno: Access, celia: Access, at: datetime, folder: Path) -> None:
        self.bruno, self.celia, self.at, self.folder = bruno, celia, at, folder
        self.amina = awards.award(amount="100.00", starts_on=date(2026, 11, 1)).person_id
        self.tomasi = awards.award(
            amount="40.00", starts_on=date(2026, 11, 1), given="Tomasi"
        ).person_id
        self.run = self.send(Month(2026, 11))

    def send(self, month: Month) -> PayRun:
        """Pay a month on its 20th."""
        self.at = self.at.replace(year=month.starts_on.year, month=month.starts_on.month)
        run_id = plan_run(month=month, access=self.bruno, at=self.at)
        prepare_run(run_id=run_id, access=self.bruno, at=self.at)
        run = PayRun.objects.get(id=run_id)
        approve_run(run_id=run_id, content_hash=run.content_hash, access=self.celia, at=self.at)
        transmit_run(run_id=run_id, folder=self.folder, access=self.bruno, at=self.at)
        return PayRun.objects.get(id=run_id)

    @property
    def message_id(self) -> str:
        return f"{self.run.number}-001"

    def payment(self, person_id: UUID) -> str:
        with reading(access=self.bruno, right=Right.PAYRUN_READ):
            return Instruction.objects.get(run=self.run, payee_id=person_id).end_to_end_id

    def states(self) -> dict[str, str]:
        with reading(access=self.bruno, right=Right.PAYRUN_READ):
            found = Instruction.objects.filter(run=self.run)
            return {row.payee_name.split()[0]: row.state for row in found}

    def answer(self, text: str, name: str = "answer.xml") -> StatementRead:
        path = self.folder / name
        path.write_text(text)
        return read_statement(path=path, access=self.bruno, at=self.at)

    def balances(self) -> dict[str, Decimal]:
        accounts = trial_balance(access=self.bruno, on=self.at.date()).accounts
        return {account.code: account.balance for account in accounts if account.balance}


def reported(**those: str) -> list[StatementLine]:
    """Return what was kept of the bank's lines."""
    return seen(StatementLine.objects.filter(**those))


def one(**that: str) -> StatementLine:
    (line,) = reported(**that)
    return line


@pytest.fixture
def sent(tmp_path: Path) -> Sent:
    return Sent(BRUNO, CELIA, AT, tmp_path / "for-the-bank")


def test_a_booked_debit_settles_its_payment(sent: Sent) -> None:
    before = sent.balances()

    read = sent.answer(camt054(entry("R1", sent.payment(sent.amina), "100.00")))

    assert read.status == "accepted"
    assert sent.states() == {"Amina": "settled", "Tomasi": "instructed"}
    assert sent.balances() == before
    assert PayRun.objects.get(id=sent.run.id).state == "reconciling"


def test_a_return_is_owed_again_and_finance_is_told(sent: Sent) -> None:
    returned = entry("R1", sent.payment(sent.amina), "100.00", direction="CRDT", reason="AC04")

    read = sent.answer(camt054(returned))

    assert read.outcome is not None
    assert (read.outcome.returned, read.outcome.returned_total) == (1, Decimal("100.00"))
    assert sent.states() == {"Amina": "returned", "Tomasi": "instructed"}
    assert len(seen(InstructionLine.objects.filter(is_live=True))) == 1
    assert sent.balances() == {
        "1000": Decimal("-40.00"),
        "2200": Decimal("-100.00"),
        "5100": Decimal("140.00"),
    }
    task = Task.objects.get(kind="payments.returned")
    assert (task.role, task.details) == ("finance-officer", {"reason_code": "AC04"})


def test_a_returned_payment_waits_for_another_account_and_is_then_paid_once(sent: Sent) -> None:
    returned = entry("R1", sent.payment(sent.amina), "100.00", direction="CRDT", reason="AC04")
    sent.answer(camt054(returned))

    december = sent.send(Month(2026, 12))
    # The month that came back and the new one wait alike: both would go to the closed account.
    assert december.total == Decimal("40.00")
    assert december.totals["held"] == [{"name": "account-failed", "count": 2, "amount": "200.00"}]

    with reading(access=sent.bruno, right=Right.PAYRUN_READ):
        PaymentAccount.objects.filter(person_id=sent.amina).update(superseded_at=sent.at)
    awards.open_account(person_id=sent.amina, account="777", recorded_at=sent.at)
    january = sent.send(Month(2027, 1))

    assert january.total == Decimal("340.00")
    assert sent.balances()["5100"] == Decimal("420.00")
    assert "2200" not in sent.balances()


def test_a_rejection_needs_no_amount(sent: Sent) -> None:
    read = sent.answer(pain002(transaction(sent.payment(sent.tomasi), "RJCT", "AC01")))

    assert read.status == "accepted"
    assert sent.states() == {"Amina": "instructed", "Tomasi": "rejected"}
    assert sent.balances()["2200"] == Decimal("-40.00")


def test_a_rejected_file_rejects_every_payment_in_it(sent: Sent) -> None:
    sent.answer(pain002(group="RJCT", message_id=sent.message_id))

    assert sent.states() == {"Amina": "rejected", "Tomasi": "rejected"}
    assert sent.balances() == {"2200": Decimal("-140.00"), "5100": Decimal("140.00")}


@pytest.mark.parametrize("reason", ["MS03", "AM04", ""])
def test_a_payment_refused_for_another_reason_goes_to_the_same_account_again(
    sent: Sent, reason: str
) -> None:
    sent.answer(pain002(transaction(sent.payment(sent.tomasi), "RJCT", reason)))

    december = sent.send(Month(2026, 12))

    assert december.totals["held"] == []
    assert december.total == Decimal("100.00") + 2 * Decimal("40.00")


def block(status: str, reason: str, *transactions: str, between: str = "") -> str:
    """Return the parts of a pain.002 block that has a status of its own."""
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>"
    return f"<PmtInfSts>{status}</PmtInfSts>{between}{why}{''.join(transactions)}"


def test_a_rejected_file_says_nothing_about_its_accounts(sent: Sent) -> None:
    sent.answer(pain002(block("RJCT", "AC01"), message_id=sent.message_id))
    assert sent.states() == {"Amina": "rejected", "Tomasi": "rejected"}

    december = sent.send(Month(2026, 12))

    assert december.totals["held"] == []
    assert december.total == Decimal("280.00")


# The parser reads 32 kB at a time: what stands between lies in pieces of their own.
@pytest.mark.parametrize("between", ["", " " * 100_000, f"<!--{'x' * 100_000}-->"])
def test_the_reason_of_a_block_is_read_however_far_from_its_status(
    sent: Sent, between: str
) -> None:
    payments = [transaction(sent.payment(sent.amina), "RJCT") for _number in range(500)]

    sent.answer(
        pain002(block("RJCT", "AM04", *payments, between=between), message_id=sent.message_id)
    )

    assert sent.states() == {"Amina": "rejected", "Tomasi": "rejected"}
    assert [line.reason_code for line in reported()] == ["AM04", "AM04"]


def test_each_block_of_a_report_is_read_for_itself(sent: Sent) -> None:
    text = pain002(block("RJCT", "AM04"), message_id="OTHER")
    second = (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{sent.message_id}</OrgnlPmtInfId>"
        f"{transaction(sent.payment(sent.tomasi), 'RJCT', 'AC04')}</OrgnlPmtInfAndSts>"
    )

    sent.answer(text.replace("</CstmrPmtStsRpt>", f"{second}</CstmrPmtStsRpt>"))

    assert sent.states() == {"Amina": "instructed", "Tomasi": "rejected"}
    assert one(reported_id="").problem == "unknown-payment"


def test_a_payment_made_again_after_its_return_is_noticed(sent: Sent) -> None:
    payment = sent.payment(sent.amina)
    sent.answer(camt054(entry("R1", payment, "100.00")), "1.xml")
    back = entry("R2", payment, "100.00", direction="CRDT", reason="MS03")
    sent.answer(camt054(back), "2.xml")
    before = sent.balances()

    sent.answer(camt054(entry("R3", payment, "100.00")), "3.xml")

    assert one(problem="settled-again").bank_reference.startswith("R3")
    assert Task.objects.get(kind="payments.settled-again").role == "finance-officer"
    assert sent.states()["Amina"] == "returned"
    assert sent.balances() == before


def test_a_booking_that_arrives_after_its_return_is_no_second_payment(sent: Sent) -> None:
    payment = sent.payment(sent.amina)
    back = entry("R2", payment, "100.00", direction="CRDT", reason="MS03")
    sent.answer(camt054(back), "1.xml")

    sent.answer(camt054(entry("R1", payment, "100.00")), "2.xml")

    assert [line for line in reported() if line.problem] == []
    assert sent.states()["Amina"] == "returned"


def test_a_payment_on_its_way_changes_nothing(sent: Sent) -> None:
    read = sent.answer(pain002(transaction(sent.payment(sent.tomasi), "ACSP")))

    assert read.outcome is not None
    assert read.outcome.lines == 0
    assert sent.states() == {"Amina": "instructed", "Tomasi": "instructed"}


def test_a_file_booked_in_one_sum_settles_all_of_it(sent: Sent) -> None:
    sent.answer(camt054(batch_entry("R9", sent.message_id, "140.00")))

    assert sent.states() == {"Amina": "settled", "Tomasi": "settled"}


def test_a_file_booked_with_another_sum_settles_nothing(sent: Sent) -> None:
    sent.answer(camt054(batch_entry("R9", sent.message_id, "139.00")))

    assert sent.states() == {"Amina": "instructed", "Tomasi": "instructed"}
    assert one().problem == "unknown-payment"


def test_the_same_file_again_changes_nothing(sent: Sent) -> None:
    text = camt054(entry("R1", sent.payment(sent.amina), "100.00", direction="CRDT", reason="AC04"))
    sent.answer(text)
    before = sent.balances()

    again = sent.answer(text, "same.xml")

    assert again.status == "already"
    assert sent.balances() == before
    assert len(reported()) == 1


def test_a_line_repeated_in_another_file_counts_once(sent: Sent) -> None:
    line = entry("R1", sent.payment(sent.amina), "100.00", direction="CRDT", reason="AC04")
    sent.answer(camt054(line))
    before = sent.balances()

    again = sent.answer(camt054(line, notification="N2"), "second.xml")

    assert again.outcome is not None
    assert (again.status, again.outcome.known, again.outcome.returned) == ("accepted", 1, 0)
    assert sent.balances() == before


def test_settled_and_returned_in_one_file_ends_as_returned(sent: Sent) -> None:
    payment = sent.payment(sent.amina)

    sent.answer(
        camt054(
            entry("R2", payment, "100.00", direction="CRDT", reason="AC06"),
            entry("R1", payment, "100.00"),
        )
    )

    assert sent.states()["Amina"] == "returned"
    assert sent.balances()["2200"] == Decimal("-100.00")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"amount": "99.00"}, "amount-differs"),
        ({"currency": "KES"}, "currency-differs"),
        ({"end_to_end_id": "0" * 32}, "unknown-payment"),
        ({"end_to_end_id": "NOTPROVIDED"}, "unknown-payment"),
        ({"reason": ""}, "neither-paid-nor-returned"),
    ],
)
def test_what_does_not_fit_is_kept_and_posts_nothing(
    sent: Sent, change: dict[str, str], problem: str
) -> None:
    fitting = {
        "end_to_end_id": sent.payment(sent.amina),
        "amount": "100.00",
        "direction": "CRDT",
        "reason": "AC04",
    }
    before = sent.balances()

    read = sent.answer(camt054(entry("R1", **{**fitting, **change})))

    assert read.outcome is not None
    assert (read.outcome.unmatched, read.outcome.returned) == (1, 0)
    assert one().problem == problem
    assert sent.balances() == before
    assert sent.states() == {"Amina": "instructed", "Tomasi": "instructed"}
    assert Task.objects.get(kind=f"payments.{problem}").role == "finance-officer"


def test_a_second_return_of_one_payment_is_kept_apart(sent: Sent) -> None:
    payment = sent.payment(sent.amina)
    sent.answer(camt054(entry("R1", payment, "100.00", direction="CRDT", reason="AC04")))
    before = sent.balances()

    sent.answer(camt054(entry("R2", payment, "100.00", direction="CRDT", reason="AC04")), "2.xml")

    assert one(problem="returned-again").bank_reference.startswith("R2")
    assert sent.balances() == before


def test_an_entry_announced_only_is_left_out(sent: Sent) -> None:
    read = sent.answer(camt054(entry("R1", sent.payment(sent.amina), "100.00", status="PDNG")))

    assert read.outcome is not None
    assert read.outcome.lines == 0


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE Document [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08">&b;</Document>'
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BOMB, "document type declaration"),
        (HEAD.format(message="camt.052.001.08") + "</Document>", "camt.052.001.08"),
        (HEAD.format(message="camt.054.001.02") + "</Document>", "camt.054.001.02"),
        ("<html/>", "This is “html”"),
        ("name;amount\nAmina;100", "neither an XML message of a bank nor a table"),
        ("", "neither an XML message of a bank nor a table"),
        (camt054(entry("R1", "x", "1.00"))[:-30], "not a complete XML file"),
        (camt054(entry("R1", "x", "1,00")), "not a number"),
        (camt054(entry("R1", "x", "1.005")), "at most two decimals"),
        (camt054(entry("R1", "x", "1.00")).replace("2026-11-23<", "2026-02-31<"), "date"),
        (camt054(entry("R1", "x", "1.00", status="SURE")), "status “SURE”"),
        (pain002(transaction("x", "MAYB")), "status “MAYB”"),
    ],
)
def test_a_bad_file_is_refused_whole_and_kept(sent: Sent, text: str, reason: str) -> None:
    read = sent.answer(text)

    assert read.status == "rejected"
    assert reason in read.reason
    assert reported() == []
    kept = ReceivedFile.objects.get(kind="bank-statement")
    assert (kept.outcome, kept.report["reason"]) == ("rejected", read.reason)


def test_a_half_file_takes_back_the_lines_before_its_end(sent: Sent) -> None:
    good = entry("R1", sent.payment(sent.amina), "100.00", direction="CRDT", reason="AC04")

    read = sent.answer(camt054(good)[:-60])

    assert read.status == "rejected"
    assert sent.states() == {"Amina": "instructed", "Tomasi": "instructed"}


def test_dario_may_not_read_a_statement_in(sent: Sent) -> None:
    path = sent.folder / "answer.xml"
    path.write_text(camt054())

    with pytest.raises(NotPermitted):
        read_statement(path=path, access=DARIO, at=sent.at)

    assert not ReceivedFile.objects.filter(kind="bank-statement").exists()


@pytest.mark.parametrize("name", ["camt054.v8.xml", "camt054.v8-with-UETR.xml"])
def test_a_published_sample_is_read_and_fits_nothing_of_ours(
    sent: Sent, oracles: Path, name: str
) -> None:
    sample = oracles / "interop" / "camt-samples" / name
    lines = list(bank_lines(path=sample))
    assert lines

    read = read_statement(path=sample, access=sent.bruno, at=sent.at)

    assert read.outcome is not None
    # The sample repeats one of its own lines; a reference counts once.
    assert read.outcome.unmatched == len({line.bank_reference for line in lines})


def test_queries_show_what_the_bank_said(sent: Sent) -> None:
    sent.answer(
        camt054(
            entry("R1", sent.payment(sent.amina), "100.00", direction="CRDT", reason="AC04"),
            entry("R2", sent.payment(sent.tomasi), "41.00"),
        )
    )

    record = run_record(run_id=sent.run.id, access=sent.bruno)
    (payment,) = payments_of_person(person_id=sent.amina, access=sent.bruno)
    problems = problem_lines_page(access=sent.bruno)

    assert {total.name: total.amount for total in record.outcomes} == {
        "returned": Decimal("100.00"),
        "sent": Decimal("40.00"),
    }
    assert (payment.outcome, payment.account_end) == ("returned", "3400")
    assert [(line.problem, line.amount) for line in problems.rows] == [
        ("amount-differs", Decimal("41.00"))
    ]


def test_every_problem_has_its_words(sent: Sent) -> None:
    for problem in words.PROBLEMS:
        assert f"'{problem}'" in reconciliation._TAKE_IN
