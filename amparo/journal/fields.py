"""Two column types of PostgreSQL that Django does not know. Migrations import them alone."""

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class EventIdsField(models.Field):  # type: ignore[type-arg]  # generic in the stubs alone
    """A set of event ids as PostgreSQL's int8multirange: {[1,5),[7,8)} holds 1, 2, 3, 4 and 7."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002 — Django calls it so
        return "int8multirange"


class TransactionIdField(models.Field):  # type: ignore[type-arg]  # generic in the stubs alone
    """A number of a transaction (xid8), given once by a cluster, and again by another."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002 — Django calls it so
        return "xid8"
