"""Keys under which records of one person meet; whose they are is personal."""

import django.db.models.deletion
from django.db import migrations, models

from amparo.journal.migration_operations import PersonalRows


class Migration(migrations.Migration):
    dependencies = [("register", "0013_records_of_one_person")]

    operations = [
        migrations.CreateModel(
            name="MatchKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "key_hash", "person", blank=True, editable=False, primary_key=True,
                        serialize=False,
                    ),
                ),
                ("key_hash", models.BigIntegerField()),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.person",
                    ),
                ),
            ],
        ),
        PersonalRows("register_matchkey"),
    ]
