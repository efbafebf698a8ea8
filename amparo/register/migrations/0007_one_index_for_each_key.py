"""A foreign key's own index serves who looks the other way: a second one beside it only cost time.

Events of employers are few among those of persons: their index leaves out the rows without one.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0006_factgrounds_is_new")]

    operations = [
        migrations.RemoveIndex("identifier", "identifier_person"),
        migrations.RemoveIndex("kinship", "kinship_relative"),
        migrations.RemoveIndex("householdmember", "member_household"),
        migrations.RemoveIndex("employment", "employment_employer"),
        migrations.AlterField(
            "lifeevent",
            "employer",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="register.employer",
            ),
        ),
        migrations.AddIndex(
            "lifeevent",
            models.Index(
                condition=models.Q(("employer__isnull", False)),
                fields=["employer"],
                name="life_event_employer",
            ),
        ),
    ]
