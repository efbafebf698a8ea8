from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from amparo.governance.kernel.models import Resolution
from amparo.governance.kernel.operations import (
    NoPass,
    UnableToDecide,
    UnableToPropose,
    approve,
    issue_pass,
    propose,
    refuse,
)
from amparo.governance.kernel.queries import NoSuchResolution, resolution, resolutions_page
from amparo.journal.models import Event, GatePass
from amparo.office.models import Task
from amparo.values import NotPermitted
from tests.cast import NOW, Cast

CONTENT = "c" * 64
OTHER = "d" * 64
DAY = timedelta(days=1)


@pytest.fixture
def proposed(cast: Cast) -> UUID:
    return proposal(cast)


def proposal(cast: Cast, *, by: str = "pia") -> UUID:
    return propose(
        gate="G1",
        title="Tiny pension 2026.1",
        reason="The law of 2025 starts.",
        content_hash=CONTENT,
        access=cast.access(by),
        at=NOW,
    )


def approval(cast: Cast, resolution_id: UUID, *, by: str = "omar", seen: str = CONTENT) -> None:
    approve(
        resolution_id=resolution_id,
        content_hash=seen,
        reason="The board agrees.",
        access=cast.access(by),
        at=NOW + DAY,
    )


def state(resolution_id: UUID) -> str:
    return Resolution.objects.get(id=resolution_id).state


def test_a_proposal_waits_for_its_decision(cast: Cast, proposed: UUID) -> None:
    assert state(proposed) == "proposed"
    assert Event.objects.get(kind="governance.proposed").subject_id == proposed


@pytest.mark.parametrize("decision", ["approved", "refused"])
def test_a_proposal_is_a_task_of_the_board_until_it_is_decided(cast: Cast, decision: str) -> None:
    resolution_id = proposal(cast)
    open_one = Task.objects.get(subject_id=resolution_id, closed_at=None)

    if decision == "approved":
        approval(cast, resolution_id)
    else:
        refuse(resolution_id=resolution_id, reason="Too dear.", access=cast.access("omar"), at=NOW)

    assert (open_one.role, open_one.subject_kind) == ("policy-board", "resolution")
    assert open_one.details == {"resolution": "Tiny pension 2026.1"}
    closed = Task.objects.get(subject_id=resolution_id)
    assert (closed.closed_by, closed.outcome) == (cast["omar"], decision)


def test_a_reason_that_nobody_can_read_is_none(cast: Cast, proposed: UUID) -> None:
    with pytest.raises(UnableToPropose, match="a title and a reason"):
        propose(
            gate="G1",
            title="Tiny pension 2026.1",
            reason="\u200b",
            content_hash=CONTENT,
            access=cast.access("pia"),
            at=NOW,
        )
    with pytest.raises(UnableToDecide, match="needs a reason"):
        refuse(resolution_id=proposed, reason="\u200b\u2060", access=cast.access("omar"), at=NOW)


def test_an_approval_holds_thirty_days(cast: Cast, proposed: UUID) -> None:
    approval(cast, proposed)

    resolution = Resolution.objects.get(id=proposed)
    assert (resolution.state, resolution.decided_by) == ("approved", cast["omar"])
    assert resolution.expires_at == NOW + 31 * DAY


@pytest.mark.parametrize("name", ["omar", "bruno", "alma", "ines"])
def test_only_a_policy_officer_proposes_a_pack(cast: Cast, name: str) -> None:
    with pytest.raises(NotPermitted, match=r"rules.propose"):
        proposal(cast, by=name)


@pytest.mark.parametrize("name", ["bruno", "alma", "ines", "celia"])
def test_only_the_board_approves_a_pack(cast: Cast, proposed: UUID, name: str) -> None:
    with pytest.raises(NotPermitted, match=r"rules.approve"):
        approval(cast, proposed, by=name)

    assert state(proposed) == "proposed"


def test_nobody_approves_their_own_proposal(cast: Cast, proposed: UUID) -> None:
    with pytest.raises(NotPermitted):
        approval(cast, proposed, by="pia")


def test_the_approver_approves_what_they_saw(cast: Cast, proposed: UUID) -> None:
    with pytest.raises(UnableToDecide, match="What you saw is not what was proposed"):
        approval(cast, proposed, seen=OTHER)

    assert state(proposed) == "proposed"


def test_refusal_changes_the_state(cast: Cast, proposed: UUID) -> None:
    refuse(resolution_id=proposed, reason="No budget.", access=cast.access("omar"), at=NOW + DAY)

    assert state(proposed) == "refused"
    with pytest.raises(UnableToDecide, match="decided already"):
        approval(cast, proposed)
    assert state(proposed) == "refused"


def test_an_earlier_approval_does_not_turn_a_refusal_green(cast: Cast, proposed: UUID) -> None:
    approval(cast, proposed)
    second = proposal(cast)
    refuse(resolution_id=second, reason="No.", access=cast.access("omar"), at=NOW + DAY)

    with pytest.raises(NoPass, match="not approved"):
        issue_pass(resolution_id=second, gate="G1", content_hash=CONTENT, at=NOW + 2 * DAY)


def test_a_refusal_gives_its_reason(cast: Cast, proposed: UUID) -> None:
    with pytest.raises(UnableToDecide, match="needs a reason"):
        refuse(resolution_id=proposed, reason=" ", access=cast.access("omar"), at=NOW + DAY)


def test_a_proposal_needs_words_and_a_known_gate(cast: Cast) -> None:
    fields = {"content_hash": CONTENT, "access": cast.access("pia"), "at": NOW}

    with pytest.raises(UnableToPropose, match="title and a reason"):
        propose(gate="G1", title="", reason="Because.", **fields)  # type: ignore[arg-type]
    with pytest.raises(UnableToPropose, match="no gate “G99”"):
        propose(gate="G99", title="A", reason="B", **fields)  # type: ignore[arg-type]


def test_a_pass_says_what_its_resolution_says(cast: Cast, proposed: UUID) -> None:
    approval(cast, proposed)

    change = issue_pass(resolution_id=proposed, gate="G1", content_hash=CONTENT, at=NOW + 2 * DAY)

    gate_pass = GatePass.objects.get(id=change.pass_id)
    assert gate_pass.resolution_id == proposed
    assert (change.proposed_by, change.approved_by) == (cast["pia"], cast["omar"])
    assert change.expires_at == NOW + 31 * DAY


@pytest.mark.parametrize(
    ("gate", "content", "days", "message"),
    [
        ("G1", OTHER, 2, "another content"),
        ("G7", CONTENT, 2, "no resolution of gate"),
        ("G1", CONTENT, 31, "expired"),
    ],
)
def test_no_pass_for_another_gate_another_content_or_too_late(
    cast: Cast, proposed: UUID, gate: str, content: str, days: int, message: str
) -> None:
    approval(cast, proposed)

    with pytest.raises(NoPass, match=message):
        issue_pass(resolution_id=proposed, gate=gate, content_hash=content, at=NOW + days * DAY)


def test_no_pass_without_approval_or_resolution(cast: Cast, proposed: UUID) -> None:
    for resolution_id in (proposed, uuid4()):
        with pytest.raises(NoPass):
            issue_pass(resolution_id=resolution_id, gate="G1", content_hash=CONTENT, at=NOW)


def test_what_is_to_decide_is_listed_with_names(cast: Cast, proposed: UUID) -> None:
    second = proposal(cast)
    approval(cast, second)

    waiting = resolutions_page(access=cast.access("omar"), state="proposed")
    everything = resolutions_page(access=cast.access("ines"))

    assert [row.resolution_id for row in waiting.rows] == [proposed]
    assert (waiting.rows[0].proposed_by, waiting.rows[0].decided_by) == ("Pia Lindqvist", "")
    assert waiting.rows[0].gate_title == "Activation of a rule pack"
    assert {row.state for row in everything.rows} == {"proposed", "approved"}
    assert {row.decided_by for row in everything.rows} == {"", "Omar Haddad"}
    with pytest.raises(NotPermitted):
        resolutions_page(access=replace(cast.access("alma"), rights=frozenset()))


def test_one_resolution_is_read_by_its_id(cast: Cast, proposed: UUID) -> None:
    approval(cast, proposed)

    found = resolution(resolution_id=proposed, access=cast.access("ines"))

    assert (found.state, found.proposed_by, found.decided_by) == (
        "approved",
        "Pia Lindqvist",
        "Omar Haddad",
    )
    with pytest.raises(NoSuchResolution):
        resolution(resolution_id=uuid4(), access=cast.access("ines"))


def test_a_resolution_is_not_read_without_a_right_to_it(cast: Cast, proposed: UUID) -> None:
    with pytest.raises(NotPermitted):
        resolution(resolution_id=proposed, access=replace(cast.access("alma"), rights=frozenset()))
