"""Numbers recognised in the search field: each series leads to what it numbers."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.urls import reverse

from amparo.delivery.claims.queries import award_numbered, claim_numbered
from amparo.delivery.contributions.queries import declaration_numbered
from amparo.delivery.payments.queries import run_numbered
from amparo.interfaces.web.pages import StaffRequest
from amparo.office.numbering import is_written_right
from amparo.values import Right

# Series, the right to read what it numbers, how to look it up, and where it is shown.
_SERIES: Final[dict[str, tuple[Right, Callable[..., UUID | None], str]]] = {
    "CL": (Right.CLAIM_READ, claim_numbered, "web:claim"),
    "AW": (Right.CLAIM_READ, award_numbered, "web:award"),
    "DE": (Right.DECLARATION_READ, declaration_numbered, "web:declaration"),
    "PR": (Right.PAYRUN_READ, run_numbered, "web:run"),
}


def address_of_number(request: StaffRequest, text: str) -> str:
    """Return the address of what a number names; empty where it names nothing for this role."""
    number = "".join(text.split()).upper()
    known = _SERIES.get(number.partition("-")[0])
    access = request.visit.access
    if known is None or not is_written_right(number=number) or not access.allows(known[0]):
        return ""
    _right, look_up, page = known
    found = look_up(number=number, access=access)
    return reverse(page, args=[found]) if found else ""
