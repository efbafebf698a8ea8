"""The legal time zone in one place of the database: what guards there reckon days by.

A change is a new row, made by the tables' owner: the zone of a past instant stays what it was.
"""

import uuid

from django.db import migrations, models

from amparo.journal.migration_operations import AppendOnly

FUNCTION = """
REVOKE INSERT ON public.office_legaltimezone FROM amparo_app;
CREATE FUNCTION public.office_legal_time_zone(at timestamptz) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT name FROM public.office_legaltimezone
    WHERE applies_from <= at ORDER BY applies_from DESC LIMIT 1
$$;
"""
BACK = "DROP FUNCTION public.office_legal_time_zone(timestamptz);"


class Migration(migrations.Migration):
    dependencies = [("office", "0003_long_work")]

    operations = [
        migrations.CreateModel(
            name="LegalTimeZone",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60)),
                ("applies_from", models.DateTimeField(unique=True)),
            ],
        ),
        AppendOnly("office_legaltimezone"),
        migrations.RunSQL(FUNCTION, BACK),
    ]
