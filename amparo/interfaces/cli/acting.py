"""Who acts at the command line: a person with a password and a mandate, as in the browser.

Root on the machine is nobody in particular. A step of a pay run belongs to a named person, so the
commands ask for that person's password, on the terminal or in AMPARO_PASSWORD, and check it by the
same back ends as the web: wrong passwords count and lock the account out. Who has a second factor
is asked for its code, too, on the terminal or in AMPARO_CODE; wrong codes count as on the web.
"""

import logging
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import typer

from amparo.values import NotPermitted

if TYPE_CHECKING:
    from amparo.values import Access

_HERE: Final = "command line"  # stands where the journal keeps a network address
# As `interfaces.web.second_factor` counts: codes are guessed here or there, the failures add up.
_FAILURES: Final = 5
_WITHIN: Final = timedelta(hours=1)


class NotSignedIn(NotPermitted):
    """Name, password and code do not belong together, or the account is locked out."""


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
    the password where nobody can be asked; that of the code is named alike (AMPARO_CODE).
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
    is_right, is_locked_out = _is_right(username, password)
    if account is None or account.is_system or not is_right:
        record_failed_sign_in(username=username, address=_HERE, locked_out=is_locked_out)
        raise NotSignedIn(
            "This name and password do not belong together, or the account is locked out after "
            "too many attempts. Try again, or wait an hour."
        )
    code_in = variable.replace("PASSWORD", "CODE")
    _ask_second_factor(username, account.user_id, os.environ.get(code_in))
    record_sign_in(user_id=account.user_id, address=_HERE)
    today = localdate()
    chosen = role or _only_role(username, account.user_id, today)
    return access_for(user_id=account.user_id, role=chosen, on=today)


def _is_right(username: str, password: str) -> tuple[bool, bool]:
    """Say whether the password is right and whether the account is locked out.

    Asks the sign-in back ends, which want a request to count attempts by address.
    """
    from django.contrib.auth import authenticate
    from django.http import HttpRequest

    request = HttpRequest()
    request.META["REMOTE_ADDR"] = "127.0.0.1"
    # The journal keeps each attempt; a line with name and address has no place on the terminal.
    logging.getLogger("axes").setLevel(logging.CRITICAL + 1)
    is_right = authenticate(request, username=username, password=password) is not None
    return is_right, bool(getattr(request, "axes_locked_out", False))


def _ask_second_factor(username: str, user_id: UUID, code: str | None) -> None:
    """Demand a right code where the account has a second factor. Raises NotSignedIn.

    code: the one of the environment, else it is asked for.
    """
    from allauth.mfa.models import Authenticator
    from django.utils.timezone import now

    from amparo.accounts.operations import record_failed_second_factor
    from amparo.accounts.queries import failed_second_factors

    factors = list(Authenticator.objects.filter(user_id=user_id))
    if not factors:
        return
    with_codes = [each for each in factors if each.type != Authenticator.Type.WEBAUTHN]
    if not with_codes:
        raise NotSignedIn(
            f"The second factor of {username} is a passkey, which the command line cannot ask for. "
            "Do this step in the browser, or add an authenticator app to the account."
        )
    if failed_second_factors(user_id=user_id, since=now() - _WITHIN) >= _FAILURES:
        record_failed_second_factor(user_id=user_id, address=_HERE, locked_out=True)
        raise NotSignedIn(
            "Too many wrong codes. Wait an hour, or ask the person who grants mandates."
        )
    if code is None:
        code = typer.prompt(f"Code of {username}'s authenticator, or a recovery code", err=True)
    right = next((each for each in with_codes if each.wrap().validate_code(code)), None)
    if right is None:
        record_failed_second_factor(user_id=user_id, address=_HERE, locked_out=False)
        raise NotSignedIn("This code is not right. Wait for the next one, and try again.")
    right.record_usage()


def _only_role(username: str, user_id: object, today: object) -> str:
    from amparo.governance.kernel.access import roles_in_force

    held = [row.code for row in roles_in_force(user_id=user_id, on=today)]  # type: ignore[arg-type]
    if len(held) != 1:
        raise WhichRole(
            f"{username} holds {len(held)} roles today ({', '.join(held) or 'none'}). "
            "Say which one acts, with --role."
        )
    return held[0]
