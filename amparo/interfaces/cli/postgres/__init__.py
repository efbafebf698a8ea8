"""The embedded database: a private PostgreSQL server that Amparo starts and stops itself.

Purpose: a demonstration, a developer's machine and the tests need no database administrator.
Owns: the choice of the server's binaries, the account it runs as, its data folder, its socket,
its roles and its databases.
Must never know: Django, any table. It runs before Django can be imported.

Security: the server listens on a Unix socket only, in a folder only its account can enter, and
admits an operating-system account by its kernel credentials ("peer"). There is no password to
keep and no port to scan. Folders that exist already are never made more readable.
"""

from amparo.interfaces.cli.postgres.binaries import Binaries, NoPostgresFound, available_binaries
from amparo.interfaces.cli.postgres.cluster import (
    Server,
    State,
    UnableToStart,
    UnableToStop,
    is_made,
    start,
    start_throwaway,
    status,
    stop,
    sweep_abandoned,
    using,
)

__all__ = [
    "Binaries",
    "NoPostgresFound",
    "Server",
    "State",
    "UnableToStart",
    "UnableToStop",
    "available_binaries",
    "is_made",
    "start",
    "start_throwaway",
    "status",
    "stop",
    "sweep_abandoned",
    "using",
]
