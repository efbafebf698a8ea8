"""Pairs who may be one person, proposals to merge them, and links that say that they are one.

A review is decided once, a proposal closed once; a link is superseded once, and only where an
approved proposal says so. Links lead nowhere in a circle, never between relatives, and never
without the approval of a second person. The triggers hold under bulk SQL and for the owner too.
"""

import datetime
import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.comparison
from django.db import migrations, models

from amparo.journal.migration_operations import PersonalRows

EVIDENCE = (
    "birth-certificate",
    "death-certificate",
    "identity-document",
    "court-order",
    "employer-letter",
    "account-statement",
    "own-statement",
    "other-document",
)

# What may change in a row that is open, and that nothing changes in one that is decided. A generated
# column is not computed yet when the trigger looks at the new row.
GUARDS = """
CREATE FUNCTION register_guard_decided_once() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'open'
       AND (to_jsonb(OLD) - TG_ARGV - 'priority') = (to_jsonb(NEW) - TG_ARGV - 'priority') THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' AND NEW.state = 'open' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'integrity_constraint_violation',
        CONSTRAINT = 'decided_once',
        TABLE = TG_TABLE_NAME,
        MESSAGE = format('A row of %s begins open and is decided once: %s is refused.',
                         TG_TABLE_NAME, TG_OP),
        HINT = 'Open a new row and decide that.';
END $$;
"""


def decided_once(table, *columns):
    listed = ", ".join(f"'{column}'" for column in columns)
    return migrations.RunSQL(
        f"""
CREATE TRIGGER decided_once_rows BEFORE INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION register_guard_decided_once({listed});
CREATE TRIGGER decided_once_table BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION register_guard_decided_once();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER decided_once_rows;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER decided_once_table;
REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM amparo_app;
GRANT UPDATE ({", ".join(columns)}) ON {table} TO amparo_app;
""",
        f"""
DROP TRIGGER decided_once_rows ON {table};
DROP TRIGGER decided_once_table ON {table};
GRANT UPDATE, DELETE ON {table} TO amparo_app;
""",
    )


# One merge at a time: two stewards at once could otherwise close a circle, each with half of it.
LINKS = """
CREATE FUNCTION register_guard_identity() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    fault text;
    above uuid := NEW.survivor_id;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('public.register_identitylink', 0));
    IF TG_OP = 'UPDATE' THEN
        IF NOT EXISTS (SELECT FROM public.register_mergeproposal p
                       WHERE p.undoes_id = OLD.id AND p.kind = 'unmerge'
                         AND p.state = 'approved') THEN
            fault := 'an_undoing_is_approved';
        END IF;
    ELSIF NEW.superseded_at IS NOT NULL THEN
        fault := 'a_link_begins_known';
    ELSIF NOT EXISTS (SELECT FROM public.register_mergeproposal p
                      JOIN public.register_duplicatereview r ON r.id = p.review_id
                      WHERE p.id = NEW.approval_id AND p.kind = 'merge' AND p.state = 'approved'
                        AND (p.merged_id, p.survivor_id) = (NEW.person_id, NEW.survivor_id)
                        AND (p.decided_by, p.decided_at) = (NEW.recorded_by, NEW.recorded_at)
                        AND r.state = 'same'
                        AND (r.first_id, r.second_id) = (least(p.merged_id, p.survivor_id),
                                                         greatest(p.merged_id, p.survivor_id))
                     ) THEN
        fault := 'a_merge_is_approved';
    ELSE
        WHILE above IS NOT NULL AND above <> NEW.person_id LOOP
            SELECT l.survivor_id INTO above FROM public.register_identitylink l
            WHERE l.person_id = above AND l.superseded_at IS NULL;
        END LOOP;
        IF above = NEW.person_id THEN
            fault := 'no_circle_of_identities';
        ELSIF EXISTS (SELECT FROM public.register_kinship k
                      WHERE k.superseded_at IS NULL
                        AND (k.person_id, k.relative_id) IN (
                            (NEW.person_id, NEW.survivor_id), (NEW.survivor_id, NEW.person_id))
                     ) THEN
            fault := 'relatives_are_two';
        END IF;
    END IF;
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = fault,
            TABLE = TG_TABLE_NAME,
            MESSAGE = format('A link between two records is refused: %s.', fault),
            HINT = 'Propose it, and let somebody else approve it.';
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION register_guard_identity() FROM PUBLIC;

CREATE TRIGGER guard_identity BEFORE INSERT OR UPDATE ON register_identitylink
    FOR EACH ROW EXECUTE FUNCTION register_guard_identity();
CREATE TRIGGER guard_fact_rows BEFORE UPDATE OR DELETE ON register_identitylink
    FOR EACH ROW EXECUTE FUNCTION register_guard_fact();
CREATE TRIGGER guard_fact_table BEFORE TRUNCATE ON register_identitylink
    FOR EACH STATEMENT EXECUTE FUNCTION register_guard_fact();
ALTER TABLE register_identitylink ENABLE ALWAYS TRIGGER guard_identity;
ALTER TABLE register_identitylink ENABLE ALWAYS TRIGGER guard_fact_rows;
ALTER TABLE register_identitylink ENABLE ALWAYS TRIGGER guard_fact_table;
REVOKE UPDATE, DELETE, TRUNCATE ON register_identitylink FROM amparo_app;
GRANT UPDATE (superseded_at) ON register_identitylink TO amparo_app;

-- Whose record this is: up the links, to the record that nobody merged. Known at an instant; what
-- is asked for later than everything is what is known now. It answers with an id alone, to whoever
-- has an id: also to an operation that has not opened its reading yet.
CREATE FUNCTION register_survivor(asked uuid, known_at timestamptz DEFAULT 'infinity')
RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE up (id, depth) AS (
        SELECT asked, 0
        UNION ALL
        SELECT l.survivor_id, up.depth + 1
        FROM up JOIN register_identitylink l ON l.person_id = up.id
        WHERE l.recorded_at <= known_at
          AND (l.superseded_at IS NULL OR l.superseded_at > known_at)
    )
    SELECT id FROM up ORDER BY depth DESC LIMIT 1
$$;
REVOKE ALL ON FUNCTION register_survivor(uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register_survivor(uuid, timestamptz) TO amparo_app;
"""

LINKS_BACK = """
DROP FUNCTION register_survivor(uuid, timestamptz);
DROP TRIGGER guard_identity ON register_identitylink;
DROP TRIGGER guard_fact_rows ON register_identitylink;
DROP TRIGGER guard_fact_table ON register_identitylink;
DROP FUNCTION register_guard_identity();
"""


# As in 0004; but whoever has several records is found once, as the one that survived.
SEARCH = """
CREATE OR REPLACE FUNCTION register_search_persons(the_words text, the_number text, first_row integer, row_count integer)
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
        SELECT CASE WHEN l.id IS NULL THEN e.id ELSE register_survivor(e.id) END AS id,
               max(e.points) AS points
        FROM (TABLE numbered UNION ALL TABLE named) AS e
        LEFT JOIN register_identitylink l ON l.person_id = e.id AND l.superseded_at IS NULL
        WHERE subject IS NULL OR e.id = subject
        GROUP BY 1
    )
    SELECT f.id, f.points, count(*) OVER ()
    FROM found f JOIN register_person p ON p.id = f.id
    ORDER BY f.points DESC, p.number
    OFFSET first_row LIMIT row_count;
END $$;
"""

SEARCH_BACK = """
CREATE OR REPLACE FUNCTION register_search_persons(the_words text, the_number text, first_row integer, row_count integer)
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
"""


def other_side(table, column):
    return migrations.RunSQL(
        f"""
CREATE POLICY personal_select_other_side ON {table} FOR SELECT USING (
    (SELECT current_setting('amparo.purpose', true)) <> ''
    AND {column} = (SELECT nullif(current_setting('amparo.subject', true), '')::uuid)
);
""",
        f"DROP POLICY personal_select_other_side ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("register", "0012_life_is_possible")]

    operations = [
        migrations.CreateModel(
            name="DuplicateReview",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("score", models.DecimalField(decimal_places=8, max_digits=9, null=True)),
                ("source", models.CharField(max_length=10)),
                ("evidence", models.JSONField(default=dict)),
                ("model_hash", models.CharField(blank=True, max_length=64)),
                (
                    "money_at_stake",
                    models.DecimalField(decimal_places=2, default=0, max_digits=18),
                ),
                (
                    "priority",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            django.db.models.functions.comparison.Coalesce(
                                models.F("score"), models.Value(1)
                            ),
                            "*",
                            models.F("money_at_stake"),
                        ),
                        output_field=models.DecimalField(decimal_places=10, max_digits=28),
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("opened_by", models.UUIDField()),
                ("state", models.CharField(default="open", max_length=10)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.UUIDField(null=True)),
                ("reason", models.TextField(blank=True)),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.person",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))),
                        name="a_pair_has_two_in_order",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("first", "second"),
                        name="one_open_review_a_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["online", "sweep", "officer"])),
                        name="review_source",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("score", None), ("score__range", (0, 1)), _connector="OR"
                        ),
                        name="a_score_is_a_probability",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("money_at_stake__gte", 0)),
                        name="nobody_stakes_less_than_nothing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at", None),
                                ("decided_by", None),
                                ("reason", ""),
                                ("state", "open"),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("state__in", ["same", "different", "unsure"]),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_decided_review_says_why",
                    ),
                ],
                "indexes": [
                    models.Index(
                        models.OrderBy(models.F("priority"), descending=True),
                        models.OrderBy(models.F("score"), descending=True, nulls_last=True),
                        models.F("id"),
                        condition=models.Q(("state", "open")),
                        name="review_queue",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MergeProposal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=8)),
                ("choices", models.JSONField(default=dict)),
                ("evidence", models.CharField(max_length=20)),
                ("reference", models.CharField(blank=True, max_length=60)),
                ("reason", models.TextField()),
                ("proposed_at", models.DateTimeField()),
                ("proposed_by", models.UUIDField()),
                ("state", models.CharField(default="open", max_length=10)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.UUIDField(null=True)),
                ("decided_reason", models.TextField(blank=True)),
                (
                    "merged",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.person",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.duplicatereview",
                    ),
                ),
                (
                    "survivor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.person",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IdentityLink",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("starts_on", models.DateField()),
                ("ends_before", models.DateField(null=True)),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("recorded_by", models.UUIDField()),
                (
                    "approval",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.mergeproposal",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.person",
                    ),
                ),
                (
                    "survivor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="register.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        name="one_survivor_at_a_time",
                        expressions=[
                            ("person", "="),
                            (
                                models.Func(
                                    models.F("starts_on"),
                                    models.F("ends_before"),
                                    function="daterange",
                                    output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    models.F("recorded_at"),
                                    models.F("superseded_at"),
                                    function="tstzrange",
                                    output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("superseded_at", None),
                            ("superseded_at__gte", models.F("recorded_at")),
                            _connector="OR",
                        ),
                        name="identity_link_superseded_later",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("person", models.F("survivor")), _negated=True),
                        name="nobody_is_their_own_survivor",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_before", None), ("starts_on", datetime.date(1, 1, 1))
                        ),
                        name="who_somebody_is_holds_for_life",
                    ),
                ],
                "indexes": [
                    models.Index(
                        condition=models.Q(("superseded_at", None)),
                        fields=["person"],
                        name="identity_link_up",
                    ),
                    models.Index(
                        condition=models.Q(("superseded_at", None)),
                        fields=["survivor"],
                        name="identity_link_down",
                    ),
                ],
            },
        ),
        migrations.AddField(
            "mergeproposal",
            "undoes",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="register.identitylink",
            ),
        ),
        migrations.AddConstraint(
            "mergeproposal",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "merge"), ("undoes", None)),
                    models.Q(("kind", "unmerge"), ("undoes__isnull", False)),
                    _connector="OR",
                ),
                name="an_undoing_names_what_it_undoes",
            ),
        ),
        migrations.AddConstraint(
            "mergeproposal",
            models.CheckConstraint(
                condition=models.Q(("merged", models.F("survivor")), _negated=True),
                name="nobody_is_merged_with_themselves",
            ),
        ),
        migrations.AddConstraint(
            "mergeproposal",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason", ""), _negated=True), ("evidence__in", EVIDENCE)
                ),
                name="a_merge_says_why",
            ),
        ),
        migrations.AddConstraint(
            "mergeproposal",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_at", None),
                        ("decided_by", None),
                        ("decided_reason", ""),
                        ("state", "open"),
                    ),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("state__in", ["approved", "refused"]),
                    ),
                    _connector="OR",
                ),
                name="a_proposal_is_decided_whole",
            ),
        ),
        migrations.AddConstraint(
            "mergeproposal",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "approved"), _negated=True),
                    models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="merge_maker_is_not_checker",
            ),
        ),
        migrations.AddConstraint(
            "mergeproposal",
            models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("merged",),
                name="one_open_proposal_a_record",
            ),
        ),
        migrations.AddIndex(
            "mergeproposal",
            models.Index(fields=["state", "proposed_at"], name="proposal_queue"),
        ),
        PersonalRows("register_duplicatereview", "first_id"),
        other_side("register_duplicatereview", "second_id"),
        PersonalRows("register_mergeproposal", "merged_id"),
        other_side("register_mergeproposal", "survivor_id"),
        PersonalRows("register_identitylink", "person_id"),
        other_side("register_identitylink", "survivor_id"),
        migrations.RunSQL(GUARDS, "DROP FUNCTION register_guard_decided_once();"),
        decided_once(
            "register_duplicatereview",
            "state",
            "decided_at",
            "decided_by",
            "reason",
            "money_at_stake",
        ),
        decided_once(
            "register_mergeproposal", "state", "decided_at", "decided_by", "decided_reason"
        ),
        migrations.RunSQL(LINKS, LINKS_BACK),
        migrations.RunSQL(SEARCH, SEARCH_BACK),
    ]
