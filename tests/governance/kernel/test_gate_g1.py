"""Attacks on gate G1, by a session of the application's role that runs none of our code.

Like the nightly drill, each asserts the reason: a refusal for a wrong reason is a broken gate.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors

from amparo.governance.kernel.operations import activate_approved_pack, approve, propose_pack
from amparo.rules.book.operations import activation_hash
from amparo.rules.book.queries import packs_listed
from amparo.rules.packs import Pack
from tests.cast import NOW, Cast
from tests.conftest import Clone
from tests.rules.book.tiny import tiny_pack

DAY = timedelta(days=1)
FROM = date(2026, 4, 1)
PASS = """
INSERT INTO journal_gatepass
    (id, gate, content_hash, resolution_id, proposed_by, approved_by, issued_at, expires_at)
VALUES (%(id)s, %(gate)s, %(content_hash)s, %(resolution_id)s, %(proposed_by)s, %(approved_by)s,
        %(issued_at)s, %(expires_at)s)
"""
COLUMNS = (
    "id, scheme, version, content_hash, files, applies_from, activation_hash, activated_at, "
    "gate_pass_id"
)
EFFECT = f"""
INSERT INTO rulebook_packversion ({COLUMNS})
VALUES (%(id)s, %(scheme)s, %(version)s, %(content_hash)s, %(files)s, %(applies_from)s,
        %(activation_hash)s, %(activated_at)s, %(gate_pass_id)s)
"""  # noqa: S608 — the test's own words


@dataclass(frozen=True)
class Attack:
    """What an attacker has: a session, and an approved resolution that is not used yet."""

    session: psycopg.Connection
    cast: Cast
    pack: Pack
    resolution_id: UUID

    def gate_pass(self, **changes: object) -> dict[str, Any]:
        return {
            "id": uuid4(),
            "gate": "G1",
            "content_hash": activation_hash(pack=self.pack, applies_from=FROM),
            "resolution_id": self.resolution_id,
            "proposed_by": self.cast["pia"],
            "approved_by": self.cast["omar"],
            "issued_at": NOW + DAY,
            "expires_at": NOW + 30 * DAY,
        } | changes

    def effect(self, gate_pass_id: UUID | None, **changes: object) -> dict[str, Any]:
        return {
            "id": uuid4(),
            "scheme": self.pack.manifest.scheme,
            "version": self.pack.manifest.version,
            "content_hash": self.pack.hash,
            "files": json.dumps(dict(self.pack.files)),
            "applies_from": FROM,
            "activation_hash": activation_hash(pack=self.pack, applies_from=FROM),
            "activated_at": NOW + DAY,
            "gate_pass_id": gate_pass_id,
        } | changes

    def issue(self, **changes: object) -> UUID:
        values = self.gate_pass(**changes)
        self.session.execute(PASS, values)
        return UUID(str(values["id"]))

    def refused(self, statement: str, values: dict[str, Any] | None = None) -> tuple[str, str]:
        """Run the statement, which must be refused; return constraint and reason."""
        with pytest.raises(errors.IntegrityError) as raised:
            self.session.execute(statement, values)
        return (
            raised.value.diag.constraint_name or "",
            raised.value.diag.message_detail or "",
        )


@pytest.fixture
def attack(cloned_database: Clone, committed_cast: Cast) -> Iterator[Attack]:
    pack = tiny_pack()
    resolution_id = approved(committed_cast, pack, at=NOW)
    with psycopg.connect(cloned_database.app_url) as session:
        yield Attack(session, committed_cast, pack, resolution_id)
        session.rollback()


def proposed(cast: Cast, pack: Pack, *, at: datetime) -> UUID:
    return propose_pack(
        pack=pack, applies_from=FROM, reason="New law.", access=cast.access("pia"), at=at
    )


def approved(cast: Cast, pack: Pack, *, at: datetime) -> UUID:
    resolution_id = proposed(cast, pack, at=at)
    approve(
        resolution_id=resolution_id,
        content_hash=activation_hash(pack=pack, applies_from=FROM),
        reason="Agreed.",
        access=cast.access("omar"),
        at=at,
    )
    return resolution_id


def test_the_honest_way_is_open(attack: Attack) -> None:
    attack.session.execute(EFFECT, attack.effect(attack.issue()))

    count = attack.session.execute("SELECT count(*) FROM rulebook_packversion").fetchone()
    assert count == (1,)


# --- the effect -----------------------------------------------------------------------------------


def test_no_pass(attack: Attack) -> None:
    values = attack.effect(None)

    assert attack.refused(EFFECT, values) == ("gate_g1", "no-pass")


def test_a_pass_that_does_not_exist(attack: Attack) -> None:
    assert attack.refused(EFFECT, attack.effect(uuid4())) == ("gate_g1", "no-pass")


def test_content_changed_after_approval(attack: Attack) -> None:
    other = tiny_pack(amount="1000000")
    values = attack.effect(
        attack.issue(),
        content_hash=other.hash,
        files=json.dumps(dict(other.files)),
        activation_hash=activation_hash(pack=other, applies_from=FROM),
    )

    assert attack.refused(EFFECT, values) == ("gate_g1", "content-differs")


def test_content_changed_under_the_approved_hash(attack: Attack) -> None:
    values = attack.effect(attack.issue(), content_hash=tiny_pack(amount="1000000").hash)

    assert attack.refused(EFFECT, values)[0] == "activation_hash_fits"


def test_another_day_than_the_approved_one(attack: Attack) -> None:
    values = attack.effect(attack.issue(), applies_from=date(2026, 1, 1))

    assert attack.refused(EFFECT, values)[0] == "activation_hash_fits"


def test_an_approval_that_has_expired(attack: Attack) -> None:
    values = attack.effect(attack.issue(), activated_at=NOW + 30 * DAY)

    assert attack.refused(EFFECT, values) == ("gate_g1", "expired")


def test_an_effect_dated_before_its_pass(attack: Attack) -> None:
    values = attack.effect(attack.issue(), activated_at=NOW - DAY)

    assert attack.refused(EFFECT, values) == ("gate_g1", "expired")


def test_a_pass_is_used_once(attack: Attack) -> None:
    gate_pass = attack.issue()
    attack.session.execute(EFFECT, attack.effect(gate_pass))

    constraint, _ = attack.refused(EFFECT, attack.effect(gate_pass))

    assert constraint.startswith("rulebook_packversion_gate_pass")


def test_a_pass_kept_for_another_transaction(attack: Attack) -> None:
    gate_pass = attack.issue()
    attack.session.commit()

    assert attack.refused(EFFECT, attack.effect(gate_pass)) == (
        "gate_g1",
        "pass-of-another-transaction",
    )


def test_by_copy(attack: Attack) -> None:
    values = attack.effect(uuid4())

    with (
        pytest.raises(errors.IntegrityConstraintViolation) as raised,
        attack.session.cursor().copy(f"COPY rulebook_packversion ({COLUMNS}) FROM STDIN") as copy,
    ):
        copy.write_row([values[name] for name in COLUMNS.split(", ")])

    assert raised.value.diag.message_detail == "no-pass"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rulebook_packversion SET files = '{}'",
        "DELETE FROM rulebook_packversion",
        "TRUNCATE rulebook_packversion",
        "ALTER TABLE rulebook_packversion DISABLE TRIGGER ALL",
        "DROP TRIGGER gate_g1 ON rulebook_packversion",
        "ALTER TABLE rulebook_packversion DROP CONSTRAINT activation_hash_fits",
        "SET session_replication_role = replica",
        (
            "CREATE OR REPLACE FUNCTION public.govkernel_demand_pass() RETURNS trigger "
            "LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
        ),
        "INSERT INTO govkernel_gate VALUES ('G1', '', 'office.read_tasks', '', 999)",
        "UPDATE govkernel_gate SET approving_right = 'office.read_tasks'",
    ],
)
def test_the_application_may_not_touch_rows_or_gates(attack: Attack, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        attack.session.execute(statement)


def test_the_owner_s_update_meets_the_gate_when_append_only_is_gone(
    cloned_database: Clone, attack: Attack
) -> None:
    attack.session.execute(EFFECT, attack.effect(attack.issue()))
    attack.session.commit()

    with psycopg.connect(cloned_database.owner_url) as owner:
        with pytest.raises(errors.IntegrityConstraintViolation) as first:
            owner.execute("UPDATE rulebook_packversion SET files = '{}'")
        owner.rollback()
        owner.execute("ALTER TABLE rulebook_packversion DISABLE TRIGGER append_only_rows")
        with pytest.raises(errors.IntegrityConstraintViolation) as second:
            owner.execute("UPDATE rulebook_packversion SET files = '{}'")

    assert first.value.diag.constraint_name == "append_only"
    assert second.value.diag.message_detail == "pass-of-another-transaction"


def test_tables_of_the_same_name_in_front_of_the_real_ones(attack: Attack) -> None:
    forged_pass = uuid4()
    attack.session.execute("CREATE TEMP TABLE journal_gatepass AS TABLE public.journal_gatepass")
    attack.session.execute(
        "CREATE TEMP TABLE govkernel_resolution AS TABLE public.govkernel_resolution"
    )
    attack.session.execute("SET search_path = pg_temp, public")
    attack.session.execute("INSERT INTO journal_gatepass (id) VALUES (%s)", [forged_pass])

    assert attack.refused(EFFECT, attack.effect(forged_pass)) == ("gate_g1", "no-pass")


@pytest.mark.parametrize(
    "setting",
    ["amparo.purpose = 'x'", "amparo.subject = ''", "row_security = off", "DateStyle = 'SQL, DMY'"],
)
def test_session_settings_change_nothing(attack: Attack, setting: str) -> None:
    attack.session.execute(f"SET {setting}")

    assert attack.refused(EFFECT, attack.effect(uuid4())) == ("gate_g1", "no-pass")


# --- the pass -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"resolution_id": uuid4()}, "no-resolution"),
        ({"gate": "G7"}, "wrong-gate"),
        ({"content_hash": "f" * 64}, "content-differs"),
        ({"approved_by": uuid4()}, "names-differ"),
        ({"proposed_by": uuid4()}, "names-differ"),
        ({"expires_at": NOW + 31 * DAY}, "outlives-its-approval"),
        ({"issued_at": NOW - DAY}, "issued-before-approval"),
    ],
)
def test_a_forged_pass(attack: Attack, changes: dict[str, object], reason: str) -> None:
    assert attack.refused(PASS, attack.gate_pass(**changes)) == ("gate_pass", reason)


def test_a_pass_for_a_proposal_nobody_approved(attack: Attack) -> None:
    waiting = proposed(attack.cast, tiny_pack(version="2026.2"), at=NOW)

    values = attack.gate_pass(resolution_id=waiting)

    assert attack.refused(PASS, values) == ("gate_pass", "not-approved")


def test_a_pass_in_one_s_own_favour(attack: Attack) -> None:
    values = attack.gate_pass(approved_by=attack.cast["pia"])

    assert attack.refused(PASS, values) == ("gate_pass", "names-differ")


def test_an_expired_approval_is_not_dated_back(cloned_database: Clone, attack: Attack) -> None:
    with psycopg.connect(cloned_database.owner_url) as owner:  # thirty-one days go by
        owner.execute("ALTER TABLE govkernel_resolution DISABLE TRIGGER guard_resolution")
        owner.execute(
            "UPDATE govkernel_resolution "
            "SET decision_recorded_at = decision_recorded_at - interval '31 days'"
        )
        owner.execute("ALTER TABLE govkernel_resolution ENABLE ALWAYS TRIGGER guard_resolution")

    assert attack.refused(PASS, attack.gate_pass()) == ("gate_pass", "expired")


def test_a_revocation_waits_for_a_pass_in_use(cloned_database: Clone, attack: Attack) -> None:
    attack.issue()

    with psycopg.connect(cloned_database.owner_url) as owner:
        owner.execute("SET lock_timeout = '100ms'")
        with pytest.raises(errors.LockNotAvailable):
            owner.execute("SELECT * FROM govkernel_resolution FOR UPDATE")


# --- the resolution -------------------------------------------------------------------------------


RESOLUTION = """
INSERT INTO govkernel_resolution
    (id, gate, title, reason, content_hash, proposed_by, proposed_under_id, proposed_at, state,
     decided_by, decided_under_id, decided_at, decision_reason, expires_at)
VALUES (gen_random_uuid(), 'G1', 't', 'r', repeat('c', 64), %(by)s, %(under)s, %(at)s, %(state)s,
        %(decided_by)s, %(decided_under)s, %(decided_at)s, '', %(expires_at)s)
"""
DECIDE = """
UPDATE govkernel_resolution
SET state = 'approved', decided_by = %(by)s, decided_under_id = %(under)s, decided_at = %(at)s,
    expires_at = %(expires_at)s
WHERE id = %(id)s
"""


def raw_resolution(attack: Attack, **changes: object) -> dict[str, Any]:
    return {
        "by": attack.cast["pia"],
        "under": attack.cast.access("pia").mandate_id,
        "at": NOW,
        "state": "proposed",
        "decided_by": None,
        "decided_under": None,
        "decided_at": None,
        "expires_at": None,
    } | changes


def raw_decision(attack: Attack, resolution_id: UUID, **changes: object) -> dict[str, Any]:
    return {
        "id": resolution_id,
        "by": attack.cast["omar"],
        "under": attack.cast.access("omar").mandate_id,
        "at": NOW,
        "expires_at": NOW + DAY,
    } | changes


def test_a_resolution_born_approved(attack: Attack) -> None:
    omar = attack.cast.access("omar")
    values = raw_resolution(
        attack,
        state="approved",
        decided_by=omar.actor_id,
        decided_under=omar.mandate_id,
        decided_at=NOW,
        expires_at=NOW + DAY,
    )

    assert attack.refused(RESOLUTION, values) == ("resolution_guard", "born-decided")


def test_a_proposal_under_a_mandate_without_the_right(attack: Attack) -> None:
    bruno = attack.cast.access("bruno")
    values = raw_resolution(attack, by=bruno.actor_id, under=bruno.mandate_id)

    assert attack.refused(RESOLUTION, values) == ("resolution_guard", "proposer-without-mandate")


def test_self_approval(attack: Attack) -> None:
    waiting = proposed(attack.cast, tiny_pack(version="2026.2"), at=NOW)
    pia = attack.cast.access("pia")

    values = raw_decision(attack, waiting, by=pia.actor_id, under=pia.mandate_id)

    assert attack.refused(DECIDE, values) == ("resolution_guard", "self-approval")


@pytest.mark.parametrize("name", ["bruno", "alma", "ines"])
def test_an_approval_without_the_right(attack: Attack, name: str) -> None:
    waiting = proposed(attack.cast, tiny_pack(version="2026.2"), at=NOW)
    access = attack.cast.access(name)

    values = raw_decision(attack, waiting, by=access.actor_id, under=access.mandate_id)

    assert attack.refused(DECIDE, values) == ("resolution_guard", "decider-without-mandate")


def test_nobody_approves_in_anothers_name(attack: Attack) -> None:
    waiting = proposed(attack.cast, tiny_pack(version="2026.2"), at=NOW)

    values = raw_decision(attack, waiting, under=attack.cast.access("bruno").mandate_id)

    assert attack.refused(DECIDE, values) == ("resolution_guard", "decider-without-mandate")


def test_an_approval_for_longer_than_the_gate_allows(attack: Attack) -> None:
    waiting = proposed(attack.cast, tiny_pack(version="2026.2"), at=NOW)

    values = raw_decision(attack, waiting, expires_at=NOW + 31 * DAY)

    assert attack.refused(DECIDE, values) == ("resolution_guard", "approved-for-too-long")


@pytest.mark.parametrize(
    "change",
    [
        "content_hash = repeat('e', 64)",
        "title = 'Something harmless'",
        "proposed_by = gen_random_uuid()",
        "proposed_at = proposed_at - interval '1 day'",
        "gate = 'G1', reason = 'x'",
    ],
)
def test_a_proposal_rewritten_after_its_approval(attack: Attack, change: str) -> None:
    statement = f"UPDATE govkernel_resolution SET {change}"  # noqa: S608 — the test's own words

    assert attack.refused(statement) == ("resolution_guard", "proposal-changed")


@pytest.mark.parametrize(
    "change", ["expires_at = expires_at + interval '1 day'", "state = 'refused'"]
)
def test_a_decision_is_taken_once(attack: Attack, change: str) -> None:
    statement = f"UPDATE govkernel_resolution SET {change}"  # noqa: S608 — the test's own words

    assert attack.refused(statement) == ("resolution_guard", "decided-already")


@pytest.mark.parametrize(
    "statement", ["DELETE FROM govkernel_resolution", "TRUNCATE govkernel_resolution CASCADE"]
)
def test_a_resolution_is_not_taken_away(attack: Attack, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        attack.session.execute(statement)


def test_after_all_attacks_the_honest_way_still_works(attack: Attack) -> None:
    version_id = activate_approved_pack(
        resolution_id=attack.resolution_id,
        pack=attack.pack,
        applies_from=FROM,
        access=attack.cast.access("pia"),
        at=NOW + DAY,
    )

    assert [row.version_id for row in packs_listed()] == [version_id]
