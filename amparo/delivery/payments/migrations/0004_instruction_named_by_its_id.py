"""Let the id alone name an instruction: two indexes over random text cost a run half a second."""

from django.db import migrations, models
from django.db.models.functions import Cast, Replace


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_payrunitem_is_new")]

    operations = [
        migrations.AlterField(
            model_name="instruction",
            name="end_to_end_id",
            field=models.CharField(max_length=35),
        ),
        migrations.AddConstraint(
            model_name="instruction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    end_to_end_id=Replace(
                        Cast("id", models.TextField()), models.Value("-"), models.Value("")
                    )
                ),
                name="instruction_is_named_by_its_id",
            ),
        ),
    ]
