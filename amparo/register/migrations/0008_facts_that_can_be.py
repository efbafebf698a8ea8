"""What no fact can say, whoever writes it: an impossible day, a number or place without a letter.

The days are those of `register.days`.
"""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('register', '0007_one_index_for_each_key'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='employerprofile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('starts_on', datetime.date(1, 1, 1)), ('starts_on__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), _connector='OR'), models.Q(('ends_before', None), ('ends_before__lte', datetime.date(2200, 1, 1)), _connector='OR')), name='employer_profile_on_possible_days'),
        ),
        migrations.AddConstraint(
            model_name='employerprofile',
            constraint=models.CheckConstraint(condition=models.Q(('search_name', ''), _negated=True), name='an_employer_has_a_name'),
        ),
        migrations.AddConstraint(
            model_name='employment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('starts_on', datetime.date(1, 1, 1)), ('starts_on__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), _connector='OR'), models.Q(('ends_before', None), ('ends_before__lte', datetime.date(2200, 1, 1)), _connector='OR')), name='employment_on_possible_days'),
        ),
        migrations.AddConstraint(
            model_name='employment',
            constraint=models.CheckConstraint(condition=models.Q(('occupation__regex', '^[0-9]{0,4}$')), name='employment_occupation'),
        ),
        migrations.AddConstraint(
            model_name='householdmember',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('starts_on', datetime.date(1, 1, 1)), ('starts_on__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), _connector='OR'), models.Q(('ends_before', None), ('ends_before__lte', datetime.date(2200, 1, 1)), _connector='OR')), name='household_member_on_possible_days'),
        ),
        migrations.AddConstraint(
            model_name='identifier',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('starts_on', datetime.date(1, 1, 1)), ('starts_on__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), _connector='OR'), models.Q(('ends_before', None), ('ends_before__lte', datetime.date(2200, 1, 1)), _connector='OR')), name='identifier_on_possible_days'),
        ),
        migrations.AddConstraint(
            model_name='identifier',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('value', ''), _negated=True), models.Q(('issuer', ''), _negated=True), ('kind__in', ('national-id', 'birth-registration', 'tax', 'passport', 'refugee'))), name='an_identifier_says_which'),
        ),
        migrations.AddConstraint(
            model_name='kinship',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('starts_on', datetime.date(1, 1, 1)), ('starts_on__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), _connector='OR'), models.Q(('ends_before', None), ('ends_before__lte', datetime.date(2200, 1, 1)), _connector='OR')), name='kinship_on_possible_days'),
        ),
        migrations.AddConstraint(
            model_name='paymentaccount',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('starts_on', datetime.date(1, 1, 1)), ('starts_on__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), _connector='OR'), models.Q(('ends_before', None), ('ends_before__lte', datetime.date(2200, 1, 1)), _connector='OR')), name='payment_account_on_possible_days'),
        ),
        migrations.AddConstraint(
            model_name='paymentaccount',
            constraint=models.CheckConstraint(condition=models.Q(('provider__regex', '^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$'), ('account_number__regex', '^/*[A-Z0-9][A-Z0-9/]*$')), name='payment_account_can_be_ordered'),
        ),
        migrations.AddConstraint(
            model_name='personname',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('starts_on', datetime.date(1, 1, 1)), ('starts_on__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), _connector='OR'), models.Q(('ends_before', None), ('ends_before__lte', datetime.date(2200, 1, 1)), _connector='OR')), name='person_name_on_possible_days'),
        ),
        migrations.AddConstraint(
            model_name='personname',
            constraint=models.CheckConstraint(condition=models.Q(('search_name', ''), _negated=True), name='a_name_can_be_read'),
        ),
        migrations.AddConstraint(
            model_name='representation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('starts_on', datetime.date(1, 1, 1)), ('starts_on__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), _connector='OR'), models.Q(('ends_before', None), ('ends_before__lte', datetime.date(2200, 1, 1)), _connector='OR')), name='representation_on_possible_days'),
        ),
        migrations.AddConstraint(
            model_name='residence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('starts_on', datetime.date(1, 1, 1)), ('starts_on__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), _connector='OR'), models.Q(('ends_before', None), ('ends_before__lte', datetime.date(2200, 1, 1)), _connector='OR')), name='residence_on_possible_days'),
        ),
        migrations.AddConstraint(
            model_name='residence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('district', ''), _negated=True), ('country__regex', '^[A-Z]{2}$')), name='a_home_has_a_place'),
        ),
        migrations.AddConstraint(
            model_name='vitals',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('starts_on', datetime.date(1, 1, 1)), ('starts_on__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), _connector='OR'), models.Q(('ends_before', None), ('ends_before__lte', datetime.date(2200, 1, 1)), _connector='OR')), name='vitals_on_possible_days'),
        ),
        migrations.AddConstraint(
            model_name='vitals',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('birth_date', None), ('birth_date__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), _connector='OR'), models.Q(('death_date', None), ('death_date__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), _connector='OR')), name='born_and_died_on_possible_days'),
        ),
    ]
