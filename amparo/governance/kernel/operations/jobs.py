"""Background jobs act under mandates, like anybody else."""

from datetime import date, datetime
from typing import Final

from django.db import transaction

from amparo.accounts import queries as accounts
from amparo.accounts.operations import create_user, grant_mandate
from amparo.accounts.roles import SYSTEM_ROLE
from amparo.governance.kernel.access import job_username
from amparo.values import Access, Right

JOBS: Final = {
    "seal-journal": "Sealing of the journal",
    "sweep-register": "Search of the register for people registered twice",
}


@transaction.atomic
def install_jobs(*, access: Access, on: date, at: datetime) -> tuple[str, ...]:
    """Give each background job its account and mandate; return the jobs that were missing."""
    access.require(Right.MANDATE_GRANT)
    installed = []
    for job, title in JOBS.items():
        username = job_username(job=job)
        account = accounts.account_named(username=username)
        user_id = (
            account.user_id
            if account
            else create_user(
                username=username, display_name=title, password=None, is_system=True, at=at
            )
        )
        if not accounts.mandates_in_force(user_id=user_id, on=on, role=SYSTEM_ROLE):
            grant_mandate(user_id=user_id, role=SYSTEM_ROLE, starts_on=on, access=access, at=at)
            installed.append(job)
    return tuple(installed)
