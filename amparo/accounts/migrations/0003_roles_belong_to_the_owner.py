"""Roles are what mandates rest on: only the tables' owner, who installs releases, may write them.

The application keeps the right to change a user's row, for people change their own password; what a user may do comes
from mandates and roles alone, never from that row.
"""

from django.db import migrations

REVOKE = """
REVOKE INSERT, UPDATE, DELETE ON public.accounts_role, public.accounts_incompatibleroles FROM amparo_app;
"""

GRANT = """
GRANT INSERT, UPDATE ON public.accounts_role TO amparo_app;
GRANT INSERT ON public.accounts_incompatibleroles TO amparo_app;
"""


class Migration(migrations.Migration):

    dependencies = [("accounts", "0002_mandates_guarded")]

    operations = [migrations.RunSQL(REVOKE, GRANT)]
