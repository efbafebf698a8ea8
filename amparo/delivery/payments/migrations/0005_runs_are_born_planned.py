"""Let a run begin as planned and nothing else, for a month that has begun.

A run pays everything due up to its month. So a run for a later month would pay months in advance.
The month is compared in the institution's legal time zone, which it has for good.
"""

from django.conf import settings
from django.db import migrations

NEW_RUN = f"""
CREATE FUNCTION public.payments_guard_new_run() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.month > date_trunc('month', NEW.planned_at AT TIME ZONE '{settings.TIME_ZONE}') THEN
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
CREATE TRIGGER guard_new_rows BEFORE INSERT ON public.payments_payrun
    FOR EACH ROW EXECUTE FUNCTION public.payments_guard_new_run();
ALTER TABLE public.payments_payrun ENABLE ALWAYS TRIGGER guard_new_rows;
"""

NEW_RUN_BACK = """
DROP TRIGGER guard_new_rows ON public.payments_payrun;
DROP FUNCTION public.payments_guard_new_run();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_instruction_named_by_its_id")]

    operations = [migrations.RunSQL(NEW_RUN, NEW_RUN_BACK)]
