"""Name whoever calculated and compared a run; bar them, and whoever explained it, from approving.

The guard of a run's steps is the one of 0002 with these two columns. Statements are looked up with
the owner's sight: row-level security must not hide from the guard what it is to find.
"""

from django.db import migrations, models
from django.db.models import F, Q

RUN_STEPS = """
CREATE OR REPLACE FUNCTION public.payments_guard_run() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    step text;
    may_change text[];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        step := OLD.state || ' > ' || NEW.state;
        may_change := CASE step
            WHEN 'planned > snapshot' THEN ARRAY['prepared_by', 'previous_run_id', 'snapshot_at',
                                                 'snapshot_hash', 'item_count']
            WHEN 'snapshot > calculated' THEN ARRAY[{calculated}'content_hash',
                                                    'instruction_count', 'total', 'totals']
            WHEN 'calculated > compared' THEN ARRAY[{compared}'comparison']
            WHEN 'compared > approved' THEN ARRAY['approved_by', 'approved_at', 'approved_hash']
            WHEN 'approved > locked' THEN ARRAY['locked_at']
            WHEN 'locked > transmitted' THEN ARRAY['transmitted_at', 'transmitted_by']
            WHEN 'transmitted > reconciling' THEN ARRAY[]::text[]
            WHEN 'planned > abandoned' THEN ARRAY[]::text[]
            WHEN 'snapshot > abandoned' THEN ARRAY[]::text[]
            WHEN 'calculated > abandoned' THEN ARRAY[]::text[]
            WHEN 'compared > abandoned' THEN ARRAY[]::text[]
            WHEN 'approved > abandoned' THEN ARRAY[]::text[]
        END;
        IF may_change IS NOT NULL
           AND to_jsonb(NEW) - 'state'::text - may_change
               = to_jsonb(OLD) - 'state'::text - may_change{named} THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'integrity_constraint_violation',
        CONSTRAINT = 'payrun_steps',
        MESSAGE = format('This step of a pay run is refused: %s %s', TG_OP, coalesce(step, '')),
        HINT = 'A run goes through its states in order, each by its own operation.';
END $$;
"""

NAMED = """
           AND NOT (step = 'snapshot > calculated' AND NEW.calculated_by IS NULL)
           AND NOT (step = 'calculated > compared' AND NEW.compared_by IS NULL)"""

WITH_MAKERS = RUN_STEPS.format(
    calculated="'calculated_by', ", compared="'compared_by', ", named=NAMED
)
WITHOUT_MAKERS = RUN_STEPS.format(calculated="", compared="", named="")

STATEMENTS = """
CREATE FUNCTION public.payments_guard_checker() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.payments_differencestatement s
        JOIN public.payments_difference d ON d.id = s.difference_id
        WHERE d.run_id = NEW.id AND s.stated_by = NEW.approved_by
    ) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = 'payrun_maker_is_not_checker',
            MESSAGE = 'A pay run is not approved by somebody who explained its differences.',
            HINT = 'Ask another person.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_checker BEFORE UPDATE OF approved_by ON public.payments_payrun
    FOR EACH ROW EXECUTE FUNCTION public.payments_guard_checker();
ALTER TABLE public.payments_payrun ENABLE ALWAYS TRIGGER guard_checker;

CREATE FUNCTION public.payments_guard_statement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.payments_difference d
        JOIN public.payments_payrun r ON r.id = d.run_id
        WHERE d.id = NEW.difference_id AND r.state = 'compared'
    ) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = 'payrun_content_is_closed',
            MESSAGE = 'A difference is explained only while its run waits for approval.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER written_in_state BEFORE INSERT ON public.payments_differencestatement
    FOR EACH ROW EXECUTE FUNCTION public.payments_guard_statement();
ALTER TABLE public.payments_differencestatement ENABLE ALWAYS TRIGGER written_in_state;
"""

STATEMENTS_BACK = """
DROP TRIGGER written_in_state ON public.payments_differencestatement;
DROP FUNCTION public.payments_guard_statement();
DROP TRIGGER guard_checker ON public.payments_payrun;
DROP FUNCTION public.payments_guard_checker();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0005_runs_are_born_planned")]

    operations = [
        migrations.AddField("payrun", "calculated_by", models.UUIDField(null=True)),
        migrations.AddField("payrun", "compared_by", models.UUIDField(null=True)),
        migrations.RemoveConstraint("payrun", "payrun_maker_is_not_checker"),
        migrations.AddConstraint(
            "payrun",
            models.CheckConstraint(
                condition=Q(approved_by=None)
                | (
                    ~Q(approved_by=F("prepared_by"))
                    & ~Q(approved_by=F("planned_by"))
                    & (Q(calculated_by=None) | ~Q(approved_by=F("calculated_by")))
                    & (Q(compared_by=None) | ~Q(approved_by=F("compared_by")))
                ),
                name="payrun_maker_is_not_checker",
            ),
        ),
        migrations.AddConstraint(
            "payrun",
            models.CheckConstraint(
                condition=~Q(state__in=["planned", "snapshot", "calculated"])
                | Q(compared_by=None, state="calculated")
                | Q(compared_by=None, calculated_by=None),
                name="payrun_names_who_took_which_step",
            ),
        ),
        migrations.RunSQL(WITH_MAKERS, WITHOUT_MAKERS),
        migrations.RunSQL(STATEMENTS, STATEMENTS_BACK),
    ]
