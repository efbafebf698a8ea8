"""Show the postings that name a person only to a reading with a purpose."""

from django.db import migrations

from amparo.journal.migration_operations import PersonalRows


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_entries_close_with_their_transaction")]

    operations = [PersonalRows("ledger_posting", "party_id", only_where="party_kind = 'person'")]
