"""What a revision of a draft would do, kept with the content, the people and the day it is about."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("rulebook", "0004_revisions_are_append_only")]

    operations = [
        migrations.CreateModel(
            name="Simulation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("content_hash", models.CharField(max_length=64)),
                ("benefit", models.CharField(max_length=60)),
                ("on_date", models.DateField()),
                ("as_new", models.BooleanField()),
                ("population", models.JSONField()),
                ("population_hash", models.CharField(max_length=64)),
                ("cases", models.IntegerField()),
                ("result", models.JSONField()),
                ("made_by", models.UUIDField()),
                ("made_at", models.DateTimeField()),
                ("base", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rulebook.packversion")),
                ("revision", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rulebook.draftrevision")),
            ],
            options={
                "indexes": [models.Index(fields=["content_hash", "-made_at"], name="simulation_by_content")],
            },
        ),
        migrations.CreateModel(
            name="SimulatedCase",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("number", models.IntegerField()),
                ("sex", models.CharField(max_length=200)),
                ("age_band", models.CharField(max_length=200)),
                ("region", models.TextField()),
                ("before_state", models.CharField(max_length=20)),
                ("after_state", models.CharField(max_length=20)),
                ("before", models.DecimalField(decimal_places=2, max_digits=38)),
                ("after", models.DecimalField(decimal_places=2, max_digits=38)),
                ("change", models.DecimalField(decimal_places=2, max_digits=38)),
                ("traces", models.JSONField()),
                ("simulation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rulebook.simulation")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("simulation", "number"), name="a_case_of_a_number")],
            },
        ),
    ]
