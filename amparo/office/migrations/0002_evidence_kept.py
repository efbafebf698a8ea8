"""Notices and received files stay as they were; numbers are never given out again."""

from django.db import migrations

from amparo.journal.migration_operations import AppendOnly, PersonalRows

NUMBERS_GROW = """
CREATE FUNCTION public.office_numbers_grow() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (OLD.series, OLD.year) IS DISTINCT FROM (NEW.series, NEW.year)
       OR NEW.last_number <= OLD.last_number THEN
        RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'numbers_grow', MESSAGE = 'Numbers that were given out are not given out again.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER numbers_grow BEFORE UPDATE ON public.office_numberseries
    FOR EACH ROW EXECUTE FUNCTION public.office_numbers_grow();
ALTER TABLE public.office_numberseries ENABLE ALWAYS TRIGGER numbers_grow;
REVOKE DELETE ON public.office_numberseries, public.office_task FROM amparo_app;
"""

NUMBERS_MAY_SHRINK = """
GRANT DELETE ON public.office_numberseries, public.office_task TO amparo_app;
DROP TRIGGER numbers_grow ON public.office_numberseries;
DROP FUNCTION public.office_numbers_grow();
"""


class Migration(migrations.Migration):

    dependencies = [("office", "0001_initial")]

    operations = [
        AppendOnly("office_notice", "office_receivedfile"),
        PersonalRows("office_notice", person_column="recipient_id"),
        migrations.RunSQL(NUMBERS_GROW, NUMBERS_MAY_SHRINK),
    ]
