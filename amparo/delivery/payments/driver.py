"""What a payment rail must do for a run: turn a part of it into a file, and nothing else.

The rail is chosen by `settings.PAYMENT_DRIVER`. Drivers live with the interfaces, which change
sooner than payments do; so payments says here what it expects, and imports none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO, NamedTuple, Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class Payment(NamedTuple):
    """One payment as its file needs it. amount: text with exactly two decimals."""

    end_to_end_id: str
    amount: str
    payee_name: str
    account_kind: str
    provider: str
    account_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The head of a file: who pays, when, and the control totals that the database computed.

    made_at: fixed when the run is locked, so that a file made again is the same to the byte.
    """

    message_id: str
    made_at: datetime
    execution_date: date
    currency: str
    count: int
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a driver counted and summed while it wrote."""

    count: int
    total: Decimal


class PaymentDriver(Protocol):
    """A rail. `suffix` ends its files' names, such as ".xml"."""

    suffix: str

    def write(self, *, batch: Batch, payments: Iterable[Payment], to: BinaryIO) -> Written:
        """Write the file; count and sum what was really written."""


def driver_in_force() -> PaymentDriver:
    """Return the driver that the settings name."""
    driver: PaymentDriver = import_string(settings.PAYMENT_DRIVER)()
    return driver
