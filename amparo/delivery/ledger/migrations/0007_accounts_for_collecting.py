"""Add the accounts that collecting needs: money not yet allocated, refunds, interest, what is written off."""

from django.db import migrations

ACCOUNTS = [
    ("1210", "Interest, penalties and costs receivable", "asset"),
    ("2300", "Receipts not yet allocated", "liability"),
    ("2310", "Refunds to pay out", "liability"),
    ("4110", "Interest and penalty income", "income"),
    ("5200", "Debts written off", "expense"),
]


def install(apps, schema_editor):
    account = apps.get_model("ledger", "Account")
    account.objects.using(schema_editor.connection.alias).bulk_create(
        account(code=code, title=title, kind=kind) for code, title, kind in ACCOUNTS
    )


def remove(apps, schema_editor):
    account = apps.get_model("ledger", "Account")
    account.objects.using(schema_editor.connection.alias).filter(
        code__in=[code for code, _title, _kind in ACCOUNTS]
    ).delete()


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_entries_name_their_server_run")]

    operations = [migrations.RunPython(install, remove)]
