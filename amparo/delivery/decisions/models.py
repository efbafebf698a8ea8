"""Schema of decisions. A decision never changes (invariant 1); a later one supersedes it."""

from uuid import uuid4

from django.db import models

from amparo.rules.book.models import PackVersion


class Decision(models.Model):
    """One evaluation of one decision of a pack, or the taking-on of an older system's decision.

    pack_version is empty for a take-on decision (`kind` "take-on") only; `inputs` then names the
    source file, its control totals and the row. `trace` is text, not jsonb: jsonb reorders keys and
    rewrites numbers, and a decision is reproduced to the byte.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    kind = models.CharField(max_length=20)  # eligibility | amount | assessment | take-on
    subject_kind = models.CharField(max_length=20)  # claim | declaration | award
    subject_id = models.UUIDField(db_index=True)
    person_id = models.UUIDField(null=True, db_index=True)
    pack_version = models.ForeignKey(
        PackVersion, on_delete=models.PROTECT, related_name="+", null=True
    )
    decision_name = models.CharField(max_length=80)
    on_date = models.DateField()
    known_at = models.DateTimeField()
    inputs = models.JSONField()
    outcome = models.CharField(max_length=12)
    value = models.JSONField(null=True)
    reasons = models.JSONField(default=list)
    missing = models.JSONField(default=list)
    trace = models.TextField(blank=True)
    decided_at = models.DateTimeField()
    decided_by = models.UUIDField()
    supersedes = models.OneToOneField("self", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=["granted", "refused", "undetermined", "computed"]),
                name="decision_outcome",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["eligibility", "amount", "assessment", "take-on"]),
                name="decision_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="take-on", pack_version=None)
                | (~models.Q(kind="take-on") & models.Q(pack_version__isnull=False)),
                name="a_decision_names_its_rules",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}: {self.outcome}"
