"""Schema of the office."""

from uuid import uuid4

from django.db import models


class Task(models.Model):
    """Something a person must look at: what, about whom or what, for which role, until when."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    kind = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    role = models.CharField(max_length=40)
    details = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    due_on = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)
    outcome = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id"],
                condition=models.Q(closed_at=None),
                name="one_open_task_a_subject",
            ),
        ]
        indexes = [
            models.Index(
                fields=["role", "due_on"], condition=models.Q(closed_at=None), name="task_inbox"
            )
        ]


class Notice(models.Model):
    """A message to a person, stored as data; page, letter and SMS are made from it."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    number = models.CharField(max_length=30, unique=True)
    kind = models.CharField(max_length=60)
    recipient_id = models.UUIDField(db_index=True)
    language = models.CharField(max_length=8)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField(db_index=True)
    content = models.JSONField()
    issued_at = models.DateTimeField()


class NumberSeries(models.Model):
    """The last number given out in a series and year; numbers carry a check digit."""

    series = models.CharField(max_length=8)
    year = models.SmallIntegerField()
    last_number = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="one_series_a_year")]


class ReceivedFile(models.Model):
    """A file as it arrived; its bytes lie unchanged in the originals folder under its hash."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=40)
    file_name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    received_at = models.DateTimeField()
    received_by = models.UUIDField()
    outcome = models.CharField(max_length=20)  # accepted | rejected
    accepted_rows = models.BigIntegerField(default=0)
    rejected_rows = models.BigIntegerField(default=0)
    report = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "sha256"],
                condition=models.Q(outcome="accepted"),
                name="a_file_is_accepted_once",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["accepted", "rejected"]), name="file_outcome"
            ),
        ]


class LongWork(models.Model):
    """Work that takes longer than a page may: asked for by somebody, done by a background job.

    kind: the name of the job. done, total: how far it is, in what the job counts. result: what the
    page shows when it is over; it stays.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    kind = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    details = models.JSONField(default=dict)
    state = models.CharField(max_length=10)
    language = models.CharField(max_length=8)
    asked_by = models.UUIDField()
    role = models.CharField(max_length=40)
    purpose = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    message = models.TextField(blank=True)
    incident = models.CharField(max_length=9, blank=True)
    result = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="one_open_work_a_subject",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "running", "done", "failed"]),
                name="work_state",
            ),
        ]
        indexes = [models.Index(fields=["subject_id", "-asked_at"], name="work_of_subject")]


class LegalTimeZone(models.Model):
    """The zone in which the institution reckons its days, from an instant on. Append-only.

    The settings name the same zone to the application; here the database's own guards read it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    name = models.CharField(max_length=60)
    applies_from = models.DateTimeField(unique=True)
