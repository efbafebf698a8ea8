"""A bank for the demonstration: it confirms accounts, returns payments, books what employers pay.

Returns come as an ISO 20022 camt.054 notification like a real bank's, money received as a table:
the demonstration reads both in by the ordinary way.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

from amparo.delivery.contributions.queries import DeclarationSummary
from amparo.delivery.contributions.references import creditor_reference
from amparo.interfaces.files.statements import RECEIPTS

_PAIN = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
_CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"
# The stubs forget that None names the default namespace.
_NAMESPACES: Any = {None: _CAMT}
_ACCOUNT_CLOSED = "AC04"


class Payment(NamedTuple):
    """One credit transfer of a payment file."""

    end_to_end_id: str
    amount: Decimal
    currency: str


def payments_in(path: Path) -> Iterator[Payment]:
    """Yield the credit transfers of a pain.001 file in their order."""
    for _, element in etree.iterparse(
        path, tag=f"{_PAIN}CdtTrfTxInf", resolve_entities=False, no_network=True
    ):
        amount = element.find(f"{_PAIN}Amt/{_PAIN}InstdAmt")
        yield Payment(
            end_to_end_id=element.findtext(f"{_PAIN}PmtId/{_PAIN}EndToEndId"),
            amount=Decimal(amount.text),
            currency=amount.get("Ccy"),
        )
        element.clear()


def confirm_accounts(*, persons: Path, on: date, answer: Path) -> None:
    """Write the providers' confirmation of the accounts that people named in the persons file."""
    with (
        persons.open(encoding="utf-8", newline="") as file,
        answer.open("w", encoding="utf-8", newline="") as confirmed,
    ):
        table = csv.writer(confirmed)
        table.writerow(("payment_provider", "payment_account", "confirmed_on"))
        for person in csv.DictReader(file):
            if person["payment_account"]:
                table.writerow((person["payment_provider"], person["payment_account"], on))


def return_every(*, nth: int, payment_files: Sequence[Path], at: datetime, answer: Path) -> int:
    """Write the notification that returns every nth payment (account closed); return how many."""
    returned = [
        payment
        for position, payment in enumerate(
            (payment for path in payment_files for payment in payments_in(path)), start=1
        )
        if position % nth == 0
    ]
    if returned:
        answer.write_bytes(_notification(returned, at=at))
    return len(returned)


def _notification(returned: list[Payment], *, at: datetime) -> bytes:
    document = etree.Element(f"{{{_CAMT}}}Document", nsmap=_NAMESPACES)
    notification = _child(document, "BkToCstmrDbtCdtNtfctn")
    header = _child(notification, "GrpHdr")
    _child(header, "MsgId", f"RETURNS-{at:%Y%m%d%H%M%S}")
    _child(header, "CreDtTm", at.isoformat(timespec="seconds"))
    body = _child(notification, "Ntfctn")
    _child(body, "Id", f"RETURNS-{at:%Y%m%d%H%M%S}-1")
    _child(body, "CreDtTm", at.isoformat(timespec="seconds"))
    account = _child(_child(body, "Acct"), "Id")
    _child(_child(account, "Othr"), "Id", "INSTITUTION")
    for number, payment in enumerate(returned, start=1):
        _add_entry(body, payment, reference=f"{at:%Y%m%d%H%M%S}-{number:06d}", at=at)
    return etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add_entry(body: etree._Element, payment: Payment, *, reference: str, at: datetime) -> None:
    entry = _child(body, "Ntry")
    _child(entry, "Amt", str(payment.amount)).set("Ccy", payment.currency)
    _child(entry, "CdtDbtInd", "CRDT")
    _child(entry, "RvslInd", "true")
    _child(_child(entry, "Sts"), "Cd", "BOOK")
    _child(_child(entry, "BookgDt"), "Dt", at.date().isoformat())
    _child(entry, "AcctSvcrRef", reference)
    code = _child(_child(entry, "BkTxCd"), "Domn")
    _child(code, "Cd", "PMNT")
    family = _child(code, "Fmly")
    _child(family, "Cd", "ICDT")
    _child(family, "SubFmlyCd", "RRTN")
    transaction = _child(_child(entry, "NtryDtls"), "TxDtls")
    references = _child(transaction, "Refs")
    _child(references, "AcctSvcrRef", reference)
    _child(references, "EndToEndId", payment.end_to_end_id)
    _child(transaction, "Amt", str(payment.amount)).set("Ccy", payment.currency)
    _child(transaction, "CdtDbtInd", "CRDT")
    _child(_child(_child(transaction, "RtrInf"), "Rsn"), "Cd", _ACCOUNT_CLOSED)


def _child(parent: etree._Element, tag: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{_CAMT}}}{tag}")
    element.text = text
    return element


_PAID_ON_DAY = 10  # of the following month, before contributions are due


def write_payments(
    *, path: Path, on: date, declared: Iterable[DeclarationSummary], late_payer: str
) -> None:
    """Write what employers paid: each its declarations in time, with their references.

    The late payer pays half of its latest month, and writes no reference.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(RECEIPTS)
        late: DeclarationSummary | None = None
        for one in declared:
            if one.employer_name == late_payer:
                late = max(late or one, one, key=lambda each: each.month)
            elif one.total_due > 0:
                paid_on = min(on, one.month.ends_before.replace(day=_PAID_ON_DAY))
                table.writerow(
                    (
                        f"T-{one.number}",
                        paid_on,
                        one.total_due,
                        one.currency,
                        one.employer_name,
                        f"XA-{one.employer_number}",
                        creditor_reference(number=one.number),
                    )
                )
        if late is not None and late.total_due > 0:
            half = (late.total_due / 2).quantize(Decimal("0.01"))
            table.writerow(
                (f"T-{late.number}", on, half, late.currency, late_payer, "", "contributions")
            )
