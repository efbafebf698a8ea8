"""No two facts that exclude each other are true and known at once: judged for a whole statement.

An exclusion constraint judges row by row, by way of a GiST index whose upkeep was half the time of
taking in a file. This trigger judges the rows of a statement together, by way of the keys' own
index, and refuses with the same error and the same name.

Two writers at once: each locks the anchors (person, employer) of the facts it brings, so the second
waits for the first and then sees what it wrote. In a REPEATABLE READ transaction it would not see
it, so facts are not written there; in a SERIALIZABLE one the database itself refuses the second.

An identifier has no anchor to lock: its number keeps an exclusion constraint, over a digest of the
three values, which a GiST index holds in a third of the time.
"""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
from django.db import migrations, models

# Table: name of the rule, table of anchors, key of the anchor, other keys.
RULES = {
    "register_personname": ("one_name_at_a_time", "register_person", "person_id"),
    "register_vitals": ("one_set_of_vitals_at_a_time", "register_person", "person_id"),
    "register_kinship": ("one_tie_at_a_time", "register_person", "person_id", "relative_id", "kind"),
    "register_householdmember": ("one_household_at_a_time", "register_person", "person_id"),
    "register_residence": ("one_residence_at_a_time", "register_person", "person_id"),
    "register_employerprofile": ("one_profile_at_a_time", "register_employer", "employer_id"),
    "register_employment": (
        "one_employment_with_an_employer_at_a_time", "register_person", "person_id", "employer_id",
    ),
    "register_representation": (
        "one_representative_of_a_kind_at_a_time", "register_person", "person_id", "kind",
    ),
    "register_paymentaccount": ("one_payment_account_at_a_time", "register_person", "person_id"),
}

FUNCTION = """
CREATE FUNCTION register_only_one_at_a_time() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    locked bigint;
    wanted bigint;
    same text;
    refused uuid;
BEGIN
    IF current_setting('transaction_isolation') = 'repeatable read' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_transaction_state',
            MESSAGE = format('%s is not written in a REPEATABLE READ transaction: it cannot see'
                             ' what another wrote meanwhile.', TG_TABLE_NAME),
            HINT = 'Use READ COMMITTED or SERIALIZABLE.';
    END IF;
    EXECUTE format('SELECT count(*) FROM (SELECT FROM %I.%I WHERE id IN (SELECT %I FROM arrived)'
                   ' ORDER BY id FOR NO KEY UPDATE) AS anchors',
                   TG_TABLE_SCHEMA, TG_ARGV[1], TG_ARGV[2]) INTO locked;
    EXECUTE format('SELECT count(DISTINCT %I) FROM arrived', TG_ARGV[2]) INTO wanted;
    IF locked <> wanted THEN
        RAISE EXCEPTION USING
            ERRCODE = 'foreign_key_violation',
            TABLE = TG_TABLE_NAME,
            MESSAGE = format('A fact in %s is about somebody whom %s does not hold.',
                             TG_TABLE_NAME, TG_ARGV[1]),
            HINT = 'Register the person or employer first, then the facts.';
    END IF;
    SELECT string_agg(format('standing.%1$I = arrived.%1$I', key), ' AND ') INTO same
    FROM unnest(TG_ARGV[2:]) AS key;
    EXECUTE format('SELECT arrived.id FROM arrived JOIN %I.%I AS standing'
                   ' ON %s AND standing.id <> arrived.id'
                   ' AND daterange(standing.starts_on, standing.ends_before)'
                   ' && daterange(arrived.starts_on, arrived.ends_before)'
                   ' AND tstzrange(standing.recorded_at, standing.superseded_at)'
                   ' && tstzrange(arrived.recorded_at, arrived.superseded_at) LIMIT 1',
                   TG_TABLE_SCHEMA, TG_TABLE_NAME, same) INTO refused;
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'exclusion_violation',
            CONSTRAINT = TG_ARGV[0],
            TABLE = TG_TABLE_NAME,
            MESSAGE = format('Two facts in %s would be true and known at once ("%s").',
                             TG_TABLE_NAME, TG_ARGV[0]),
            HINT = 'Supersede the fact that was wrong, then state the new one.';
    END IF;
    RETURN NULL;
END $$;
"""


def judge(table):
    arguments = ", ".join(f"'{argument}'" for argument in RULES[table])
    return f"""
CREATE TRIGGER only_one_at_a_time AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS arrived
    FOR EACH STATEMENT EXECUTE FUNCTION register_only_one_at_a_time({arguments});
ALTER TABLE {table} ENABLE ALWAYS TRIGGER only_one_at_a_time;
"""


def times():
    return [
        (
            models.Func(
                models.F("starts_on"),
                models.F("ends_before"),
                function="daterange",
                output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
            ),
            "&&",
        ),
        (
            models.Func(
                models.F("recorded_at"),
                models.F("superseded_at"),
                function="tstzrange",
                output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
            ),
            "&&",
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("register", "0006_factgrounds_is_new")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION register_only_one_at_a_time();"),
        *(
            migrations.RunSQL(judge(table), f"DROP TRIGGER only_one_at_a_time ON {table};")
            for table in RULES
        ),
        *(
            migrations.RemoveConstraint(table.removeprefix("register_"), rule[0])
            for table, rule in RULES.items()
        ),
        migrations.RemoveConstraint("identifier", "an_identifier_names_one_person"),
        migrations.AddConstraint(
            "identifier",
            django.contrib.postgres.constraints.ExclusionConstraint(
                name="an_identifier_names_one_person",
                expressions=[
                    (
                        models.Func(
                            models.F("kind"),
                            models.F("issuer"),
                            models.F("value"),
                            template="(md5(%(expressions)s)::uuid)",
                            arg_joiner=" || '|' || ",
                            output_field=models.UUIDField(),
                        ),
                        "=",
                    ),
                    *times(),
                ],
            ),
        ),
    ]
