"""What is posted stays: corrections are differences. A wage line in suspense may find its person, once."""

from django.db import migrations

from amparo.journal.migration_operations import AppendOnly, PersonalRows

FORWARDS = """
CREATE FUNCTION public.contributions_guard_wage_line() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'suspense' AND NEW.state = 'matched'
       AND to_jsonb(NEW) - 'state' - 'person_id' = to_jsonb(OLD) - 'state' - 'person_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'integrity_constraint_violation',
        CONSTRAINT = 'a_posted_line_stays',
        MESSAGE = format('A posted wage line stays as it is: %s is refused.', TG_OP),
        HINT = 'A line in suspense may be matched to its person; anything else is a correction of its own.';
END $$;
CREATE TRIGGER guard_rows BEFORE UPDATE OR DELETE ON public.contributions_wageline
    FOR EACH ROW EXECUTE FUNCTION public.contributions_guard_wage_line();
ALTER TABLE public.contributions_wageline ENABLE ALWAYS TRIGGER guard_rows;
REVOKE DELETE, TRUNCATE ON public.contributions_wageline FROM amparo_app;
"""

BACKWARDS = """
GRANT DELETE ON public.contributions_wageline TO amparo_app;
DROP TRIGGER guard_rows ON public.contributions_wageline;
DROP FUNCTION public.contributions_guard_wage_line();
"""


class Migration(migrations.Migration):
    dependencies = [("contributions", "0001_initial")]

    operations = [
        AppendOnly(
            "contributions_declaration", "contributions_liability", "contributions_takenonyear"
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        PersonalRows("contributions_wageline"),
        PersonalRows("contributions_takenonyear"),
    ]
