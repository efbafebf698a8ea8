"""Schema of the rule book."""

from uuid import uuid4

from django.db import models

from amparo.journal.models import GatePass


class PackVersion(models.Model):
    """A pack activated for a scheme from a date on. The row cannot exist without its pass (G1).

    `activation_hash` is what was approved: this content for this scheme from this date (the
    database recomputes it).
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    scheme = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    content_hash = models.CharField(max_length=64)
    files = models.JSONField()
    applies_from = models.DateField()
    activation_hash = models.CharField(max_length=64)
    activated_at = models.DateTimeField()
    gate_pass = models.OneToOneField(GatePass, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "applies_from", "activated_at"], name="one_version_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["scheme", "content_hash"], name="a_pack_is_activated_once"
            ),
        ]


class Draft(models.Model):
    """A change of rules being written: it starts from an activated version and grows by revisions.

    `revision` is the number of the latest. `resolution_id` names the proposal that governance made
    of it, `applies_from` the day proposed; both are empty while it is open.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    base = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="+")
    scheme = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, default="open")
    revision = models.IntegerField()
    started_by = models.UUIDField()
    started_at = models.DateTimeField()
    applies_from = models.DateField(null=True)
    resolution_id = models.UUIDField(null=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "proposed", "activated", "discarded"]),
                name="draft_state",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "discarded"])
                | models.Q(applies_from__isnull=False, resolution_id__isnull=False),
                name="a_proposed_draft_names_its_proposal",
            ),
        ]
        indexes = [models.Index(fields=["-started_at"], name="draft_by_start")]


class DraftRevision(models.Model):
    """One state of a draft, kept for good: the files that differ from the version it starts from.

    `act` says what was done, `subject` to what: a table's name, a parameter, a reason, a case, or
    the number of the revision that was restored.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="+")
    number = models.IntegerField()
    changed = models.JSONField()
    content_hash = models.CharField(max_length=64)
    act = models.CharField(max_length=20)
    subject = models.CharField(max_length=200, blank=True)
    made_by = models.UUIDField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draft", "number"], name="one_revision_of_a_number"),
        ]


class Simulation(models.Model):
    """What a revision of a draft would do, against a version and over a population, on a day.

    Its id is that of the work that made it. It is about exactly the content whose hash it bears:
    the database holds the hash to the revision's. population: "kind" (caseload, everybody or made
    up) and what chose the people; `population_hash` is that of all their facts. result: counts and
    sums alone, as the report of simulations tells them.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    revision = models.ForeignKey(DraftRevision, on_delete=models.PROTECT, related_name="+")
    content_hash = models.CharField(max_length=64)
    base = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="+")
    benefit = models.CharField(max_length=60)
    on_date = models.DateField()
    as_new = models.BooleanField()
    population = models.JSONField()
    population_hash = models.CharField(max_length=64)
    cases = models.IntegerField()
    result = models.JSONField()
    made_by = models.UUIDField()
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["content_hash", "-made_at"], name="simulation_by_content")]


class SimulatedCase(models.Model):
    """One of the cases that a simulation changes most, without a name: number 1 changes most.

    It is about somebody still, so it is read as personal data. traces: "before" and "after", as the
    engine writes them.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    simulation = models.ForeignKey(Simulation, on_delete=models.PROTECT, related_name="+")
    number = models.IntegerField()
    sex = models.CharField(max_length=200)
    age_band = models.CharField(max_length=200)
    region = models.TextField()
    before_state = models.CharField(max_length=20)
    after_state = models.CharField(max_length=20)
    before = models.DecimalField(max_digits=38, decimal_places=2)
    after = models.DecimalField(max_digits=38, decimal_places=2)
    change = models.DecimalField(max_digits=38, decimal_places=2)
    traces = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["simulation", "number"], name="a_case_of_a_number"),
        ]
