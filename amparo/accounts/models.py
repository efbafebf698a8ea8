"""Schema of accounts."""

from uuid import uuid4

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q


class UserManager(BaseUserManager["User"]):
    """Looks users up by the name they sign in with."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)


class User(AbstractBaseUser):
    """Somebody who may sign in, or a job of the system (`is_system`, never signs in)."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    username = models.CharField(max_length=80, unique=True)
    display_name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=8, default="en")
    is_active = models.BooleanField(default=True)
    is_system = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    # Until when the password opens the account that somebody else was shown too; its owner replaces
    # it at the first sign-in, and from then on it is empty.
    first_password_until = models.DateTimeField(null=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    def __str__(self) -> str:
        return self.display_name


class Role(models.Model):
    """A bundle of rights with a name; roles are data, rights are words of `values.Right`."""

    code = models.CharField(max_length=40, primary_key=True)
    title = models.CharField(max_length=120)
    rights = ArrayField(models.CharField(max_length=60))
    purposes = ArrayField(models.CharField(max_length=80))


class IncompatibleRoles(models.Model):
    """Two roles that nobody may hold at the same time (segregation of duties)."""

    first = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="incompatible_once"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="incompatible_in_order"
            ),
        ]


class Mandate(models.Model):
    """A role held by a user from a day to a day (end excluded). It never changes: it ends.

    Triggers hold what a constraint cannot: roles are compatible, the grantor's own mandate carried
    the right to grant, nobody granted to themselves. Only the very first mandate names no grantor:
    the installation decision.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_before = models.DateField(null=True)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    granted_under = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True)
    granted_at = models.DateTimeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_mandate_for_a_role_at_a_time",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
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
            models.CheckConstraint(
                condition=Q(ends_before=None) | Q(ends_before__gte=F("starts_on")),
                name="mandate_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(granted_by=None, granted_under=None)
                | Q(granted_by__isnull=False, granted_under__isnull=False)
                & ~Q(granted_by=F("user")),
                name="nobody_grants_to_themselves",
            ),
        ]
