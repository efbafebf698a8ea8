"""Money: an exact decimal amount with its currency (invariant 9)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

# Amounts are stored with two decimals. ISO 4217 currencies with three need a wider column first.
CENT = Decimal("0.01")


class CurrencyMismatch(Exception):
    """Amounts of two currencies were combined."""


class NotARoundedAmount(Exception):
    """An amount with fractions of a cent came where rounding must have happened already."""


def rounded_amount(amount: Decimal) -> Decimal:
    """Return the amount with two decimals; raise NotARoundedAmount rather than round silently.

    Rounding happens once, in the rule pack, by the rule the law names. PostgreSQL rounds a third
    decimal away without a word on INSERT; this check makes a rule that forgot to round visible.
    """
    if not amount.is_finite() or amount != amount.quantize(CENT):
        message = (
            f"The amount {amount} has fractions of a cent. "
            "Round it in the rule, by the rounding rule that the law names."
        )
        raise NotARoundedAmount(message)
    return amount.quantize(CENT)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency; only equal currencies add, subtract and compare."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not Decimal:
            message = f"Money takes a Decimal, not {type(self.amount).__name__}."
            raise TypeError(message)
        if len(self.currency) != 3 or not self.currency.isupper():
            message = f"“{self.currency}” is not an ISO 4217 currency code such as XTS."
            raise ValueError(message)

    def __add__(self, other: Self) -> Self:
        self._same_currency(other)
        return type(self)(self.amount + other.amount, self.currency)

    def __sub__(self, other: Self) -> Self:
        self._same_currency(other)
        return type(self)(self.amount - other.amount, self.currency)

    def __lt__(self, other: Self) -> bool:
        self._same_currency(other)
        return self.amount < other.amount

    def __le__(self, other: Self) -> bool:
        self._same_currency(other)
        return self.amount <= other.amount

    def __bool__(self) -> bool:
        message = (
            "Compare the amount explicitly: `money.amount == 0`. "
            "An amount of zero is not “nothing”."
        )
        raise TypeError(message)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def _same_currency(self, other: Self) -> None:
        if self.currency != other.currency:
            message = (
                f"{self.currency} and {other.currency} cannot be combined without an exchange rate."
            )
            raise CurrencyMismatch(message)
