"""The zone that the settings name when the installation is founded, for all time before too."""

from django.conf import settings
from django.db import migrations

FIRST = """
INSERT INTO public.office_legaltimezone (id, name, applies_from)
VALUES (gen_random_uuid(), %s, '0001-01-01 00:00:00+00')
"""


class Migration(migrations.Migration):
    dependencies = [("office", "0004_legal_time_zone_is_kept")]

    # The row goes with its table: by itself it is not taken away.
    operations = [migrations.RunSQL([(FIRST, [settings.TIME_ZONE])], migrations.RunSQL.noop)]
