"""Every gate that the database knows is guarded in the database, and everything it guards is named.

That each gate also has its operation, drill and page is asked in tests/architecture/test_gates.py.
"""

import psycopg
import pytest

from tests.conftest import Clone

# Row trigger 1, before 2, insert 4, update 16, as pg_trigger.tgtype has them.
_BEFORE_INSERT_OR_UPDATE_OF_A_ROW = 1 | 2 | 4 | 16
_UNGUARDED = r"""
SELECT g.code FROM govkernel_gate g WHERE NOT EXISTS (
    SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE t.tgname = 'gate_' || lower(g.code) AND p.proname = 'govkernel_demand_pass'
      AND t.tgtype = %(kind)s AND t.tgenabled = 'A'
      AND split_part(encode(t.tgargs, 'escape'), '\000', 1) = g.code)
ORDER BY g.code
"""
_ON_INSERT_ONLY = """
DROP TRIGGER gate_g1 ON rulebook_packversion;
CREATE TRIGGER gate_g1 BEFORE INSERT ON rulebook_packversion
    FOR EACH ROW EXECUTE FUNCTION govkernel_demand_pass('G1')
"""
_UNNAMED = """
SELECT t.tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
WHERE p.proname = 'govkernel_demand_pass'
  AND NOT EXISTS (SELECT FROM govkernel_gate g WHERE t.tgname = 'gate_' || lower(g.code))
"""


def _unguarded(session: psycopg.Connection) -> list[str]:
    return [
        code
        for (code,) in session.execute(
            _UNGUARDED, {"kind": _BEFORE_INSERT_OR_UPDATE_OF_A_ROW}
        ).fetchall()
    ]


def test_every_gate_has_its_trigger_always_on(cloned_database: Clone) -> None:
    with psycopg.connect(cloned_database.app_url) as session:
        gates = session.execute("SELECT count(*) FROM govkernel_gate").fetchone()

        assert gates == (1,)
        assert _unguarded(session) == []
        assert session.execute(_UNNAMED).fetchall() == []


@pytest.mark.parametrize(
    "sabotage",
    [
        "ALTER TABLE rulebook_packversion DISABLE TRIGGER gate_g1",
        "ALTER TABLE rulebook_packversion ENABLE TRIGGER gate_g1",  # silent under replication
        "DROP TRIGGER gate_g1 ON rulebook_packversion",
        _ON_INSERT_ONLY,
    ],
)
def test_a_gate_left_open_is_seen(cloned_database: Clone, sabotage: str) -> None:
    with psycopg.connect(cloned_database.owner_url) as owner:
        owner.execute(sabotage.encode())

        assert _unguarded(owner) == ["G1"]
        owner.rollback()


def test_a_gate_without_a_trigger_is_seen(cloned_database: Clone) -> None:
    with psycopg.connect(cloned_database.owner_url) as owner:
        owner.execute("INSERT INTO govkernel_gate VALUES ('G9', 'New', 'rules.propose', 'x', 30)")

        assert _unguarded(owner) == ["G9"]
        owner.rollback()
