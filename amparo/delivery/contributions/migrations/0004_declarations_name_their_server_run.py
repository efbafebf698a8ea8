"""A declaration names the run of the server that posted it, beside the number of its transaction.

Transactions are numbered by the cluster. After a restore into a cluster that counts lower, an old
number comes again, and the declaration would be open to that transaction; the instant at which the
server was started does not come again.
"""

from django.db import migrations


def functions(of_this_transaction):
    return f"""
CREATE OR REPLACE FUNCTION public.contributions_lines_of_open_declarations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT declaration_id FROM fresh) AS added
        WHERE NOT EXISTS (
            SELECT FROM public.contributions_declaration d
            WHERE d.id = added.declaration_id AND {of_this_transaction})
    ) THEN
        PERFORM public.contributions_refuse_closed(TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION public.contributions_liabilities_of_open_declarations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh
        WHERE NOT EXISTS (
            SELECT FROM public.contributions_wageline w
            JOIN public.contributions_declaration d ON d.id = w.declaration_id
            WHERE w.id = fresh.wage_line_id AND {of_this_transaction})
    ) THEN
        PERFORM public.contributions_refuse_closed(TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;
"""


NUMBER = "d.written_in = pg_current_xact_id()"
ADD = """
ALTER TABLE public.contributions_declaration
    ADD COLUMN written_during timestamptz NOT NULL DEFAULT pg_postmaster_start_time();
"""
DROP = "ALTER TABLE public.contributions_declaration DROP COLUMN written_during;"


class Migration(migrations.Migration):
    dependencies = [("contributions", "0003_declarations_close_with_their_transaction")]

    operations = [
        migrations.RunSQL(ADD, DROP),
        migrations.RunSQL(
            functions(f"{NUMBER} AND d.written_during = pg_postmaster_start_time()"),
            functions(NUMBER),
        ),
    ]
