"""Why an officer wrote a fact down, and on which evidence: personal, and append-only."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from amparo.journal.migration_operations import AppendOnly, PersonalRows


class Migration(migrations.Migration):
    dependencies = [("register", "0005_identifier_by_its_digest")]

    operations = [
        migrations.CreateModel(
            name="FactGrounds",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("fact_id", models.UUIDField(db_index=True)),
                ("evidence", models.CharField(max_length=20)),
                ("reference", models.CharField(blank=True, max_length=60)),
                ("reason", models.TextField()),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.UUIDField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="grounds_say_why"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "evidence__in",
                                (
                                    "birth-certificate",
                                    "death-certificate",
                                    "identity-document",
                                    "court-order",
                                    "employer-letter",
                                    "account-statement",
                                    "own-statement",
                                    "other-document",
                                ),
                            )
                        ),
                        name="grounds_name_their_evidence",
                    ),
                ],
            },
        ),
        PersonalRows("register_factgrounds"),
        AppendOnly("register_factgrounds"),
    ]
