"""Facts about a person are visible to a reading with a purpose only.

A tie concerns two persons: whoever reads their own file sees it from either side.
"""

from django.db import migrations

from amparo.journal.migration_operations import PersonalRows

PERSONAL = [
    "register_personname",
    "register_vitals",
    "register_identifier",
    "register_kinship",
    "register_householdmember",
    "register_residence",
    "register_employment",
    "register_representation",
    "register_paymentaccount",
    "register_lifeevent",
]


def other_side(table, column):
    return migrations.RunSQL(
        f"""
CREATE POLICY personal_select_other_side ON {table} FOR SELECT USING (
    (SELECT current_setting('amparo.purpose', true)) <> ''
    AND {column} = (SELECT nullif(current_setting('amparo.subject', true), '')::uuid)
);
""",
        f"DROP POLICY personal_select_other_side ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("register", "0002_facts_are_superseded_only")]

    operations = [
        *(PersonalRows(table) for table in PERSONAL),
        other_side("register_kinship", "relative_id"),
        other_side("register_representation", "representative_id"),
    ]
