"""The first day of an installation: somebody must grant mandates before anybody holds one."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from amparo.accounts.operations import create_user, grant_mandate
from amparo.accounts.roles import ADMINISTRATOR
from amparo.governance.kernel.access import access_for
from amparo.governance.kernel.operations.jobs import install_jobs
from amparo.journal.operations import record


@transaction.atomic
def found_institution(
    *, username: str, display_name: str, password: str, on: date, at: datetime
) -> UUID:
    """Open the first administrator's account and give the background jobs their mandates.

    The grant is the installation decision, which the journal keeps apart: nobody could have
    appointed this person. Raises UnableToCreateUser, and UnableToGrant once an administrator is
    there.
    """
    user_id = create_user(username=username, display_name=display_name, password=password, at=at)
    grant_mandate(user_id=user_id, role=ADMINISTRATOR, starts_on=on, access=None, at=at)
    access = access_for(user_id=user_id, role=ADMINISTRATOR, on=on)
    jobs = install_jobs(access=access, on=on, at=at)
    record(
        kind="governance.institution_founded",
        access=access,
        subject_kind="user",
        subject_id=user_id,
        details={"jobs": jobs},
    )
    return user_id
