"""The worker's account of insured months, read in one statement.

A month counts once however many employers declared it; the earnings of all of them count. Wage
lines in suspense belong to nobody yet: they never count, and are reported as pending so that a
decision knows that its months may be too few. Corrections count with what they correct; a month of
which they leave nothing does not count.

A person may have several records (`register.identities`): what stands on any of them is theirs.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from typing import Final
from uuid import UUID

from django.db import connection

from amparo.register.identities import records_of

# The precision of FEEL's numbers; the pack rounds, once, where the law says.
_PRECISION: Final = Context(prec=34)

# %(before)s is a first day of a month: complete months before it count. A year taken on from the
# older system says how many months it holds, not which: the year in which the count ends is
# reported apart, because nobody knows how many of its months lie before.
_RECORD: Final = """
WITH posted AS (
  SELECT declaration.month, sum(liability.insurable) AS earnings
    FROM contributions_wageline line
    JOIN contributions_declaration declaration ON declaration.id = line.declaration_id
    JOIN contributions_liability liability ON liability.wage_line_id = line.id
   WHERE line.person_id = ANY(%(records)s) AND line.state = 'matched'
     AND liability.scheme = %(scheme)s AND declaration.month < %(before)s
   GROUP BY declaration.month
  HAVING sum(line.wage) > 0 OR min(line.wage) >= 0
), posted_years AS (
  SELECT extract(year FROM month)::int AS year, count(*) AS months, sum(earnings) AS earnings
    FROM posted GROUP BY 1
), taken_on AS (
  SELECT year::int, sum(months) AS months, sum(earnings) AS earnings,
         year = extract(year FROM %(before)s::date) AND extract(month FROM %(before)s::date) > 1
           AS is_cut
    FROM contributions_takenonyear
   WHERE person_id = ANY(%(records)s) AND scheme = %(scheme)s
     AND (year < extract(year FROM %(before)s::date)
          OR (year = extract(year FROM %(before)s::date)
              AND extract(month FROM %(before)s::date) > 1))
   GROUP BY year
), pending AS (
  SELECT DISTINCT declaration.month
    FROM register_employment employment
    JOIN contributions_declaration declaration
      ON declaration.employer_id = employment.employer_id
     AND employment.starts_on < (declaration.month + interval '1 month')
     AND (employment.ends_before IS NULL OR employment.ends_before > declaration.month)
   WHERE employment.person_id = ANY(%(records)s) AND employment.superseded_at IS NULL
     AND declaration.month < %(before)s
     AND EXISTS (SELECT FROM contributions_wageline line
                  WHERE line.declaration_id = declaration.id AND line.state = 'suspense')
     AND NOT EXISTS (SELECT FROM contributions_wageline line
                      WHERE line.declaration_id = declaration.id
                        AND line.person_id = ANY(%(records)s))
     AND NOT EXISTS (SELECT FROM posted WHERE posted.month = declaration.month)
)
SELECT coalesce((SELECT sum(least(12, coalesce(p.months, 0) + coalesce(t.months, 0)))
                   FROM posted_years p FULL JOIN taken_on t USING (year)
                  WHERE NOT coalesce(t.is_cut, false)), 0)
       + coalesce((SELECT sum(p.months) FROM posted_years p JOIN taken_on t USING (year)
                    WHERE t.is_cut), 0),
       coalesce((SELECT sum(earnings) FROM posted), 0)
       + coalesce((SELECT sum(earnings) FROM taken_on WHERE NOT is_cut), 0),
       coalesce((SELECT sum(months) FROM taken_on WHERE is_cut), 0),
       (SELECT count(*) FROM pending),
       ARRAY(SELECT year FROM posted_years p RIGHT JOIN taken_on t USING (year)
              WHERE coalesce(p.months, 0) + t.months > 12 ORDER BY year)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class InsuranceRecord:
    """Insured months and earnings in one scheme before a date.

    undated_months: months taken on in the very year the count ends, of which nobody knows how
    many lie before. pending_months: months worked for an employer whose declaration has lines in
    suspense, so perhaps this person's. doubled_years: years of which more than twelve months are
    held, posted and taken on together, or taken on for two records of the person: some month is
    there twice, and nobody knows which, so neither months nor earnings are certain.
    """

    scheme: str
    before: date
    months: int
    total_earnings: Decimal
    undated_months: int
    pending_months: int
    doubled_years: tuple[int, ...]

    @property
    def average_monthly_earnings(self) -> Decimal | None:
        """Earnings per insured month, unrounded; None while there is no insured month."""
        if self.months == 0:
            return None
        return _PRECISION.divide(self.total_earnings, Decimal(self.months))


def insurance_record(*, person_id: UUID, scheme: str, before: date) -> InsuranceRecord:
    """Return the months and earnings before the month of `before`; call it inside `reading`."""
    first_day = before.replace(day=1)
    records = list(records_of(person_id=person_id))
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, {"records": records, "scheme": scheme, "before": first_day})
        months, earnings, undated, pending, doubled = cursor.fetchone()
    return InsuranceRecord(
        scheme=scheme,
        before=first_day,
        months=int(months),
        total_earnings=Decimal(earnings),
        undated_months=int(undated),
        pending_months=int(pending),
        doubled_years=tuple(int(year) for year in doubled),
    )
