"""A fact's record time may be closed, once. Every other change of a fact is refused by the database.

The trigger holds under bulk SQL and for the owner of the tables too. The application's role may
write `superseded_at` alone.
"""

from django.db import migrations

from amparo.journal.migration_operations import AppendOnly

FACTS = [
    "register_personname",
    "register_vitals",
    "register_identifier",
    "register_kinship",
    "register_householdmember",
    "register_residence",
    "register_employerprofile",
    "register_employment",
    "register_representation",
    "register_paymentaccount",
]

FUNCTION = """
CREATE FUNCTION register_guard_fact() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL
       AND (to_jsonb(OLD) - 'superseded_at') = (to_jsonb(NEW) - 'superseded_at') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'integrity_constraint_violation',
        CONSTRAINT = 'facts_are_superseded_only',
        TABLE = TG_TABLE_NAME,
        MESSAGE = format('A fact in %s may only be superseded, once: %s is refused.',
                         TG_TABLE_NAME, TG_OP),
        HINT = 'State the corrected fact as a new row.';
END $$;
"""


def guard(table):
    return f"""
CREATE TRIGGER guard_fact_rows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION register_guard_fact();
CREATE TRIGGER guard_fact_table BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION register_guard_fact();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER guard_fact_rows;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER guard_fact_table;
REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM amparo_app;
GRANT UPDATE (superseded_at) ON {table} TO amparo_app;
"""


def unguard(table):
    return f"""
DROP TRIGGER guard_fact_rows ON {table};
DROP TRIGGER guard_fact_table ON {table};
GRANT UPDATE, DELETE ON {table} TO amparo_app;
"""


class Migration(migrations.Migration):
    dependencies = [("register", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION register_guard_fact();"),
        *(migrations.RunSQL(guard(table), unguard(table)) for table in FACTS),
        AppendOnly("register_lifeevent", "register_factuse"),
    ]
