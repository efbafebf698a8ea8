"""A web process is a fork of the command that prepared the database; it must stand on its own."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import Clone

PROGRAM = """
import os
import sys
import django
import psycopg
django.setup()
from django.db import connection
from amparo.interfaces.cli.serve import let_go_of_the_database

def asked():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]

asked()
let_go_of_the_database()
child = os.fork()
if child:
    raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
lost = asked()
with psycopg.connect(sys.argv[1], autocommit=True) as admin:
    admin.execute("SELECT pg_terminate_backend(%s)", [lost])
connection.close()
print("replaced", asked() != lost, flush=True)
os._exit(0)
"""


def test_a_forked_web_process_replaces_a_connection_that_was_lost(
    cloned_database: Clone, tmp_path: Path
) -> None:
    environment = {
        **cloned_database.environment,
        "AMPARO_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "amparo.settings",
    }

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, cloned_database.admin_url],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.stdout.splitlines() == ["replaced True"], done.stderr
    assert done.returncode == 0
