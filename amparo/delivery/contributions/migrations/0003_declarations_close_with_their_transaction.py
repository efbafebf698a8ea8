"""Close a declaration with the transaction that posted it: no line and no liability is added later.

The declaration keeps the number of its transaction, which the application can read and not write; a
wage line or liability is taken only from the same transaction. Declarations from before this
migration are closed. A line in suspense may still be matched to its person, for that adds nothing.

The checks run as the owner: wage lines are shown to the application only within a reading.
"""

from django.db import migrations

CLOSED = """
ALTER TABLE public.contributions_declaration
    ADD COLUMN written_in xid8 NOT NULL DEFAULT pg_current_xact_id();
REVOKE INSERT ON public.contributions_declaration FROM amparo_app;
GRANT INSERT (id, number, employer_id, month, received_file_id, state, line_count, total_wages,
              currency, received_at, received_by)
    ON public.contributions_declaration TO amparo_app;

CREATE FUNCTION public.contributions_refuse_closed(what text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'integrity_constraint_violation',
        CONSTRAINT = 'declaration_is_closed',
        TABLE = what,
        MESSAGE = 'A row is refused: its declaration was closed with the transaction it is from.',
        HINT = 'A correction is a declaration of its own.';
END $$;

CREATE FUNCTION public.contributions_lines_of_open_declarations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT declaration_id FROM fresh) AS added
        WHERE NOT EXISTS (
            SELECT FROM public.contributions_declaration d
            WHERE d.id = added.declaration_id AND d.written_in = pg_current_xact_id())
    ) THEN
        PERFORM public.contributions_refuse_closed(TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER only_in_open_declaration AFTER INSERT ON public.contributions_wageline
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION public.contributions_lines_of_open_declarations();
ALTER TABLE public.contributions_wageline ENABLE ALWAYS TRIGGER only_in_open_declaration;

CREATE FUNCTION public.contributions_liabilities_of_open_declarations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh
        WHERE NOT EXISTS (
            SELECT FROM public.contributions_wageline w
            JOIN public.contributions_declaration d ON d.id = w.declaration_id
            WHERE w.id = fresh.wage_line_id AND d.written_in = pg_current_xact_id())
    ) THEN
        PERFORM public.contributions_refuse_closed(TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER only_in_open_declaration AFTER INSERT ON public.contributions_liability
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION public.contributions_liabilities_of_open_declarations();
ALTER TABLE public.contributions_liability ENABLE ALWAYS TRIGGER only_in_open_declaration;
"""

CLOSED_BACK = """
DROP TRIGGER only_in_open_declaration ON public.contributions_liability;
DROP TRIGGER only_in_open_declaration ON public.contributions_wageline;
DROP FUNCTION public.contributions_liabilities_of_open_declarations();
DROP FUNCTION public.contributions_lines_of_open_declarations();
DROP FUNCTION public.contributions_refuse_closed(text);
GRANT INSERT ON public.contributions_declaration TO amparo_app;
ALTER TABLE public.contributions_declaration DROP COLUMN written_in;
"""


class Migration(migrations.Migration):
    dependencies = [("contributions", "0002_posted_rows_stay")]

    operations = [migrations.RunSQL(CLOSED, CLOSED_BACK)]
