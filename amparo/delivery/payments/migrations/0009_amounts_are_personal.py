"""Show what somebody is due, is paid, or was sent back only to a reading with a purpose."""

from django.db import migrations

from amparo.journal.migration_operations import PersonalRows


class Migration(migrations.Migration):
    dependencies = [("payments", "0008_statementline_add_is_of_whole_file")]

    operations = [
        PersonalRows("payments_entitlement", "award_id", through="claims_award.person_id"),
        PersonalRows("payments_difference", "award_id", through="claims_award.person_id"),
        PersonalRows(
            "payments_instructionline", "instruction_id", through="payments_instruction.payee_id"
        ),
        PersonalRows(
            "payments_statementline", "instruction_id", through="payments_instruction.payee_id"
        ),
    ]
