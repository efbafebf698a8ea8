"""A declaration may be corrected by differences: declarations of their own beside the original."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0005_first_legal_time_zone"),
        ("register", "0009_nobody_loses_their_name_or_vitals"),
        ("contributions", "0007_accounts_are_guarded"),
    ]

    operations = [
        migrations.AddField(
            "declaration",
            "corrects",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="contributions.declaration",
            ),
        ),
        migrations.AddField("declaration", "sequence", models.SmallIntegerField(db_default=0, default=0)),
        migrations.AddField(
            "declaration", "reason", models.CharField(blank=True, db_default="", default="", max_length=500)
        ),
        migrations.AlterField(
            "declaration",
            "received_file",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="office.receivedfile",
            ),
        ),
        migrations.RemoveConstraint("declaration", "one_declaration_an_employer_and_month"),
        migrations.AddConstraint(
            "declaration",
            models.UniqueConstraint(
                fields=["employer", "month", "sequence"], name="one_declaration_an_employer_and_month"
            ),
        ),
        migrations.AddConstraint(
            "declaration",
            models.CheckConstraint(
                condition=Q(sequence=0, corrects=None, received_file__isnull=False)
                | (Q(sequence__gt=0, corrects__isnull=False) & ~Q(reason="")),
                name="a_correction_names_what_it_corrects",
            ),
        ),
        migrations.AddField(
            "wageline",
            "corrects",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="contributions.wageline",
                db_index=False,
            ),
        ),
        migrations.AddIndex(
            "wageline",
            models.Index(
                fields=["corrects"], condition=Q(corrects__isnull=False), name="wage_line_differences"
            ),
        ),
        migrations.RemoveConstraint("wageline", "wage_is_not_negative"),
        migrations.AddConstraint(
            "wageline",
            models.CheckConstraint(
                condition=Q(wage__gte=0) | Q(corrects__isnull=False), name="wage_is_not_negative"
            ),
        ),
        migrations.AddField("liability", "is_difference", models.BooleanField(db_default=False, default=False)),
        migrations.RemoveConstraint("liability", "liability_is_not_negative"),
        migrations.AddConstraint(
            "liability",
            models.CheckConstraint(
                condition=Q(worker_share__gte=0, employer_share__gte=0, insurable__gte=0) | Q(is_difference=True),
                name="liability_is_not_negative",
            ),
        ),
        migrations.CreateModel(
            name="WageLineMatch",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("reason", models.CharField(max_length=500)),
                ("matched_at", models.DateTimeField()),
                ("matched_by", models.UUIDField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="register.person"
                    ),
                ),
                (
                    "wage_line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contributions.wageline"
                    ),
                ),
            ],
        ),
    ]
