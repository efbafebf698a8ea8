"""FEEL numbers: IEEE decimal128, 34 significant digits, half-even; never a binary float."""

from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from functools import lru_cache

# Overflow, division by zero and invalid operations raise; evaluation turns them into null.
NUMBERS = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    capitals=1,
    clamp=0,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
# Rounding to a scale may need more digits than the result keeps; the value is exact before it.
WIDE = Context(prec=6200, rounding=ROUND_HALF_EVEN, Emin=-99_999, Emax=99_999)


def number_text(value: Decimal) -> str:
    """Write a number plainly, without exponent and without trailing zeros."""
    if value == 0:
        return "0"
    if abs(value.adjusted()) > 40:
        return str(value.normalize(NUMBERS))
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def round_to(value: Decimal, scale: int, mode: str) -> Decimal:
    """Round to so many decimals (negative: tens, hundreds), in one step."""
    return NUMBERS.plus(value.quantize(_unit(scale), rounding=mode, context=WIDE))


@lru_cache(maxsize=256)
def _unit(scale: int) -> Decimal:
    return Decimal(1).scaleb(-scale)
