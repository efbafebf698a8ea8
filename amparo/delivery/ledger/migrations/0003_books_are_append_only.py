"""Hold the books under every path: append-only, and every posting with its entry and accounts.

The chart is changed by migrations only: the application may read it and not write it.
"""

from django.db import migrations

from amparo.journal.key_triggers import KeysExist
from amparo.journal.migration_operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_chart_of_accounts")]

    operations = [
        AppendOnly("ledger_journalentry", "ledger_posting"),
        KeysExist(
            "ledger_posting",
            {
                "entry_id": "ledger_journalentry",
                "debit_id": "ledger_account",
                "credit_id": "ledger_account",
            },
            {"ledger_account": "code"},
        ),
        migrations.RunSQL(
            "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ledger_account FROM amparo_app",
            "GRANT INSERT, UPDATE, DELETE ON ledger_account TO amparo_app",
        ),
    ]
