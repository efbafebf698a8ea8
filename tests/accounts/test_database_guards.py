"""The database refuses what the operation refuses, to a session that runs none of our code."""

import threading
from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection
from psycopg import errors

from amparo.accounts.models import Mandate
from amparo.accounts.operations import UnableToGrant, grant_mandate
from tests.cast import NOW, TODAY, Cast
from tests.conftest import Clone

INSERT = """
INSERT INTO accounts_mandate
    (id, user_id, role_id, starts_on, ends_before, granted_by_id, granted_under_id, granted_at)
VALUES (gen_random_uuid(), %(user)s, %(role)s, %(starts)s, NULL, %(by)s, %(under)s, %(at)s)
"""


def mandate_of(connection: psycopg.Connection, user_id: UUID) -> UUID:
    row = connection.execute(
        "SELECT id FROM accounts_mandate WHERE user_id = %s", [user_id]
    ).fetchone()
    assert row is not None
    return UUID(str(row[0]))


def forged(stranger: psycopg.Connection, cast: Cast, **changes: object) -> dict[str, object]:
    """A grant by Alma to Dario, as raw SQL would write it, with something changed."""
    return {
        "user": cast["dario"],
        "role": "claims-officer",
        "starts": TODAY,
        "by": cast["alma"],
        "under": mandate_of(stranger, cast["alma"]),
        "at": NOW,
    } | changes


def refusal(stranger: psycopg.Connection, statement: str, values: object = None) -> str | None:
    with pytest.raises(errors.IntegrityError) as raised:
        stranger.execute(statement, values)  # type: ignore[call-overload]
    return raised.value.diag.constraint_name


def test_an_honest_grant_passes(stranger: psycopg.Connection, committed_cast: Cast) -> None:
    granted = stranger.execute(INSERT, forged(stranger, committed_cast))

    assert granted.rowcount == 1


def test_incompatible_roles(stranger: psycopg.Connection, committed_cast: Cast) -> None:
    values = forged(stranger, committed_cast, user=committed_cast["celia"])

    assert refusal(stranger, INSERT, values) == "mandate_roles_are_compatible"


def test_a_grantor_without_the_right(stranger: psycopg.Connection, committed_cast: Cast) -> None:
    bruno = committed_cast["bruno"]
    values = forged(stranger, committed_cast, by=bruno, under=mandate_of(stranger, bruno))

    assert refusal(stranger, INSERT, values) == "mandate_grantor_may_grant"


def test_a_grant_in_another_s_name(stranger: psycopg.Connection, committed_cast: Cast) -> None:
    values = forged(stranger, committed_cast, by=committed_cast["bruno"])

    assert refusal(stranger, INSERT, values) == "mandate_grantor_may_grant"


def test_a_grant_to_oneself(stranger: psycopg.Connection, committed_cast: Cast) -> None:
    values = forged(stranger, committed_cast, user=committed_cast["alma"], role="system-job")

    assert refusal(stranger, INSERT, values) == "nobody_grants_to_themselves"


def test_a_second_installation_decision(stranger: psycopg.Connection, committed_cast: Cast) -> None:
    values = forged(stranger, committed_cast, by=None, under=None)

    assert refusal(stranger, INSERT, values) == "mandate_has_a_grantor"


def test_a_grantor_whose_own_mandate_has_ended(
    stranger: psycopg.Connection, committed_cast: Cast
) -> None:
    alma = mandate_of(stranger, committed_cast["alma"])
    stranger.execute("UPDATE accounts_mandate SET ends_before = '2026-02-01' WHERE id = %s", [alma])

    values = forged(stranger, committed_cast)

    assert refusal(stranger, INSERT, values) == "mandate_grantor_may_grant"


def test_by_copy(stranger: psycopg.Connection, committed_cast: Cast) -> None:
    row = forged(stranger, committed_cast, user=committed_cast["celia"])

    with (
        pytest.raises(errors.IntegrityConstraintViolation) as raised,
        stranger.cursor().copy(
            "COPY accounts_mandate (id, user_id, role_id, starts_on, granted_by_id, "
            "granted_under_id, granted_at) FROM STDIN"
        ) as copy,
    ):
        copy.write_row(
            (uuid4(), *(row[n] for n in ("user", "role", "starts", "by", "under", "at")))
        )

    assert raised.value.diag.constraint_name == "mandate_roles_are_compatible"


def test_with_a_table_of_the_same_name_in_front(
    stranger: psycopg.Connection, committed_cast: Cast
) -> None:
    stranger.execute("CREATE TEMP TABLE accounts_incompatibleroles (first_id text, second_id text)")
    stranger.execute("CREATE TEMP TABLE accounts_role (code text, rights text[])")
    stranger.execute("SET search_path = pg_temp, public")
    values = forged(stranger, committed_cast, user=committed_cast["celia"])

    assert refusal(stranger, INSERT, values) == "mandate_roles_are_compatible"


def test_under_repeatable_read(stranger: psycopg.Connection, committed_cast: Cast) -> None:
    stranger.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    values = forged(stranger, committed_cast)

    assert refusal(stranger, INSERT, values) == "mandate_isolation"


@pytest.mark.parametrize(
    "change",
    [
        "role_id = 'claims-approver'",
        "starts_on = '2020-01-01'",
        "granted_by_id = NULL, granted_under_id = NULL",
    ],
)
def test_a_mandate_s_columns_are_not_granted(stranger: psycopg.Connection, change: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        stranger.execute(f"UPDATE accounts_mandate SET {change}")  # noqa: S608 — the test's own words


def test_a_mandate_only_ends(stranger: psycopg.Connection, committed_cast: Cast) -> None:
    bruno = mandate_of(stranger, committed_cast["bruno"])
    statement = "UPDATE accounts_mandate SET ends_before = %(day)s WHERE id = %(id)s"
    stranger.execute(statement, {"day": date(2026, 6, 1), "id": bruno})

    later = refusal(stranger, statement, {"day": date(2026, 7, 1), "id": bruno})
    revived = refusal(stranger, statement, {"day": None, "id": bruno})

    assert (later, revived) == ("mandate_only_ends", "mandate_only_ends")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM accounts_mandate",
        "TRUNCATE accounts_mandate",
        "DELETE FROM accounts_incompatibleroles",
        "UPDATE accounts_incompatibleroles SET first_id = 'x'",
        "DELETE FROM accounts_role",
        "DELETE FROM accounts_user",
    ],
)
def test_nothing_is_taken_away(stranger: psycopg.Connection, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        stranger.execute(statement)


def test_two_grants_at_the_same_moment(cloned_database: Clone, committed_cast: Cast) -> None:
    alma = committed_cast.access("alma")
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def granting(role: str) -> Callable[[], None]:
        def work() -> None:
            start.wait()
            try:
                grant_mandate(
                    user_id=committed_cast["dario"],
                    role=role,
                    starts_on=TODAY,
                    access=alma,
                    at=NOW,
                )
                outcomes.append("granted")
            except UnableToGrant:
                outcomes.append("refused")
            finally:
                connection.close()

        return work

    threads = [
        threading.Thread(target=granting(role)) for role in ("claims-officer", "claims-approver")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["granted", "refused"]
    assert Mandate.objects.filter(user_id=committed_cast["dario"]).count() == 1


def test_two_raw_grants_at_the_same_moment(
    cloned_database: Clone, stranger: psycopg.Connection, committed_cast: Cast
) -> None:
    """The second waits for the first at the user's row, then sees its mandate."""
    outcome: list[str | None] = []
    second = forged(stranger, committed_cast, role="claims-approver")

    def work() -> None:
        with psycopg.connect(cloned_database.app_url, autocommit=True) as other:
            outcome.append(refusal(other, INSERT, second))

    with stranger.transaction():
        stranger.execute(INSERT, forged(stranger, committed_cast))
        thread = threading.Thread(target=work)
        thread.start()
        _wait_until_somebody_waits(cloned_database)
    thread.join()

    assert outcome == ["mandate_roles_are_compatible"]


def _wait_until_somebody_waits(clone: Clone) -> None:
    with psycopg.connect(clone.admin_url, autocommit=True) as admin:
        for _ in range(500):
            row = admin.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                "AND datname = %s",
                [clone.name],
            ).fetchone()
            if row is not None and row[0]:
                return
            admin.execute("SELECT pg_sleep(0.01)")
    pytest.fail("The second grant never waited for the first.")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_role SET rights = array_append(rights, 'claims.approve')",
        "INSERT INTO accounts_role SELECT 'x', title, rights, purposes FROM accounts_role LIMIT 1",
        "DELETE FROM accounts_role",
        "UPDATE accounts_incompatibleroles SET reason = ''",
        "DELETE FROM accounts_incompatibleroles",
        "INSERT INTO accounts_incompatibleroles SELECT * FROM accounts_incompatibleroles",
    ],
)
def test_the_application_cannot_change_what_a_role_may_do(
    stranger: psycopg.Connection, statement: str
) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        stranger.execute(statement)


def test_the_application_may_set_a_new_password(
    stranger: psycopg.Connection, committed_cast: Cast
) -> None:
    changed = stranger.execute(
        "UPDATE accounts_user SET password = 'x' WHERE id = %s", [committed_cast["dario"]]
    )

    assert changed.rowcount == 1
