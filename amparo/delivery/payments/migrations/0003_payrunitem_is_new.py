"""Say of each item whether its run creates the entitlement, so that no run looks that up again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_runs_are_guarded")]

    operations = [
        migrations.AddField(
            model_name="payrunitem",
            name="is_new",
            field=models.BooleanField(default=True),
            preserve_default=False,
        ),
    ]
