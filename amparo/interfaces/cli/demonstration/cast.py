"""The staff of Amparia's institution: who they are, which roles they hold, and how they sign in."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from amparo.accounts.operations import create_user, grant_mandate
from amparo.accounts.roles import ADMINISTRATOR
from amparo.governance.kernel.access import access_for
from amparo.governance.kernel.operations import found_institution
from amparo.values import Access


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody on the staff; `does`: what a visitor of the demonstration can try as them."""

    username: str
    display_name: str
    roles: tuple[str, ...]
    does: str
    language: str = "en"


CAST: Final = (
    Member(
        username="ines",
        display_name="Ines Okafor",
        roles=("administrator",),
        does="grants mandates, reads the journal",
    ),
    Member(
        username="bruno",
        display_name="Bruno Adeyemi",
        roles=("registration-officer", "employer-officer", "claims-officer"),
        does="registers, receives declarations, takes and prepares claims",
    ),
    Member(
        username="celia",
        display_name="Celia Moreau",
        roles=("claims-approver",),
        does="approves what Bruno prepared",
        language="fr",
    ),
    Member(
        username="fatima",
        display_name="Fatima Diallo",
        roles=("finance-officer",),
        does="prepares and transmits pay runs, reads bank statements",
    ),
    Member(
        username="george",
        display_name="George Mwale",
        roles=("finance-approver",),
        does="approves pay runs",
    ),
    Member(
        username="yara",
        display_name="Yara Rahman",
        roles=("compliance-officer",),
        does="finds whose money came in, charges interest, proposes refunds and write-offs",
    ),
    Member(
        username="hugo",
        display_name="Hugo Osman",
        roles=("compliance-approver",),
        does="decides what Yara proposed",
    ),
    Member(
        username="kofi",
        display_name="Kofi Mensah",
        roles=("manager",),
        does="looks at the figures: what waits, what is paid, what is missing",
    ),
    Member(
        username="lindiwe",
        display_name="Lindiwe Sousa",
        roles=("auditor",),
        does="follows a figure to its source, searches the journal",
    ),
    Member(
        username="paulo",
        display_name="Paulo Ferreira",
        roles=("policy-officer",),
        does="proposes rule packs",
    ),
    Member(
        username="maria",
        display_name="Maria Chanda",
        roles=("policy-board",),
        does="approves rule packs",
    ),
    Member(
        username="nadia",
        display_name="Nadia Petrov",
        roles=("data-steward",),
        does="compares records that may be one person's, proposes to merge them",
    ),
    Member(
        username="tomas",
        display_name="Tomás Vargas",
        roles=("register-supervisor",),
        does="approves the merge of two records, and its undoing",
    ),
    Member(
        username="dario",
        display_name="Dario Conti",
        roles=(),
        does="holds no mandate and is refused everywhere",
    ),
)


class Staff:
    """The cast at work on a day: governance computes each one's Access from their mandates."""

    def __init__(self, *, users: Mapping[str, UUID], on: date) -> None:
        self._users = users
        self._on = on

    def acting(self, username: str, role: str) -> Access:
        return access_for(user_id=self._users[username], role=role, on=self._on)


def employ(*, password: str, since: date, on: date, at: datetime) -> Staff:
    """Found the institution, open the cast's accounts and grant their mandates from a day on."""
    founder, *others = CAST
    users = {
        founder.username: found_institution(
            username=founder.username,
            display_name=founder.display_name,
            password=password,
            on=since,
            at=at,
        )
    }
    staff = Staff(users=users, on=on)
    administrator = staff.acting(founder.username, ADMINISTRATOR)
    for member in others:
        users[member.username] = create_user(
            username=member.username,
            display_name=member.display_name,
            password=password,
            language=member.language,
            at=at,
        )
        for role in member.roles:
            grant_mandate(
                user_id=users[member.username],
                role=role,
                starts_on=since,
                access=administrator,
                at=at,
            )
    return staff


def write_privately(*, path: Path, content: Mapping[str, object]) -> None:
    """Write a JSON file that only this account can read, whole or not at all."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1, default=str)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def new_password() -> str:
    """Return a password for this installation's cast: no secret is in the source."""
    return "-".join(secrets.token_hex(2) for _ in range(4))
