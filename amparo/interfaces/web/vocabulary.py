"""Words for codes: the rooms below speak in codes, people in their language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amparo.interfaces.web.tables import Cell

# A state is a word first, then a shape, then a colour: done, open, wait, stop, past.
_STATES: Final[Mapping[str, tuple[Promise, str]]] = {
    "submitted": (_("Submitted"), "open"),
    "evidence pending": (_("Evidence pending"), "wait"),
    "proposed": (_("Waiting for approval"), "wait"),
    "awaiting": (_("Waiting for a decision"), "wait"),
    "granted": (_("Granted"), "done"),
    "refused": (_("Refused"), "stop"),
    "withdrawn": (_("Withdrawn"), "past"),
    "undetermined": (_("Undetermined"), "wait"),
    "computed": (_("Computed"), "done"),
    "in payment": (_("In payment"), "done"),
    "suspended": (_("Suspended"), "wait"),
    "terminated": (_("Terminated"), "past"),
    "posted": (_("Posted"), "done"),
    "matched": (_("Matched"), "done"),
    "suspense": (_("In suspense"), "wait"),
    "planned": (_("Planned"), "open"),
    "snapshot": (_("Snapshot taken"), "open"),
    "calculated": (_("Calculated"), "open"),
    "compared": (_("Compared"), "wait"),
    "approved": (_("Approved"), "done"),
    "locked": (_("Locked"), "open"),
    "transmitted": (_("Transmitted"), "done"),
    "reconciling": (_("Reconciling"), "open"),
    "closed": (_("Closed"), "past"),
    "failed": (_("Failed"), "stop"),
    "abandoned": (_("Abandoned"), "past"),
    "created": (_("Created"), "open"),
    "sent": (_("Sent"), "open"),
    "settled": (_("Settled"), "done"),
    "rejected": (_("Rejected"), "stop"),
    "returned": (_("Returned"), "stop"),
    "accepted": (_("Accepted"), "done"),
    "already": (_("Already received"), "past"),
    "alive": (_("Alive"), "done"),
    "dead": (_("Deceased"), "past"),
}

_WORDS: Final[Mapping[str, Promise]] = {
    "female": _("female"),
    "male": _("male"),
    "other": _("other"),
    "unknown": _("unknown"),
    "declaration": _("declaration"),
    "document": _("document"),
    "exchange": _("data exchange"),
    "officer": _("officer"),
    "national-id": _("National identity number"),
    "birth-registration": _("Birth registration"),
    "tax": _("Tax number"),
    "passport": _("Passport"),
    "refugee": _("Refugee document"),
    "parent": _("parent"),
    "child": _("child"),
    "spouse": _("spouse"),
    "guardian": _("guardian"),
    "ward": _("ward"),
    "reference-person": _("reference person"),
    "member": _("member"),
    "bank": _("bank account"),
    "wallet": _("mobile wallet"),
    "web": _("online"),
    "file": _("file"),
    "paper": _("paper"),
    "regular": _("regular run"),
    "supplementary": _("supplementary run"),
    "asset": _("asset"),
    "liability": _("liability"),
    "income": _("income"),
    "expense": _("expense"),
    "persons": _("people"),
    "employers": _("employers"),
    "employments": _("employments"),
    "declarations": _("declarations"),
    "history": _("earlier years"),
    "statement": _("bank statement"),
    "eligibility": _("eligibility"),
    "amount": _("amount"),
    "assessment": _("assessment"),
    "take-on": _("taken on from the older system"),
    "name": _("name"),
    "vitals": _("birth, sex and death"),
    "identifier": _("identifier"),
    "kinship": _("family tie"),
    "household": _("household"),
    "residence": _("residence"),
    "employment": _("employment"),
    "account": _("payment account"),
    "person": _("person"),
    "employer": _("employer"),
    "claim": pgettext_lazy("noun", "claim"),
    "award": pgettext_lazy("noun", "award"),
    "payrun": _("pay run"),
    "decision": _("decision"),
}


def word(code: str) -> str:
    """Return the word for a code; a code nobody named yet is shown readably rather than hidden."""
    known = _WORDS.get(code)
    return str(known) if known is not None else code.replace("-", " ").replace("_", " ")


def state_word(code: str) -> str:
    known = _STATES.get(code)
    return str(known[0]) if known is not None else code


def tone(code: str) -> str:
    known = _STATES.get(code)
    return known[1] if known is not None else "open"


def state_cell(code: str, *, href: str = "", note: str = "") -> Cell:
    return Cell(value=state_word(code), tone=tone(code), href=href, note=note)
