"""The one way to search persons by spelling: under row-level security trigram operators lose their index.

The function belongs to the tables' owner and so sees all rows; it answers with ids alone, and only
where `reading` has set a purpose. With a subject set it finds nobody else.

Numbers are compared without their dashes, so no two may differ by dashes only.

`the_words` is the query in its searched form (naming.search_form), `the_number` in the form of identifiers
(naming.identifier_form); either may be empty. Exact numbers come first. Each word must resemble a
part of the name; 0.35 finds one wrong letter in a word of five.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION register_search_persons(the_words text, the_number text, first_row integer, row_count integer)
RETURNS TABLE (person_id uuid, score real, total bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
SET pg_trgm.word_similarity_threshold = 0.35
AS $$
DECLARE
    subject uuid := nullif(current_setting('amparo.subject', true), '')::uuid;
BEGIN
    IF coalesce(current_setting('amparo.purpose', true), '') = '' THEN
        RAISE EXCEPTION 'Persons are searched inside a reading with a purpose only.'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN QUERY
    WITH numbered AS (
        SELECT i.person_id AS id, 2::real AS points FROM register_identifier i
        WHERE the_number <> '' AND i.value = the_number AND i.superseded_at IS NULL
        UNION
        SELECT p.id, 2::real FROM register_person p
        WHERE the_number <> '' AND replace(p.number, '-', '') = the_number
    ), named AS (
        SELECT n.person_id AS id, max(s.points)::real AS points
        FROM register_personname n
        CROSS JOIN LATERAL (
            SELECT avg(word_similarity(w, n.search_name)) AS points
            FROM unnest(string_to_array(the_words, ' ')) AS w
        ) s
        WHERE the_words <> '' AND n.superseded_at IS NULL
          AND split_part(the_words, ' ', 1) <% n.search_name
          AND (split_part(the_words, ' ', 2) = '' OR split_part(the_words, ' ', 2) <% n.search_name)
          AND (split_part(the_words, ' ', 3) = '' OR split_part(the_words, ' ', 3) <% n.search_name)
        GROUP BY n.person_id
    ), found AS (
        SELECT id, max(points) AS points FROM (TABLE numbered UNION ALL TABLE named) AS either
        WHERE subject IS NULL OR id = subject
        GROUP BY id
    )
    SELECT f.id, f.points, count(*) OVER ()
    FROM found f JOIN register_person p ON p.id = f.id
    ORDER BY f.points DESC, p.number
    OFFSET first_row LIMIT row_count;
END $$;
REVOKE ALL ON FUNCTION register_search_persons(text, text, integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register_search_persons(text, text, integer, integer) TO amparo_app;
CREATE UNIQUE INDEX person_number_plain ON register_person (replace(number, '-', ''));
CREATE UNIQUE INDEX employer_number_plain ON register_employer (replace(number, '-', ''));
"""

BACK = """
DROP INDEX person_number_plain;
DROP INDEX employer_number_plain;
DROP FUNCTION register_search_persons(text, text, integer, integer);
"""


class Migration(migrations.Migration):
    dependencies = [("register", "0003_personal_rows")]

    operations = [migrations.RunSQL(FUNCTION, BACK)]
