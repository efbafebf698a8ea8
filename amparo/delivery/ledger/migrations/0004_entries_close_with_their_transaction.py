"""Close an entry with the transaction that wrote it: nothing is added to the books afterwards.

The entry keeps the number of its transaction, which the application can read and not write; a
posting is taken only from the same transaction. Entries from before this migration are closed.
"""

from django.db import migrations

CLOSED = """
ALTER TABLE public.ledger_journalentry
    ADD COLUMN written_in xid8 NOT NULL DEFAULT pg_current_xact_id();
REVOKE INSERT ON public.ledger_journalentry FROM amparo_app;
GRANT INSERT (id, entry_date, source_kind, source_id, narrative, posted_at, posted_by)
    ON public.ledger_journalentry TO amparo_app;

CREATE FUNCTION public.ledger_entry_is_open() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT entry_id FROM fresh) AS posted
        WHERE NOT EXISTS (
            SELECT FROM ledger_journalentry e
            WHERE e.id = posted.entry_id AND e.written_in = pg_current_xact_id())
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
CREATE TRIGGER only_in_open_entry AFTER INSERT ON public.ledger_posting
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_entry_is_open();
ALTER TABLE public.ledger_posting ENABLE ALWAYS TRIGGER only_in_open_entry;
"""

CLOSED_BACK = """
DROP TRIGGER only_in_open_entry ON public.ledger_posting;
DROP FUNCTION public.ledger_entry_is_open();
GRANT INSERT ON public.ledger_journalentry TO amparo_app;
ALTER TABLE public.ledger_journalentry DROP COLUMN written_in;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_books_are_append_only")]

    operations = [migrations.RunSQL(CLOSED, CLOSED_BACK)]
