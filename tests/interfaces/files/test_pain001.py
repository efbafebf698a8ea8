"""The file for the bank: valid against the published schema, escaped, and adding up."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from amparo.delivery.payments.driver import Batch, Payment, Written
from amparo.interfaces.files.pain001 import NAMESPACE, NotInXml, Pain001

NS = {"p": NAMESPACE}


def payment(number: int, amount: str = "100.00", name: str = "Amina Juma") -> Payment:
    return Payment(f"{number:032x}", amount, name, "bank", "CBXAXAXA", "0012003400")


def batch(count: int, total: str) -> Batch:
    return Batch(
        message_id="PR-2026-000001-7-001",
        made_at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
        execution_date=date(2026, 11, 20),
        currency="XTS",
        count=count,
        total=Decimal(total),
    )


def written(*payments: Payment) -> tuple[Written, bytes]:
    total = sum((Decimal(p.amount) for p in payments), Decimal("0.00"))
    stream = BytesIO()
    result = Pain001().write(batch=batch(len(payments), str(total)), payments=payments, to=stream)
    return result, stream.getvalue()


@pytest.fixture(scope="module")
def schema(oracles: Path) -> etree.XMLSchema:
    path = oracles / "interop" / "iso20022" / "pain.001.001.09.xsd"
    if not path.exists():
        pytest.skip(f"The published schema is not at {path}.")
    return etree.XMLSchema(etree.parse(str(path)))


def test_a_file_is_valid_against_the_published_schema(schema: etree.XMLSchema) -> None:
    wallet = Payment("f" * 32, "0.01", "Tomasi", "wallet", "MWXAXAXAXXX", "+255700111222")

    _result, content = written(payment(1), payment(2, "1234567890.99"), wallet)

    schema.assertValid(etree.fromstring(content))


def test_control_sums_stand_at_both_levels_and_are_what_was_written() -> None:
    result, content = written(payment(1, "10.10"), payment(2, "0.05"))

    document = etree.fromstring(content)
    assert result == Written(count=2, total=Decimal("10.15"))
    for level in ("GrpHdr", "PmtInf"):
        assert document.findtext(f".//p:{level}/p:NbOfTxs", namespaces=NS) == "2"
        assert document.findtext(f".//p:{level}/p:CtrlSum", namespaces=NS) == "10.15"
    amounts = document.findall(".//p:InstdAmt", NS)
    assert [amount.text for amount in amounts] == ["10.10", "0.05"]
    assert {amount.get("Ccy") for amount in amounts} == {"XTS"}


def test_accounts_are_named_without_iban_and_wallets_with_their_operator() -> None:
    wallet = Payment("f" * 32, "5.00", "Tomasi", "wallet", "MWXAXAXAXXX", "+255700111222")

    _result, content = written(wallet)

    document = etree.fromstring(content)
    assert document.findtext(".//p:CdtrAcct/p:Id/p:Othr/p:Id", namespaces=NS) == "+255700111222"
    assert document.findtext(".//p:CdtrAcct/p:Tp/p:Prtry", namespaces=NS) == "wallet"
    assert document.findtext(".//p:CdtrAgt//p:BICFI", namespaces=NS) == "MWXAXAXAXXX"
    assert document.find(".//p:IBAN", NS) is None


def test_the_same_payments_make_the_same_bytes() -> None:
    payments = [payment(number) for number in range(2_500)]

    assert written(*payments) == written(*payments)


def test_a_long_file_loses_no_payment_between_its_blocks() -> None:
    result, content = written(*(payment(number, "0.01") for number in range(2_001)))

    assert (result.count, result.total) == (2_001, Decimal("20.01"))
    assert content.count(b"<CdtTrfTxInf>") == 2_001


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=140))
@settings(max_examples=200)
def test_any_name_comes_out_as_it_went_in(name: str) -> None:
    if {"\ufffe", "\uffff"} & set(name):
        with pytest.raises(NotInXml):
            written(payment(1, name=name))
        return

    _result, content = written(payment(1, name=name))

    assert etree.fromstring(content).findtext(".//p:Cdtr/p:Nm", namespaces=NS) == name


def test_a_control_character_is_refused() -> None:
    with pytest.raises(NotInXml, match="control character"):
        written(payment(1, name="Ami\x07na"))


def test_payments_are_streamed() -> None:
    seen: list[int] = []

    def lazily() -> Iterator[Payment]:
        for number in range(3_000):
            seen.append(number)
            yield payment(number, "1.00")

    class Stream(BytesIO):
        def write(self, block: object) -> int:
            lengths.append(len(seen))
            return super().write(block)  # type: ignore[arg-type]

    lengths: list[int] = []
    Pain001().write(batch=batch(3_000, "3000.00"), payments=lazily(), to=Stream())

    assert lengths == [0, 1_000, 2_000, 3_000, 3_000]
