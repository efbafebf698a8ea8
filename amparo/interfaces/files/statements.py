"""What banks and wallets report, as ISO 20022 messages and as tables.

camt.053 and camt.054 hold booked entries, pain.002 the status of payments, a CSV table money that
came in. Each entry is read once: our payments and returns, or a credit that somebody paid to us.

Read element by element, so a statement's size does not matter. A document type declaration, and
with it every entity, is refused; so is another message or version. What a message says that we do
not know by name is refused too, never guessed: the file is kept, rejected with the reason, and
nothing of it counts.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import Final, Literal

from django.conf import settings
from django.utils.translation import gettext as _
from lxml import etree

from amparo.delivery.contributions.operations import (
    Credit,
    ReceiptsTaken,
    UnusableReceipt,
    read_in_receipts,
)
from amparo.delivery.payments.operations import read_in_statement
from amparo.delivery.payments.reconciliation import BankLine, StatementOutcome
from amparo.office.operations import AlreadyAccepted, receive_original, record_received_file
from amparo.values import Access, NotARoundedAmount, Right, rounded_amount

FILE_KIND: Final = "bank-statement"
_ISO: Final = "urn:iso:std:iso:20022:tech:xsd:"
CAMT_053: Final = f"{_ISO}camt.053.001.08"
CAMT_054: Final = f"{_ISO}camt.054.001.08"
PAIN_002: Final = f"{_ISO}pain.002.001.10"
_SETTLED: Final = frozenset({"ACSC", "ACCC"})
_ON_ITS_WAY: Final = frozenset({"RCVD", "PDNG", "ACTC", "ACCP", "ACSP", "ACWC", "PART"})
_NOT_BOOKED: Final = frozenset({"PDNG", "INFO", "FUTR"})
_OUR_PAYMENT: Final = re.compile(r"[0-9a-f]{32}")
RECEIPTS: Final = (
    "reference",
    "booked_on",
    "amount",
    "currency",
    "payer_name",
    "payer_account",
    "text",
)


class StatementRefused(Exception):
    """The file is not a bank message we can take in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRead:
    """What became of a file. outcome: only if it was accepted; reason: why it was not."""

    status: Literal["accepted", "already", "rejected"]
    outcome: StatementOutcome | None = None
    received: ReceiptsTaken | None = None
    reason: str = ""


def read_statement(
    *, path: Path, access: Access, at: datetime, file_name: str = ""
) -> StatementRead:
    """Keep the file, read it and take its lines in: all of them, or none.

    Raises NotPermitted, or UnableToReceive for what is no file of an acceptable size.
    """
    access.require(Right.STATEMENT_READ_IN)
    name = file_name or path.name
    original = receive_original(path=path, kind=FILE_KIND, file_name=name, access=access, at=at)
    try:
        if _is_a_table(original.path):
            received = read_in_receipts(
                credits_booked=table_credits(path=original.path),
                original=original,
                file_kind=FILE_KIND,
                file_name=name,
                access=access,
                at=at,
            )
            return StatementRead(status="accepted", received=received)
        outcome = read_in_statement(
            lines=bank_lines(path=original.path),
            credits_booked=bank_credits(path=original.path),
            original=original,
            file_kind=FILE_KIND,
            file_name=name,
            access=access,
            at=at,
        )
    except AlreadyAccepted as already:
        return StatementRead(status="already", reason=str(already))
    except (StatementRefused, UnusableReceipt) as refused:
        record_received_file(
            original=original,
            kind=FILE_KIND,
            file_name=name,
            outcome="rejected",
            report={"reason": str(refused)},
            access=access,
            at=at,
        )
        return StatementRead(status="rejected", reason=str(refused))
    return StatementRead(status="accepted", outcome=outcome, received=outcome.received)


def bank_lines(*, path: Path) -> Iterator[BankLine]:
    """Yield what a message says of our own payments. Raises StatementRefused, also half-way."""
    return (line for line in _reported(path) if isinstance(line, BankLine))


def bank_credits(*, path: Path) -> Iterator[Credit]:
    """Yield what others paid in our currency. Raises StatementRefused, also half-way."""
    return (line for line in _reported(path) if isinstance(line, Credit))


def table_credits(*, path: Path) -> Iterator[Credit]:
    """Yield the lines of a table of money received. Raises StatementRefused, also half-way."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            if tuple(next(rows, ())) != RECEIPTS:
                raise StatementRefused(
                    _(
                        "This is neither an XML message of a bank nor a table of money received, "
                        "whose first row is: %(columns)s."
                    )
                    % {"columns": ",".join(RECEIPTS)}
                )
            for row in rows:
                if row:
                    yield _credit(row, line=rows.line_num)
    except (UnicodeDecodeError, csv.Error) as error:
        raise StatementRefused(
            _("The table cannot be read as CSV in UTF-8. Save it again in that form.")
        ) from error


def _credit(row: list[str], *, line: int) -> Credit:
    refuse = partial(_refused_row, line)
    if len(row) != len(RECEIPTS):
        raise refuse(_("it has not as many cells as the first row"))
    reference, booked_on, amount, currency, payer_name, payer_account, text = (
        "".join(each for each in cell if each.isprintable()).strip() for cell in row
    )
    if not reference:
        raise refuse(_("it has no reference, so it could count twice"))
    try:
        day = date.fromisoformat(booked_on)
        booked = rounded_amount(Decimal(amount))
    except (ValueError, InvalidOperation, NotARoundedAmount):
        raise refuse(_("its day or its amount is not written as 2026-11-03 or 1250.00")) from None
    return Credit(
        # Apart from the references of banks, which an operator's could repeat.
        bank_reference=f"table/{reference}"[:120],
        booked_on=day,
        amount=booked,
        currency=currency,
        payer_name=payer_name,
        payer_account=payer_account,
        text=text,
    )


def _refused_row(line: int, why: str) -> StatementRefused:
    return StatementRefused(
        _("Line %(line)d of the table cannot be taken in: %(why)s. Nothing was posted.")
        % {"line": line, "why": why}
    )


def _is_a_table(path: Path) -> bool:
    """Say whether a file is a table: a message of a bank begins with an angle bracket."""
    with path.open("rb") as file:
        return not file.read(256).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _reported(path: Path) -> Iterator[BankLine | Credit]:
    with path.open("rb") as stream:
        events = etree.iterparse(
            stream,
            events=("start", "end"),
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
        )
        try:
            yield from _lines(events)
        except etree.XMLSyntaxError as error:
            raise StatementRefused(
                _("This is not a complete XML file (line %(line)s). Ask the bank to send it again.")
                % {"line": error.lineno}
            ) from error


_Events = Iterator[tuple[str, "etree._Element"]]  # noqa: SLF001 — lxml has no public name for it


def _lines(events: _Events) -> Iterator[BankLine | Credit]:
    _event, root = next(events)
    if root.getroottree().docinfo.doctype:  # type: ignore[attr-defined]
        raise StatementRefused(
            _(
                "The file carries a document type declaration, which can hide entities. Bank "
                "messages have none. Nothing was read; ask where the file comes from."
            )
        )
    readers = {CAMT_053: _Booked, CAMT_054: _Booked, PAIN_002: _Pain002}
    namespace = etree.QName(root).namespace or ""
    if namespace not in readers or etree.QName(root).localname != "Document":
        raise StatementRefused(
            _("This is “%(found)s”. Read in are: %(known)s.")
            % {
                "found": namespace.removeprefix(_ISO) or etree.QName(root).localname,
                "known": ", ".join(sorted(known.removeprefix(_ISO) for known in readers)),
            }
        )
    reader = readers[namespace]()
    for event, element in events:
        if event == "end":
            yield from reader.ended(element)


class _Message:
    """Remembers the head of a message while its parts pass by."""

    def __init__(self) -> None:
        self.reference = ""

    def ended(self, element: "etree._Element") -> Iterator[BankLine | Credit]:
        """Yield the lines of an element that has been read to its end, then forget it."""
        raise NotImplementedError


class _Booked(_Message):
    """Entries booked on our account: in a statement of a day, or notified one by one."""

    def __init__(self) -> None:
        super().__init__()
        self._entry = 0
        self._made_on = ""

    def ended(self, element: "etree._Element") -> Iterator[BankLine | Credit]:
        parent = element.getparent()
        if (
            _is(element, "Id")
            and parent is not None
            and (_is(parent, "Ntfctn") or _is(parent, "Stmt"))
        ):
            self.reference = _own_text(element)
        elif _is(element, "CreDtTm"):
            self._made_on = _own_text(element)
        elif _is(element, "Ntry"):
            self._entry += 1
            yield from self._entry_lines(element)
            _forget(element)

    def _entry_lines(self, entry: "etree._Element") -> Iterator[BankLine | Credit]:
        status = _text(entry, "Sts", "Cd")
        if status in _NOT_BOOKED:
            return  # announced only; the booking comes in a later message
        if status != "BOOK":
            raise StatementRefused(
                _("Entry %(number)d has the status “%(status)s”, which is not known.")
                % {"number": self._entry, "status": status}
            )
        details = _all(entry, "NtryDtls", "TxDtls")
        if details:
            for number, detail in enumerate(details, start=1):
                yield self._line(entry, detail, number, alone=len(details) == 1)
        else:
            yield self._batch(entry)

    def _line(
        self, entry: "etree._Element", detail: "etree._Element", number: int, *, alone: bool
    ) -> BankLine | Credit:
        end_to_end_id = _text(detail, "Refs", "EndToEndId")
        direction = _text(detail, "CdtDbtInd") or _text(entry, "CdtDbtInd")
        amount = _one(detail, "Amt")
        if amount is None and alone:
            amount = _one(entry, "Amt")
        outcome = _booked(entry, detail, direction)
        reference = (
            _text(detail, "Refs", "AcctSvcrRef")
            or _text(entry, "AcctSvcrRef")
            or f"{self.reference}#{self._entry}.{number}"
        )
        # A credit that bears the name of a payment of ours looks like its return, and says it is
        # none: finance looks at it.
        names_our_payment = _OUR_PAYMENT.fullmatch(end_to_end_id)
        is_credit = outcome == "other" and direction == "CRDT" and not names_our_payment
        if is_credit and _is_in_our_currency(amount):
            # Payers name their payments as they like: the bank's name or the place does not repeat.
            own = _text(detail, "Refs", "AcctSvcrRef")
            name = f"{own}/{direction}" if own else f"{reference}/{direction}/{number}"
            return self._received(entry, detail, amount, name)
        return BankLine(
            bank_reference=f"{reference}/{direction}/{end_to_end_id or number}"[:120],
            outcome=outcome,
            booked_on=self._booking_date(entry),
            end_to_end_id="" if end_to_end_id == "NOTPROVIDED" else end_to_end_id,
            amount=None if amount is None else _amount(amount),
            currency="" if amount is None else str(amount.get("Ccy", "")),
            reason_code=_text(detail, "RtrInf", "Rsn", "Cd")
            or _text(detail, "RtrInf", "Rsn", "Prtry"),
        )

    def _received(
        self,
        entry: "etree._Element",
        detail: "etree._Element",
        amount: "etree._Element | None",
        bank_reference: str,
    ) -> Credit:
        """Read what somebody paid to us; who it was is not in every message."""
        if amount is None:
            raise StatementRefused(
                _("Entry %(number)d holds a credit without an amount of its own.")
                % {"number": self._entry}
            )
        remittance = [
            _own_text(each)
            for each in (
                *_all(detail, "RmtInf", "Strd", "CdtrRefInf", "Ref"),
                *_all(detail, "RmtInf", "Ustrd"),
                *_all(entry, "AddtlNtryInf"),
            )
        ]
        return Credit(
            bank_reference=bank_reference[:120],
            booked_on=self._booking_date(entry),
            amount=_amount(amount),
            currency=str(amount.get("Ccy", "")),
            payer_name=_text(detail, "RltdPties", "Dbtr", "Pty", "Nm")
            or _text(detail, "RltdPties", "Dbtr", "Nm"),
            payer_account=_text(detail, "RltdPties", "DbtrAcct", "Id", "IBAN")
            or _text(detail, "RltdPties", "DbtrAcct", "Id", "Othr", "Id"),
            text=" ".join(" ".join(remittance).split()),
        )

    def _batch(self, entry: "etree._Element") -> BankLine | Credit:
        """Read an entry that books a whole payment file, or what somebody paid, in one sum."""
        batch = _one(entry, "NtryDtls", "Btch")
        message_id = "" if batch is None else _text(batch, "MsgId") or _text(batch, "PmtInfId")
        amount = _one(entry, "Amt")
        direction = _text(entry, "CdtDbtInd")
        reference = _text(entry, "AcctSvcrRef") or f"{self.reference}#{self._entry}"
        outcome = _booked(entry, entry, direction)
        if (
            outcome == "other"
            and direction == "CRDT"
            and not message_id
            and _is_in_our_currency(amount)
        ):
            return self._received(entry, entry, amount, f"{reference}/{direction}")
        return BankLine(
            bank_reference=f"{reference}/{direction}"[:120],
            outcome=outcome,
            booked_on=self._booking_date(entry),
            message_id=message_id,
            amount=None if amount is None else _amount(amount),
            currency="" if amount is None else str(amount.get("Ccy", "")),
        )

    def _booking_date(self, entry: "etree._Element") -> date:
        """Return the day of booking; a bank that leaves it out means the message's own day."""
        return _date(
            _text(entry, "BookgDt", "Dt") or _text(entry, "BookgDt", "DtTm") or self._made_on
        )


class _Pain002(_Message):
    """The status of payments, of a payment information block, or of a whole file."""

    def __init__(self) -> None:
        super().__init__()
        self._made_on: date | None = None
        self._file_is_decided = False
        self._block_is_read = False
        self._block_is_decided = False

    def ended(self, element: "etree._Element") -> Iterator[BankLine]:
        if _is(element, "GrpHdr"):
            self.reference = _text(element, "MsgId")
            self._made_on = _date(_text(element, "CreDtTm"))
        elif _is(element, "OrgnlGrpInfAndSts"):
            for line in self._whole(element, "OrgnlMsgId", "GrpSts"):
                self._file_is_decided = True
                yield line
        elif _is(element, "TxInfAndSts"):
            block = element.getparent()
            if block is not None and not self._block_is_read:
                yield from self._block(block)
            yield from self._transaction(element)
            _forget(element)
        elif _is(element, "OrgnlPmtInfAndSts"):
            if not self._block_is_read:
                yield from self._block(element)
            self._block_is_read = self._block_is_decided = False
            _forget(element)

    def _block(self, block: "etree._Element") -> Iterator[BankLine]:
        """Read a block's own status and reason, once all of it that precedes a payment is there.

        The file comes in pieces: at the end of PmtInfSts its reason may not have been read yet.
        """
        self._block_is_read = True
        if not self._file_is_decided:
            for line in self._whole(block, "OrgnlPmtInfId", "PmtInfSts"):
                self._block_is_decided = True
                yield line

    def _whole(self, element: "etree._Element", name: str, status: str) -> Iterator[BankLine]:
        outcome = _status(_text(element, status))
        if outcome is None:
            return
        message_id = _text(element, name)
        yield BankLine(
            bank_reference=f"{self.reference}/{message_id}"[:120],
            outcome=outcome,
            booked_on=self._day(),
            message_id=message_id,
            reason_code=_text(element, "StsRsnInf", "Rsn", "Cd")
            or _text(element, "StsRsnInf", "Rsn", "Prtry"),
        )

    def _transaction(self, element: "etree._Element") -> Iterator[BankLine]:
        outcome = _status(_text(element, "TxSts"))
        if outcome is None or self._file_is_decided or self._block_is_decided:
            return  # on its way, or the status of its file or block decides for it
        end_to_end_id = _text(element, "OrgnlEndToEndId")
        amount = _one(element, "OrgnlTxRef", "Amt", "InstdAmt")
        yield BankLine(
            bank_reference=f"{self.reference}/{_text(element, 'StsId')}/{end_to_end_id}"[:120],
            outcome=outcome,
            booked_on=self._day(),
            end_to_end_id=end_to_end_id,
            amount=None if amount is None else _amount(amount),
            currency="" if amount is None else str(amount.get("Ccy", "")),
            reason_code=_text(element, "StsRsnInf", "Rsn", "Cd")
            or _text(element, "StsRsnInf", "Rsn", "Prtry"),
        )

    def _day(self) -> date:
        if self._made_on is None:
            raise StatementRefused(_("The message has no date (GrpHdr/CreDtTm)."))
        return self._made_on


# --- what the codes mean ----------------------------------------------------------------------


def _booked(
    entry: "etree._Element", detail: "etree._Element", direction: str
) -> Literal["settled", "returned", "other"]:
    """Say what a booking means: money out settles; money in is a return only when it says so."""
    is_reversal = _text(entry, "RvslInd") in {"true", "1"}
    if direction == "DBIT" and not is_reversal:
        return "settled"
    is_return = (
        is_reversal
        or _one(detail, "RtrInf") is not None
        or "RRTN"
        in {
            _text(detail, "BkTxCd", "Domn", "Fmly", "SubFmlyCd"),
            _text(entry, "BkTxCd", "Domn", "Fmly", "SubFmlyCd"),
        }
    )
    return "returned" if direction == "CRDT" and is_return else "other"


def _is_in_our_currency(amount: "etree._Element | None") -> bool:
    """Say whether money is in our currency; other money is shown as a line that fits nothing."""
    return amount is None or amount.get("Ccy") == settings.CURRENCY


def _status(code: str) -> Literal["settled", "rejected"] | None:
    if code == "RJCT":
        return "rejected"
    if code in _SETTLED:
        return "settled"
    if code in _ON_ITS_WAY or not code:
        return None
    raise StatementRefused(
        _("The message has the status “%(status)s”, which is not known.") % {"status": code}
    )


# --- elements ---------------------------------------------------------------------------------


def _is(element: "etree._Element", name: str) -> bool:
    return str(element.tag).rpartition("}")[2] == name  # a comment's tag is a function


def _all(element: "etree._Element", *names: str) -> list["etree._Element"]:
    found = [element]
    for name in names:
        found = [child for parent in found for child in parent if _is(child, name)]
    return found


def _one(element: "etree._Element", *names: str) -> "etree._Element | None":
    return next(iter(_all(element, *names)), None)


def _text(element: "etree._Element", *names: str) -> str:
    found = _one(element, *names)
    return "" if found is None else _own_text(found)


def _own_text(element: "etree._Element") -> str:
    return (element.text or "").strip()


def _amount(element: "etree._Element") -> Decimal:
    try:
        return rounded_amount(Decimal(_own_text(element)))
    except (InvalidOperation, NotARoundedAmount) as error:
        raise StatementRefused(
            _("Line %(line)s has an amount that is not a number with at most two decimals.")
            % {"line": element.sourceline}
        ) from error


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise StatementRefused(
            _("The message has a date that is missing or does not exist.")
        ) from error


def _forget(element: "etree._Element") -> None:
    """Free an element and those before it: memory stays flat however long the message is."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
