"""Hold the employers' accounts under every path (invariant 6): no cent of a receipt is lost or spent twice.

Movements, receipts, matches, allocations and refunds are append-only. What is due, paid, allocated and in
suspense is reckoned from them by statement-level triggers, which run as the owner: the application reads the
balances and cannot write them. A balance out of bounds is refused by its CHECK, at once and whoever writes;
two who spend the same money at once wait for each other on its row.

An allocation lies on a debt of the employer whose money it is. A receipt changes hands only while nothing of it
is spent. A proposal is decided once, by somebody else; what it leads to says the same as it does.
"""

from django.db import migrations

from amparo.journal.migration_operations import AppendOnly, PersonalRows

FORWARDS = """
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON
    public.contributions_debtbalance, public.contributions_receiptbalance FROM amparo_app;
REVOKE DELETE, TRUNCATE ON public.contributions_proposal FROM amparo_app;

CREATE FUNCTION public.contributions_refuse(rule text, what text, told text, remedy text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = rule, TABLE = what,
        MESSAGE = told, HINT = remedy;
END $$;

CREATE FUNCTION public.contributions_count_movements() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh f LEFT JOIN public.contributions_proposal p
            ON p.id = f.proposal_id AND p.debt_id = f.debt_id AND p.state = 'approved' AND p.amount = -f.amount
               AND p.kind = CASE f.kind WHEN 'written-off' THEN 'write-off' ELSE 'reversal' END
        WHERE f.proposal_id IS NOT NULL AND p.id IS NULL
    ) THEN
        PERFORM public.contributions_refuse('what_is_forgiven_was_approved', TG_TABLE_NAME,
            'A debt is forgiven only by an approved proposal of that debt and amount.',
            'Have the proposal approved by somebody else first.');
    END IF;
    INSERT INTO public.contributions_debtbalance (debt_id, employer_id, due, paid)
    SELECT DISTINCT d.id, d.employer_id, 0, 0
    FROM fresh f JOIN public.contributions_debt d ON d.id = f.debt_id
    ON CONFLICT (debt_id) DO NOTHING;
    UPDATE public.contributions_debtbalance b SET due = b.due + moved.amount
    FROM (SELECT debt_id, sum(amount) AS amount FROM fresh GROUP BY debt_id) AS moved
    WHERE b.debt_id = moved.debt_id;
    RETURN NULL;
END $$;
CREATE TRIGGER count_movements AFTER INSERT ON public.contributions_debtmovement
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION public.contributions_count_movements();
ALTER TABLE public.contributions_debtmovement ENABLE ALWAYS TRIGGER count_movements;

CREATE FUNCTION public.contributions_count_receipts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.contributions_receiptbalance (receipt_id, booked_on, amount, allocated, refunded)
    SELECT id, booked_on, amount, 0, 0 FROM fresh;
    RETURN NULL;
END $$;
CREATE TRIGGER count_receipts AFTER INSERT ON public.contributions_receipt
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION public.contributions_count_receipts();
ALTER TABLE public.contributions_receipt ENABLE ALWAYS TRIGGER count_receipts;

CREATE FUNCTION public.contributions_count_matches() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    matched bigint;
    changed bigint;
BEGIN
    SELECT count(DISTINCT receipt_id) INTO matched FROM fresh;
    UPDATE public.contributions_receiptbalance b SET employer_id = m.employer_id
    FROM (SELECT DISTINCT ON (receipt_id) receipt_id, sequence, employer_id FROM fresh
          ORDER BY receipt_id, sequence DESC) AS m
    WHERE b.receipt_id = m.receipt_id AND b.allocated = 0 AND b.refunded = 0
      AND NOT EXISTS (SELECT FROM public.contributions_receiptmatch later
                      WHERE later.receipt_id = m.receipt_id AND later.sequence > m.sequence);
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> matched THEN
        PERFORM public.contributions_refuse('spent_money_stays_with_its_employer', TG_TABLE_NAME,
            'A receipt of which something is allocated or refunded keeps its employer.',
            'Take the allocations back first.');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_matches AFTER INSERT ON public.contributions_receiptmatch
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION public.contributions_count_matches();
ALTER TABLE public.contributions_receiptmatch ENABLE ALWAYS TRIGGER count_matches;

CREATE FUNCTION public.contributions_count_allocations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh f LEFT JOIN public.contributions_allocation taken
            ON taken.id = f.reverses_id AND taken.receipt_id = f.receipt_id
               AND taken.debt_id = f.debt_id AND taken.amount = -f.amount
        WHERE f.reverses_id IS NOT NULL AND taken.id IS NULL
    ) THEN
        PERFORM public.contributions_refuse('an_allocation_is_taken_back_whole', TG_TABLE_NAME,
            'An allocation is taken back whole, from the debt it lies on.',
            'Take it back, then allocate again what shall stay.');
    END IF;
    -- Receipts before debts, and each in the order of ids: whoever spends at the same time waits, none deadlocks.
    PERFORM 1 FROM public.contributions_receiptbalance
        WHERE receipt_id IN (SELECT receipt_id FROM fresh) ORDER BY receipt_id FOR NO KEY UPDATE;
    PERFORM 1 FROM public.contributions_debtbalance
        WHERE debt_id IN (SELECT debt_id FROM fresh) ORDER BY debt_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM fresh f
        LEFT JOIN public.contributions_receiptbalance r ON r.receipt_id = f.receipt_id
        LEFT JOIN public.contributions_debtbalance d ON d.debt_id = f.debt_id
        WHERE r.employer_id IS DISTINCT FROM d.employer_id OR d.employer_id IS NULL
    ) THEN
        PERFORM public.contributions_refuse('money_pays_its_own_employers_debts', TG_TABLE_NAME,
            'Money is laid only on debts of the employer it was matched to.',
            'Match the receipt to the employer first.');
    END IF;
    UPDATE public.contributions_receiptbalance b SET allocated = b.allocated + given.amount
    FROM (SELECT receipt_id, sum(amount) AS amount FROM fresh GROUP BY receipt_id) AS given
    WHERE b.receipt_id = given.receipt_id;
    UPDATE public.contributions_debtbalance b SET paid = b.paid + given.amount
    FROM (SELECT debt_id, sum(amount) AS amount FROM fresh GROUP BY debt_id) AS given
    WHERE b.debt_id = given.debt_id;
    RETURN NULL;
END $$;
CREATE TRIGGER count_allocations AFTER INSERT ON public.contributions_allocation
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION public.contributions_count_allocations();
ALTER TABLE public.contributions_allocation ENABLE ALWAYS TRIGGER count_allocations;

CREATE FUNCTION public.contributions_count_refunds() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh f LEFT JOIN public.contributions_proposal p
            ON p.id = f.proposal_id AND p.kind = 'refund' AND p.state = 'approved'
               AND p.receipt_id = f.receipt_id AND p.amount = f.amount
        WHERE p.id IS NULL
    ) THEN
        PERFORM public.contributions_refuse('a_refund_was_approved', TG_TABLE_NAME,
            'Money is refunded only by an approved proposal of that receipt and amount.',
            'Have the proposal approved by somebody else first.');
    END IF;
    UPDATE public.contributions_receiptbalance b SET refunded = b.refunded + given.amount
    FROM (SELECT receipt_id, sum(amount) AS amount FROM fresh GROUP BY receipt_id) AS given
    WHERE b.receipt_id = given.receipt_id;
    RETURN NULL;
END $$;
CREATE TRIGGER count_refunds AFTER INSERT ON public.contributions_refund
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION public.contributions_count_refunds();
ALTER TABLE public.contributions_refund ENABLE ALWAYS TRIGGER count_refunds;

CREATE FUNCTION public.contributions_guard_proposal() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.state = 'proposed' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state = 'proposed' AND NEW.state <> 'proposed'
       AND to_jsonb(NEW) - '{state,decided_at,decided_by,decided_because}'::text[]
         = to_jsonb(OLD) - '{state,decided_at,decided_by,decided_because}'::text[] THEN
        RETURN NEW;
    END IF;
    PERFORM public.contributions_refuse('a_proposal_is_decided_once', TG_TABLE_NAME,
        'A proposal begins undecided, is decided once and otherwise stays as it is.',
        'Make another proposal.');
    RETURN NULL;
END $$;
CREATE TRIGGER guard_rows BEFORE INSERT OR UPDATE OR DELETE ON public.contributions_proposal
    FOR EACH ROW EXECUTE FUNCTION public.contributions_guard_proposal();
ALTER TABLE public.contributions_proposal ENABLE ALWAYS TRIGGER guard_rows;
"""

BACKWARDS = """
DROP TRIGGER guard_rows ON public.contributions_proposal;
DROP TRIGGER count_refunds ON public.contributions_refund;
DROP TRIGGER count_allocations ON public.contributions_allocation;
DROP TRIGGER count_matches ON public.contributions_receiptmatch;
DROP TRIGGER count_receipts ON public.contributions_receipt;
DROP TRIGGER count_movements ON public.contributions_debtmovement;
DROP FUNCTION public.contributions_guard_proposal();
DROP FUNCTION public.contributions_count_refunds();
DROP FUNCTION public.contributions_count_allocations();
DROP FUNCTION public.contributions_count_matches();
DROP FUNCTION public.contributions_count_receipts();
DROP FUNCTION public.contributions_count_movements();
DROP FUNCTION public.contributions_refuse(text, text, text, text);
GRANT DELETE ON public.contributions_proposal TO amparo_app;
GRANT INSERT, UPDATE, DELETE ON
    public.contributions_debtbalance, public.contributions_receiptbalance TO amparo_app;
"""

# What was declared before accounts were kept is owed as well; the day it was due on is not known.
OLD_DECLARATIONS = """
CREATE TEMPORARY TABLE declared_before ON COMMIT DROP AS
SELECT gen_random_uuid() AS debt_id, d.id AS declaration_id, d.employer_id, d.month, l.scheme, d.currency,
       d.received_at, d.received_by, sum(l.worker_share + l.employer_share) AS due
FROM public.contributions_declaration d
JOIN public.contributions_wageline w ON w.declaration_id = d.id
JOIN public.contributions_liability l ON l.wage_line_id = w.id
GROUP BY d.id, l.scheme
HAVING sum(l.worker_share + l.employer_share) > 0;
INSERT INTO public.contributions_debt (id, employer_id, month, scheme, kind, currency, opened_at)
SELECT debt_id, employer_id, month, scheme, 'contribution', currency, received_at FROM declared_before;
INSERT INTO public.contributions_debtmovement
    (id, debt_id, kind, amount, source_id, law, posted_on, posted_at, posted_by)
SELECT gen_random_uuid(), debt_id, 'declared', due, declaration_id, '', received_at::date, received_at, received_by
FROM declared_before;
"""


class Migration(migrations.Migration):
    dependencies = [("contributions", "0006_employers_have_accounts")]

    operations = [
        migrations.RunSQL(FORWARDS, BACKWARDS),
        AppendOnly(
            "contributions_debt",
            "contributions_debtmovement",
            "contributions_receipt",
            "contributions_receiptmatch",
            "contributions_allocation",
            "contributions_refund",
        ),
        # What a payer wrote may name a person. Nobody is named by a key, so that a person's own access shows none.
        PersonalRows("contributions_receipt", "id"),
        migrations.RunSQL(OLD_DECLARATIONS, migrations.RunSQL.noop),
    ]
