"""A revision of a draft stays as it was saved: what was proposed can be read years later."""

from django.db import migrations

from amparo.journal.migration_operations import AppendOnly


class Migration(migrations.Migration):

    dependencies = [("rulebook", "0003_draft_and_revisions")]

    operations = [AppendOnly("rulebook_draftrevision")]
