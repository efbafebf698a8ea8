"""Schema of payments.

Snapshot rows, entitlements and statement lines are append-only. Invariant 3 lives here: one entitlement per award,
component, month and sequence; one live instruction per entitlement.
"""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from amparo.delivery.claims.models import Award, AwardComponent
from amparo.delivery.decisions.models import Decision
from amparo.office.models import ReceivedFile
from amparo.register.models import Person

PAYRUN_STATES = [
    "planned",
    "snapshot",
    "calculated",
    "compared",
    "approved",
    "locked",
    "transmitted",
    "reconciling",
    "closed",
    "failed",
    "abandoned",
]


class PayRun(models.Model):
    """A pay run for a month. Its approval binds the hash of exactly what will be sent."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    number = models.CharField(max_length=30, unique=True)
    month = models.DateField()
    kind = models.CharField(max_length=14)  # regular | supplementary
    state = models.CharField(max_length=12)
    currency = models.CharField(max_length=3)
    planned_at = models.DateTimeField()
    prepared_by = models.UUIDField()
    snapshot_hash = models.CharField(max_length=64, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    item_count = models.BigIntegerField(default=0)
    instruction_count = models.BigIntegerField(default=0)
    total = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    comparison = models.JSONField(default=dict)
    approved_by = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_hash = models.CharField(max_length=64, blank=True)
    transmitted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month"],
                condition=Q(kind="regular") & ~Q(state="abandoned"),
                name="one_regular_run_a_month",
            ),
            models.CheckConstraint(condition=Q(state__in=PAYRUN_STATES), name="payrun_state"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("prepared_by")),
                name="payrun_maker_is_not_checker",
            ),
            models.CheckConstraint(
                condition=~Q(
                    state__in=["approved", "locked", "transmitted", "reconciling", "closed"]
                )
                | Q(approved_by__isnull=False, approved_hash=F("content_hash")),
                name="an_approved_run_has_the_approved_content",
            ),
        ]


class PayRunItem(models.Model):
    """The immutable snapshot: one row per award component due in the run, as it stood."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="+")
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="+")
    award_component = models.ForeignKey(AwardComponent, on_delete=models.PROTECT, related_name="+")
    scheme = models.CharField(max_length=60)
    payee = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    payment_account_id = models.UUIDField(null=True)  # empty: held for repair, never paid
    amount = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "award_component"], name="a_component_once_a_run"
            )
        ]


class Instruction(models.Model):
    """One payment to one payee's account in one run."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="+")
    end_to_end_id = models.CharField(max_length=35, unique=True)
    payee = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    payee_name = models.CharField(max_length=140)
    account_kind = models.CharField(max_length=10)
    provider = models.CharField(max_length=11)
    account_number = models.CharField(max_length=34)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=12)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="instruction_amount_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["created", "sent", "settled", "rejected", "returned"]),
                name="instruction_state",
            ),
        ]
        indexes = [models.Index(fields=["payee"], name="instruction_payee")]


class Entitlement(models.Model):
    """What is due for one award, component, month and sequence: the unit that is paid once."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="+")
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="+")
    component = models.CharField(max_length=40)
    month = models.DateField()
    sequence = models.IntegerField()
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    amount = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["award", "component", "month", "sequence"],
                name="an_entitlement_is_due_once",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="entitlement_amount_is_positive"
            ),
        ]


class InstructionLine(models.Model):
    """An instruction pays an entitlement. `is_live` ends when the payment is rejected or returned."""

    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="+")
    instruction = models.ForeignKey(Instruction, on_delete=models.PROTECT, related_name="+")
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    is_live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entitlement"],
                condition=Q(is_live=True),
                name="one_live_instruction_an_entitlement",
            ),
        ]


class PaymentFile(models.Model):
    """A file made for the bank, its bytes kept under its hash."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="+")
    part = models.IntegerField()
    message_id = models.CharField(max_length=35, unique=True)
    sha256 = models.CharField(max_length=64)
    instruction_count = models.IntegerField()
    control_sum = models.DecimalField(max_digits=18, decimal_places=2)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "part"], name="a_file_part_once")]


class StatementLine(models.Model):
    """A line a bank reported about one of our payments: settled, rejected or returned. Read in once."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    received_file = models.ForeignKey(ReceivedFile, on_delete=models.PROTECT, related_name="+")
    bank_reference = models.CharField(max_length=80, unique=True)
    instruction = models.ForeignKey(
        Instruction, on_delete=models.PROTECT, related_name="+", null=True
    )
    outcome = models.CharField(max_length=10)  # settled | rejected | returned
    reason_code = models.CharField(max_length=10, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    currency = models.CharField(max_length=3)
    booked_on = models.DateField()
