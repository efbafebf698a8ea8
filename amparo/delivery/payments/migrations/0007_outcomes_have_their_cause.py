"""Let a payment end only for a cause the database holds, and a line only with its payment.

An outcome at the bank rests on a line that the bank reported; a cancellation, on an abandoned run.
Otherwise what was paid could be made to look owed again. The checks go through a whole statement at
once: a file of 50,000 payments settles as fast as before. What a reading does not show counts as
missing, so that without one the change is refused.
"""

from django.db import migrations

CAUSES = """
CREATE FUNCTION public.payments_outcome_has_its_cause() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh
        WHERE state = 'cancelled' AND NOT EXISTS (
            SELECT FROM payments_payrun r WHERE r.id = fresh.run_id AND r.state = 'abandoned')
    ) OR EXISTS (
        SELECT FROM fresh
        WHERE state <> 'cancelled' AND NOT EXISTS (
            SELECT FROM payments_statementline s
            WHERE s.instruction_id = fresh.id AND s.outcome = fresh.state AND s.problem = '')
    ) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = 'outcome_has_its_cause',
            MESSAGE = 'A payment''s outcome is refused: no bank reported it, or its run stands.',
            HINT = 'Read the bank''s statement in, or abandon the run before it is locked.';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER outcome_has_its_cause AFTER UPDATE ON public.payments_instruction
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION public.payments_outcome_has_its_cause();
ALTER TABLE public.payments_instruction ENABLE ALWAYS TRIGGER outcome_has_its_cause;

CREATE FUNCTION public.payments_line_ends_with_its_payment() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh
        WHERE NOT is_live AND NOT EXISTS (
            SELECT FROM payments_instruction i
            WHERE i.id = fresh.instruction_id
              AND i.state IN ('rejected', 'returned', 'cancelled'))
    ) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = 'line_ends_with_its_payment',
            MESSAGE = 'A line is refused its end: its payment stands.',
            HINT = 'A line ends when its payment is rejected, returned or cancelled.';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER line_ends_with_its_payment AFTER UPDATE ON public.payments_instructionline
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION public.payments_line_ends_with_its_payment();
ALTER TABLE public.payments_instructionline ENABLE ALWAYS TRIGGER line_ends_with_its_payment;
"""

CAUSES_BACK = """
DROP TRIGGER line_ends_with_its_payment ON public.payments_instructionline;
DROP FUNCTION public.payments_line_ends_with_its_payment();
DROP TRIGGER outcome_has_its_cause ON public.payments_instruction;
DROP FUNCTION public.payments_outcome_has_its_cause();
"""

BIRTHS = """
CREATE FUNCTION public.payments_payment_begins_instructed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM fresh WHERE state <> 'instructed') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = 'instruction_begins_instructed',
            MESSAGE = 'A new payment is refused: it cannot have an outcome yet.';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER begins_instructed AFTER INSERT ON public.payments_instruction
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION public.payments_payment_begins_instructed();
ALTER TABLE public.payments_instruction ENABLE ALWAYS TRIGGER begins_instructed;

CREATE FUNCTION public.payments_lines_are_in_state() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh
        WHERE NOT is_live OR NOT EXISTS (
            SELECT FROM payments_instruction i JOIN payments_payrun r ON r.id = i.run_id
            WHERE i.id = fresh.instruction_id AND r.state = 'snapshot')
    ) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = 'payrun_content_is_closed',
            TABLE = TG_TABLE_NAME,
            MESSAGE = 'payments_instructionline takes rows only while their run is in state'
                      ' "snapshot", and live ones only.',
            HINT = 'What a run contains is fixed by its steps. Plan another run.';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER written_in_state AFTER INSERT ON public.payments_instructionline
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION public.payments_lines_are_in_state();
ALTER TABLE public.payments_instructionline ENABLE ALWAYS TRIGGER written_in_state;
"""

BIRTHS_BACK = """
DROP TRIGGER written_in_state ON public.payments_instructionline;
DROP FUNCTION public.payments_lines_are_in_state();
DROP TRIGGER begins_instructed ON public.payments_instruction;
DROP FUNCTION public.payments_payment_begins_instructed();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0006_payrun_add_calculated_by_and_compared_by")]

    operations = [
        migrations.RunSQL(CAUSES, CAUSES_BACK),
        migrations.RunSQL(BIRTHS, BIRTHS_BACK),
    ]
