"""Let the guard of new runs read the legal time zone where the institution keeps it."""

from django.conf import settings
from django.db import migrations


def function(zone):
    return f"""
CREATE OR REPLACE FUNCTION public.payments_guard_new_run() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.month > date_trunc('month', NEW.planned_at AT TIME ZONE {zone}) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = 'payrun_month_has_begun',
            MESSAGE = 'A pay run is refused: its month had not begun when it was planned.',
            HINT = 'Plan it in its month: until then nothing of that month is due.';
    END IF;
    IF (NEW.state, NEW.prepared_by, NEW.previous_run_id, NEW.snapshot_at, NEW.snapshot_hash,
        NEW.content_hash, NEW.item_count, NEW.instruction_count, NEW.total, NEW.totals,
        NEW.comparison, NEW.approved_by, NEW.approved_at, NEW.approved_hash, NEW.locked_at,
        NEW.transmitted_at, NEW.transmitted_by)
       IS DISTINCT FROM
       ('planned'::varchar, NEW.planned_by, NULL::uuid, NULL::timestamptz, ''::varchar,
        ''::varchar, 0::bigint, 0::bigint, 0::numeric, '{{}}'::jsonb,
        '{{}}'::jsonb, NULL::uuid, NULL::timestamptz, ''::varchar, NULL::timestamptz,
        NULL::timestamptz, NULL::uuid) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = 'payrun_steps',
            MESSAGE = 'A new pay run is refused: it must begin as planned, with no step taken.',
            HINT = 'A run goes through its states in order, each by its own operation.';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0005_first_legal_time_zone"),
        ("payments", "0009_amounts_are_personal"),
    ]

    operations = [
        migrations.RunSQL(
            function("public.office_legal_time_zone(NEW.planned_at)"),
            function(f"'{settings.TIME_ZONE}'"),
        )
    ]
