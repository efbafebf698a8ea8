"""An entry names the run of the server that wrote it, beside the number of its transaction.

Transactions are numbered by the cluster. After a restore into a cluster that counts lower, an old
number comes again, and the entry would be open to that transaction; the instant at which the server
was started does not come again. A crash or a point-in-time recovery of the cluster itself keeps the
count.
"""

from django.db import migrations


def function(of_this_transaction):
    return f"""
CREATE OR REPLACE FUNCTION public.ledger_entry_is_open() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT entry_id FROM fresh) AS posted
        WHERE NOT EXISTS (
            SELECT FROM ledger_journalentry e
            WHERE e.id = posted.entry_id AND {of_this_transaction})
    ) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = 'entry_is_closed',
            TABLE = TG_TABLE_NAME,
            MESSAGE = 'A posting is refused: its entry was closed with the transaction it is from.',
            HINT = 'Post a correction as an entry of its own.';
    END IF;
    RETURN NULL;
END $$;
"""


NUMBER = "e.written_in = pg_current_xact_id()"
ADD = """
ALTER TABLE public.ledger_journalentry
    ADD COLUMN written_during timestamptz NOT NULL DEFAULT pg_postmaster_start_time();
"""
DROP = "ALTER TABLE public.ledger_journalentry DROP COLUMN written_during;"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_postings_to_persons_are_personal")]

    operations = [
        migrations.RunSQL(ADD, DROP),
        migrations.RunSQL(
            function(f"{NUMBER} AND e.written_during = pg_postmaster_start_time()"),
            function(NUMBER),
        ),
    ]
