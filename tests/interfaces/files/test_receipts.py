"""Money that banks and wallets report: messages and tables, taken in once or refused whole."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from amparo.delivery.contributions.models import Receipt, ReceiptBalance, ReceiptMatch
from amparo.delivery.contributions.references import creditor_reference
from amparo.delivery.payments.models import StatementLine
from amparo.interfaces.files.statements import RECEIPTS, StatementRead, read_statement
from amparo.journal.reading import reading
from amparo.office.models import ReceivedFile
from amparo.values import Right
from tests.delivery import world as worlds
from tests.delivery.contributions.collecting import Office, open_of, open_office
from tests.delivery.world import AMINA_NUMBER

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
HEAD = '<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">'


@pytest.fixture
def office(db: None, tmp_path: Path) -> Office:
    return open_office(worlds.build(tmp_path))


def camt053(*entries: str) -> str:
    return (
        f"{HEAD}<BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-19T18:00:00Z</CreDtTm>"
        f"</GrpHdr><Stmt><Id>S1</Id>{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    )


def entry(*details: str, amount: str = "120.00", currency: str = "XTS", said: str = "") -> str:
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        "<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-19</Dt></BookgDt><AcctSvcrRef>A1</AcctSvcrRef>"
        f"<NtryDtls>{''.join(details)}</NtryDtls><AddtlNtryInf>{said}</AddtlNtryInf></Ntry>"
    )


def detail(amount: str, *, reference: str = "", end_to_end_id: str = "NOTPROVIDED") -> str:
    return (
        f"<TxDtls><Refs><EndToEndId>{end_to_end_id}</EndToEndId></Refs>"
        f'<Amt Ccy="XTS">{amount}</Amt><RltdPties><Dbtr><Pty><Nm>Kora Textiles</Nm></Pty></Dbtr>'
        "<DbtrAcct><Id><Othr><Id>XA77001</Id></Othr></Id></DbtrAcct></RltdPties>"
        f"<RmtInf><Strd><CdtrRefInf><Ref>{reference}</Ref></CdtrRefInf></Strd>"
        "<Ustrd>October</Ustrd></RmtInf></TxDtls>"
    )


def read(office: Office, text: str, name: str = "statement") -> StatementRead:
    path = office.world.folder / name
    path.write_text(text)
    return read_statement(path=path, access=office.farid, at=AT)


def receipts(office: Office) -> list[Receipt]:
    with reading(access=office.carla, right=Right.DECLARATION_READ):
        return list(Receipt.objects.order_by("bank_reference"))


def test_a_statements_credits_pay_the_debts_they_name(office: Office) -> None:
    posted = office.world.declare("2026-08", (AMINA_NUMBER, "1000.00"))
    reference = creditor_reference(number=posted.number)

    done = read(office, camt053(entry(detail("100.00", reference=reference), detail("20.00"))))

    assert done.received is not None
    assert (done.status, done.received.lines, done.received.matched) == ("accepted", 2, 1)
    assert open_of(office.world.kora) == Decimal("20.00")
    first, _second = receipts(office)
    assert (first.payer_name, first.payer_account) == ("Kora Textiles", "XA77001")
    assert first.text == f"{reference} October"
    with reading(access=office.carla, right=Right.DECLARATION_READ):
        assert not StatementLine.objects.exists()


def test_the_same_file_or_the_same_entries_count_once(office: Office) -> None:
    read(office, camt053(entry(detail("120.00"))))

    again = read(office, camt053(entry(detail("120.00"))))
    with_another = read(office, camt053(entry(detail("120.00"), detail("1.00"), said="more")))

    assert again.status == "already"
    assert with_another.received is not None
    assert (with_another.received.lines, with_another.received.known) == (2, 1)
    assert sum(one.amount for one in receipts(office)) == Decimal("121.00")


def test_an_entry_without_details_is_one_receipt(office: Office) -> None:
    read(office, camt053(entry(said="Cash at the counter")))

    (one,) = receipts(office)
    assert (one.amount, one.text) == (Decimal("120.00"), "Cash at the counter")


def test_a_credit_in_another_currency_is_shown_and_counts_for_nothing(office: Office) -> None:
    done = read(office, camt053(entry(currency="EUR")))

    assert done.outcome is not None
    assert (done.outcome.unmatched, receipts(office)) == (1, [])


def test_a_credit_that_bears_a_payments_name_is_looked_at_by_finance(office: Office) -> None:
    read(office, camt053(entry(detail("1.00", end_to_end_id="0" * 32))))

    with reading(access=office.carla, right=Right.DECLARATION_READ):
        assert StatementLine.objects.get().problem == "neither-paid-nor-returned"
    assert receipts(office) == []


def test_half_a_statement_takes_in_nothing(office: Office) -> None:
    whole = camt053(entry(detail("100.00")), entry(detail("20.00"), said="two"))

    done = read(office, whole[: len(whole) // 2 + 200])

    assert done.status == "rejected"
    assert receipts(office) == []
    assert ReceivedFile.objects.get(kind="bank-statement").outcome == "rejected"


# --- tables -----------------------------------------------------------------------------------


def table(*rows: str) -> str:
    return "\n".join([",".join(RECEIPTS), *rows])


def test_a_mobile_money_table_is_taken_in(office: Office) -> None:
    posted = office.world.declare("2026-08", (AMINA_NUMBER, "1000.00"))
    reference = creditor_reference(number=posted.number)

    done = read(
        office,
        table(
            f"MM1,2026-11-19,20.00,XTS,Tomasi,+999 1,{reference}", "", "MM2,2026-11-19,5.00,XTS,,,"
        ),
    )

    assert done.received is not None
    assert (done.received.matched, done.received.unmatched) == (1, 1)
    assert ReceiptMatch.objects.get().rule == "reference"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("MM1,2026-11-19,20.00,XTS,Tomasi,", "not as many cells"),
        (",2026-11-19,20.00,XTS,,,", "no reference"),
        ("MM1,2026-11-31,20.00,XTS,,,", "its day or its amount"),
        ("MM1,2026-11-19,20.005,XTS,,,", "its day or its amount"),
        ("MM1,2026-11-19,NaN,XTS,,,", "its day or its amount"),
        ("MM1,2026-11-19,20.00,EUR,,,", "another currency"),
        ("MM1,2026-11-19,-20.00,XTS,,,", "not above zero"),
        ('MM1,2026-11-19,20.00,XTS,,,"open', "cannot be read as CSV"),
    ],
)
def test_a_row_that_cannot_be_takes_the_whole_table_back(
    office: Office, row: str, why: str
) -> None:
    done = read(office, table("MM0,2026-11-19,1.00,XTS,,,", row))

    assert done.status == "rejected"
    assert why in done.reason
    assert not ReceiptBalance.objects.exists()


def test_a_table_with_other_columns_is_refused(office: Office) -> None:
    assert "neither an XML message" in read(office, "a,b\n1,2").reason
