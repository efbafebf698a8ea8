"""What a constraint cannot say about mandates, the database holds by triggers: also against raw SQL and COPY."""

from django.db import migrations

GUARD = """
CREATE FUNCTION public.accounts_guard_mandate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    other text;
    may_grant boolean;
BEGIN
    -- Two grants to one user at the same time wait for each other here, and the second sees the first; under
    -- REPEATABLE READ it would not.
    IF current_setting('transaction_isolation') = 'repeatable read' THEN
        RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'mandate_isolation',
            MESSAGE = 'Mandates are granted under READ COMMITTED or SERIALIZABLE only.';
    END IF;
    PERFORM 1 FROM public.accounts_user WHERE id = NEW.user_id FOR NO KEY UPDATE;

    IF TG_OP = 'UPDATE' THEN
        IF (OLD.id, OLD.user_id, OLD.role_id, OLD.starts_on, OLD.granted_at)
               IS DISTINCT FROM (NEW.id, NEW.user_id, NEW.role_id, NEW.starts_on, NEW.granted_at)
           OR (OLD.granted_by_id, OLD.granted_under_id)
               IS DISTINCT FROM (NEW.granted_by_id, NEW.granted_under_id)
           OR NEW.ends_before IS NULL
           OR NEW.ends_before > OLD.ends_before THEN
            RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME,
                CONSTRAINT = 'mandate_only_ends',
                MESSAGE = 'A mandate never changes: it may only end, or end earlier.';
        END IF;
        RETURN NEW;
    END IF;

    IF NEW.granted_under_id IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('accounts_first_mandate', 0));
        IF EXISTS (SELECT FROM public.accounts_mandate) THEN
            RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME,
                CONSTRAINT = 'mandate_has_a_grantor',
                MESSAGE = 'Only the first mandate of an installation has no grantor.';
        END IF;
    ELSE
        -- A day's tolerance: the legal time zone is a setting of the application.
        SELECT TRUE INTO may_grant
        FROM public.accounts_mandate m JOIN public.accounts_role r ON r.code = m.role_id
        WHERE m.id = NEW.granted_under_id AND m.user_id = NEW.granted_by_id
          AND 'accounts.grant_mandate' = ANY (r.rights)
          AND m.starts_on <= (NEW.granted_at AT TIME ZONE 'UTC')::date + 1
          AND (m.ends_before IS NULL OR m.ends_before > (NEW.granted_at AT TIME ZONE 'UTC')::date - 1);
        IF may_grant IS NOT TRUE THEN
            RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME,
                CONSTRAINT = 'mandate_grantor_may_grant',
                MESSAGE = 'The grantor holds no mandate that carries the right to grant.';
        END IF;
    END IF;

    SELECT m.role_id INTO other
    FROM public.accounts_mandate m
    JOIN public.accounts_incompatibleroles i
      ON (i.first_id, i.second_id) IN ((m.role_id, NEW.role_id), (NEW.role_id, m.role_id))
    WHERE m.user_id = NEW.user_id AND m.id <> NEW.id
      AND daterange(m.starts_on, m.ends_before) && daterange(NEW.starts_on, NEW.ends_before)
    LIMIT 1;
    IF other IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'mandate_roles_are_compatible',
            MESSAGE = format('The roles %s and %s do not go together.', other, NEW.role_id);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER guard_mandate BEFORE INSERT OR UPDATE ON public.accounts_mandate
    FOR EACH ROW EXECUTE FUNCTION public.accounts_guard_mandate();
CREATE TRIGGER keep_mandate BEFORE DELETE ON public.accounts_mandate
    FOR EACH ROW EXECUTE FUNCTION public.journal_refuse_change();
CREATE TRIGGER keep_mandates BEFORE TRUNCATE ON public.accounts_mandate
    FOR EACH STATEMENT EXECUTE FUNCTION public.journal_refuse_change();
ALTER TABLE public.accounts_mandate ENABLE ALWAYS TRIGGER guard_mandate;
ALTER TABLE public.accounts_mandate ENABLE ALWAYS TRIGGER keep_mandate;
ALTER TABLE public.accounts_mandate ENABLE ALWAYS TRIGGER keep_mandates;
REVOKE DELETE, UPDATE ON public.accounts_mandate FROM amparo_app;
GRANT UPDATE (ends_before) ON public.accounts_mandate TO amparo_app;
-- Roles and their incompatibilities are taken away by a migration only.
REVOKE DELETE ON public.accounts_role, public.accounts_incompatibleroles FROM amparo_app;
REVOKE UPDATE ON public.accounts_incompatibleroles FROM amparo_app;
-- Evidence names people for ever: accounts are closed, not deleted.
REVOKE DELETE ON public.accounts_user FROM amparo_app;
"""

UNGUARD = """
GRANT UPDATE, DELETE ON public.accounts_mandate, public.accounts_incompatibleroles TO amparo_app;
GRANT DELETE ON public.accounts_role, public.accounts_user TO amparo_app;
DROP TRIGGER guard_mandate ON public.accounts_mandate;
DROP TRIGGER keep_mandate ON public.accounts_mandate;
DROP TRIGGER keep_mandates ON public.accounts_mandate;
DROP FUNCTION public.accounts_guard_mandate();
"""


class Migration(migrations.Migration):

    dependencies = [("accounts", "0001_initial"), ("journal", "0002_append_only")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
