"""What migrations of every room say in SQL: append-only tables, personal rows, gates.

Triggers hold under bulk SQL, COPY and TRUNCATE, where hooks of an ORM never fire. They are created
ALWAYS, so replication mode does not silence them. The tables belong to the owner's role; the
application works as `amparo_app`, which owns nothing. Each operation is reversible and changes no
model state.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

APPLICATION_ROLE = "amparo_app"

# One function for all tables; each migration may be the first, so each brings it.
_REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION public.journal_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'integrity_constraint_violation',
        CONSTRAINT = 'append_only',
        TABLE = TG_TABLE_NAME,
        MESSAGE = format('%s is append-only: %s is refused.', TG_TABLE_NAME, TG_OP),
        HINT = 'Append a row that supersedes the old one.';
END $$;
"""


class _SqlOnly(Operation, ABC):
    """An operation that changes the database and not the models."""

    reversible = True
    reduces_to_sql = True
    elidable = False

    @abstractmethod
    def forwards_sql(self) -> str: ...

    @abstractmethod
    def backwards_sql(self) -> str: ...

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Leave the models as they are."""

    def database_forwards(
        self,
        app_label: str,  # noqa: ARG002 — Django calls it so
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002
        to_state: ProjectState,  # noqa: ARG002
    ) -> None:
        schema_editor.execute(self.forwards_sql(), params=None)

    def database_backwards(
        self,
        app_label: str,  # noqa: ARG002
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002
        to_state: ProjectState,  # noqa: ARG002
    ) -> None:
        schema_editor.execute(self.backwards_sql(), params=None)


class AppendOnly(_SqlOnly):
    """Refuse UPDATE, DELETE, TRUNCATE: to everybody by trigger, to the application by grant."""

    serialization_expand_args: ClassVar[list[str]] = []

    def __init__(self, *tables: str) -> None:
        self.tables = tables

    def forwards_sql(self) -> str:
        return _REFUSE_CHANGE + "".join(
            f"""
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON public.{table}
    FOR EACH ROW EXECUTE FUNCTION public.journal_refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON public.{table}
    FOR EACH STATEMENT EXECUTE FUNCTION public.journal_refuse_change();
ALTER TABLE public.{table} ENABLE ALWAYS TRIGGER append_only_rows;
ALTER TABLE public.{table} ENABLE ALWAYS TRIGGER append_only_table;
REVOKE UPDATE, DELETE, TRUNCATE ON public.{table} FROM {APPLICATION_ROLE};
"""
            for table in self.tables
        )

    def backwards_sql(self) -> str:
        return "".join(
            f"""
DROP TRIGGER append_only_rows ON public.{table};
DROP TRIGGER append_only_table ON public.{table};
GRANT UPDATE, DELETE ON public.{table} TO {APPLICATION_ROLE};
"""
            for table in self.tables
        )

    def describe(self) -> str:
        return f"Make {', '.join(self.tables)} append-only"


class PersonalRows(_SqlOnly):
    """Hide rows unless `reading()` has set a purpose; with a subject, show that person's only.

    Inserting needs no reading, so bulk loads run at full speed; but an INSERT … RETURNING reads and
    does need it. The settings are read once a statement (InitPlan), not once a row. The owner, who
    migrates, is not bound.

    through: where the row names its person only by another table's row, that table and its column
    of persons ("claims_award.person_id"); person_column is then the key to it. only_where: which
    rows are personal, where not all are.
    """

    def __init__(
        self,
        table: str,
        person_column: str = "person_id",
        *,
        through: str = "",
        only_where: str = "",
    ) -> None:
        self.table = table
        self.person_column = person_column
        self.through = through
        self.only_where = only_where

    def forwards_sql(self) -> str:
        subject = "(SELECT nullif(current_setting('amparo.subject', true), '')::uuid)"
        own = f"{self.person_column} = {subject}"
        if self.through:
            parent, column = self.through.split(".")
            # Names of our own tables, written in migrations.
            own = (
                f"{self.person_column} IN"  # noqa: S608
                f" (SELECT parent.id FROM public.{parent} parent WHERE parent.{column} = {subject})"
            )
        visible = f"""
    (SELECT current_setting('amparo.purpose', true)) <> ''
    AND ((SELECT nullif(current_setting('amparo.subject', true), '')) IS NULL OR {own})
"""
        if self.only_where:
            visible = f"NOT ({self.only_where}) OR ({visible})"
        return f"""
ALTER TABLE public.{self.table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY personal_select ON public.{self.table} FOR SELECT USING ({visible});
CREATE POLICY personal_update ON public.{self.table} FOR UPDATE USING ({visible}) WITH CHECK (true);
CREATE POLICY personal_delete ON public.{self.table} FOR DELETE USING ({visible});
CREATE POLICY personal_insert ON public.{self.table} FOR INSERT WITH CHECK (true);
"""

    def backwards_sql(self) -> str:
        return f"""
DROP POLICY personal_select ON public.{self.table};
DROP POLICY personal_update ON public.{self.table};
DROP POLICY personal_delete ON public.{self.table};
DROP POLICY personal_insert ON public.{self.table};
ALTER TABLE public.{self.table} DISABLE ROW LEVEL SECURITY;
"""

    def describe(self) -> str:
        return f"Show rows of {self.table} only to a reading with a purpose"


class GateTrigger(_SqlOnly):
    """Refuse a row whose pass is missing, for another gate or content, expired, or of another time.

    The trigger's function belongs to governance, which knows resolutions; so governance's
    migrations apply this to the tables of the rooms below. at_column: when the effect happened,
    compared with the pass's expiry.
    """

    def __init__(
        self, table: str, *, pass_column: str, hash_column: str, at_column: str, gate: str
    ) -> None:
        self.table = table
        self.pass_column = pass_column
        self.hash_column = hash_column
        self.at_column = at_column
        self.gate = gate

    def forwards_sql(self) -> str:
        return f"""
CREATE TRIGGER gate_{self.gate.lower()} BEFORE INSERT OR UPDATE ON public.{self.table}
    FOR EACH ROW EXECUTE FUNCTION public.govkernel_demand_pass(
        '{self.gate}', '{self.pass_column}', '{self.hash_column}', '{self.at_column}');
ALTER TABLE public.{self.table} ENABLE ALWAYS TRIGGER gate_{self.gate.lower()};
"""

    def backwards_sql(self) -> str:
        return f"DROP TRIGGER gate_{self.gate.lower()} ON public.{self.table};"

    def describe(self) -> str:
        return f"Guard {self.table} by gate {self.gate}"
