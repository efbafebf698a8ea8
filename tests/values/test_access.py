from dataclasses import FrozenInstanceError
from uuid import UUID

import pytest

from amparo.values import Access, NotPermitted, Right


def access(*rights: Right) -> Access:
    return Access(
        actor_id=UUID("00000000-0000-4000-8000-000000000001"),
        actor_name="Bruno",
        role="claims-officer",
        purpose="SocialSecurityManagement",
        mandate_id=UUID("00000000-0000-4000-8000-000000000002"),
        rights=frozenset(rights),
    )


def test_a_right_that_is_carried_is_granted() -> None:
    bruno = access(Right.CLAIM_PROPOSE)

    bruno.require(Right.CLAIM_PROPOSE)
    bruno.require_any(Right.CLAIM_APPROVE, Right.CLAIM_PROPOSE)

    assert bruno.allows(Right.CLAIM_PROPOSE)


def test_the_refusal_names_role_and_right() -> None:
    with pytest.raises(NotPermitted, match=r"“claims-officer”.*“claims.approve”"):
        access(Right.CLAIM_PROPOSE).require(Right.CLAIM_APPROVE)


def test_no_right_grants_nothing() -> None:
    nobody = access()

    for right in Right:
        assert not nobody.allows(right)
        with pytest.raises(NotPermitted):
            nobody.require(right)


def test_requiring_any_of_nothing_is_a_refusal() -> None:
    with pytest.raises(NotPermitted):
        access(*Right).require_any()


def test_an_access_cannot_be_widened() -> None:
    with pytest.raises(FrozenInstanceError):
        access().rights = frozenset(Right)  # type: ignore[misc]
