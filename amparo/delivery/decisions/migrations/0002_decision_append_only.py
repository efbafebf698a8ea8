"""A decision never changes (invariant 1), and shows itself only to a reading with a purpose."""

from django.db import migrations

from amparo.journal.migration_operations import AppendOnly, PersonalRows

# Whose decision is it? Asked before a reading can name that person; it tells an id, nothing else.
FORWARDS = """
CREATE FUNCTION public.decisions_person_of(asked uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT person_id FROM public.decisions_decision WHERE id = asked
$$;
"""

BACKWARDS = "DROP FUNCTION public.decisions_person_of(uuid);"


class Migration(migrations.Migration):
    dependencies = [("decisions", "0001_initial")]

    operations = [
        AppendOnly("decisions_decision"),
        PersonalRows("decisions_decision"),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
