"""More is said of people: other names, civil status, nationality, languages, contacts, special facts.

And more of each fact: how sure it is, how it was verified, by which event a birth is dated. Columns
added to facts that stand already have a default in the database: the release before goes on writing.
"""

import datetime
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('register', '0009_nobody_loses_their_name_or_vitals'),
    ]

    operations = [
        migrations.CreateModel(
            name='CivilStatus',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('starts_on', models.DateField()),
                ('ends_before', models.DateField(null=True)),
                ('recorded_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
                ('source', models.CharField(max_length=20)),
                ('source_id', models.UUIDField(null=True)),
                ('recorded_by', models.UUIDField()),
                ('confidence', models.CharField(blank=True, default='', max_length=10)),
                ('status', models.CharField(max_length=20)),
            ],
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('starts_on', models.DateField()),
                ('ends_before', models.DateField(null=True)),
                ('recorded_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
                ('source', models.CharField(max_length=20)),
                ('source_id', models.UUIDField(null=True)),
                ('recorded_by', models.UUIDField()),
                ('confidence', models.CharField(blank=True, default='', max_length=10)),
                ('kind', models.CharField(max_length=10)),
                ('value', models.CharField(max_length=254)),
                ('verified_on', models.DateField(null=True)),
                ('verified_how', models.CharField(blank=True, max_length=20)),
            ],
        ),
        migrations.CreateModel(
            name='Establishment',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('starts_on', models.DateField()),
                ('ends_before', models.DateField(null=True)),
                ('recorded_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
                ('source', models.CharField(max_length=20)),
                ('source_id', models.UUIDField(null=True)),
                ('recorded_by', models.UUIDField()),
                ('confidence', models.CharField(blank=True, default='', max_length=10)),
                ('code', models.CharField(max_length=20)),
                ('name', models.CharField(max_length=160)),
                ('activity', models.CharField(max_length=10)),
                ('district', models.CharField(max_length=60)),
                ('unit', models.CharField(blank=True, max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='Nationality',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('starts_on', models.DateField()),
                ('ends_before', models.DateField(null=True)),
                ('recorded_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
                ('source', models.CharField(max_length=20)),
                ('source_id', models.UUIDField(null=True)),
                ('recorded_by', models.UUIDField()),
                ('confidence', models.CharField(blank=True, default='', max_length=10)),
                ('kind', models.CharField(max_length=20)),
                ('country', models.CharField(blank=True, max_length=2)),
            ],
        ),
        migrations.CreateModel(
            name='OtherName',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('starts_on', models.DateField()),
                ('ends_before', models.DateField(null=True)),
                ('recorded_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
                ('source', models.CharField(max_length=20)),
                ('source_id', models.UUIDField(null=True)),
                ('recorded_by', models.UUIDField()),
                ('confidence', models.CharField(blank=True, default='', max_length=10)),
                ('given_names', models.CharField(blank=True, max_length=120)),
                ('family_name', models.CharField(blank=True, max_length=120)),
                ('patronymic', models.CharField(blank=True, default='', max_length=120)),
                ('clan', models.CharField(blank=True, default='', max_length=120)),
                ('is_family_first', models.BooleanField(default=False)),
                ('script', models.CharField(blank=True, default='', max_length=4)),
                ('search_name', models.TextField()),
                ('kind', models.CharField(max_length=20)),
            ],
        ),
        migrations.CreateModel(
            name='ReferenceEntry',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('starts_on', models.DateField()),
                ('ends_before', models.DateField(null=True)),
                ('recorded_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
                ('source', models.CharField(max_length=20)),
                ('source_id', models.UUIDField(null=True)),
                ('recorded_by', models.UUIDField()),
                ('confidence', models.CharField(blank=True, default='', max_length=10)),
                ('list_code', models.CharField(max_length=40)),
                ('code', models.CharField(max_length=40)),
                ('parent', models.CharField(blank=True, max_length=40)),
                ('labels', models.JSONField()),
                ('details', models.JSONField(default=dict)),
                ('publisher', models.CharField(max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='SpecialFact',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('starts_on', models.DateField()),
                ('ends_before', models.DateField(null=True)),
                ('recorded_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
                ('source', models.CharField(max_length=20)),
                ('source_id', models.UUIDField(null=True)),
                ('recorded_by', models.UUIDField()),
                ('confidence', models.CharField(blank=True, default='', max_length=10)),
                ('category', models.CharField(max_length=20)),
                ('code', models.CharField(blank=True, max_length=40)),
                ('detail', models.CharField(blank=True, max_length=200)),
                ('is_self_identified', models.BooleanField()),
            ],
        ),
        migrations.CreateModel(
            name='SpokenLanguage',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('starts_on', models.DateField()),
                ('ends_before', models.DateField(null=True)),
                ('recorded_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
                ('source', models.CharField(max_length=20)),
                ('source_id', models.UUIDField(null=True)),
                ('recorded_by', models.UUIDField()),
                ('confidence', models.CharField(blank=True, default='', max_length=10)),
                ('language', models.CharField(max_length=3)),
                ('is_preferred', models.BooleanField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='representation',
            name='one_representative_of_a_kind_at_a_time',
        ),
        migrations.RemoveConstraint(
            model_name='representation',
            name='representation_kind',
        ),
        migrations.RemoveConstraint(
            model_name='vitals',
            name='vitals_birth_precision',
        ),
        migrations.RemoveConstraint(
            model_name='vitals',
            name='vitals_unknown_part_is_first',
        ),
        migrations.AddField(
            model_name='employerprofile',
            name='confidence',
            field=models.CharField(blank=True, default='', max_length=10),
        ),
        migrations.AddField(
            model_name='employment',
            name='confidence',
            field=models.CharField(blank=True, default='', max_length=10),
        ),
        migrations.AddField(
            model_name='employment',
            name='contract',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AddField(
            model_name='employment',
            name='establishment',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AddField(
            model_name='householdmember',
            name='confidence',
            field=models.CharField(blank=True, default='', max_length=10),
        ),
        migrations.AddField(
            model_name='identifier',
            name='confidence',
            field=models.CharField(blank=True, default='', max_length=10),
        ),
        migrations.AddField(
            model_name='identifier',
            name='verified_how',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AddField(
            model_name='identifier',
            name='verified_on',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='kinship',
            name='confidence',
            field=models.CharField(blank=True, default='', max_length=10),
        ),
        migrations.AddField(
            model_name='kinship',
            name='form',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AddField(
            model_name='paymentaccount',
            name='confidence',
            field=models.CharField(blank=True, default='', max_length=10),
        ),
        migrations.AddField(
            model_name='personname',
            name='clan',
            field=models.CharField(blank=True, default='', max_length=120),
        ),
        migrations.AddField(
            model_name='personname',
            name='confidence',
            field=models.CharField(blank=True, default='', max_length=10),
        ),
        migrations.AddField(
            model_name='personname',
            name='is_family_first',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='personname',
            name='patronymic',
            field=models.CharField(blank=True, default='', max_length=120),
        ),
        migrations.AddField(
            model_name='personname',
            name='script',
            field=models.CharField(blank=True, default='', max_length=4),
        ),
        migrations.AddField(
            model_name='representation',
            name='confidence',
            field=models.CharField(blank=True, default='', max_length=10),
        ),
        migrations.AddField(
            model_name='representation',
            name='rank',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='residence',
            name='confidence',
            field=models.CharField(blank=True, default='', max_length=10),
        ),
        migrations.AddField(
            model_name='residence',
            name='latitude',
            field=models.DecimalField(decimal_places=6, max_digits=8, null=True),
        ),
        migrations.AddField(
            model_name='residence',
            name='longitude',
            field=models.DecimalField(decimal_places=6, max_digits=9, null=True),
        ),
        migrations.AddField(
            model_name='residence',
            name='unit',
            field=models.CharField(blank=True, default='', max_length=40),
        ),
        migrations.AddField(
            model_name='vitals',
            name='birth_event',
            field=models.CharField(blank=True, default='', max_length=40),
        ),
        migrations.AddField(
            model_name='vitals',
            name='birth_latest',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='vitals',
            name='confidence',
            field=models.CharField(blank=True, default='', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='employerprofile',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__in', ['', 'verified', 'documented', 'stated', 'estimated'])), name='employer_profile_confidence'),
        ),
        migrations.AddConstraint(
            model_name='employment',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__in', ['', 'verified', 'documented', 'stated', 'estimated'])), name='employment_confidence'),
        ),
        migrations.AddConstraint(
            model_name='employment',
            constraint=models.CheckConstraint(condition=models.Q(('contract__in', ['', 'indefinite', 'fixed-term', 'seasonal', 'casual', 'apprentice', 'domestic', 'public-office'])), name='employment_contract'),
        ),
        migrations.AddConstraint(
            model_name='householdmember',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__in', ['', 'verified', 'documented', 'stated', 'estimated'])), name='household_member_confidence'),
        ),
        migrations.AddConstraint(
            model_name='identifier',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__in', ['', 'verified', 'documented', 'stated', 'estimated'])), name='identifier_confidence'),
        ),
        migrations.AddConstraint(
            model_name='identifier',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('verified_how', ''), ('verified_on', None)), models.Q(('verified_on__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), models.Q(('verified_how', ''), _negated=True)), _connector='OR'), name='an_identifier_is_verified_somehow'),
        ),
        migrations.AddConstraint(
            model_name='kinship',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__in', ['', 'verified', 'documented', 'stated', 'estimated'])), name='kinship_confidence'),
        ),
        migrations.AddConstraint(
            model_name='kinship',
            constraint=models.CheckConstraint(condition=models.Q(('form', ''), models.Q(('form__in', ('birth', 'adoption', 'recognition', 'foster')), ('kind', 'parent')), models.Q(('form__in', ('civil', 'religious', 'customary', 'partnership', 'de-facto')), ('kind', 'spouse')), models.Q(('form__in', ('court', 'family', 'institution')), ('kind', 'guardian')), _connector='OR'), name='kinship_form'),
        ),
        migrations.AddConstraint(
            model_name='kinship',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('kind', 'spouse')), expressions=[(models.Func(models.F('person'), models.F('relative'), function='LEAST', output_field=models.UUIDField()), '='), (models.Func(models.F('person'), models.F('relative'), function='GREATEST', output_field=models.UUIDField()), '='), (models.Func(models.F('starts_on'), models.F('ends_before'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&'), (models.Func(models.F('recorded_at'), models.F('superseded_at'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='one_union_of_two_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='paymentaccount',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__in', ['', 'verified', 'documented', 'stated', 'estimated'])), name='payment_account_confidence'),
        ),
        migrations.AddConstraint(
            model_name='personname',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__in', ['', 'verified', 'documented', 'stated', 'estimated'])), name='person_name_confidence'),
        ),
        migrations.AddConstraint(
            model_name='representation',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__in', ['', 'verified', 'documented', 'stated', 'estimated'])), name='representation_confidence'),
        ),
        migrations.AddConstraint(
            model_name='representation',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('person', '='), ('kind', '='), ('rank', '='), (models.Func(models.F('starts_on'), models.F('ends_before'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&'), (models.Func(models.F('recorded_at'), models.F('superseded_at'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='one_representative_of_a_kind_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='representation',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('person', '='), ('representative', '='), ('kind', '='), (models.Func(models.F('starts_on'), models.F('ends_before'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&'), (models.Func(models.F('recorded_at'), models.F('superseded_at'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='one_rank_of_a_representative_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='representation',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('payee', 'guardian', 'mandatary'))), name='representation_kind'),
        ),
        migrations.AddConstraint(
            model_name='representation',
            constraint=models.CheckConstraint(condition=models.Q(('person', models.F('representative')), _negated=True), name='nobody_represents_themselves'),
        ),
        migrations.AddConstraint(
            model_name='representation',
            constraint=models.CheckConstraint(condition=models.Q(('rank__range', (1, 9))), name='representation_rank'),
        ),
        migrations.AddConstraint(
            model_name='residence',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__in', ['', 'verified', 'documented', 'stated', 'estimated'])), name='residence_confidence'),
        ),
        migrations.AddConstraint(
            model_name='residence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('latitude', None), ('longitude', None)), models.Q(('latitude__range', (-90, 90)), ('longitude__range', (-180, 180))), _connector='OR'), name='a_point_has_two_coordinates'),
        ),
        migrations.AddConstraint(
            model_name='vitals',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__in', ['', 'verified', 'documented', 'stated', 'estimated'])), name='vitals_confidence'),
        ),
        migrations.AddConstraint(
            model_name='vitals',
            constraint=models.CheckConstraint(condition=models.Q(('birth_precision__in', ['day', 'month', 'year', 'event'])), name='vitals_birth_precision'),
        ),
        migrations.AddConstraint(
            model_name='vitals',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('birth_event', ''), ('birth_latest', None), models.Q(('birth_precision', 'event'), _negated=True)), models.Q(('birth_latest__range', (models.F('birth_date'), datetime.date(2199, 12, 31))), ('birth_precision', 'event'), models.Q(('birth_event', ''), _negated=True)), _connector='OR'), name='an_event_bounds_the_birth'),
        ),
        migrations.AddConstraint(
            model_name='vitals',
            constraint=models.CheckConstraint(condition=models.Q(('birth_date', None), ('birth_precision__in', ['day', 'event']), models.Q(('birth_date__day', 1), ('birth_precision', 'month')), models.Q(('birth_date__day', 1), ('birth_date__month', 1), ('birth_precision', 'year')), _connector='OR'), name='vitals_unknown_part_is_first'),
        ),
        migrations.AddField(
            model_name='civilstatus',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='register.person'),
        ),
        migrations.AddField(
            model_name='contact',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='register.person'),
        ),
        migrations.AddField(
            model_name='establishment',
            name='employer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='register.employer'),
        ),
        migrations.AddField(
            model_name='nationality',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='register.person'),
        ),
        migrations.AddField(
            model_name='othername',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='register.person'),
        ),
        migrations.AddIndex(
            model_name='referenceentry',
            index=models.Index(condition=models.Q(('superseded_at', None)), fields=['list_code', 'code'], name='reference_now'),
        ),
        migrations.AddConstraint(
            model_name='referenceentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('starts_on', datetime.date(1, 1, 1)), ('starts_on__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), _connector='OR'), models.Q(('ends_before', None), ('ends_before__lte', datetime.date(2200, 1, 1)), _connector='OR')), name='reference_entry_on_possible_days'),
        ),
        migrations.AddConstraint(
            model_name='referenceentry',
            constraint=models.CheckConstraint(condition=models.Q(('ends_before', None), ('ends_before__gt', models.F('starts_on')), _connector='OR'), name='reference_entry_lasts_a_day'),
        ),
        migrations.AddConstraint(
            model_name='referenceentry',
            constraint=models.CheckConstraint(condition=models.Q(('superseded_at', None), ('superseded_at__gte', models.F('recorded_at')), _connector='OR'), name='reference_entry_superseded_later'),
        ),
        migrations.AddConstraint(
            model_name='referenceentry',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['declaration', 'document', 'exchange', 'officer'])), name='reference_entry_source'),
        ),
        migrations.AddConstraint(
            model_name='referenceentry',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__in', ['', 'verified', 'documented', 'stated', 'estimated'])), name='reference_entry_confidence'),
        ),
        migrations.AddConstraint(
            model_name='referenceentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('list_code', ''), _negated=True), models.Q(('code', ''), _negated=True), models.Q(('publisher', ''), _negated=True)), name='a_code_stands_in_a_list'),
        ),
        migrations.AddConstraint(
            model_name='referenceentry',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(models.Func(models.F('list_code'), models.F('code'), template='(md5(%(expressions)s)::uuid)', arg_joiner=" || '|' || ", output_field=models.UUIDField()), '='), (models.Func(models.F('starts_on'), models.F('ends_before'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&'), (models.Func(models.F('recorded_at'), models.F('superseded_at'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='one_entry_of_a_code_at_a_time'),
        ),
        migrations.AddField(
            model_name='specialfact',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='register.person'),
        ),
        migrations.AddField(
            model_name='spokenlanguage',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='register.person'),
        ),
        migrations.AddConstraint(
            model_name='civilstatus',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('starts_on', datetime.date(1, 1, 1)), ('starts_on__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), _connector='OR'), models.Q(('ends_before', None), ('ends_before__lte', datetime.date(2200, 1, 1)), _connector='OR')), name='civil_status_on_possible_days'),
        ),
        migrations.AddConstraint(
            model_name='civilstatus',
            constraint=models.CheckConstraint(condition=models.Q(('ends_before', None), ('ends_before__gt', models.F('starts_on')), _connector='OR'), name='civil_status_lasts_a_day'),
        ),
        migrations.AddConstraint(
            model_name='civilstatus',
            constraint=models.CheckConstraint(condition=models.Q(('superseded_at', None), ('superseded_at__gte', models.F('recorded_at')), _connector='OR'), name='civil_status_superseded_later'),
        ),
        migrations.AddConstraint(
            model_name='civilstatus',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['declaration', 'document', 'exchange', 'officer'])), name='civil_status_source'),
        ),
        migrations.AddConstraint(
            model_name='civilstatus',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__in', ['', 'verified', 'documented', 'stated', 'estimated'])), name='civil_status_confidence'),
        ),
        migrations.AddConstraint(
            model_name='civilstatus',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ('single', 'married', 'in-union', 'separated', 'divorced', 'widowed'))), name='civil_status'),
        ),
        migrations.AddConstraint(
            model_name='civilstatus',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('person', '='), (models.Func(models.F('starts_on'), models.F('ends_before'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&'), (models.Func(models.F('recorded_at'), models.F('superseded_at'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='one_civil_status_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('starts_on', datetime.date(1, 1, 1)), ('starts_on__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), _connector='OR'), models.Q(('ends_before', None), ('ends_before__lte', datetime.date(2200, 1, 1)), _connector='OR')), name='contact_on_possible_days'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(('ends_before', None), ('ends_before__gt', models.F('starts_on')), _connector='OR'), name='contact_lasts_a_day'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(('superseded_at', None), ('superseded_at__gte', models.F('recorded_at')), _connector='OR'), name='contact_superseded_later'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['declaration', 'document', 'exchange', 'officer'])), name='contact_source'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__in', ['', 'verified', 'documented', 'stated', 'estimated'])), name='contact_confidence'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'phone'), ('value__regex', '^\\+[1-9][0-9]{5,14}$')), models.Q(('kind', 'email'), ('value__regex', '^[^@ ]+@[^@ ]+$')), _connector='OR'), name='a_contact_can_be_reached'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('verified_how', ''), ('verified_on', None)), models.Q(('verified_on__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), models.Q(('verified_how', ''), _negated=True)), _connector='OR'), name='a_contact_is_verified_somehow'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('person', '='), (models.Func(models.F('kind'), models.F('value'), template='(md5(%(expressions)s)::uuid)', arg_joiner=" || '|' || ", output_field=models.UUIDField()), '='), (models.Func(models.F('starts_on'), models.F('ends_before'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&'), (models.Func(models.F('recorded_at'), models.F('superseded_at'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='a_contact_once_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='establishment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('starts_on', datetime.date(1, 1, 1)), ('starts_on__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), _connector='OR'), models.Q(('ends_before', None), ('ends_before__lte', datetime.date(2200, 1, 1)), _connector='OR')), name='establishment_on_possible_days'),
        ),
        migrations.AddConstraint(
            model_name='establishment',
            constraint=models.CheckConstraint(condition=models.Q(('ends_before', None), ('ends_before__gt', models.F('starts_on')), _connector='OR'), name='establishment_lasts_a_day'),
        ),
        migrations.AddConstraint(
            model_name='establishment',
            constraint=models.CheckConstraint(condition=models.Q(('superseded_at', None), ('superseded_at__gte', models.F('recorded_at')), _connector='OR'), name='establishment_superseded_later'),
        ),
        migrations.AddConstraint(
            model_name='establishment',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['declaration', 'document', 'exchange', 'officer'])), name='establishment_source'),
        ),
        migrations.AddConstraint(
            model_name='establishment',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__in', ['', 'verified', 'documented', 'stated', 'estimated'])), name='establishment_confidence'),
        ),
        migrations.AddConstraint(
            model_name='establishment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('code', ''), _negated=True), models.Q(('name', ''), _negated=True), models.Q(('district', ''), _negated=True)), name='an_establishment_has_a_name_and_place'),
        ),
        migrations.AddConstraint(
            model_name='establishment',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('employer', '='), ('code', '='), (models.Func(models.F('starts_on'), models.F('ends_before'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&'), (models.Func(models.F('recorded_at'), models.F('superseded_at'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='one_establishment_of_a_code_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='nationality',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('starts_on', datetime.date(1, 1, 1)), ('starts_on__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), _connector='OR'), models.Q(('ends_before', None), ('ends_before__lte', datetime.date(2200, 1, 1)), _connector='OR')), name='nationality_on_possible_days'),
        ),
        migrations.AddConstraint(
            model_name='nationality',
            constraint=models.CheckConstraint(condition=models.Q(('ends_before', None), ('ends_before__gt', models.F('starts_on')), _connector='OR'), name='nationality_lasts_a_day'),
        ),
        migrations.AddConstraint(
            model_name='nationality',
            constraint=models.CheckConstraint(condition=models.Q(('superseded_at', None), ('superseded_at__gte', models.F('recorded_at')), _connector='OR'), name='nationality_superseded_later'),
        ),
        migrations.AddConstraint(
            model_name='nationality',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['declaration', 'document', 'exchange', 'officer'])), name='nationality_source'),
        ),
        migrations.AddConstraint(
            model_name='nationality',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__in', ['', 'verified', 'documented', 'stated', 'estimated'])), name='nationality_confidence'),
        ),
        migrations.AddConstraint(
            model_name='nationality',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('citizenship', 'stateless', 'refugee', 'asylum-seeker')), models.Q(models.Q(('country', ''), ('kind', 'stateless')), models.Q(models.Q(('kind', 'stateless'), _negated=True), ('country__regex', '^[A-Z]{2}$')), _connector='OR')), name='a_nationality_names_its_state'),
        ),
        migrations.AddConstraint(
            model_name='nationality',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('person', '='), ('kind', '='), ('country', '='), (models.Func(models.F('starts_on'), models.F('ends_before'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&'), (models.Func(models.F('recorded_at'), models.F('superseded_at'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='one_nationality_of_a_state_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='nationality',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('kind__in', ['citizenship', 'stateless'])), expressions=[('person', '='), ('kind', '<>'), (models.Func(models.F('starts_on'), models.F('ends_before'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&'), (models.Func(models.F('recorded_at'), models.F('superseded_at'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='nobody_is_stateless_and_a_citizen'),
        ),
        migrations.AddIndex(
            model_name='othername',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('superseded_at', None)), fields=['search_name'], name='other_name_search', opclasses=['gin_trgm_ops']),
        ),
        migrations.AddConstraint(
            model_name='othername',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('starts_on', datetime.date(1, 1, 1)), ('starts_on__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), _connector='OR'), models.Q(('ends_before', None), ('ends_before__lte', datetime.date(2200, 1, 1)), _connector='OR')), name='other_name_on_possible_days'),
        ),
        migrations.AddConstraint(
            model_name='othername',
            constraint=models.CheckConstraint(condition=models.Q(('ends_before', None), ('ends_before__gt', models.F('starts_on')), _connector='OR'), name='other_name_lasts_a_day'),
        ),
        migrations.AddConstraint(
            model_name='othername',
            constraint=models.CheckConstraint(condition=models.Q(('superseded_at', None), ('superseded_at__gte', models.F('recorded_at')), _connector='OR'), name='other_name_superseded_later'),
        ),
        migrations.AddConstraint(
            model_name='othername',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['declaration', 'document', 'exchange', 'officer'])), name='other_name_source'),
        ),
        migrations.AddConstraint(
            model_name='othername',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__in', ['', 'verified', 'documented', 'stated', 'estimated'])), name='other_name_confidence'),
        ),
        migrations.AddConstraint(
            model_name='othername',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('other-script', 'later-life', 'alias', 'former', 'birth'))), name='other_name_kind'),
        ),
        migrations.AddConstraint(
            model_name='othername',
            constraint=models.CheckConstraint(condition=models.Q(('search_name', ''), _negated=True), name='another_name_can_be_read'),
        ),
        migrations.AddConstraint(
            model_name='othername',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('person', '='), (models.Func(models.F('kind'), models.F('given_names'), models.F('patronymic'), models.F('family_name'), models.F('clan'), template='(md5(%(expressions)s)::uuid)', arg_joiner=" || '|' || ", output_field=models.UUIDField()), '='), (models.Func(models.F('starts_on'), models.F('ends_before'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&'), (models.Func(models.F('recorded_at'), models.F('superseded_at'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='another_name_once_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='specialfact',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('starts_on', datetime.date(1, 1, 1)), ('starts_on__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), _connector='OR'), models.Q(('ends_before', None), ('ends_before__lte', datetime.date(2200, 1, 1)), _connector='OR')), name='special_fact_on_possible_days'),
        ),
        migrations.AddConstraint(
            model_name='specialfact',
            constraint=models.CheckConstraint(condition=models.Q(('ends_before', None), ('ends_before__gt', models.F('starts_on')), _connector='OR'), name='special_fact_lasts_a_day'),
        ),
        migrations.AddConstraint(
            model_name='specialfact',
            constraint=models.CheckConstraint(condition=models.Q(('superseded_at', None), ('superseded_at__gte', models.F('recorded_at')), _connector='OR'), name='special_fact_superseded_later'),
        ),
        migrations.AddConstraint(
            model_name='specialfact',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['declaration', 'document', 'exchange', 'officer'])), name='special_fact_source'),
        ),
        migrations.AddConstraint(
            model_name='specialfact',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__in', ['', 'verified', 'documented', 'stated', 'estimated'])), name='special_fact_confidence'),
        ),
        migrations.AddConstraint(
            model_name='specialfact',
            constraint=models.CheckConstraint(condition=models.Q(('category__in', ('disability', 'health', 'indigenous'))), name='special_category'),
        ),
        migrations.AddConstraint(
            model_name='specialfact',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('category', 'indigenous'), _negated=True), ('is_self_identified', True), _connector='OR'), name='indigenous_is_who_says_so'),
        ),
        migrations.AddConstraint(
            model_name='specialfact',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('person', '='), (models.Func(models.F('category'), models.F('code'), template='(md5(%(expressions)s)::uuid)', arg_joiner=" || '|' || ", output_field=models.UUIDField()), '='), (models.Func(models.F('starts_on'), models.F('ends_before'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&'), (models.Func(models.F('recorded_at'), models.F('superseded_at'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='a_special_fact_once_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='spokenlanguage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('starts_on', datetime.date(1, 1, 1)), ('starts_on__range', (datetime.date(1875, 1, 1), datetime.date(2199, 12, 31))), _connector='OR'), models.Q(('ends_before', None), ('ends_before__lte', datetime.date(2200, 1, 1)), _connector='OR')), name='spoken_language_on_possible_days'),
        ),
        migrations.AddConstraint(
            model_name='spokenlanguage',
            constraint=models.CheckConstraint(condition=models.Q(('ends_before', None), ('ends_before__gt', models.F('starts_on')), _connector='OR'), name='spoken_language_lasts_a_day'),
        ),
        migrations.AddConstraint(
            model_name='spokenlanguage',
            constraint=models.CheckConstraint(condition=models.Q(('superseded_at', None), ('superseded_at__gte', models.F('recorded_at')), _connector='OR'), name='spoken_language_superseded_later'),
        ),
        migrations.AddConstraint(
            model_name='spokenlanguage',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['declaration', 'document', 'exchange', 'officer'])), name='spoken_language_source'),
        ),
        migrations.AddConstraint(
            model_name='spokenlanguage',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__in', ['', 'verified', 'documented', 'stated', 'estimated'])), name='spoken_language_confidence'),
        ),
        migrations.AddConstraint(
            model_name='spokenlanguage',
            constraint=models.CheckConstraint(condition=models.Q(('language__regex', '^[a-z]{2,3}$')), name='a_language_has_a_code'),
        ),
        migrations.AddConstraint(
            model_name='spokenlanguage',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('person', '='), ('language', '='), (models.Func(models.F('starts_on'), models.F('ends_before'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&'), (models.Func(models.F('recorded_at'), models.F('superseded_at'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='a_language_once_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='spokenlanguage',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('is_preferred', True)), expressions=[('person', '='), (models.Func(models.F('starts_on'), models.F('ends_before'), function='daterange', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&'), (models.Func(models.F('recorded_at'), models.F('superseded_at'), function='tstzrange', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='one_preferred_language_at_a_time'),
        ),
    ]
