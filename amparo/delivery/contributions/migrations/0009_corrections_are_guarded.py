"""Hold corrections under every path: of the same employer and month, and never more than the original.

A difference belongs to a declaration that corrects the one its line is from. All differences of a line together
leave a wage, and per scheme liabilities, that are not below zero. The checks run as the owner: wage lines are
shown to the application only within a reading.
"""

from django.db import migrations

from amparo.journal.migration_operations import AppendOnly, PersonalRows

FORWARDS = """
GRANT INSERT (corrects_id, sequence, reason) ON public.contributions_declaration TO amparo_app;

CREATE FUNCTION public.contributions_corrections_fit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh f LEFT JOIN public.contributions_declaration original
            ON original.id = f.corrects_id AND original.sequence = 0
               AND (original.employer_id, original.month) = (f.employer_id, f.month)
        WHERE f.corrects_id IS NOT NULL AND original.id IS NULL
    ) THEN
        PERFORM public.contributions_refuse('a_correction_is_of_its_own_month', TG_TABLE_NAME,
            'A correction belongs to an original declaration of the same employer and month.',
            'Correct the original, not another correction.');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER corrections_fit AFTER INSERT ON public.contributions_declaration
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION public.contributions_corrections_fit();
ALTER TABLE public.contributions_declaration ENABLE ALWAYS TRIGGER corrections_fit;

CREATE FUNCTION public.contributions_differences_fit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh f
        JOIN public.contributions_declaration d ON d.id = f.declaration_id
        LEFT JOIN public.contributions_wageline root ON root.id = f.corrects_id AND root.corrects_id IS NULL
        LEFT JOIN public.contributions_declaration of_root ON of_root.id = root.declaration_id
        WHERE f.corrects_id IS NOT NULL
          AND (root.id IS NULL OR d.corrects_id IS NULL
               OR coalesce(of_root.corrects_id, of_root.id) <> d.corrects_id
               OR root.person_id IS DISTINCT FROM f.person_id)
    ) THEN
        PERFORM public.contributions_refuse('a_difference_is_of_its_own_line', TG_TABLE_NAME,
            'A difference belongs to a line of the declaration that its own corrects, of the same worker.',
            'Name the line that is to be corrected.');
    END IF;
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT corrects_id AS id FROM fresh WHERE corrects_id IS NOT NULL) AS root
        JOIN public.contributions_wageline w ON w.id = root.id OR w.corrects_id = root.id
        GROUP BY root.id HAVING sum(w.wage) < 0
    ) THEN
        PERFORM public.contributions_refuse('a_correction_leaves_a_wage', TG_TABLE_NAME,
            'The corrections of a line take away more than was declared.',
            'A wage is zero or more: take away at most what stands.');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER differences_fit AFTER INSERT ON public.contributions_wageline
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION public.contributions_differences_fit();
ALTER TABLE public.contributions_wageline ENABLE ALWAYS TRIGGER differences_fit;

CREATE FUNCTION public.contributions_liabilities_fit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT * FROM fresh WHERE is_difference) AS f
        JOIN public.contributions_wageline line ON line.id = f.wage_line_id
        LEFT JOIN public.contributions_wageline w ON w.id = line.corrects_id OR w.corrects_id = line.corrects_id
        LEFT JOIN public.contributions_liability l ON l.wage_line_id = w.id AND l.scheme = f.scheme
        GROUP BY f.id, line.corrects_id
        HAVING line.corrects_id IS NULL OR sum(l.insurable) < 0 OR sum(l.worker_share) < 0
            OR sum(l.employer_share) < 0
    ) THEN
        PERFORM public.contributions_refuse('a_correction_leaves_no_negative_liability', TG_TABLE_NAME,
            'The differences of a line would leave a liability below zero, or correct nothing.',
            'Take away at most what is due.');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER differences_fit AFTER INSERT ON public.contributions_liability
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION public.contributions_liabilities_fit();
ALTER TABLE public.contributions_liability ENABLE ALWAYS TRIGGER differences_fit;
"""

BACKWARDS = """
DROP TRIGGER differences_fit ON public.contributions_liability;
DROP TRIGGER differences_fit ON public.contributions_wageline;
DROP TRIGGER corrections_fit ON public.contributions_declaration;
DROP FUNCTION public.contributions_liabilities_fit();
DROP FUNCTION public.contributions_differences_fit();
DROP FUNCTION public.contributions_corrections_fit();
"""


class Migration(migrations.Migration):
    dependencies = [("contributions", "0008_declarations_are_corrected")]

    operations = [
        migrations.RunSQL(FORWARDS, BACKWARDS),
        AppendOnly("contributions_wagelinematch"),
        PersonalRows("contributions_wagelinematch"),
    ]
