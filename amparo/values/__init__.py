"""Values shared by every room.

Purpose: the few words the whole product speaks: money, months, the permission to act.
Owns: immutable value types, standard library only.
Must never know: the database, the framework, any other room.
"""

from amparo.values.access import Access, ChangeApproval, NotPermitted, Right
from amparo.values.calendar import Month, age_on, month_starts
from amparo.values.incidents import incident_number
from amparo.values.money import CurrencyMismatch, Money, NotARoundedAmount, rounded_amount
from amparo.values.pages import Page
from amparo.values.words import is_readable

__all__ = [
    "Access",
    "ChangeApproval",
    "CurrencyMismatch",
    "Money",
    "Month",
    "NotARoundedAmount",
    "NotPermitted",
    "Page",
    "Right",
    "age_on",
    "incident_number",
    "is_readable",
    "month_starts",
    "rounded_amount",
]
