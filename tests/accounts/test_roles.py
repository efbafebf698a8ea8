"""The roles as data: a second reading of who may do what."""

import csv
from pathlib import Path

import pytest

from amparo.accounts.roles import ROLES, incompatible_roles
from amparo.values import Right

MAKER_AND_CHECKER = {
    Right.CLAIM_PROPOSE: Right.CLAIM_APPROVE,
    Right.PAYRUN_PREPARE: Right.PAYRUN_APPROVE,
    Right.PACK_PROPOSE: Right.PACK_APPROVE,
    Right.MERGE_PROPOSE: Right.MERGE_APPROVE,
}
READING = {right for right in Right if ".read" in right.value}


def test_every_right_belongs_to_some_role() -> None:
    assert set().union(*(role.rights for role in ROLES)) == set(Right)


@pytest.mark.parametrize(("maker", "checker"), MAKER_AND_CHECKER.items())
def test_no_compatible_roles_make_and_check_the_same(maker: Right, checker: Right) -> None:
    refused = {(pair.first, pair.second) for pair in incompatible_roles()}

    for one in ROLES:
        assert not {maker, checker} <= one.rights
        for other in ROLES:
            if maker in one.rights and checker in other.rights:
                assert tuple(sorted((one.code, other.code))) in refused


def test_the_auditor_reads_and_does_nothing() -> None:
    auditor = next(role for role in ROLES if role.code == "auditor")

    assert auditor.rights <= READING


@pytest.mark.parametrize("code", ["auditor", "administrator"])
def test_who_controls_holds_no_other_role(code: str) -> None:
    others = {
        pair.second if pair.first == code else pair.first
        for pair in incompatible_roles()
        if code in {pair.first, pair.second}
    }

    assert others == {role.code for role in ROLES} - {code, "system-job"}


def test_pairs_are_in_order_and_named_once() -> None:
    pairs = [(pair.first, pair.second) for pair in incompatible_roles()]

    assert all(first < second for first, second in pairs)
    assert len(set(pairs)) == len(pairs)


def test_purposes_are_words_of_the_data_privacy_vocabulary(oracles: Path) -> None:
    with (oracles / "interop" / "dpv" / "sector-publicservices.csv").open() as file:
        known = {row["term"] for row in csv.DictReader(file)}

    assert {purpose for role in ROLES for purpose in role.purposes} <= known
    assert all(role.purposes for role in ROLES)
