"""A pass names the run of the server that issued it, beside the number of its transaction.

Transactions are numbered by the cluster. After a restore into a cluster that counts lower, an old
number comes again; the instant at which the server was started does not.
"""

from django.db import migrations

ADD = """
ALTER TABLE public.journal_gatepass
    ADD COLUMN issued_during timestamptz NOT NULL DEFAULT pg_postmaster_start_time();
REVOKE INSERT ON public.journal_gatepass FROM amparo_app;
GRANT INSERT (id, gate, content_hash, resolution_id, proposed_by, approved_by, issued_at,
              expires_at, issued_in)
    ON public.journal_gatepass TO amparo_app;
"""
DROP = """
ALTER TABLE public.journal_gatepass DROP COLUMN issued_during;
GRANT INSERT ON public.journal_gatepass TO amparo_app;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_append_only")]

    operations = [migrations.RunSQL(ADD, DROP)]
