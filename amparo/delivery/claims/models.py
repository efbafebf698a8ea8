"""Schema of claims and awards."""

from uuid import uuid4

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from amparo.delivery.decisions.models import Decision
from amparo.office.models import ReceivedFile
from amparo.register.models import Person


class Claim(models.Model):
    """A claim for one benefit by one person.

    A trigger refuses every change of a claim that is granted, refused or withdrawn.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    number = models.CharField(max_length=30, unique=True)
    scheme = models.CharField(max_length=60)
    benefit = models.CharField(max_length=40)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20)
    # As the pack's manifest says when the claim is made: held once, whatever the contingency.
    is_single = models.BooleanField(default=True)
    # The day the right depends on: age reached, birth, retirement.
    contingency_on = models.DateField()
    answers = models.JSONField(default=dict)  # what the claimant stated, by input name
    language = models.CharField(max_length=8)  # the language the claimant is written to in
    channel = models.CharField(max_length=20)  # officer | web | file | paper
    submitted_at = models.DateTimeField()
    submitted_by = models.UUIDField()
    due_on = models.DateField()  # statutory decision date
    eligibility = models.OneToOneField(
        Decision, on_delete=models.PROTECT, related_name="+", null=True
    )
    amount = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="+", null=True)
    proposed_by = models.UUIDField(null=True)
    proposed_at = models.DateTimeField(null=True)
    approved_by = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "submitted",
                        "evidence pending",
                        "proposed",
                        "granted",
                        "refused",
                        "withdrawn",
                    ]
                ),
                name="claim_state",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")),
                name="claim_maker_is_not_checker",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["granted", "refused"])
                | Q(approved_by__isnull=False, eligibility__isnull=False),
                name="a_decided_claim_was_approved",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["granted", "refused"])
                | Q(proposed_by__isnull=False, proposed_at__isnull=False),
                name="a_decided_claim_was_proposed",
            ),
            models.UniqueConstraint(
                fields=["person", "benefit", "contingency_on"],
                condition=Q(state__in=["submitted", "evidence pending", "proposed"]),
                name="one_open_claim_a_benefit_and_contingency",
            ),
            models.UniqueConstraint(
                fields=["person", "scheme", "benefit"],
                condition=Q(
                    state__in=["submitted", "evidence pending", "proposed"], is_single=True
                ),
                name="one_open_claim_a_single_benefit",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_on"], name="claim_inbox"),
            models.Index(fields=["person"], name="claim_person"),
        ]

    def __str__(self) -> str:
        return self.number


class ScheduledAmount(models.Model):
    """A step of what a claim would pay, with its decision; approved or not with the claim.

    The steps of one eligibility decision follow one another without a gap. Append-only: assessing
    again makes new steps, and those of the eligibility in force count.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="+")
    eligibility = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="+")
    sequence = models.IntegerField()
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    starts_on = models.DateField()
    ends_before = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["eligibility", "sequence"], name="scheduled_sequence_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="scheduled_amount_is_positive"),
            models.CheckConstraint(
                condition=Q(ends_before=None) | Q(ends_before__gt=F("starts_on")),
                name="scheduled_amount_ends_after_it_starts",
            ),
        ]
        indexes = [models.Index(fields=["claim"], name="scheduled_amount_claim")]

    def __str__(self) -> str:
        return f"step {self.sequence} of {self.claim_id}"


class TakeOn(models.Model):
    """A file of awards taken on from an older system: prepared by one person, approved by another.

    control_count, control_total, signatory: what was vouched for, outside the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    received_file = models.OneToOneField(ReceivedFile, on_delete=models.PROTECT, related_name="+")
    control_count = models.IntegerField()
    control_total = models.DecimalField(max_digits=18, decimal_places=2)
    signatory = models.CharField(max_length=200)
    prepared_by = models.UUIDField()
    approved_by = models.UUIDField()
    approved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(approved_by=F("prepared_by")), name="take_on_maker_is_not_checker"
            ),
        ]

    def __str__(self) -> str:
        return f"take-on of {self.received_file_id}"


class Award(models.Model):
    """A right in being: one live award per person and benefit, or per contingency if it repeats."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    number = models.CharField(max_length=30, unique=True)
    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, related_name="+", null=True)
    # An award comes from a claim that was granted, or from a take-on: a trigger wants one of them.
    take_on = models.ForeignKey(TakeOn, on_delete=models.PROTECT, related_name="+", null=True)
    scheme = models.CharField(max_length=60)
    benefit = models.CharField(max_length=40)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    payee = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    is_single = models.BooleanField(default=True)
    contingency_on = models.DateField()
    state = models.CharField(max_length=12)  # in payment | suspended | terminated
    starts_on = models.DateField()
    ends_before = models.DateField(null=True)
    granted_by = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "benefit", "contingency_on"],
                condition=~Q(state="terminated"),
                name="one_live_award_a_benefit_and_contingency",
            ),
            models.UniqueConstraint(
                fields=["person", "scheme", "benefit"],
                condition=~Q(state="terminated") & Q(is_single=True),
                name="one_live_award_of_a_single_benefit",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["in payment", "suspended", "terminated"]), name="award_state"
            ),
            models.CheckConstraint(
                condition=Q(ends_before=None) | Q(ends_before__gt=F("starts_on")),
                name="award_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class AwardComponent(models.Model):
    """A monthly amount of an award over a period, with the decision it rests on."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="+")
    component = models.CharField(max_length=40)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    currency = models.CharField(max_length=3)
    starts_on = models.DateField()
    ends_before = models.DateField(null=True)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    sequence = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["award", "component", "sequence"], name="component_sequence_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="component_amount_is_positive"),
            models.CheckConstraint(
                condition=Q(ends_before=None) | Q(ends_before__gt=F("starts_on")),
                name="component_ends_after_it_starts",
            ),
            # Two sequences of one component over the same month would pay that month twice.
            ExclusionConstraint(
                name="one_amount_of_a_component_at_a_time",
                expressions=[
                    ("award", RangeOperators.EQUAL),
                    ("component", RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_on"),
                            F("ends_before"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.component} {self.sequence} of {self.award_id}"
