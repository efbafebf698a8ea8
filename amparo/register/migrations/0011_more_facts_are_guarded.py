"""The newer facts are superseded only, as the older ones, and personal where they are about people.

Columns added to facts that stand already have their default in the database besides: the release
before, and a file's INSERT … SELECT, go on without naming them. It is not a default of the models:
Django would ask for it back after each INSERT, which is a read and needs a reading.

What the law protects more is seen only where the reading has asked for it besides: the setting
`amparo.special`, which `amparo.register.special` sets for who has that right. A restrictive policy
comes on top of the others: each of them must let a row pass.
"""

from django.db import migrations

from amparo.journal.migration_operations import PersonalRows

PERSONAL = [
    "register_othername",
    "register_civilstatus",
    "register_nationality",
    "register_spokenlanguage",
    "register_contact",
    "register_specialfact",
]
OTHERS = ["register_establishment", "register_referenceentry"]

SPECIAL = """
CREATE POLICY special_select ON register_specialfact AS RESTRICTIVE FOR SELECT
    USING ((SELECT current_setting('amparo.special', true)) = 'on');
CREATE POLICY special_update ON register_specialfact AS RESTRICTIVE FOR UPDATE
    USING ((SELECT current_setting('amparo.special', true)) = 'on') WITH CHECK (true);
"""
NOT_SPECIAL = """
DROP POLICY special_select ON register_specialfact;
DROP POLICY special_update ON register_specialfact;
"""

FACTS = [
    "personname",
    "vitals",
    "identifier",
    "kinship",
    "householdmember",
    "residence",
    "employerprofile",
    "employment",
    "representation",
    "paymentaccount",
    "othername",
    "civilstatus",
    "nationality",
    "spokenlanguage",
    "contact",
    "specialfact",
    "establishment",
    "referenceentry",
]
DEFAULTS = {
    **{f"register_{fact}": {"confidence": "''"} for fact in FACTS},
    "register_personname": {
        "confidence": "''",
        "patronymic": "''",
        "clan": "''",
        "is_family_first": "false",
        "script": "''",
    },
    "register_othername": {
        "confidence": "''",
        "patronymic": "''",
        "clan": "''",
        "is_family_first": "false",
        "script": "''",
    },
    "register_vitals": {"confidence": "''", "birth_event": "''"},
    "register_identifier": {"confidence": "''", "verified_how": "''"},
    "register_kinship": {"confidence": "''", "form": "''"},
    "register_residence": {"confidence": "''", "unit": "''"},
    "register_employment": {"confidence": "''", "contract": "''", "establishment": "''"},
    "register_representation": {"confidence": "''", "rank": "1"},
}


def defaults(change):
    return "".join(
        f"ALTER TABLE {table} ALTER COLUMN {column} {change(value)};\n"
        for table, columns in DEFAULTS.items()
        for column, value in columns.items()
    )


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
    dependencies = [("register", "0010_more_facts_about_people")]

    operations = [
        migrations.RunSQL(
            defaults(lambda value: f"SET DEFAULT {value}"), defaults(lambda _value: "DROP DEFAULT")
        ),
        *(migrations.RunSQL(guard(table), unguard(table)) for table in (*PERSONAL, *OTHERS)),
        *(PersonalRows(table) for table in PERSONAL),
        migrations.RunSQL(SPECIAL, NOT_SPECIAL),
    ]
