"""The journal grows and never changes; the application can neither date nor number an event."""

from django.db import migrations

from amparo.journal.migration_operations import AppendOnly


class Migration(migrations.Migration):

    dependencies = [("journal", "0001_initial")]

    operations = [
        AppendOnly("journal_event", "journal_block", "journal_gatepass"),
        migrations.RunSQL(
            """
            REVOKE INSERT ON public.journal_event FROM amparo_app;
            GRANT INSERT (kind, actor_id, role, purpose, mandate_id, subject_kind, subject_id, details)
                ON public.journal_event TO amparo_app;
            REVOKE UPDATE ON SEQUENCE public.journal_event_id_seq FROM amparo_app;
            """,
            """
            REVOKE INSERT (kind, actor_id, role, purpose, mandate_id, subject_kind, subject_id, details)
                ON public.journal_event FROM amparo_app;
            GRANT INSERT ON public.journal_event TO amparo_app;
            """,
        ),
    ]
