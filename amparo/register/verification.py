"""What must hold of facts: their two times (invariant 11)."""

from typing import Final

from amparo.values.verification import Check, in_sql, triggers_hold

# Of which keys only one fact can be true and known at once: what the exclusion constraints hold.
ONE_AT_A_TIME: Final = {
    "register_personname": ("person_id",),
    "register_vitals": ("person_id",),
    "register_identifier": ("kind", "issuer", "value"),
    "register_kinship": ("person_id", "relative_id", "kind"),
    "register_householdmember": ("person_id",),
    "register_residence": ("person_id",),
    "register_employerprofile": ("employer_id",),
    "register_employment": ("person_id", "employer_id"),
    "register_representation": ("person_id", "kind", "rank"),
    "register_paymentaccount": ("person_id",),
    "register_othername": (
        "person_id",
        "kind",
        "given_names",
        "patronymic",
        "family_name",
        "clan",
    ),
    "register_civilstatus": ("person_id",),
    "register_nationality": ("person_id", "kind", "country"),
    "register_spokenlanguage": ("person_id", "language"),
    "register_contact": ("person_id", "kind", "value"),
    "register_specialfact": ("person_id", "category", "code"),
    "register_establishment": ("employer_id", "code"),
    "register_referenceentry": ("list_code", "code"),
}


# What is known of every person from their registration on.
KNOWN_OF_EVERYBODY: Final = ("register_personname", "register_vitals")


def _no_two_true_and_known(table: str, equal: tuple[str, ...]) -> Check:
    same = " AND ".join(f"b.{column} = a.{column}" for column in equal)
    return in_sql(
        invariant=11,
        name=f"no two rows of {table} are true and known at once",
        rows=f"SELECT FROM {table}",
        violations=f"""
            SELECT a.id::text FROM {table} a JOIN {table} b ON {same} AND a.id < b.id
            WHERE daterange(a.starts_on, a.ends_before) && daterange(b.starts_on, b.ends_before)
              AND tstzrange(a.recorded_at, a.superseded_at)
                  && tstzrange(b.recorded_at, b.superseded_at)
        """,  # noqa: S608
    )


def _excluded_by_the_database(tables: tuple[str, ...]) -> Check:
    listed = ", ".join(f"('{table}')" for table in tables)
    return in_sql(
        invariant=11,
        name="an exclusion constraint stands on every table of facts",
        rows=f"VALUES {listed}",
        violations=f"""
            SELECT expected.name FROM (VALUES {listed}) AS expected (name)
            WHERE NOT EXISTS (
              SELECT FROM pg_constraint c
              WHERE c.conrelid = to_regclass('public.' || expected.name) AND c.contype = 'x')
        """,  # noqa: S608 — our own tables' names
    )


def _known_of_everybody(table: str) -> Check:
    return in_sql(
        invariant=11,
        name=f"of every person a row of {table} is known now",
        rows="SELECT FROM register_person",
        violations=f"""
            SELECT p.id::text FROM register_person p
            WHERE NOT EXISTS (SELECT FROM {table} f
                              WHERE f.person_id = p.id AND f.superseded_at IS NULL)
        """,  # noqa: S608
    )


# Links between the records of one person.
_LINKS: Final = (
    _no_two_true_and_known("register_identitylink", ("person_id",)),
    in_sql(
        invariant=7,
        name="each merge of two records, and each undoing, was approved by somebody else",
        rows="SELECT FROM register_mergeproposal WHERE state = 'approved'",
        violations="""
            SELECT l.id::text FROM register_identitylink l
            JOIN register_mergeproposal p ON p.id = l.approval_id
            WHERE (p.kind, p.state, p.merged_id, p.survivor_id, p.decided_by)
                  IS DISTINCT FROM ('merge', 'approved', l.person_id, l.survivor_id, l.recorded_by)
               OR p.proposed_by = p.decided_by
            UNION ALL
            SELECT l.id::text FROM register_identitylink l
            WHERE l.superseded_at IS NOT NULL AND NOT EXISTS (
                SELECT FROM register_mergeproposal p
                WHERE p.undoes_id = l.id AND p.kind = 'unmerge' AND p.state = 'approved'
                  AND p.proposed_by <> p.decided_by AND p.decided_at = l.superseded_at)
        """,
    ),
    in_sql(
        invariant=11,
        name="no link between records leads back to where it began",
        rows="SELECT FROM register_identitylink WHERE superseded_at IS NULL",
        violations="""
            WITH RECURSIVE up (began, id) AS (
                SELECT person_id, survivor_id FROM register_identitylink
                WHERE superseded_at IS NULL
                UNION
                SELECT up.began, l.survivor_id FROM up JOIN register_identitylink l
                  ON l.person_id = up.id AND l.superseded_at IS NULL
            )
            SELECT began::text FROM up WHERE id = began
        """,
    ),
    in_sql(
        invariant=11,
        name="no two records with a family tie between them are one person's",
        rows="SELECT FROM register_identitylink WHERE superseded_at IS NULL",
        violations="""
            SELECT l.id::text FROM register_identitylink l JOIN register_kinship k
              ON k.superseded_at IS NULL AND (k.person_id, k.relative_id) IN (
                 (l.person_id, l.survivor_id), (l.survivor_id, l.person_id))
            WHERE l.superseded_at IS NULL
        """,
    ),
    triggers_hold(
        invariant=7,
        trigger="decided_once_rows",
        tables=("register_duplicatereview", "register_mergeproposal"),
    ),
    triggers_hold(invariant=11, trigger="guard_identity", tables=("register_identitylink",)),
    triggers_hold(invariant=11, trigger="guard_fact_rows", tables=("register_identitylink",)),
)


CHECKS: Final[tuple[Check, ...]] = (
    *_LINKS,
    *(_no_two_true_and_known(table, equal) for table, equal in ONE_AT_A_TIME.items()),
    *(_known_of_everybody(table) for table in KNOWN_OF_EVERYBODY),
    _excluded_by_the_database(tuple(ONE_AT_A_TIME)),
    triggers_hold(
        invariant=11,
        trigger="keep_one_known",
        tables=KNOWN_OF_EVERYBODY,
    ),
    triggers_hold(invariant=11, trigger="guard_fact_rows", tables=tuple(ONE_AT_A_TIME)),
    triggers_hold(
        invariant=11,
        trigger="life_is_possible",
        tables=("register_kinship", "register_vitals", "register_employment"),
    ),
)
