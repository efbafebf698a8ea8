"""Until when the password opens an account that its administrator was shown, once."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("accounts", "0003_roles_belong_to_the_owner")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="first_password_until",
            field=models.DateTimeField(null=True),
        ),
    ]
