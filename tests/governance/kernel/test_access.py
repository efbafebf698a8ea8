from datetime import date

import pytest

from amparo.accounts.operations import end_mandate, grant_mandate
from amparo.governance.kernel.access import (
    NoMandate,
    NotForThisPurpose,
    access_for,
    job_access,
    roles_in_force,
)
from amparo.governance.kernel.operations import install_jobs
from amparo.values import NotPermitted, Right
from tests.cast import NOW, TODAY, Cast


def test_rights_come_from_the_role_of_a_mandate_in_force(cast: Cast) -> None:
    bruno = access_for(user_id=cast["bruno"], role="claims-officer", on=TODAY)

    assert bruno.allows(Right.CLAIM_PROPOSE)
    assert not bruno.allows(Right.CLAIM_APPROVE)
    assert (bruno.actor_name, bruno.subject_id) == ("Bruno Keita", None)


def test_the_usual_purpose_is_the_role_s_first(cast: Cast) -> None:
    assert cast.access("bruno").purpose == "SocialWelfareEligibilityAssessment"


def test_another_purpose_must_be_one_the_role_serves(cast: Cast) -> None:
    served = access_for(
        user_id=cast["bruno"],
        role="claims-officer",
        on=TODAY,
        purpose="SocialSecurityManagement",
    )

    assert served.purpose == "SocialSecurityManagement"
    with pytest.raises(NotForThisPurpose, match=r"“Marketing”.*It serves: SocialWelfare"):
        access_for(user_id=cast["bruno"], role="claims-officer", on=TODAY, purpose="Marketing")


@pytest.mark.parametrize("role", ["claims-officer", "administrator", "no-such-role"])
def test_dario_has_no_mandate(cast: Cast, role: str) -> None:
    with pytest.raises(NoMandate, match=role):
        access_for(user_id=cast["dario"], role=role, on=TODAY)


def test_nobody_acts_in_another_s_role(cast: Cast) -> None:
    with pytest.raises(NoMandate):
        access_for(user_id=cast["bruno"], role="claims-approver", on=TODAY)


@pytest.mark.parametrize(
    ("day", "held"),
    [
        (date(2025, 12, 31), []),
        (date(2026, 1, 1), ["claims-officer"]),
        (date(2026, 3, 31), ["claims-officer"]),
        (date(2026, 4, 1), []),
    ],
)
def test_a_mandate_counts_from_its_first_day_to_the_day_before_its_end(
    cast: Cast, day: date, held: list[str]
) -> None:
    end_mandate(
        mandate_id=cast.access("bruno").mandate_id,
        ends_before=date(2026, 4, 1),
        access=cast.access("alma"),
        at=NOW,
    )

    assert [role.code for role in roles_in_force(user_id=cast["bruno"], on=day)] == held


def test_a_person_chooses_among_their_roles(cast: Cast) -> None:
    grant_mandate(
        user_id=cast["bruno"],
        role="registration-officer",
        starts_on=TODAY,
        access=cast.access("alma"),
        at=NOW,
    )

    roles = roles_in_force(user_id=cast["bruno"], on=TODAY)

    assert [(role.code, role.title) for role in roles] == [
        ("claims-officer", "Claims officer"),
        ("registration-officer", "Registration officer"),
    ]


def test_a_job_acts_under_a_mandate_of_its_own(cast: Cast) -> None:
    with pytest.raises(NoMandate, match="seal-journal"):
        job_access(job="seal-journal", on=TODAY)

    installed = install_jobs(access=cast.access("alma"), on=TODAY, at=NOW)
    again = install_jobs(access=cast.access("alma"), on=TODAY, at=NOW)

    job = job_access(job="seal-journal", on=TODAY)
    assert (installed, again) == (("seal-journal", "sweep-register"), ())
    assert job.rights == {Right.JOURNAL_SEAL, Right.DUPLICATE_FIND}


def test_only_the_administrator_installs_jobs(cast: Cast) -> None:
    with pytest.raises(NotPermitted):
        install_jobs(access=cast.access("ines"), on=TODAY, at=NOW)
