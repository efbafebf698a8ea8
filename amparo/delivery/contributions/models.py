"""Schema of contributions."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from amparo.office.models import ReceivedFile
from amparo.register.models import Employer, Person
from amparo.rules.book.models import PackVersion


class Declaration(models.Model):
    """An employer's wages of a month. Its lines add up to its header, or none of it posts."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    number = models.CharField(max_length=30, unique=True)
    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()  # first day
    received_file = models.ForeignKey(ReceivedFile, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=10
    )  # posted; later issues add open, received, overdue, estimated, corrected
    line_count = models.IntegerField()
    total_wages = models.DecimalField(max_digits=18, decimal_places=2)
    currency = models.CharField(max_length=3)
    received_at = models.DateTimeField()
    received_by = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["employer", "month"], name="one_declaration_an_employer_and_month"
            ),
            models.CheckConstraint(condition=Q(state__in=["posted"]), name="declaration_state"),
            models.CheckConstraint(
                condition=Q(month__day=1), name="declaration_month_is_a_first_day"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class WageLine(models.Model):
    """One worker's wage in a declaration. A line that names nobody known waits in suspense."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="+")
    line_number = models.IntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True)
    declared_identifier = models.CharField(max_length=60)
    declared_name = models.CharField(max_length=200)
    wage = models.DecimalField(max_digits=18, decimal_places=2)
    state = models.CharField(max_length=8)  # matched | suspense

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["declaration", "line_number"], name="a_line_number_once"
            ),
            models.CheckConstraint(condition=Q(wage__gte=0), name="wage_is_not_negative"),
            models.CheckConstraint(
                condition=Q(state="matched", person__isnull=False)
                | Q(state="suspense", person=None),
                name="a_matched_line_has_its_person",
            ),
        ]
        indexes = [models.Index(fields=["person"], name="wage_line_person")]

    def __str__(self) -> str:
        return f"line {self.line_number} of {self.declaration_id}"


class Liability(models.Model):
    """What is due for one wage line under one scheme, by the worker's and the employer's share."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    wage_line = models.ForeignKey(WageLine, on_delete=models.PROTECT, related_name="+")
    scheme = models.CharField(max_length=60)
    pack_version = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="+")
    insurable = models.DecimalField(max_digits=18, decimal_places=2)
    worker_share = models.DecimalField(max_digits=18, decimal_places=2)
    employer_share = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["wage_line", "scheme"], name="a_line_is_assessed_once_a_scheme"
            ),
            models.CheckConstraint(
                condition=Q(worker_share__gte=0, employer_share__gte=0, insurable__gte=0),
                name="liability_is_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} on {self.wage_line_id}"


class TakenOnYear(models.Model):
    """A year of insured months and earnings taken on from the older system's file."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    scheme = models.CharField(max_length=60)
    year = models.SmallIntegerField()
    months = models.SmallIntegerField()
    earnings = models.DecimalField(max_digits=18, decimal_places=2)
    received_file = models.ForeignKey(ReceivedFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "scheme", "year"], name="a_year_is_taken_on_once"
            ),
            models.CheckConstraint(
                condition=Q(months__gte=1, months__lte=12), name="taken_on_months"
            ),
            models.CheckConstraint(condition=Q(earnings__gte=0), name="taken_on_earnings"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.year}"
