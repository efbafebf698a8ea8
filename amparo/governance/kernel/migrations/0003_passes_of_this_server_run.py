"""A pass is of this transaction if the number is its own and the server has run since it was issued.

The number alone comes again after a restore into a cluster that counts lower.
"""

from django.db import migrations


def function(of_another_transaction):
    return f"""
CREATE OR REPLACE FUNCTION public.govkernel_demand_pass() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    effect jsonb := to_jsonb(NEW);
    happened_at timestamptz := effect ->> TG_ARGV[3];
    pass public.journal_gatepass%ROWTYPE;
    resolution public.govkernel_resolution%ROWTYPE;
    problem text;
BEGIN
    SELECT * INTO pass FROM public.journal_gatepass WHERE id = (effect ->> TG_ARGV[1])::uuid;
    SELECT * INTO resolution FROM public.govkernel_resolution WHERE id = pass.resolution_id FOR SHARE;
    problem := CASE
        WHEN pass.id IS NULL THEN 'no-pass'
        WHEN pass.gate <> TG_ARGV[0] THEN 'wrong-gate'
        WHEN pass.content_hash IS DISTINCT FROM effect ->> TG_ARGV[2] THEN 'content-differs'
        WHEN resolution.state IS DISTINCT FROM 'approved'
             OR resolution.content_hash IS DISTINCT FROM pass.content_hash THEN 'not-approved'
        WHEN happened_at IS NULL OR happened_at < pass.issued_at OR happened_at >= pass.expires_at THEN 'expired'
        WHEN {of_another_transaction} THEN 'pass-of-another-transaction'
        END;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME,
            CONSTRAINT = 'gate_' || lower(TG_ARGV[0]), DETAIL = problem,
            MESSAGE = format('Gate %s refuses: %s.', TG_ARGV[0], problem);
    END IF;
    RETURN NEW;
END $$;
"""


NUMBER = "pass.issued_in <> pg_current_xact_id()"


class Migration(migrations.Migration):
    dependencies = [
        ("govkernel", "0002_gates"),
        ("journal", "0003_passes_name_their_server_run"),
    ]

    operations = [
        migrations.RunSQL(
            function(f"{NUMBER} OR pass.issued_during <> pg_postmaster_start_time()"),
            function(NUMBER),
        )
    ]
