# ruff: noqa: S608 — every piece of these statements is a constant of this module
"""The statements of `loading`, and the faults that only a whole file or the register shows.

A check's `sql` selects the numbers of the faulty rows; its texts hold no personal value.
"""

from dataclasses import dataclass
from typing import Final, LiteralString

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A fault found by a join. column: where the person who corrects the file must look."""

    sql: LiteralString
    column: str
    reason: str
    remedy: str

    def numbered(self, *, at_most: int) -> str:
        """Return the statement for the first faulty rows, each with the count of all."""
        return (
            f"SELECT row, count(*) OVER () FROM ({self.sql}) AS faulty (row)"
            f" ORDER BY row LIMIT {at_most}"
        )


# --- persons ----------------------------------------------------------------------------------

ARRIVING_PERSONS: Final = """
CREATE TEMPORARY TABLE arriving_person (
    ordinal integer, row integer, person_ref text, given_names text, family_name text,
    search_name text, sex text, birth_date date, birth_precision text, national_id text,
    district text, address text, payment_kind text, payment_provider text, payment_account text,
    household_ref text, household_role text, person_id uuid, vitals_id uuid,
    keys bigint[], given_bones text[], first_bones text
) ON COMMIT DROP;
CREATE TEMPORARY TABLE arriving_parent (ordinal integer, parent_ref text) ON COMMIT DROP;
CREATE TEMPORARY TABLE arriving_number (series text, ordinal integer, number text) ON COMMIT DROP;
"""

COPY_PERSONS: Final = """
COPY arriving_person (
    ordinal, row, person_ref, given_names, family_name, search_name, sex, birth_date,
    birth_precision, national_id, district, address, payment_kind, payment_provider,
    payment_account, household_ref, household_role, person_id, vitals_id, keys, given_bones,
    first_bones
) FROM STDIN
"""
COPY_PARENTS: Final = "COPY arriving_parent (ordinal, parent_ref) FROM STDIN"


def _ordered(stem: str, place: str = "ordinal") -> str:
    """Make a row's id of a stem and its place: neighbours in the file stay neighbours.

    Random ids would send every row to another page of every index.
    """
    return f"(%({stem})s || lpad(to_hex({place}), 8, '0'))::uuid"


# A parent named in the file comes before one in the register; two registered persons with one
# number resolve to nobody.
RESOLVE_PERSONS: Final = f"""
ANALYZE arriving_person;
CREATE TEMPORARY TABLE resolved_parent ON COMMIT DROP AS
SELECT DISTINCT a.ordinal, child.row, child.person_id, child.birth_date,
       coalesce(here.person_id, registered.person_id) AS parent_id,
       here.birth_date AS parent_birth_date
FROM arriving_parent a
JOIN arriving_person child USING (ordinal)
LEFT JOIN arriving_person here ON here.person_ref = a.parent_ref
LEFT JOIN LATERAL (
    SELECT (array_agg(person_id))[1] AS person_id FROM (
        SELECT i.person_id FROM register_identifier i
        WHERE here.person_id IS NULL AND i.superseded_at IS NULL
          AND i.value = upper(replace(a.parent_ref, '-', ''))
        UNION
        SELECT p.id FROM register_person p
        WHERE here.person_id IS NULL
          AND replace(p.number, '-', '') = upper(replace(a.parent_ref, '-', ''))
    ) AS named HAVING count(*) = 1
) registered ON true;
CREATE TEMPORARY TABLE arriving_household ON COMMIT DROP AS
SELECT household_ref, coalesce(known_id, {_ordered("households")}) AS household_id,
       known_id IS NULL AS is_new, ordinal
FROM (
    SELECT household_ref, h.id AS known_id,
           row_number() OVER (PARTITION BY h.id IS NULL ORDER BY refs.first)::integer AS ordinal
    FROM (
        SELECT household_ref, min(ordinal) AS first
        FROM arriving_person WHERE household_ref <> '' GROUP BY household_ref
    ) AS refs
    LEFT JOIN register_household h ON h.number = household_ref
) AS numbered;
ANALYZE resolved_parent;
ANALYZE arriving_household;
"""

_FACT: Final = "id, starts_on, recorded_at, source, source_id, recorded_by"

# The ids made here, each kind under a stem of its own: a fact's id is one among all facts.
STEMS: Final = (
    "persons",
    "vitals",
    "households",
    "names",
    "identifiers",
    "residences",
    "accounts",
    "members",
    "ties",
)


def _fact(stem: str, place: str = "ordinal") -> str:
    return f"{_ordered(stem, place)}, %(always)s, %(at)s, %(source)s, %(file)s, %(by)s"


WRITE_PERSONS: Final = (
    """
INSERT INTO register_person (id, number, registered_at)
SELECT person_id, number, %(at)s
FROM arriving_person JOIN arriving_number USING (ordinal) WHERE series = 'P' ORDER BY ordinal
""",
    """
INSERT INTO register_household (id, number, registered_at)
SELECT household_id, number, %(at)s
FROM arriving_household JOIN arriving_number USING (ordinal) WHERE series = 'H' AND is_new
ORDER BY ordinal
""",
    f"""
INSERT INTO register_personname ({_FACT}, person_id, given_names, family_name, search_name)
SELECT {_fact("names")}, person_id, given_names, family_name, search_name FROM arriving_person
""",
    f"""
INSERT INTO register_vitals ({_FACT}, person_id, sex, birth_date, birth_precision)
SELECT vitals_id, %(always)s, %(at)s, %(source)s, %(file)s, %(by)s,
       person_id, sex, birth_date, birth_precision
FROM arriving_person
""",
    f"""
INSERT INTO register_identifier ({_FACT}, person_id, kind, issuer, value)
SELECT {_fact("identifiers")}, person_id, 'national-id', %(country)s, national_id
FROM arriving_person WHERE national_id <> ''
""",
    f"""
INSERT INTO register_residence ({_FACT}, person_id, country, district, address)
SELECT {_fact("residences")}, person_id, %(country)s, district, address
FROM arriving_person WHERE district <> ''
""",
    f"""
INSERT INTO register_paymentaccount
    ({_FACT}, person_id, kind, provider, account_number, verified_by)
SELECT {_fact("accounts")}, person_id, payment_kind, payment_provider, payment_account, ''
FROM arriving_person WHERE payment_kind <> ''
""",
    f"""
INSERT INTO register_householdmember ({_FACT}, person_id, household_id, role)
SELECT {_fact("members", "a.ordinal")}, person_id, household_id, household_role
FROM arriving_person a JOIN arriving_household USING (household_ref) ORDER BY a.ordinal
""",
    f"""
INSERT INTO register_kinship ({_FACT}, person_id, relative_id, kind)
SELECT {_fact("ties", "place")}, person_id, parent_id, 'parent'
FROM (
    SELECT *, row_number() OVER (ORDER BY ordinal, parent_id) AS place FROM resolved_parent
) AS numbered
""",
    # In the order of the index: a million keys then fill its pages one after the other.
    """
INSERT INTO register_matchkey (key_hash, person_id)
SELECT key, person_id FROM arriving_person CROSS JOIN unnest(keys) AS key ORDER BY key, person_id
""",
    # A child's keys by its mother, where the file names her: as `matching.keys` hashes them.
    """
INSERT INTO register_matchkey (key_hash, person_id)
SELECT DISTINCT ('x' || substr(md5(told.key), 1, 16))::bit(64)::bigint, child.person_id
FROM resolved_parent tie
JOIN arriving_person child USING (ordinal)
JOIN arriving_person mother ON mother.person_id = tie.parent_id AND mother.sex = 'female'
CROSS JOIN LATERAL (
    SELECT 'mother and birth date|' || mother.first_bones || '|' || child.birth_date
    UNION ALL
    SELECT 'name, mother and birth year|' || given || '|' || mother.first_bones || '|'
           || to_char(child.birth_date, 'YYYY')
    FROM unnest(child.given_bones) AS given
) AS told (key)
WHERE child.birth_date IS NOT NULL AND mother.first_bones <> ''
ORDER BY 1, 2
""",
    """
INSERT INTO register_lifeevent (person_id, kind, on_date, fact_id, recorded_at)
SELECT person_id, 'registered', %(on)s, vitals_id, %(at)s FROM arriving_person ORDER BY ordinal
""",
)

# Children of somebody registered before: their mother's name is not in the file.
CHILDREN_OF_REGISTERED: Final = """
SELECT DISTINCT tie.person_id FROM resolved_parent tie
WHERE NOT EXISTS (SELECT FROM arriving_person here WHERE here.person_id = tie.parent_id)
"""
PERSON_NUMBERS: Final = """
SELECT person_ref, number FROM arriving_person JOIN arriving_number USING (ordinal)
WHERE series = 'P' ORDER BY ordinal
"""
DROP_PERSONS: Final = """
DROP TABLE arriving_person, arriving_parent, arriving_number, resolved_parent, arriving_household
"""


def person_checks() -> tuple[Check, ...]:
    return (
        Check(
            sql="""SELECT row FROM (
                SELECT row, row_number() OVER (PARTITION BY person_ref ORDER BY row) AS nth
                FROM arriving_person) AS numbered WHERE nth > 1""",
            column="person_ref",
            reason=_("The reference stands in an earlier row of this file already."),
            remedy=_("Give each person of the file a reference of their own."),
        ),
        Check(
            sql="""SELECT row FROM (
                SELECT row, row_number() OVER (PARTITION BY national_id ORDER BY row) AS nth
                FROM arriving_person WHERE national_id <> '') AS numbered WHERE nth > 1""",
            column="national_id",
            reason=_("The identifier stands in an earlier row of this file already."),
            remedy=_("Find out whose it is. Leave it empty for the other person, or remove a row."),
        ),
        Check(
            sql="""SELECT row FROM arriving_person a JOIN register_identifier i
                ON i.value = a.national_id AND i.kind = 'national-id' AND i.superseded_at IS NULL
                WHERE a.national_id <> ''""",
            column="national_id",
            reason=_("A person with this identifier is registered already."),
            remedy=_("Search for the identifier. Remove the row if it is the same person."),
        ),
        Check(
            sql="SELECT DISTINCT row FROM resolved_parent WHERE parent_id IS NULL",
            column="parent_refs",
            reason=_("A parent is neither in this file nor, by that one number, in the register."),
            remedy=_("Use a person_ref of this file, an identifier or a person number."),
        ),
        Check(
            sql="SELECT DISTINCT row FROM resolved_parent WHERE parent_id = person_id",
            column="parent_refs",
            reason=_("The person is named as their own parent."),
            remedy=_("Name the parent, or leave the column empty."),
        ),
        Check(
            sql="""SELECT DISTINCT row FROM resolved_parent
                WHERE parent_birth_date > birth_date AND parent_id <> person_id""",
            column="parent_refs",
            reason=_("The parent is younger than the child."),
            remedy=_("Check both dates of birth and who is whose parent."),
        ),
        # Only people of the file are children here: a circle runs inside it, and each of its people
        # has both a parent and a child there.
        Check(
            sql="""WITH RECURSIVE ancestors (start, row, ancestor) AS (
                    SELECT c.person_id, c.row, c.parent_id FROM resolved_parent c
                    WHERE c.parent_id IN (SELECT person_id FROM resolved_parent)
                      AND c.person_id IN (SELECT parent_id FROM resolved_parent)
                      AND c.parent_id <> c.person_id
                    UNION
                    SELECT a.start, a.row, up.parent_id FROM ancestors a
                    JOIN resolved_parent up ON up.person_id = a.ancestor
                    WHERE a.ancestor <> a.start)
                SELECT DISTINCT row FROM ancestors WHERE ancestor = start""",
            column="parent_refs",
            reason=_("Through this parent the person would be their own ancestor."),
            remedy=_("Check who is whose parent in these rows."),
        ),
    )


# --- employers --------------------------------------------------------------------------------

ARRIVING_EMPLOYERS: Final = """
CREATE TEMPORARY TABLE arriving_employer (
    ordinal integer, row integer, number text, name text, search_name text, activity text,
    district text, employer_id uuid DEFAULT gen_random_uuid(),
    profile_id uuid DEFAULT gen_random_uuid()
) ON COMMIT DROP;
CREATE TEMPORARY TABLE arriving_number (series text, ordinal integer, number text) ON COMMIT DROP;
"""
COPY_EMPLOYERS: Final = """
COPY arriving_employer (ordinal, row, number, name, search_name, activity, district) FROM STDIN
"""
_GIVEN_OR_NEXT: Final = "coalesce(nullif(a.number, ''), n.number)"
WRITE_EMPLOYERS: Final = (
    f"""
INSERT INTO register_employer (id, number, registered_at)
SELECT employer_id, {_GIVEN_OR_NEXT}, %(at)s
FROM arriving_employer a JOIN arriving_number n USING (ordinal) ORDER BY ordinal
""",
    f"""
INSERT INTO register_employerprofile ({_FACT}, employer_id, name, search_name, activity, district)
SELECT profile_id, %(always)s, %(at)s, %(source)s, %(file)s, %(by)s,
       employer_id, name, search_name, activity, district
FROM arriving_employer
""",
    """
INSERT INTO register_lifeevent (employer_id, kind, on_date, fact_id, recorded_at)
SELECT employer_id, 'registered', %(on)s, profile_id, %(at)s FROM arriving_employer
ORDER BY ordinal
""",
)
EMPLOYER_NUMBERS: Final = f"""
SELECT row::text, {_GIVEN_OR_NEXT}
FROM arriving_employer a JOIN arriving_number n USING (ordinal) ORDER BY ordinal
"""


def employer_checks() -> tuple[Check, ...]:
    return (
        Check(
            sql="""SELECT row FROM (
                SELECT row, row_number()
                    OVER (PARTITION BY replace(number, '-', '') ORDER BY row) AS nth
                FROM arriving_employer WHERE number <> '') AS numbered WHERE nth > 1""",
            column="number",
            reason=_("The number stands in an earlier row of this file already."),
            remedy=_("Give each employer a number of its own, or leave the number empty."),
        ),
        Check(
            sql="""SELECT row FROM arriving_employer a JOIN register_employer e
                ON replace(e.number, '-', '') = replace(a.number, '-', '')
                WHERE a.number <> ''""",
            column="number",
            reason=_("An employer with this number is registered already."),
            remedy=_("Remove the row, or leave the number empty if it is another employer."),
        ),
    )


# --- employments ------------------------------------------------------------------------------

ARRIVING_EMPLOYMENTS: Final = """
CREATE TEMPORARY TABLE arriving_employment (
    row integer, employer_number text, national_id text, starts_on date, ends_before date,
    occupation text
) ON COMMIT DROP;
"""
COPY_EMPLOYMENTS: Final = """
COPY arriving_employment
    (row, employer_number, national_id, starts_on, ends_before, occupation) FROM STDIN
"""
RESOLVE_EMPLOYMENTS: Final = """
ANALYZE arriving_employment;
CREATE TEMPORARY TABLE resolved_employment ON COMMIT DROP AS
WITH asked AS (
    SELECT DISTINCT national_id AS value FROM arriving_employment
), named AS (
    SELECT value, (array_agg(person_id))[1] AS person_id FROM (
        SELECT asked.value, i.person_id
        FROM asked JOIN register_identifier i ON i.value = asked.value
        WHERE i.superseded_at IS NULL
        UNION
        SELECT asked.value, p.id
        FROM asked JOIN register_person p ON replace(p.number, '-', '') = asked.value
    ) AS bearers GROUP BY value HAVING count(*) = 1
)
SELECT a.row, a.starts_on, a.ends_before, a.occupation, gen_random_uuid() AS fact_id,
       e.id AS employer_id, named.person_id
FROM arriving_employment a
LEFT JOIN register_employer e
    ON replace(e.number, '-', '') = replace(a.employer_number, '-', '')
LEFT JOIN named ON named.value = a.national_id;
ANALYZE resolved_employment;
"""
WRITE_EMPLOYMENTS: Final = (
    """
INSERT INTO register_employment
    (id, starts_on, ends_before, recorded_at, source, source_id, recorded_by,
     person_id, employer_id, occupation)
SELECT fact_id, starts_on, ends_before, %(at)s, %(source)s, %(file)s, %(by)s,
       person_id, employer_id, occupation
FROM resolved_employment
""",
    """
INSERT INTO register_lifeevent (person_id, employer_id, kind, on_date, fact_id, recorded_at)
SELECT person_id, employer_id, kind, on_date, fact_id, %(at)s
FROM resolved_employment
CROSS JOIN LATERAL (VALUES ('hire', starts_on), ('leave', ends_before)) AS event (kind, on_date)
WHERE on_date IS NOT NULL
ORDER BY row
""",
)


def employment_checks() -> tuple[Check, ...]:
    return (
        Check(
            sql="SELECT row FROM resolved_employment WHERE employer_id IS NULL",
            column="employer_number",
            reason=_("No employer with this number is registered."),
            remedy=_("Check the number, or register the employer first."),
        ),
        Check(
            sql="SELECT row FROM resolved_employment WHERE person_id IS NULL",
            column="national_id",
            reason=_("The identifier names no registered person, or more than one."),
            remedy=_("Check the identifier; register the person first, or use the person number."),
        ),
        Check(
            sql="""SELECT DISTINCT row FROM resolved_employment r JOIN register_vitals v
                ON v.person_id = r.person_id AND v.superseded_at IS NULL
                WHERE r.starts_on > v.death_date OR r.starts_on < v.birth_date""",
            column="starts_on",
            reason=_("The work would begin before the person's birth or after their death."),
            remedy=_("Check the day and who it is; correct a wrong birth or death first."),
        ),
        Check(
            sql="""SELECT DISTINCT later.row FROM resolved_employment earlier
                JOIN resolved_employment later
                ON later.employer_id = earlier.employer_id AND later.person_id = earlier.person_id
                AND later.row > earlier.row
                AND daterange(later.starts_on, later.ends_before)
                    && daterange(earlier.starts_on, earlier.ends_before)""",
            column="starts_on",
            reason=_("An earlier row of this file has the same person there on the same days."),
            remedy=_("Check the periods, or remove a row."),
        ),
        Check(
            sql="""SELECT DISTINCT r.row FROM resolved_employment r JOIN register_employment e
                ON e.employer_id = r.employer_id AND e.person_id = r.person_id
                AND e.superseded_at IS NULL
                AND daterange(e.starts_on, e.ends_before)
                    && daterange(r.starts_on, r.ends_before)""",
            column="starts_on",
            reason=_("The register has the same person there on the same days already."),
            remedy=_("Remove the row, or end the registered employment first."),
        ),
    )


# --- confirmed accounts -----------------------------------------------------------------------

ARRIVING_CONFIRMATIONS: Final = """
CREATE TEMPORARY TABLE arriving_confirmation (
    row integer, provider text, account_number text, confirmed_on date
) ON COMMIT DROP
"""
COPY_CONFIRMATIONS: Final = (
    "COPY arriving_confirmation (row, provider, account_number, confirmed_on) FROM STDIN"
)
# A confirmation changes what is known, not what was true: the record time of the row without it
# closes, and the same account stands again with who confirmed it and when.
CONFIRM_ACCOUNTS: Final = """
WITH unconfirmed AS (
    UPDATE register_paymentaccount account SET superseded_at = %(at)s
    FROM arriving_confirmation a
    WHERE account.provider = a.provider AND account.account_number = a.account_number
      AND account.superseded_at IS NULL AND account.verified_on IS NULL
    RETURNING account.person_id, account.kind, account.provider, account.account_number,
              account.starts_on, account.ends_before, a.confirmed_on
)
INSERT INTO register_paymentaccount
    (id, starts_on, ends_before, recorded_at, source, source_id, recorded_by,
     person_id, kind, provider, account_number, verified_on, verified_by)
SELECT gen_random_uuid(), starts_on, ends_before, %(at)s, %(source)s, %(file)s, %(by)s,
       person_id, kind, provider, account_number, confirmed_on, provider
FROM unconfirmed
"""


def confirmation_checks() -> tuple[Check, ...]:
    return (
        Check(
            sql="""SELECT row FROM arriving_confirmation a WHERE NOT EXISTS (
                SELECT FROM register_paymentaccount account
                WHERE account.provider = a.provider AND account.account_number = a.account_number
                AND account.superseded_at IS NULL)""",
            column="payment_account",
            reason=_("Nobody in the register receives money on this account."),
            remedy=_("Ask the provider to confirm only accounts of the list it was sent."),
        ),
        Check(
            sql="""SELECT row FROM (SELECT row, row_number() OVER (
                PARTITION BY provider, account_number ORDER BY row) AS nth
                FROM arriving_confirmation) AS numbered WHERE nth > 1""",
            column="payment_account",
            reason=_("An earlier row confirms the same account."),
            remedy=_("Leave one row for each account."),
        ),
    )
