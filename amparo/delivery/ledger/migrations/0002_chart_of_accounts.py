"""Install the chart of accounts. The data stands here: what a migration did must not change later."""

from django.db import migrations

ACCOUNTS = [
    ("1000", "Bank", "asset"),
    ("1200", "Contributions receivable", "asset"),
    ("2100", "Benefits payable", "liability"),
    ("2200", "Returned payments to pay out again", "liability"),
    ("4100", "Contribution income", "income"),
    ("5100", "Benefit expense", "expense"),
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
    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
