"""Claims are born submitted; awards and their amounts come from what two people agreed on."""

from django.db import migrations

from amparo.journal.migration_operations import AppendOnly

# What was there before stays: the triggers judge rows as they are written.
FORWARDS = """
CREATE OR REPLACE FUNCTION public.claims_guard_claim() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    step text;
    outcome text[] := ARRAY['state', 'approved_by', 'approved_at'];
    working text[] := outcome || ARRAY['answers', 'eligibility_id', 'amount_id',
                                       'proposed_by', 'proposed_at'];
BEGIN
    IF TG_OP = 'INSERT' THEN
        step := 'nothing > ' || NEW.state;
        IF NEW.state = 'submitted' AND num_nulls(
               NEW.eligibility_id, NEW.amount_id, NEW.proposed_by, NEW.proposed_at,
               NEW.approved_by, NEW.approved_at) = 6 THEN
            RETURN NEW;
        END IF;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        step := OLD.state || ' > ' || NEW.state;
        -- A decision is approved exactly as it was proposed, and says what the claim becomes.
        IF step IN ('proposed > granted', 'proposed > refused')
           AND to_jsonb(NEW) - outcome = to_jsonb(OLD) - outcome
           AND EXISTS (
               SELECT FROM public.decisions_decision d
               WHERE d.id = NEW.eligibility_id AND d.kind = 'eligibility'
                 AND d.subject_id = NEW.id AND d.person_id = NEW.person_id
                 AND d.outcome = NEW.state)
           AND (NEW.state = 'refused' OR EXISTS (
               SELECT FROM public.decisions_decision d
               WHERE d.id = NEW.amount_id AND d.kind = 'amount'
                 AND d.subject_id = NEW.id AND d.person_id = NEW.person_id
                 AND d.outcome IN ('granted', 'computed'))) THEN
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
        HINT = 'A claim starts as submitted, is decided as its decisions say, and then stays as it is.';
END $$;
CREATE TRIGGER guard_new_rows BEFORE INSERT ON public.claims_claim
    FOR EACH ROW EXECUTE FUNCTION public.claims_guard_claim();
ALTER TABLE public.claims_claim ENABLE ALWAYS TRIGGER guard_new_rows;

-- Whole sets at once: a hundred thousand awards are taken on in one statement.
CREATE FUNCTION public.claims_guard_new_awards() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM new_rows n
        LEFT JOIN public.decisions_decision d ON d.id = n.granted_by_id
        LEFT JOIN public.claims_claim c ON c.id = n.claim_id
        LEFT JOIN public.claims_takeon t ON t.id = n.take_on_id
        WHERE d.person_id IS DISTINCT FROM n.person_id
           OR num_nonnulls(n.claim_id, n.take_on_id) <> 1
           OR (n.claim_id IS NOT NULL AND (
                c.state <> 'granted'
                OR d.outcome NOT IN ('granted', 'computed')
                OR (c.person_id, c.scheme, c.benefit, c.is_single, c.contingency_on, c.amount_id)
                   IS DISTINCT FROM
                   (n.person_id, n.scheme, n.benefit, n.is_single, n.contingency_on,
                    n.granted_by_id)))
           OR (n.take_on_id IS NOT NULL AND (
                (d.kind, d.outcome, d.subject_id) IS DISTINCT FROM ('take-on', 'granted', n.id)
                OR d.inputs #>> '{received_file,value}' IS DISTINCT FROM t.received_file_id::text
                OR d.decided_by IS DISTINCT FROM t.approved_by))
    ) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'integrity_constraint_violation',
            TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'award_rests_on_an_approval',
            MESSAGE = 'An award rests on its granted claim, or on an approved take-on, and on that decision.',
            HINT = 'Have a claim approved, or take the award on with its file.';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_new_rows AFTER INSERT ON public.claims_award
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION public.claims_guard_new_awards();
ALTER TABLE public.claims_award ENABLE ALWAYS TRIGGER guard_new_rows;

CREATE FUNCTION public.claims_guard_new_components() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM new_rows n
        LEFT JOIN public.claims_award a ON a.id = n.award_id
        LEFT JOIN public.decisions_decision d ON d.id = n.decision_id
        WHERE NOT coalesce(
            d.person_id = a.person_id
            AND d.outcome IN ('granted', 'computed')
            AND (a.claim_id IS NULL AND d.subject_id = a.id
                 OR EXISTS (
                   SELECT FROM public.claims_scheduledamount s
                   JOIN public.claims_claim c ON c.id = s.claim_id
                   WHERE s.decision_id = n.decision_id AND s.claim_id = a.claim_id
                     AND s.eligibility_id = c.eligibility_id AND s.amount = n.amount
                     AND s.starts_on = n.starts_on)), false)
    ) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'integrity_constraint_violation',
            TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'component_rests_on_an_approval',
            MESSAGE = 'An amount of an award rests on a decision that was approved for this award.',
            HINT = 'Have the amount decided and approved with its claim, or take it on with its file.';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_new_rows AFTER INSERT ON public.claims_awardcomponent
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION public.claims_guard_new_components();
ALTER TABLE public.claims_awardcomponent ENABLE ALWAYS TRIGGER guard_new_rows;
"""

BACKWARDS = """
DROP TRIGGER guard_new_rows ON public.claims_claim;
DROP TRIGGER guard_new_rows ON public.claims_award;
DROP TRIGGER guard_new_rows ON public.claims_awardcomponent;
DROP FUNCTION public.claims_guard_new_awards();
DROP FUNCTION public.claims_guard_new_components();
"""


class Migration(migrations.Migration):
    dependencies = [("claims", "0004_schedules_and_take_ons")]

    operations = [
        AppendOnly("claims_scheduledamount", "claims_takeon"),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
