"""`amparo serve`: pages and background jobs until Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Annotated

import typer

from amparo.interfaces.cli.installation import database, migrate
from amparo.interfaces.cli.output import ExitCode, progress, say, stop_with

_WORKER_MAY_FINISH_SECONDS = 20
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}

Port = Annotated[int, typer.Option(min=1, max=65535, help="The port the pages are served on.")]
Host = Annotated[str, typer.Option(help="The address to listen on; other than loopback needs TLS.")]


def serve(*, host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve the pages and run the background jobs. Ctrl-C stops everything."""
    check_address(host=host, port=port)
    with ended_by_signals(), database():
        migrate()
        run_site(host=host, port=port)
    say("Stopped.")


def check_address(*, host: str, port: int) -> None:
    """Refuse an address that cannot or must not be used, before any work is done."""
    if host not in _LOOPBACK and os.environ.get("AMPARO_TLS") != "1":
        stop_with(
            ExitCode.SET_UP,
            f"{host} can be reached by other machines, and pages with personal data must not "
            "travel in the clear. Put a TLS proxy in front and set AMPARO_TLS=1, or serve on "
            "127.0.0.1.",
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            stop_with(
                ExitCode.SET_UP,
                f"Cannot listen on {host}:{port}: {error.strerror}. Choose another with --port.",
            )


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let a polite end (SIGTERM, a closed terminal) clean up as Ctrl-C does."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    previous = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    except KeyboardInterrupt:
        say("Stopped.")
        raise typer.Exit(ExitCode.OK) from None
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def run_site(*, host: str, port: int) -> None:
    """Run the web server and the background worker until a signal ends them.

    The database must be prepared. Say the address once pages are answered.
    """
    from django.core.management import call_command
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    _load_pages()
    with progress.status("Collecting the pages' files"):
        call_command("collectstatic", verbosity=0, interactive=False)
    threading.Thread(target=_announce, args=(host, port), daemon=True).start()
    let_go_of_the_database()
    with _worker():
        server = Granian(
            "amparo.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=max(1, (os.cpu_count() or 1) // 2),
            blocking_threads=8,  # as many as the connection pool of a process holds
            respawn_failed_workers=True,
            log_level=LogLevels.error,
            workers_kill_timeout=_WORKER_MAY_FINISH_SECONDS,
        )
        # Granian reloads on a closed terminal; here that ends everything, like Ctrl-C.
        server.on_startup(lambda: signal.signal(signal.SIGHUP, server.signal_handler_interrupt))
        with suppress(SystemExit):  # how Granian says that a signal ended it
            server.serve()


def let_go_of_the_database() -> None:
    """Close connections and their pools: a web process is a fork, and a pool's threads are not.

    A pool taken over by a fork can lend what it holds, but never open or replace a connection.
    """
    from django.db import connections
    from django.db.backends.postgresql.base import DatabaseWrapper

    for connection in connections.all():
        connection.close()
        if isinstance(connection, DatabaseWrapper):
            connection.close_pool()


def _load_pages() -> None:
    """Load every page before the first is asked for; one that cannot be loaded ends the start.

    What is printed is about our source and this machine, never about a person.
    """
    from django.urls import get_resolver

    try:
        _ = get_resolver().url_patterns
    except Exception:  # noqa: BLE001 — whatever a module does wrong while it is loaded
        traceback.print_exc()
        stop_with(
            ExitCode.SET_UP,
            "The pages cannot be loaded, so none is served; the reason is above. Install this "
            "release anew, or restore what was changed in it.",
        )


@contextmanager
def _worker() -> Iterator[None]:
    """Run the background jobs in a process beside the pages.

    It has a session of its own: Ctrl-C reaches us alone, and we let a running job finish.
    """
    worker = subprocess.Popen(
        [sys.executable, "-m", "django", "procrastinate", "worker"],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    stopping = threading.Event()
    threading.Thread(target=_watch, args=(worker, stopping), daemon=True).start()
    try:
        yield
    finally:
        stopping.set()
        worker.terminate()
        try:
            worker.wait(timeout=_WORKER_MAY_FINISH_SECONDS)
        except subprocess.TimeoutExpired:
            say("A background job did not finish in time; it will be taken up at the next start.")
            worker.kill()
            worker.wait()


def _watch(worker: subprocess.Popen[bytes], stopping: threading.Event) -> None:
    code = worker.wait()
    if not stopping.is_set():
        say(
            f"The background jobs have stopped by themselves (exit code {code}); pages are still "
            "served. The reason is above. Stop with Ctrl-C and start again."
        )


def _announce(host: str, port: int) -> None:
    name = "localhost" if host in _LOOPBACK else host
    for _ in range(600):
        with suppress(OSError), socket.create_connection((host, port), timeout=1):
            say(f"Amparo answers at http://{name}:{port} — Ctrl-C stops it.")
            return
        time.sleep(0.1)
