"""Mandates become access: the one place that makes `Access`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from amparo.accounts import queries as accounts
from amparo.accounts.roles import SYSTEM_ROLE
from amparo.values import Access, NotPermitted, Right

_JOB_PREFIX: Final = "job:"


class NoMandate(NotPermitted):
    """The user holds no such role on that day."""


class NotForThisPurpose(NotPermitted):
    """The role does not serve the purpose asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleHeld:
    """A role that a user may act in today. `title` is English, translated where it is shown."""

    code: str
    title: str
    mandate_id: UUID


def roles_in_force(*, user_id: UUID, on: date) -> tuple[RoleHeld, ...]:
    """Return the roles a user may choose from on a day, by code."""
    return _roles(accounts.mandates_in_force(user_id=user_id, on=on))


def roles_and_access(
    *, user_id: UUID, chosen: str | None, on: date
) -> tuple[tuple[RoleHeld, ...], Access | None]:
    """Return the roles a user may act in on a day, and the access of the one they chose.

    Who holds one role alone acts in it; the access is None where a choice is to be made.
    """
    held = accounts.mandates_in_force(user_id=user_id, on=on)
    alone = held[0] if len(held) == 1 else None
    acting = next((row for row in held if row.role == chosen), alone)
    return _roles(held), _access(acting, acting.purposes[0]) if acting else None


def access_for(*, user_id: UUID, role: str, on: date, purpose: str | None = None) -> Access:
    """Make the access of a user who acts in a role on a day.

    purpose: one that the role serves; None takes its usual one. Raises NoMandate,
    NotForThisPurpose.
    """
    held = accounts.mandates_in_force(user_id=user_id, on=on, role=role)
    if not held:
        raise NoMandate(
            _(
                "No mandate for the role “%(role)s” is in force for this account on %(day)s. "
                "Choose another of your roles, or ask the person who grants mandates."
            )
            % {"role": role, "day": on}
        )
    mandate = held[0]
    purpose = purpose or mandate.purposes[0]
    if purpose not in mandate.purposes:
        raise NotForThisPurpose(
            _(
                "The role “%(role)s” does not serve the purpose “%(purpose)s”. "
                "It serves: %(served)s."
            )
            % {"role": role, "purpose": purpose, "served": ", ".join(mandate.purposes)}
        )
    return _access(mandate, purpose)


def _roles(held: Sequence[accounts.MandateRow]) -> tuple[RoleHeld, ...]:
    return tuple(
        RoleHeld(code=row.role, title=row.role_title, mandate_id=row.mandate_id) for row in held
    )


def _access(mandate: accounts.MandateRow, purpose: str) -> Access:
    return Access(
        actor_id=mandate.user_id,
        actor_name=mandate.user_name,
        role=mandate.role,
        purpose=purpose,
        mandate_id=mandate.mandate_id,
        rights=frozenset(Right(right) for right in mandate.rights),
    )


def job_access(*, job: str, on: date) -> Access:
    """Make the access of a background job, which acts under a mandate like anybody else.

    Raises NoMandate when the job was never installed.
    """
    account = accounts.account_named(username=job_username(job=job))
    if account is None:
        raise NoMandate(
            _("The job “%(job)s” has no account. An administrator installs the jobs.")
            % {"job": job}
        )
    return access_for(user_id=account.user_id, role=SYSTEM_ROLE, on=on)


def job_username(*, job: str) -> str:
    return _JOB_PREFIX + job
