from datetime import date
from uuid import UUID, uuid4

import pytest

from amparo.accounts.models import Mandate, Role, User
from amparo.accounts.operations import (
    UnableToCreateUser,
    UnableToEnd,
    UnableToGrant,
    create_user,
    end_mandate,
    grant_mandate,
    install_roles,
    record_failed_sign_in,
)
from amparo.accounts.queries import (
    account_named,
    display_names,
    is_installed,
    mandates_in_force,
    mandates_page,
)
from amparo.journal.models import Event
from amparo.values import NotPermitted
from tests.cast import NOW, PASSWORD, TODAY, Cast


def grant(cast: Cast, to: str, role: str, starts_on: date, ends_before: date | None = None) -> UUID:
    return grant_mandate(
        user_id=cast[to],
        role=role,
        starts_on=starts_on,
        ends_before=ends_before,
        access=cast.access("alma"),
        at=NOW,
    )


def roles_on(cast: Cast, name: str, on: date) -> list[str]:
    return [row.role for row in mandates_in_force(user_id=cast[name], on=on)]


# --- accounts -----------------------------------------------------------------------------------


def test_an_account_alone_may_do_nothing(cast: Cast) -> None:
    assert roles_on(cast, "dario", TODAY) == []


def test_the_password_is_kept_as_a_hash_and_checked(cast: Cast) -> None:
    bruno = User.objects.get(username="bruno")

    assert bruno.check_password(PASSWORD)
    assert PASSWORD not in bruno.password


def test_a_weak_password_is_refused(db: None) -> None:
    with pytest.raises(UnableToCreateUser, match="12 characters"):
        create_user(username="eve", display_name="Eve", password="short", at=NOW)

    assert account_named(username="eve") is None


def test_a_name_is_taken_once(cast: Cast) -> None:
    with pytest.raises(UnableToCreateUser, match="“bruno” is taken"):
        create_user(username="bruno", display_name="Another", password=None, at=NOW)


def test_a_job_never_gets_a_password(db: None) -> None:
    with pytest.raises(UnableToCreateUser, match="never signs in"):
        create_user(username="job:x", display_name="X", password=PASSWORD, is_system=True, at=NOW)


def test_opening_an_account_leaves_a_row_without_the_name(cast: Cast) -> None:
    events = Event.objects.filter(kind="accounts.user_created", subject_id=cast["bruno"])

    assert [event.details for event in events] == [{"is_system": False}]


def test_names_are_answered_for_ids(cast: Cast) -> None:
    assert display_names(user_ids=[cast["bruno"], uuid4()]) == {cast["bruno"]: "Bruno Keita"}


# --- roles --------------------------------------------------------------------------------------


def test_installing_roles_again_changes_nothing(committed_cast: Cast) -> None:
    before = Event.objects.filter(kind="accounts.roles_installed").count()

    install_roles(using="owner")

    assert Event.objects.filter(kind="accounts.roles_installed").count() == before


def test_a_role_that_was_bent_is_put_right_and_journaled(committed_cast: Cast) -> None:
    Role.objects.using("owner").filter(code="auditor").update(rights=["claims.approve"])

    install_roles(using="owner")

    assert "claims.approve" not in Role.objects.get(code="auditor").rights
    event = Event.objects.filter(kind="accounts.roles_installed").order_by("-id")[0]
    assert event.details == {"roles": ["auditor"]}


# --- mandates -----------------------------------------------------------------------------------


def test_the_first_mandate_is_a_journaled_installation_decision(db: None) -> None:
    alma = create_user(username="alma", display_name="Alma", password=None, at=NOW)
    before = is_installed()

    grant_mandate(user_id=alma, role="administrator", starts_on=TODAY, access=None, at=NOW)

    assert (before, is_installed()) == (False, True)
    event = Event.objects.get(kind="accounts.installation_decision")
    assert (event.subject_id, event.details["role"]) == (alma, "administrator")


def test_nobody_grants_the_second_without_a_mandate(cast: Cast) -> None:
    with pytest.raises(UnableToGrant, match="first mandate"):
        grant_mandate(
            user_id=cast["dario"], role="administrator", starts_on=TODAY, access=None, at=NOW
        )


@pytest.mark.parametrize("name", ["bruno", "celia", "pia", "omar", "ines"])
def test_only_the_administrator_grants(cast: Cast, name: str) -> None:
    with pytest.raises(NotPermitted, match=r"accounts.grant_mandate"):
        grant_mandate(
            user_id=cast["dario"],
            role="claims-officer",
            starts_on=TODAY,
            access=cast.access(name),
            at=NOW,
        )


def test_nobody_grants_to_themselves(cast: Cast) -> None:
    with pytest.raises(UnableToGrant, match="themselves"):
        grant(cast, "alma", "claims-officer", TODAY)


def test_an_unknown_role_or_account_is_named(cast: Cast) -> None:
    with pytest.raises(UnableToGrant, match=r"no role “king”.*claims-officer"):
        grant(cast, "dario", "king", TODAY)
    with pytest.raises(UnableToGrant, match="no such account"):
        grant_mandate(
            user_id=uuid4(),
            role="auditor",
            starts_on=TODAY,
            access=cast.access("alma"),
            at=NOW,
        )


def test_a_person_holds_no_job_s_role_and_a_job_no_person_s(cast: Cast) -> None:
    job = create_user(username="job:x", display_name="X", password=None, is_system=True, at=NOW)

    with pytest.raises(UnableToGrant, match="Jobs of the system"):
        grant(cast, "dario", "system-job", TODAY)
    with pytest.raises(UnableToGrant, match="Jobs of the system"):
        grant_mandate(
            user_id=job, role="auditor", starts_on=TODAY, access=cast.access("alma"), at=NOW
        )


@pytest.mark.parametrize(
    ("holder", "role"),
    [
        ("bruno", "claims-approver"),
        ("celia", "claims-officer"),
        ("pia", "policy-board"),
        ("ines", "registration-officer"),
        ("ines", "administrator"),
        ("bruno", "administrator"),
        ("bruno", "auditor"),
    ],
)
def test_roles_that_control_each_other_are_refused(cast: Cast, holder: str, role: str) -> None:
    with pytest.raises(UnableToGrant, match="do not go together"):
        grant(cast, holder, role, TODAY)


def test_compatible_roles_may_be_held_together(cast: Cast) -> None:
    grant(cast, "bruno", "registration-officer", TODAY)

    assert roles_on(cast, "bruno", TODAY) == ["claims-officer", "registration-officer"]


def test_incompatible_roles_may_follow_each_other_to_the_day(cast: Cast) -> None:
    grant(cast, "dario", "claims-officer", date(2026, 1, 1), date(2028, 2, 29))
    grant(cast, "dario", "claims-approver", date(2028, 2, 29))

    assert roles_on(cast, "dario", date(2028, 2, 28)) == ["claims-officer"]
    assert roles_on(cast, "dario", date(2028, 2, 29)) == ["claims-approver"]


def test_one_day_of_overlap_is_refused(cast: Cast) -> None:
    grant(cast, "dario", "claims-approver", date(2028, 2, 29))

    with pytest.raises(UnableToGrant, match="do not go together"):
        grant(cast, "dario", "claims-officer", date(2026, 1, 1), date(2028, 3, 1))


def test_the_same_role_is_not_held_twice(cast: Cast) -> None:
    with pytest.raises(UnableToGrant, match="already"):
        grant(cast, "bruno", "claims-officer", TODAY)


def test_a_mandate_ends_on_its_day_and_not_before(cast: Cast) -> None:
    mandate = Mandate.objects.get(user_id=cast["bruno"])

    end_mandate(
        mandate_id=mandate.id, ends_before=date(2026, 4, 1), access=cast.access("alma"), at=NOW
    )

    assert roles_on(cast, "bruno", date(2026, 3, 31)) == ["claims-officer"]
    assert roles_on(cast, "bruno", date(2026, 4, 1)) == []
    assert Event.objects.get(kind="accounts.mandate_ended").subject_id == mandate.id


def test_a_mandate_that_ended_is_not_revived(cast: Cast) -> None:
    mandate = Mandate.objects.get(user_id=cast["bruno"])
    end = {"mandate_id": mandate.id, "access": cast.access("alma"), "at": NOW}
    end_mandate(ends_before=date(2026, 4, 1), **end)  # type: ignore[arg-type]

    with pytest.raises(UnableToEnd):
        end_mandate(ends_before=date(2026, 5, 1), **end)  # type: ignore[arg-type]


def test_a_closed_account_has_no_mandate_in_force(cast: Cast) -> None:
    User.objects.filter(id=cast["bruno"]).update(is_active=False)

    assert roles_on(cast, "bruno", TODAY) == []


def test_mandates_are_listed_for_who_grants_and_who_audits(cast: Cast) -> None:
    page = mandates_page(access=cast.access("ines"))

    assert {row.user_name for row in page.rows} >= {"Bruno Keita", "Celia Okoro"}
    with pytest.raises(NotPermitted):
        mandates_page(access=cast.access("bruno"))


def test_a_failed_sign_in_keeps_no_name(cast: Cast) -> None:
    record_failed_sign_in(username="amina", address="192.0.2.7", locked_out=False)

    event = Event.objects.get(kind="accounts.sign_in_failed")
    assert event.actor_id is None
    assert set(event.details) == {"username", "address"}
    assert "amina" not in str(event.details)
    assert "192.0.2.7" not in str(event.details)
