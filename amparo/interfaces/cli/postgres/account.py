"""Who the server runs as, and whether that account can reach a folder.

PostgreSQL refuses to run as root. As root the server therefore runs as `postgres`, else `nobody`;
as anybody else it runs as that person.
"""

import os
import pwd
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict

_UNPRIVILEGED: Final = ("postgres", "nobody")
_TIME_LIMIT_SECONDS: Final = 180


class NoServerAccount(Exception):
    """There is no account that the database server may run as."""


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[str | int]


@dataclass(frozen=True)
class Account:
    """An operating-system account; `switch` says that we are root and must become it."""

    name: str
    user_id: int
    group_id: int
    switch: bool

    def run(self, command: Sequence[str], *, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, in `folder`, with an environment of our own making.

        The output goes through files: a server started by the program inherits its output, and a
        pipe would never end.
        """
        with tempfile.TemporaryFile("w+") as output:
            finished = subprocess.run(  # noqa: S603 — our own command, a list, no shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                timeout=_TIME_LIMIT_SECONDS,
                check=False,
                **self._identity(),
            )
            output.seek(0)
            return subprocess.CompletedProcess(
                finished.args, finished.returncode, output.read().strip()
            )

    def _identity(self) -> _Identity:
        if not self.switch:
            return {}
        return {"user": self.user_id, "group": self.group_id, "extra_groups": []}

    def can_enter(self, folder: Path) -> bool:
        """Say whether this account can enter `folder`: asked of the kernel, so ACLs count too."""
        try:
            answer = self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)], folder=Path("/"))
        except PermissionError:
            return False
        return answer.returncode == 0

    def can_run(self, program: str) -> bool:
        try:
            return self.run([program, "--version"], folder=Path("/")).returncode == 0
        except PermissionError:
            return False

    def own(self, path: Path) -> None:
        """Give a path that we have just made to this account."""
        if self.switch:
            os.chown(path, self.user_id, self.group_id, follow_symlinks=False)


def account_for(*, data_folder: Path | None) -> Account:
    """Return the account the server of `data_folder` runs as; None: a folder still to be made.

    An existing folder keeps its owner: PostgreSQL accepts no other. Raises NoServerAccount.
    """
    if os.geteuid() != 0:
        return _this_account(data_folder)
    if data_folder is not None and data_folder.exists():
        return _known(data_folder.stat().st_uid, data_folder)
    for name in _UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid, switch=True)
    raise NoServerAccount(
        "PostgreSQL refuses to run as root, and this machine has neither an account “postgres” nor "
        "“nobody” to run it as. Create one (useradd --system postgres) or start Amparo as an "
        "ordinary user."
    )


def _this_account(data_folder: Path | None) -> Account:
    try:
        entry = pwd.getpwuid(os.geteuid())
    except KeyError:
        raise NoServerAccount(
            f"This process runs under user number {os.geteuid()}, which has no entry in "
            "/etc/passwd; PostgreSQL needs a named account. Add one, or set DATABASE_URL to a "
            "server that runs elsewhere."
        ) from None
    if (
        data_folder is not None
        and data_folder.exists()
        and data_folder.stat().st_uid != entry.pw_uid
    ):
        owner = data_folder.stat().st_uid
        raise NoServerAccount(
            f"The database in {data_folder} belongs to another account (user number {owner}). "
            "Nothing was touched. Run Amparo as that account, or choose another folder with "
            "AMPARO_HOME."
        )
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=False)


def _known(user_id: int, data_folder: Path) -> Account:
    if user_id == 0:
        raise NoServerAccount(
            f"The database folder {data_folder} belongs to root, and PostgreSQL refuses to run as "
            "root. Give the folder to an unprivileged account (chown -R), or choose another folder "
            "with AMPARO_HOME."
        )
    try:
        entry = pwd.getpwuid(user_id)
    except KeyError:
        raise NoServerAccount(
            f"The database folder {data_folder} belongs to user number {user_id}, which has no "
            "entry in /etc/passwd. Restore the account, or give the folder to another."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=True)
