"""`amparo staff`: who works here, from the first administrator on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from amparo.interfaces.cli.installation import database, migrate
from amparo.interfaces.cli.output import ExitCode, results, show_json, stop_with

if TYPE_CHECKING:
    from amparo.values import Access

app = typer.Typer(
    no_args_is_help=True,
    help="Open accounts and grant mandates, beginning with the first administrator.",
)

_Username = Annotated[str, typer.Argument(help="The name they sign in with.")]
_Name = Annotated[str, typer.Option("--name", help="Their name as colleagues know it.")]
_As = Annotated[str, typer.Option("--as", help="The administrator whose mandate covers this.")]
_Day = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day; default today.")
]


@app.command()
def install(username: _Username, *, name: _Name) -> None:
    """Appoint the first administrator of a new installation, and give the jobs their accounts.

    Possible once: whoever comes later is appointed by an administrator.
    """
    with _refusals():
        from django.utils.timezone import localdate, now

        from amparo.accounts.queries import is_installed
        from amparo.governance.kernel.operations import found_institution

        if is_installed():
            stop_with(
                ExitCode.FINDINGS,
                "This installation has its first administrator. `amparo staff add` and "
                "`amparo staff grant` appoint the others.",
            )
        found_institution(
            username=username,
            display_name=name,
            password=_new_password(username),
            on=localdate(),
            at=now(),
        )
    results.print(f"{name} is the administrator. Next: `amparo staff add`, `amparo staff grant`.")


@app.command()
def add(username: _Username, *, name: _Name, acting_as: _As, language: str = "en") -> None:
    """Open an account. It can do nothing until a mandate is granted."""
    with _refusals():
        from django.utils.timezone import now

        from amparo.accounts.operations import create_user

        _administrator(acting_as)
        password = _new_password(username)
        create_user(
            username=username, display_name=name, password=password, language=language, at=now()
        )
    results.print(f"The account {username} is open. Next: `amparo staff grant {username} ROLE`.")


@app.command()
def grant(
    username: _Username,
    role: Annotated[str, typer.Argument(help="The role; `amparo staff roles` lists them.")],
    *,
    acting_as: _As,
    starts: _Day = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The first day without it; default open."),
    ] = None,
) -> None:
    """Grant a mandate. Roles that control each other never go together."""
    with _refusals():
        from django.utils.timezone import localdate, now

        from amparo.accounts.operations import grant_mandate
        from amparo.accounts.queries import account_named

        access = _administrator(acting_as)
        account = account_named(username=username)
        if account is None:
            stop_with(ExitCode.FINDINGS, f"There is no account {username}. `amparo staff add` it.")
        grant_mandate(
            user_id=account.user_id,
            role=role,
            starts_on=starts.date() if starts else localdate(),
            ends_before=until.date() if until else None,
            access=access,
            at=now(),
        )
    results.print(f"{username} holds the role {role}.")


@app.command()
def roles(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for machines.")] = False,
) -> None:
    """List the roles, what each may do, and which roles exclude each other."""
    with _refusals():
        from amparo.accounts.roles import ROLES, incompatible_roles

        excluded: dict[str, list[str]] = {role.code: [] for role in ROLES}
        for pair in incompatible_roles():
            excluded[pair.first].append(pair.second)
            excluded[pair.second].append(pair.first)
    if as_json:
        show_json(
            {
                "roles": [
                    {
                        "code": role.code,
                        "title": role.title,
                        "rights": sorted(role.rights),
                        "not_with": sorted(excluded[role.code]),
                    }
                    for role in ROLES
                ]
            }
        )
        return
    table = Table("role", "may", "never together with")
    for role in ROLES:
        table.add_row(
            role.code, "\n".join(sorted(role.rights)), "\n".join(sorted(excluded[role.code]))
        )
    results.print(table)


@contextmanager
def _refusals() -> Iterator[None]:
    """Open the installation; end with a message where somebody may not, or something cannot be."""
    with database():
        migrate()
        from amparo.accounts.operations import UnableToCreateUser, UnableToGrant
        from amparo.values import NotPermitted

        try:
            yield
        except (NotPermitted, UnableToCreateUser, UnableToGrant) as refusal:
            stop_with(ExitCode.FINDINGS, str(refusal))


def _administrator(username: str) -> "Access":
    from amparo.accounts.roles import ADMINISTRATOR
    from amparo.interfaces.cli.acting import access_of

    return access_of(username=username, role=ADMINISTRATOR)


def _new_password(username: str) -> str:
    """Ask twice for the new account's password, or take it from AMPARO_NEW_PASSWORD."""
    given = os.environ.get("AMPARO_NEW_PASSWORD")
    if given is not None:
        return given
    asked: str = typer.prompt(
        f"New password of {username}", hide_input=True, confirmation_prompt=True, err=True
    )
    return asked
