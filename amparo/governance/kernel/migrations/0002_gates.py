"""Gates in the database: no effect without a pass, no pass without an approved resolution.

The functions run as the owner with a fixed search path: neither a temporary table that bears the name of a real one,
nor a session setting, nor row-level security changes what they see. DETAIL names the reason, which drills assert.
"""

from django.db import migrations

from amparo.journal.migration_operations import AppendOnly, GateTrigger

GATES = [
    ("G1", "Activation of a rule pack", "rules.propose", "rules.approve", 30),
]


def install_gates(apps, schema_editor):
    gate = apps.get_model("govkernel", "Gate")
    names = ("code", "title", "proposing_right", "approving_right", "approval_days")
    gate.objects.using(schema_editor.connection.alias).bulk_create(
        gate(**dict(zip(names, values, strict=True))) for values in GATES
    )


def remove_gates(apps, schema_editor):
    gate = apps.get_model("govkernel", "Gate")
    gate.objects.using(schema_editor.connection.alias).all().delete()


FUNCTIONS = """
-- Whether a mandate of this person carries a right around an instant. A day's tolerance: the legal time zone is a
-- setting of the application, which checks to the day.
CREATE FUNCTION public.govkernel_mandate_carries(
    mandate uuid, person uuid, wanted_right text, around timestamptz) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM public.accounts_mandate m JOIN public.accounts_role r ON r.code = m.role_id
        WHERE m.id = mandate AND m.user_id = person AND wanted_right = ANY (r.rights)
          AND m.starts_on <= (around AT TIME ZONE 'UTC')::date + 1
          AND (m.ends_before IS NULL OR m.ends_before > (around AT TIME ZONE 'UTC')::date - 1))
$$;

CREATE FUNCTION public.govkernel_guard_resolution() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rules public.govkernel_gate%ROWTYPE;
    problem text;
BEGIN
    SELECT * INTO rules FROM public.govkernel_gate WHERE code = NEW.gate;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'proposed' OR NEW.decided_by IS NOT NULL THEN
            problem := 'born-decided';
        ELSIF NOT public.govkernel_mandate_carries(
                NEW.proposed_under_id, NEW.proposed_by, rules.proposing_right, NEW.proposed_at) THEN
            problem := 'proposer-without-mandate';
        END IF;
        NEW.decision_recorded_at := NULL;
    ELSIF (OLD.id, OLD.gate, OLD.title, OLD.reason, OLD.content_hash, OLD.proposed_by, OLD.proposed_under_id,
           OLD.proposed_at)
          IS DISTINCT FROM
          (NEW.id, NEW.gate, NEW.title, NEW.reason, NEW.content_hash, NEW.proposed_by, NEW.proposed_under_id,
           NEW.proposed_at) THEN
        problem := 'proposal-changed';
    ELSIF OLD.state <> 'proposed' THEN
        problem := 'decided-already';
    ELSIF NEW.decided_by = NEW.proposed_by THEN
        problem := 'self-approval';
    ELSIF NEW.state <> 'proposed' AND NOT public.govkernel_mandate_carries(
            NEW.decided_under_id, NEW.decided_by, rules.approving_right, NEW.decided_at) THEN
        problem := 'decider-without-mandate';
    ELSIF NEW.expires_at > NEW.decided_at + make_interval(days => rules.approval_days) THEN
        problem := 'approved-for-too-long';
    ELSE
        NEW.decision_recorded_at := now();
    END IF;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'resolution_guard', DETAIL = problem,
            MESSAGE = 'The resolution is refused: ' || problem || '.';
    END IF;
    RETURN NEW;
END $$;

-- A pass says what an approved resolution says, or it does not come into being.
CREATE FUNCTION public.govkernel_guard_pass() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    resolution public.govkernel_resolution%ROWTYPE;
    problem text;
BEGIN
    SELECT * INTO resolution FROM public.govkernel_resolution WHERE id = NEW.resolution_id FOR SHARE;
    problem := CASE
        WHEN resolution.id IS NULL THEN 'no-resolution'
        WHEN resolution.state <> 'approved' THEN 'not-approved'
        WHEN resolution.gate <> NEW.gate THEN 'wrong-gate'
        WHEN resolution.content_hash <> NEW.content_hash THEN 'content-differs'
        WHEN (resolution.proposed_by, resolution.decided_by) IS DISTINCT FROM (NEW.proposed_by, NEW.approved_by)
            THEN 'names-differ'
        WHEN NEW.expires_at > resolution.expires_at THEN 'outlives-its-approval'
        WHEN NEW.issued_at < resolution.decided_at THEN 'issued-before-approval'
        WHEN NEW.issued_at >= resolution.expires_at
             -- By the database's own clock too: a late use cannot be dated back.
             OR now() - resolution.decision_recorded_at >= resolution.expires_at - resolution.decided_at
            THEN 'expired'
        END;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'gate_pass', DETAIL = problem,
            MESSAGE = 'The gate pass is refused: ' || problem || '.';
    END IF;
    NEW.issued_in := pg_current_xact_id();
    RETURN NEW;
END $$;

-- Called by GateTrigger: gate, pass column, hash column, column of the instant of the effect. The pass of this very
-- transaction holds its resolution locked, so nobody decides otherwise between pass and effect.
CREATE FUNCTION public.govkernel_demand_pass() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    effect jsonb := to_jsonb(NEW);
    happened_at timestamptz := effect ->> TG_ARGV[3];
    pass public.journal_gatepass%ROWTYPE;
    resolution public.govkernel_resolution%ROWTYPE;
    problem text;
BEGIN
    SELECT * INTO pass FROM public.journal_gatepass WHERE id = (effect ->> TG_ARGV[1])::uuid;
    SELECT * INTO resolution FROM public.govkernel_resolution WHERE id = pass.resolution_id FOR SHARE;
    problem := CASE
        WHEN pass.id IS NULL THEN 'no-pass'
        WHEN pass.gate <> TG_ARGV[0] THEN 'wrong-gate'
        WHEN pass.content_hash IS DISTINCT FROM effect ->> TG_ARGV[2] THEN 'content-differs'
        WHEN resolution.state IS DISTINCT FROM 'approved'
             OR resolution.content_hash IS DISTINCT FROM pass.content_hash THEN 'not-approved'
        WHEN happened_at IS NULL OR happened_at < pass.issued_at OR happened_at >= pass.expires_at THEN 'expired'
        WHEN pass.issued_in <> pg_current_xact_id() THEN 'pass-of-another-transaction'
        END;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'gate_' || lower(TG_ARGV[0]), DETAIL = problem,
            MESSAGE = format('Gate %s refuses: %s.', TG_ARGV[0], problem);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER guard_resolution BEFORE INSERT OR UPDATE ON public.govkernel_resolution
    FOR EACH ROW EXECUTE FUNCTION public.govkernel_guard_resolution();
CREATE TRIGGER keep_resolution BEFORE DELETE ON public.govkernel_resolution
    FOR EACH ROW EXECUTE FUNCTION public.journal_refuse_change();
CREATE TRIGGER keep_resolutions BEFORE TRUNCATE ON public.govkernel_resolution
    FOR EACH STATEMENT EXECUTE FUNCTION public.journal_refuse_change();
CREATE TRIGGER guard_pass BEFORE INSERT ON public.journal_gatepass
    FOR EACH ROW EXECUTE FUNCTION public.govkernel_guard_pass();
ALTER TABLE public.govkernel_resolution ENABLE ALWAYS TRIGGER guard_resolution;
ALTER TABLE public.govkernel_resolution ENABLE ALWAYS TRIGGER keep_resolution;
ALTER TABLE public.govkernel_resolution ENABLE ALWAYS TRIGGER keep_resolutions;
ALTER TABLE public.journal_gatepass ENABLE ALWAYS TRIGGER guard_pass;
REVOKE DELETE ON public.govkernel_resolution FROM amparo_app;

-- The one key that points up: added here, so that the journal knows nothing of governance.
ALTER TABLE public.journal_gatepass ADD CONSTRAINT pass_of_a_resolution
    FOREIGN KEY (resolution_id) REFERENCES public.govkernel_resolution (id);
"""

NO_FUNCTIONS = """
ALTER TABLE public.journal_gatepass DROP CONSTRAINT pass_of_a_resolution;
DROP TRIGGER guard_pass ON public.journal_gatepass;
DROP TRIGGER guard_resolution ON public.govkernel_resolution;
DROP TRIGGER keep_resolution ON public.govkernel_resolution;
DROP TRIGGER keep_resolutions ON public.govkernel_resolution;
DROP FUNCTION public.govkernel_demand_pass();
DROP FUNCTION public.govkernel_guard_pass();
DROP FUNCTION public.govkernel_guard_resolution();
DROP FUNCTION public.govkernel_mandate_carries(uuid, uuid, text, timestamptz);
GRANT DELETE ON public.govkernel_resolution TO amparo_app;
"""


class Migration(migrations.Migration):

    dependencies = [
        ("govkernel", "0001_initial"),
        ("accounts", "0002_mandates_guarded"),
        ("journal", "0002_append_only"),
        ("rulebook", "0002_append_only"),
    ]

    operations = [
        migrations.RunPython(install_gates, remove_gates),
        AppendOnly("govkernel_gate"),
        migrations.RunSQL(
            "REVOKE INSERT ON public.govkernel_gate FROM amparo_app",
            "GRANT INSERT ON public.govkernel_gate TO amparo_app",
        ),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        GateTrigger(
            "rulebook_packversion",
            pass_column="gate_pass_id",
            hash_column="activation_hash",
            at_column="activated_at",
            gate="G1",
        ),
    ]
