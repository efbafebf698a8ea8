"""Show what is due on somebody's wage only to a reading with a purpose."""

from django.db import migrations

from amparo.journal.migration_operations import PersonalRows


class Migration(migrations.Migration):
    dependencies = [("contributions", "0004_declarations_name_their_server_run")]

    operations = [
        PersonalRows(
            "contributions_liability", "wage_line_id", through="contributions_wageline.person_id"
        )
    ]
