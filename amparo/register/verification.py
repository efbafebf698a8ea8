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


CHECKS: Final[tuple[Check, ...]] = (
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
