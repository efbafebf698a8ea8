"""What no life holds, whoever writes it: a parent born after the child, a circle of ancestors, a tie
or work that begins before the birth or after the death of one of the two.

Judged on what is known now, where both sides are known: an unknown day contradicts nothing. Each
trigger looks at all rows of a statement at once, so a file of a million people costs one pass. It
plans anew each time (EXECUTE), since a plan for one row is wrong for a million and the other way
round; it counts, since a plan for EXISTS would go row by row; and for many rows it forbids nested
loops: of tables that one transaction has just filled there are no statistics yet, and the planner
takes them for small. They read as the tables' owner: whoever writes may see less than what
contradicts them.

Two officers who close a circle of ancestors from two ends at once would not see each other's row:
the operations that tie people who are registered already take turns (`amparo.register.operations.ties`).
A file ties only children who are new with it.
"""

from django.db import migrations

# The last day on which somebody may have been born, by what is known of their birth. Without a
# search path of its own it is written into the plan instead of being called a million times.
BIRTH = """
CREATE FUNCTION register_latest_birth(birth_date date, birth_precision text, birth_latest date)
RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE birth_precision
        WHEN 'day' THEN birth_date
        WHEN 'month' THEN (birth_date + interval '1 month' - interval '1 day')::date
        WHEN 'year' THEN (birth_date + interval '1 year' - interval '1 day')::date
        ELSE birth_latest END
$$;
"""

LATEST = "register_latest_birth({0}.birth_date, {0}.birth_precision, {0}.birth_latest)"
YOUNGER = f"parent.birth_date > child.birth_date AND parent.birth_date > {LATEST.format('child')}"


def outside_the_life(fact, vitals="v"):
    return (
        f"({fact}.starts_on > {vitals}.death_date OR {fact}.ends_before <= {vitals}.birth_date"
        f" OR ({fact}.starts_on > '0001-01-01' AND {fact}.starts_on < {vitals}.birth_date))"
    )


# Each: the name under which it is refused, what is said, and the rows that are refused. `added`
# holds the rows of the statement.
OLDER = ("a_parent_is_older", "A parent would be born after their child.")
LIVING = (
    "a_tie_is_among_the_living",
    "A tie would begin before the birth or after the death of one of the two.",
)
WORKING = ("the_living_work", "Work would begin before the birth or after the death.")
DESCENT = ("nobody_descends_from_themselves", "A person would be their own ancestor.")

TIES = [
    (
        *OLDER,
        f"""
        SELECT count(*) FROM added t
        JOIN register_vitals child ON child.person_id = t.person_id
        JOIN register_vitals parent ON parent.person_id = t.relative_id
        WHERE t.kind = 'parent' AND t.superseded_at IS NULL AND child.superseded_at IS NULL
          AND parent.superseded_at IS NULL AND {YOUNGER}""",
    ),
    *(
        (
            *LIVING,
            f"""
            SELECT count(*) FROM added t JOIN register_vitals v ON v.person_id = t.{side}
            WHERE t.kind <> 'parent' AND t.superseded_at IS NULL AND v.superseded_at IS NULL
              AND {outside_the_life("t")}""",
        )
        for side in ("person_id", "relative_id")
    ),
    (
        # A circle closes only where the parent has parents and the child has children.
        *DESCENT,
        """
        WITH RECURSIVE ancestors (person_id, ancestor_id) AS (
            SELECT t.person_id, t.relative_id FROM added t
            WHERE t.kind = 'parent' AND t.superseded_at IS NULL
              AND EXISTS (SELECT FROM register_kinship up WHERE up.person_id = t.relative_id
                          AND up.kind = 'parent' AND up.superseded_at IS NULL)
              AND EXISTS (SELECT FROM register_kinship down WHERE down.relative_id = t.person_id
                          AND down.kind = 'parent' AND down.superseded_at IS NULL)
            UNION
            SELECT a.person_id, up.relative_id FROM ancestors a
            JOIN register_kinship up ON up.person_id = a.ancestor_id
            WHERE up.kind = 'parent' AND up.superseded_at IS NULL AND a.ancestor_id <> a.person_id
        )
        SELECT count(*) FROM ancestors WHERE ancestor_id = person_id""",
    ),
]
VITALS = [
    (
        *OLDER,
        f"""
        SELECT count(*) FROM added parent
        JOIN register_kinship t ON t.relative_id = parent.person_id
        JOIN register_vitals child ON child.person_id = t.person_id
        WHERE t.kind = 'parent' AND t.superseded_at IS NULL AND child.superseded_at IS NULL
          AND parent.superseded_at IS NULL AND {YOUNGER}""",
    ),
    (
        *OLDER,
        f"""
        SELECT count(*) FROM added child
        JOIN register_kinship t ON t.person_id = child.person_id
        JOIN register_vitals parent ON parent.person_id = t.relative_id
        WHERE t.kind = 'parent' AND t.superseded_at IS NULL AND child.superseded_at IS NULL
          AND parent.superseded_at IS NULL AND {YOUNGER}""",
    ),
    *(
        (
            *LIVING,
            f"""
            SELECT count(*) FROM added v JOIN register_kinship t ON t.{side} = v.person_id
            WHERE t.kind <> 'parent' AND t.superseded_at IS NULL AND v.superseded_at IS NULL
              AND {outside_the_life("t")}""",
        )
        for side in ("person_id", "relative_id")
    ),
    (
        *WORKING,
        f"""
        SELECT count(*) FROM added v JOIN register_employment w ON w.person_id = v.person_id
        WHERE w.superseded_at IS NULL AND v.superseded_at IS NULL AND {outside_the_life("w")}""",
    ),
]
WORK = [
    (
        *WORKING,
        f"""
        SELECT count(*) FROM added w JOIN register_vitals v ON v.person_id = w.person_id
        WHERE w.superseded_at IS NULL AND v.superseded_at IS NULL AND {outside_the_life("w")}""",
    ),
]


def step(name, said, rows):
    return f"""
    EXECUTE $rows${rows}$rows$ INTO refused;
    IF refused > 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'integrity_constraint_violation', CONSTRAINT = '{name}',
            TABLE = TG_TABLE_NAME, MESSAGE = '{said}',
            HINT = 'Correct what is wrong first: the history says who wrote it and why.';
    END IF;
"""


def check(table, function, steps):
    return f"""
CREATE FUNCTION {function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    refused bigint;
    loops text := current_setting('enable_nestloop');
BEGIN
    IF (SELECT count(*) FROM added) > {MANY} THEN
        PERFORM set_config('enable_nestloop', 'off', true);
    END IF;
{"".join(step(*one) for one in steps)}
    PERFORM set_config('enable_nestloop', loops, true);
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION {function}() FROM PUBLIC;
CREATE TRIGGER life_is_possible AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION {function}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER life_is_possible;
"""


def uncheck(table, function):
    return f"DROP TRIGGER life_is_possible ON {table}; DROP FUNCTION {function}();"


# From so many rows on, one pass over a table costs less than a search for each row.
MANY = 1000

CHECKED = {
    "register_kinship": ("register_check_ties", TIES),
    "register_vitals": ("register_check_vitals", VITALS),
    "register_employment": ("register_check_employments", WORK),
}


class Migration(migrations.Migration):
    dependencies = [("register", "0011_more_facts_are_guarded")]

    operations = [
        migrations.RunSQL(BIRTH, "DROP FUNCTION register_latest_birth(date, text, date);"),
        *(
            migrations.RunSQL(check(table, function, steps), uncheck(table, function))
            for table, (function, steps) in CHECKED.items()
        ),
    ]
