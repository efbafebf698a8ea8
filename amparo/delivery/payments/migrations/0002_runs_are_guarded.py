"""Guard the state machines of runs and instructions where no program can go round them.

A run takes its steps in order. Snapshot, instructions, differences and files are written while the
run is in the one state in which its operation writes them: afterwards nothing can be added to what
was approved. Of an instruction only the outcome changes; of a line, only that it is no longer live.
"""

from django.db import migrations

from amparo.journal.key_triggers import KeysExist
from amparo.journal.migration_operations import AppendOnly, PersonalRows

RUN_STEPS = """
CREATE FUNCTION public.payments_guard_run() RETURNS trigger
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
            WHEN 'snapshot > calculated' THEN ARRAY['content_hash', 'instruction_count', 'total',
                                                    'totals']
            WHEN 'calculated > compared' THEN ARRAY['comparison']
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
               = to_jsonb(OLD) - 'state'::text - may_change THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'integrity_constraint_violation',
        CONSTRAINT = 'payrun_steps',
        MESSAGE = format('This step of a pay run is refused: %s %s', TG_OP, coalesce(step, '')),
        HINT = 'A run goes through its states in order, each by its own operation.';
END $$;
CREATE TRIGGER guard_rows BEFORE UPDATE OR DELETE ON public.payments_payrun
    FOR EACH ROW EXECUTE FUNCTION public.payments_guard_run();
ALTER TABLE public.payments_payrun ENABLE ALWAYS TRIGGER guard_rows;
REVOKE DELETE, TRUNCATE ON public.payments_payrun FROM amparo_app;

CREATE FUNCTION public.payments_run_is_in_state() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh
        WHERE NOT EXISTS (
            SELECT FROM payments_payrun
            WHERE payments_payrun.id = fresh.run_id AND payments_payrun.state = TG_ARGV[0]
        )
    ) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = 'payrun_content_is_closed',
            TABLE = TG_TABLE_NAME,
            MESSAGE = format('%s takes rows only while their run is in state "%s".',
                             TG_TABLE_NAME, TG_ARGV[0]),
            HINT = 'What a run contains is fixed by its steps. Plan another run.';
    END IF;
    RETURN NULL;
END $$;
"""

RUN_STEPS_BACK = """
GRANT DELETE ON public.payments_payrun TO amparo_app;
DROP TRIGGER guard_rows ON public.payments_payrun;
DROP FUNCTION public.payments_guard_run();
DROP FUNCTION public.payments_run_is_in_state();
"""

WRITTEN_IN_STATE = {
    "payments_payrunitem": "planned",
    "payments_entitlement": "snapshot",
    "payments_instruction": "snapshot",
    "payments_difference": "calculated",
    "payments_paymentfile": "locked",
}

OUTCOMES = """
CREATE FUNCTION public.payments_guard_instruction() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND OLD.state || ' > ' || NEW.state IN (
           'instructed > settled', 'instructed > rejected', 'instructed > returned',
           'settled > returned', 'instructed > cancelled')
       AND (NEW.id, NEW.run_id, NEW.part, NEW.end_to_end_id, NEW.payee_id, NEW.payee_name,
            NEW.payment_account_id, NEW.account_kind, NEW.provider, NEW.account_number,
            NEW.amount, NEW.currency)
         = (OLD.id, OLD.run_id, OLD.part, OLD.end_to_end_id, OLD.payee_id, OLD.payee_name,
            OLD.payment_account_id, OLD.account_kind, OLD.provider, OLD.account_number,
            OLD.amount, OLD.currency) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'integrity_constraint_violation',
        CONSTRAINT = 'instruction_stays',
        MESSAGE = format('An instruction stays as it was approved: %s is refused.', TG_OP),
        HINT = 'Only its outcome at the bank changes, once.';
END $$;
CREATE TRIGGER guard_rows BEFORE UPDATE OR DELETE ON public.payments_instruction
    FOR EACH ROW EXECUTE FUNCTION public.payments_guard_instruction();
ALTER TABLE public.payments_instruction ENABLE ALWAYS TRIGGER guard_rows;

CREATE FUNCTION public.payments_guard_line() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.is_live AND NOT NEW.is_live
       AND (NEW.id, NEW.entitlement_id, NEW.instruction_id, NEW.amount, NEW.is_reissue)
         = (OLD.id, OLD.entitlement_id, OLD.instruction_id, OLD.amount, OLD.is_reissue) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'integrity_constraint_violation',
        CONSTRAINT = 'instruction_line_stays',
        MESSAGE = format('A line of an instruction stays: %s is refused.', TG_OP),
        HINT = 'A line ends when its payment is rejected, returned or cancelled.';
END $$;
CREATE TRIGGER guard_rows BEFORE UPDATE OR DELETE ON public.payments_instructionline
    FOR EACH ROW EXECUTE FUNCTION public.payments_guard_line();
ALTER TABLE public.payments_instructionline ENABLE ALWAYS TRIGGER guard_rows;
REVOKE DELETE, TRUNCATE ON public.payments_instruction, public.payments_instructionline
    FROM amparo_app;
"""

OUTCOMES_BACK = """
GRANT DELETE ON public.payments_instruction, public.payments_instructionline TO amparo_app;
DROP TRIGGER guard_rows ON public.payments_instructionline;
DROP FUNCTION public.payments_guard_line();
DROP TRIGGER guard_rows ON public.payments_instruction;
DROP FUNCTION public.payments_guard_instruction();
"""


def written_only_in_state(table, state):
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER written_in_state AFTER INSERT ON public.{table}
            REFERENCING NEW TABLE AS fresh
            FOR EACH STATEMENT EXECUTE FUNCTION public.payments_run_is_in_state('{state}');
        ALTER TABLE public.{table} ENABLE ALWAYS TRIGGER written_in_state;
        """,
        f"DROP TRIGGER written_in_state ON public.{table}",
    )


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [
        AppendOnly(
            "payments_payrunitem",
            "payments_entitlement",
            "payments_difference",
            "payments_differencestatement",
            "payments_paymentfile",
            "payments_statementline",
        ),
        migrations.RunSQL(RUN_STEPS, RUN_STEPS_BACK),
        *(written_only_in_state(table, state) for table, state in WRITTEN_IN_STATE.items()),
        migrations.RunSQL(OUTCOMES, OUTCOMES_BACK),
        KeysExist(
            "payments_payrunitem",
            {
                "award_id": "claims_award",
                "award_component_id": "claims_awardcomponent",
                "decision_id": "decisions_decision",
                "person_id": "register_person",
                "payee_id": "register_person",
            },
        ),
        KeysExist(
            "payments_entitlement",
            {"award_id": "claims_award", "decision_id": "decisions_decision"},
        ),
        KeysExist("payments_instruction", {"payee_id": "register_person"}),
        KeysExist(
            "payments_instructionline",
            {
                "entitlement_id": "payments_entitlement",
                "instruction_id": "payments_instruction",
            },
        ),
        KeysExist("payments_difference", {"award_id": "claims_award"}),
        KeysExist("payments_statementline", {"instruction_id": "payments_instruction"}),
        PersonalRows("payments_payrunitem", "payee_id"),
        PersonalRows("payments_instruction", "payee_id"),
    ]
