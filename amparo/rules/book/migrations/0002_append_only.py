"""A pack that once decided something stays; what was approved is recomputed by the database."""

from django.db import migrations

from amparo.journal.migration_operations import AppendOnly

# The same text as in `rules.book.operations.activation_hash`; this spelling of a date follows no session setting.
APPROVED = """
ALTER TABLE public.rulebook_packversion ADD CONSTRAINT activation_hash_fits CHECK (
    activation_hash = encode(sha256(convert_to(
        scheme || ' ' || version || ' ' || content_hash || ' ' || to_char(applies_from, 'YYYY-MM-DD'), 'UTF8'
    )), 'hex')
)
"""


class Migration(migrations.Migration):

    dependencies = [("rulebook", "0001_initial")]

    operations = [
        AppendOnly("rulebook_packversion"),
        migrations.RunSQL(
            APPROVED, "ALTER TABLE public.rulebook_packversion DROP CONSTRAINT activation_hash_fits"
        ),
    ]
