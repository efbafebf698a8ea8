"""Tell a bank's word on one payment from its word on a whole file, and find what came back."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("payments", "0007_outcomes_have_their_cause")]

    operations = [
        migrations.AddField(
            "statementline", "is_of_whole_file", models.BooleanField(default=False)
        ),
        migrations.AddIndex(
            "statementline",
            models.Index(
                fields=["instruction"],
                condition=Q(problem="", outcome__in=["rejected", "returned"]),
                name="line_took_back",
            ),
        ),
    ]
