"""The fixed cast, appointed by the product's own operations.

Amina claims, Bruno decides, Celia approves, Dario has no right. Around them: Alma grants mandates,
Pia drafts rules, Omar sits on the policy board, Ines audits.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from amparo.accounts.operations import create_user, grant_mandate
from amparo.governance.kernel.access import access_for
from amparo.values import Access

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PASSWORD = "sunflower at the gate 7"

_ROLES = {
    "alma": ("Alma Duarte", "administrator"),
    "bruno": ("Bruno Keita", "claims-officer"),
    "celia": ("Celia Okoro", "claims-approver"),
    "pia": ("Pia Lindqvist", "policy-officer"),
    "omar": ("Omar Haddad", "policy-board"),
    "ines": ("Ines Vidal", "auditor"),
}


@dataclass(frozen=True)
class Cast:
    """Who is there, by the name they sign in with."""

    user_ids: dict[str, UUID]
    roles: dict[str, str]

    def __getitem__(self, name: str) -> UUID:
        return self.user_ids[name]

    def access(self, name: str, *, on: date = TODAY) -> Access:
        """Make the access of one of the cast, in their only role."""
        return access_for(user_id=self.user_ids[name], role=self.roles[name], on=on)


def appoint() -> Cast:
    """Open the cast's accounts and grant their mandates; Dario gets none."""
    names = {name: title for name, (title, _) in _ROLES.items()} | {"dario": "Dario Moreau"}
    user_ids = {
        name: create_user(username=name, display_name=title, password=PASSWORD, at=NOW)
        for name, title in names.items()
    }
    cast = Cast(user_ids, {name: role for name, (_, role) in _ROLES.items()})
    start = date(2026, 1, 1)
    grant_mandate(user_id=cast["alma"], role="administrator", starts_on=start, access=None, at=NOW)
    for name, role in cast.roles.items():
        if name != "alma":
            grant_mandate(
                user_id=cast[name], role=role, starts_on=start, access=cast.access("alma"), at=NOW
            )
    return cast
