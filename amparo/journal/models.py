"""Schema of the journal. Rows are appended, never changed: triggers hold it, under COPY too."""

from uuid import uuid4

from django.contrib.postgres.indexes import GistIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now

from amparo.journal.fields import EventIdsField, TransactionIdField


class Event(models.Model):
    """One act or one read. A bulk read is one row that names its immutable set.

    The application may set neither `id` nor `happened_at`: both come from the database, so nobody
    appends to the past.
    details: ids, counts and salted hashes only; never a name, a number or any other personal value.
    """

    id = models.BigAutoField(primary_key=True)
    happened_at = models.DateTimeField(db_default=Now())
    kind = models.CharField(max_length=80)
    actor_id = models.UUIDField(null=True)
    role = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=80, blank=True)
    mandate_id = models.UUIDField(null=True)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_id = models.UUIDField(null=True)
    details = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "-id"], name="event_of_subject"),
            models.Index(fields=["actor_id", "-id"], name="event_of_actor"),
            models.Index(fields=["kind", "-id"], name="event_of_kind"),
        ]


class Block(models.Model):
    """A sealed block: a hash over committed events, chained to the block before.

    The events of a block are exactly those whose ids lie in `event_ids`. Ids are given out before
    commit, so a slow transaction's event joins a later block than its neighbours.
    """

    number = models.BigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField()
    event_ids = EventIdsField()
    event_count = models.BigIntegerField()
    events_hash = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64, unique=True)  # the chain does not fork
    block_hash = models.CharField(max_length=64, unique=True)

    class Meta:
        indexes = [GistIndex(fields=["event_ids"], name="block_of_event")]


class GatePass(models.Model):
    """Permission for one effect, written by governance only, used once (the effect says so).

    `issued_in` is the transaction that issued the pass, set by the database: the effect follows in
    the same transaction or never. The run of the server stands beside it (migration 0003), for a
    restored database meets the same numbers again.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    gate = models.CharField(max_length=8)
    content_hash = models.CharField(max_length=64)
    resolution_id = models.UUIDField()
    proposed_by = models.UUIDField()
    approved_by = models.UUIDField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    issued_in = TransactionIdField(
        db_default=models.Func(function="pg_current_xact_id", output_field=TransactionIdField())
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(proposed_by=models.F("approved_by")),
                name="pass_maker_is_not_checker",
            ),
            models.CheckConstraint(
                condition=models.Q(issued_at__lt=models.F("expires_at")),
                name="pass_expires_after_it_is_issued",
            ),
        ]
