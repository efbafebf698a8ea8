"""What is known of a name, or of sex, birth and death, gives way to something else that is known.

At the end of a transaction that superseded such a fact, the person has another. The trigger holds
under bulk SQL and for the owner of the tables too; it reads as the owner, since whoever changed the
fact may have closed their reading by then.
"""

from django.db import migrations

FACTS = ["register_personname", "register_vitals"]

FUNCTION = """
CREATE FUNCTION register_keep_one_known() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    is_kept boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I'
                   ' WHERE person_id = $1 AND superseded_at IS NULL)', TG_TABLE_NAME)
        INTO is_kept USING NEW.person_id;
    IF NOT is_kept THEN
        RAISE EXCEPTION USING
            ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = 'nobody_loses_their_name_or_vitals',
            TABLE = TG_TABLE_NAME,
            MESSAGE = format('A fact in %s may only give way to another of the same person.',
                             TG_TABLE_NAME),
            HINT = 'State what is known instead in the same transaction.';
    END IF;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION register_keep_one_known() FROM PUBLIC;
"""


def keep(table):
    return f"""
CREATE CONSTRAINT TRIGGER keep_one_known AFTER UPDATE ON {table}
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION register_keep_one_known();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER keep_one_known;
"""


class Migration(migrations.Migration):
    dependencies = [("register", "0008_facts_that_can_be")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION register_keep_one_known();"),
        *(
            migrations.RunSQL(keep(table), f"DROP TRIGGER keep_one_known ON {table};")
            for table in FACTS
        ),
    ]
