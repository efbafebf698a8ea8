"""Show what an award pays, and what a claim would pay, only to a reading with a purpose."""

from django.db import migrations

from amparo.journal.migration_operations import PersonalRows


class Migration(migrations.Migration):
    dependencies = [("claims", "0005_awards_rest_on_approvals")]

    operations = [
        PersonalRows("claims_awardcomponent", "award_id", through="claims_award.person_id"),
        PersonalRows("claims_scheduledamount", "claim_id", through="claims_claim.person_id"),
    ]
