"""How figures, days and identifiers are written for people, in the language in force.

Money is Decimal from the database to the page; nothing here rounds or adds.
"""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import pgettext

NOTHING = Decimal("0.00")
MINUS = "\N{MINUS SIGN}"
_NO_BREAK = "\N{NO-BREAK SPACE}"


def figure(number: Decimal | int, *, decimals: int | None = None) -> str:
    """Write a number with the locale's separators and grouped thousands."""
    written = number_format(
        abs(Decimal(number)), decimal_pos=decimals, use_l10n=True, force_grouping=True
    )
    return f"{MINUS}{written}" if number < 0 else written


def money(amount: Decimal, *, currency: str = "") -> str:
    """Write an amount with its two decimals, and its currency where one is given."""
    if not issubclass(type(amount), Decimal):  # templates are not typed
        message = f"Money is written from a Decimal, not from {type(amount).__name__}."
        raise TypeError(message)
    written = figure(amount, decimals=2)
    return f"{written}{_NO_BREAK}{currency}" if currency else written


def day(value: date | None) -> str:
    """Write a day unambiguously: 3 Nov 2026."""
    if value is None:
        return ""
    # Translators: day, month in three letters, year, in the letters of Django's `date` filter.
    written = date_format(value, pgettext("how a day is written", "j M Y"))
    return written.replace(" ", _NO_BREAK)


def last_day(ends_before: date | None) -> date | None:
    """Return the last day of a period of which the day after is kept; None while it goes on."""
    return ends_before - timedelta(days=1) if ends_before else None


def month(value: date) -> str:
    """Write a month given by any of its days: November 2026."""
    return date_format(value, "F Y")


def instant(value: datetime | None) -> str:
    """Write an instant in the institution's legal time zone: 3 Nov 2026, 14:05."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return f"{day(local.date())}, {date_format(local, 'H:i')}"


def identifier(value: str) -> str:
    """Group a long run of characters in fours; numbers that carry dashes are grouped already."""
    text = str(value)
    if len(text) <= 6 or re.search(r"[^0-9A-Za-z]", text):
        return text
    return _NO_BREAK.join(re.findall(r".{1,4}", text))
