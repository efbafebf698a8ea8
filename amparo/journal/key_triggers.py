"""A migration operation: foreign keys checked once a statement instead of once a row.

PostgreSQL checks a foreign key row by row, about 4 µs each: a pay run of 100,000 awards has 1.7
million keys, more than half of its time. A statement-level trigger checks all rows of a statement
with one anti-join. Models on such tables say `db_constraint=False`, their rows are append-only, and
the rows they point at are never deleted; `amparo verify` checks both ends.
"""

from collections.abc import Mapping

from amparo.journal.migration_operations import _SqlOnly


class KeysExist(_SqlOnly):
    """Refuse rows of a table whose keys point nowhere.

    keys: the referenced table by column. targets: the referenced column by table, where not "id".
    """

    def __init__(
        self, table: str, keys: Mapping[str, str], targets: Mapping[str, str] | None = None
    ) -> None:
        self.table = table
        self.keys = dict(keys)
        self.targets = dict(targets or {})

    def forwards_sql(self) -> str:
        checks = "\n".join(self._check(column, target) for column, target in self.keys.items())
        return f"""
CREATE FUNCTION public.{self.table}_keys_exist() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
{checks}
  RETURN NULL;
END $body$;
CREATE TRIGGER keys_exist AFTER INSERT ON public.{self.table}
  REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION public.{self.table}_keys_exist();
ALTER TABLE public.{self.table} ENABLE ALWAYS TRIGGER keys_exist;
"""

    def backwards_sql(self) -> str:
        return f"""
DROP TRIGGER keys_exist ON public.{self.table};
DROP FUNCTION public.{self.table}_keys_exist();
"""

    def describe(self) -> str:
        return f"Check the keys of {self.table} once a statement"

    def _check(self, column: str, target: str) -> str:
        key = self.targets.get(target, "id")
        # Names of our own tables, written in migrations.
        return f"""\
  IF EXISTS (
    SELECT FROM fresh
    WHERE {column} IS NOT NULL
      AND NOT EXISTS (SELECT FROM public.{target} WHERE {target}.{key} = fresh.{column})
  ) THEN
    RAISE foreign_key_violation USING
      CONSTRAINT = 'keys_exist',
      TABLE = '{self.table}',
      MESSAGE = 'A row of {self.table} has a {column} that {target} does not hold.';
  END IF;"""  # noqa: S608
