"""Keep estimates of months that were not declared, interest by month of delay, and disputes that pause it."""

import uuid

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from amparo.journal.migration_operations import AppendOnly

GUARD = """
CREATE FUNCTION public.contributions_guard_dispute() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.closed_on IS NULL AND NEW.closed_on IS NOT NULL
       AND to_jsonb(NEW) - '{closed_on,closed_at,closed_by,outcome}'::text[]
         = to_jsonb(OLD) - '{closed_on,closed_at,closed_by,outcome}'::text[] THEN
        RETURN NEW;
    END IF;
    PERFORM public.contributions_refuse('a_dispute_is_closed_once', TG_TABLE_NAME,
        'A dispute is closed once and otherwise stays as it is.', 'Open another dispute.');
    RETURN NULL;
END $$;
CREATE TRIGGER guard_rows BEFORE UPDATE OR DELETE ON public.contributions_dispute
    FOR EACH ROW EXECUTE FUNCTION public.contributions_guard_dispute();
ALTER TABLE public.contributions_dispute ENABLE ALWAYS TRIGGER guard_rows;
REVOKE DELETE, TRUNCATE ON public.contributions_dispute FROM amparo_app;
"""
GUARD_BACK = """
GRANT DELETE ON public.contributions_dispute TO amparo_app;
DROP TRIGGER guard_rows ON public.contributions_dispute;
DROP FUNCTION public.contributions_guard_dispute();
"""


def to_debt():
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contributions.debt"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("register", "0009_nobody_loses_their_name_or_vitals"),
        ("contributions", "0009_corrections_are_guarded"),
    ]

    operations = [
        migrations.CreateModel(
            name="Estimate",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=30, unique=True)),
                ("month", models.DateField()),
                ("made_at", models.DateTimeField()),
                ("made_by", models.UUIDField()),
                (
                    "employer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.employer"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["employer", "month"], name="one_estimate_an_employer_and_month"),
                    models.CheckConstraint(condition=Q(month__day=1), name="estimate_month_is_a_first_day"),
                ]
            },
        ),
        migrations.CreateModel(
            name="InterestCharge",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("period_starts_on", models.DateField()),
                ("base", models.DecimalField(decimal_places=2, max_digits=18)),
                ("rate", models.DecimalField(decimal_places=6, max_digits=9)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=18)),
                ("law", models.CharField(max_length=200)),
                ("run_id", models.UUIDField()),
                ("debt", to_debt()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["debt", "period_starts_on"], name="a_month_of_delay_is_charged_once"
                    ),
                    models.CheckConstraint(condition=Q(amount__gt=0, base__gt=0), name="interest_is_due"),
                ],
                "indexes": [models.Index(fields=["run_id"], name="interest_run")],
            },
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("reason", models.CharField(max_length=500)),
                ("opened_on", models.DateField()),
                ("opened_at", models.DateTimeField()),
                ("opened_by", models.UUIDField()),
                ("closed_on", models.DateField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.UUIDField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=500)),
                ("debt", to_debt()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(closed_on=None), fields=["debt"], name="one_open_dispute_a_debt"
                    ),
                    models.CheckConstraint(
                        condition=Q(closed_on=None, closed_at=None, closed_by=None, outcome="")
                        | (
                            Q(closed_on__gte=F("opened_on"), closed_at__isnull=False)
                            & Q(closed_by__isnull=False)
                            & ~Q(outcome="")
                        ),
                        name="a_dispute_closes_with_its_outcome",
                    ),
                ]
            },
        ),
        AppendOnly("contributions_estimate", "contributions_interestcharge"),
        migrations.RunSQL(GUARD, GUARD_BACK),
    ]
