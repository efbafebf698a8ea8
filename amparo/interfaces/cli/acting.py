"""Who acts at the command line: a person with a password and a mandate, as in the browser.

Root on the machine is nobody in particular. A step of a pay run belongs to a named person, so the
commands ask for that person's password, on the terminal or in AMPARO_PASSWORD, and check it by the
same back ends as the web: wrong passwords count and lock the account out.
"""

import os
from typing import TYPE_CHECKING, Final

import typer

from amparo.values import NotPermitted

if TYPE_CHECKING:
    from amparo.values import Access

_HERE: Final = "command line"  # stands where the journal keeps a network address


class NotSignedIn(NotPermitted):
    """The name and password do not belong together, or the account is locked out."""


class WhichRole(NotPermitted):
    """The person holds several roles, or none."""


def approver_of(*, username: str) -> "Access":
    """Sign in the second person of a step that takes two, with a password of their own.

    Raises NotSignedIn, WhichRole, NoMandate.
    """
    return access_of(username=username, variable="AMPARO_APPROVER_PASSWORD")


def access_of(
    *, username: str, role: str | None = None, variable: str = "AMPARO_PASSWORD"
) -> "Access":
    """Sign a person in and return their access in a role for today.

    role: may be left out by somebody who holds exactly one. variable: of the environment, holding
    the password where nobody can be asked.
    Raises NotSignedIn, WhichRole, NoMandate.
    """
    from django.utils.timezone import localdate

    from amparo.accounts.operations import record_failed_sign_in, record_sign_in
    from amparo.accounts.queries import account_named
    from amparo.governance.kernel.access import access_for

    password = os.environ.get(variable)
    if password is None:
        password = typer.prompt(f"Password of {username}", hide_input=True, err=True)
    account = account_named(username=username)
    if account is None or account.is_system or not _is_right(username, password):
        record_failed_sign_in(username=username, address=_HERE, locked_out=False)
        raise NotSignedIn(
            "This name and password do not belong together, or the account is locked out after "
            "too many attempts. Try again, or wait an hour."
        )
    record_sign_in(user_id=account.user_id, address=_HERE)
    today = localdate()
    chosen = role or _only_role(username, account.user_id, today)
    return access_for(user_id=account.user_id, role=chosen, on=today)


def _is_right(username: str, password: str) -> bool:
    """Ask the sign-in back ends, which want a request to count attempts by address."""
    from django.contrib.auth import authenticate
    from django.http import HttpRequest

    request = HttpRequest()
    request.META["REMOTE_ADDR"] = "127.0.0.1"
    return authenticate(request, username=username, password=password) is not None


def _only_role(username: str, user_id: object, today: object) -> str:
    from amparo.governance.kernel.access import roles_in_force

    held = [row.code for row in roles_in_force(user_id=user_id, on=today)]  # type: ignore[arg-type]
    if len(held) != 1:
        raise WhichRole(
            f"{username} holds {len(held)} roles today ({', '.join(held) or 'none'}). "
            "Say which one acts, with --role."
        )
    return held[0]
