"""Guard the state machines of claims and awards where no program can go round them."""

from django.db import migrations

from amparo.journal.migration_operations import PersonalRows

FORWARDS = """
CREATE FUNCTION public.claims_guard_claim() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    step text;
    outcome text[] := ARRAY['state', 'approved_by', 'approved_at'];
    working text[] := outcome || ARRAY['answers', 'eligibility_id', 'amount_id',
                                       'proposed_by', 'proposed_at'];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        step := OLD.state || ' > ' || NEW.state;
        -- A decision is approved exactly as it was proposed.
        IF step IN ('proposed > granted', 'proposed > refused')
           AND to_jsonb(NEW) - outcome = to_jsonb(OLD) - outcome THEN
            RETURN NEW;
        END IF;
        IF step IN ('submitted > submitted', 'submitted > evidence pending',
                    'submitted > proposed', 'submitted > withdrawn',
                    'evidence pending > evidence pending', 'evidence pending > submitted',
                    'evidence pending > proposed', 'evidence pending > withdrawn',
                    'proposed > submitted', 'proposed > withdrawn')
           AND to_jsonb(NEW) - working = to_jsonb(OLD) - working THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'integrity_constraint_violation',
        CONSTRAINT = 'claim_steps',
        MESSAGE = format('This step of a claim is refused: %s %s', TG_OP, coalesce(step, '')),
        HINT = 'A decided or withdrawn claim stays as it is; a new decision needs a new claim or an appeal.';
END $$;
CREATE TRIGGER guard_rows BEFORE UPDATE OR DELETE ON public.claims_claim
    FOR EACH ROW EXECUTE FUNCTION public.claims_guard_claim();
ALTER TABLE public.claims_claim ENABLE ALWAYS TRIGGER guard_rows;

CREATE FUNCTION public.claims_guard_award() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    may_change text[] := ARRAY['state', 'ends_before', 'payee_id'];
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state <> 'terminated'
       AND to_jsonb(NEW) - may_change = to_jsonb(OLD) - may_change THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'integrity_constraint_violation',
        CONSTRAINT = 'award_identity',
        MESSAGE = format('An award keeps its identity: %s is refused.', TG_OP),
        HINT = 'Only its state, end and payee change; a terminated award stays terminated.';
END $$;
CREATE TRIGGER guard_rows BEFORE UPDATE OR DELETE ON public.claims_award
    FOR EACH ROW EXECUTE FUNCTION public.claims_guard_award();
ALTER TABLE public.claims_award ENABLE ALWAYS TRIGGER guard_rows;

CREATE FUNCTION public.claims_guard_component() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'ends_before' = to_jsonb(OLD) - 'ends_before' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'integrity_constraint_violation',
        CONSTRAINT = 'component_stays',
        MESSAGE = format('A component keeps its amount and decision: %s is refused.', TG_OP),
        HINT = 'End it, and add the next sequence with the decision it rests on.';
END $$;
CREATE TRIGGER guard_rows BEFORE UPDATE OR DELETE ON public.claims_awardcomponent
    FOR EACH ROW EXECUTE FUNCTION public.claims_guard_component();
ALTER TABLE public.claims_awardcomponent ENABLE ALWAYS TRIGGER guard_rows;

-- Whose claim or award is it? Asked before a reading can name that person; it tells an id, nothing else.
CREATE FUNCTION public.claims_person_of(asked uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT person_id FROM public.claims_claim WHERE id = asked
    UNION ALL
    SELECT person_id FROM public.claims_award WHERE id = asked
$$;

REVOKE DELETE, TRUNCATE ON
    public.claims_claim, public.claims_award, public.claims_awardcomponent FROM amparo_app;
"""

BACKWARDS = """
GRANT DELETE ON
    public.claims_claim, public.claims_award, public.claims_awardcomponent TO amparo_app;
DROP FUNCTION public.claims_person_of(uuid);
DROP TRIGGER guard_rows ON public.claims_claim;
DROP TRIGGER guard_rows ON public.claims_award;
DROP TRIGGER guard_rows ON public.claims_awardcomponent;
DROP FUNCTION public.claims_guard_claim();
DROP FUNCTION public.claims_guard_award();
DROP FUNCTION public.claims_guard_component();
"""


class Migration(migrations.Migration):
    dependencies = [("claims", "0001_initial")]

    operations = [
        migrations.RunSQL(FORWARDS, BACKWARDS),
        PersonalRows("claims_claim"),
        PersonalRows("claims_award"),
    ]
