"""The small world that delivery's tests share: who works here, what is registered, which law.

Everything is made by the product's own operations, so a test starts where a real day would.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

from amparo.accounts.operations import create_user, grant_mandate
from amparo.delivery.contributions.operations import (
    DeclarationPosted,
    NewDeclaration,
    NewWageLine,
    post_declarations,
)
from amparo.governance.kernel.access import access_for
from amparo.governance.kernel.operations import activate_scheme_folder
from amparo.journal.reading import reading
from amparo.office.operations import receive_original, record_received_file
from amparo.register.operations import register_employer, register_person, start_employment
from amparo.register.records import NewEmployer, NewIdentifier, NewPerson
from amparo.values import Access, Month, Right
from tests.cast import NOW, Cast, appoint

PACKS = Path(__file__).parent / "packs"
SCHEME = "test/old-age"
TODAY = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
AMINA_NUMBER = "1963022801"


@dataclass(frozen=True)
class World:
    """Accesses by first name, and the ids of what is registered."""

    cast: Cast
    rosa: Access
    emil: Access
    bruno: Access
    celia: Access
    dario: Access
    amina: UUID
    kora: UUID
    folder: Path

    def received_file(self, *, kind: str = "declarations") -> UUID:
        """Let a file of unique content arrive and be accepted."""
        path = self.folder / f"{uuid4()}.csv"
        path.write_text(path.name)
        original = receive_original(
            path=path, kind=kind, file_name=path.name, access=self.emil, at=AT
        )
        return record_received_file(
            original=original,
            kind=kind,
            file_name=path.name,
            outcome="accepted",
            access=self.emil,
            at=AT,
        )

    def person(
        self,
        *,
        given_names: str,
        born: date | None,
        identifier: str = "",
        parents: tuple[UUID, ...] = (),
    ) -> UUID:
        known = (NewIdentifier(value=identifier),) if identifier else ()
        person = NewPerson(
            given_names=given_names,
            family_name="Kipsang",
            sex="female",
            birth_date=born,
            identifiers=known,
            parent_ids=parents,
        )
        return register_person(person=person, access=self.rosa, at=NOW)

    def employer(self, *, name: str) -> UUID:
        employer = NewEmployer(name=name, activity="1311", district="Kora")
        return register_employer(employer=employer, access=self.emil, at=NOW)

    def employ(self, person_id: UUID, employer_id: UUID, *, starts_on: date) -> None:
        start_employment(
            person_id=person_id,
            employer_id=employer_id,
            starts_on=starts_on,
            access=self.emil,
            at=NOW,
        )

    def declare(
        self, month: str, *lines: tuple[str, str], employer_id: UUID | None = None
    ) -> DeclarationPosted:
        """Post a declaration of (identifier, wage) lines whose totals fit."""
        return self.post(declaration(month, *lines, employer_id=employer_id or self.kora))

    def post(
        self, declaration: NewDeclaration, *, access: Access | None = None
    ) -> DeclarationPosted:
        """Post a declaration that came alone in its file, by Emil unless told otherwise."""
        (posted,) = post_declarations(
            declarations=[declaration],
            received_file_id=self.received_file(),
            access=access or self.emil,
            at=AT,
        )
        return posted

    def pay_in(self, *months: str, wage: str = "1000.00") -> None:
        """Declare Amina's wage at Kora Textiles for each month."""
        for month in months:
            self.declare(month, (AMINA_NUMBER, wage))


def declaration(month: str, *lines: tuple[str, str], employer_id: UUID) -> NewDeclaration:
    wages = [NewWageLine(identifier=i, name="", wage=Decimal(w)) for i, w in lines]
    return NewDeclaration(
        employer_id=employer_id,
        month=Month.parse(month),
        lines=wages,
        declared_lines=len(wages),
        declared_total=sum((line.wage for line in wages), Decimal("0.00")),
    )


def build(folder: Path) -> World:
    """Appoint the cast, put the test scheme in force, register Amina and Kora Textiles."""
    cast = appoint()
    activate_scheme_folder(
        path=PACKS / "old-age",
        applies_from=date(2000, 1, 1),
        proposer=cast.access("pia"),
        approver=cast.access("omar"),
        at=NOW,
    )
    rosa = _officer(cast, "rosa", "registration-officer")
    emil = _officer(cast, "emil", "employer-officer")
    world = World(
        cast=cast,
        rosa=rosa,
        emil=emil,
        bruno=cast.access("bruno", on=TODAY),
        celia=cast.access("celia", on=TODAY),
        dario=replace(rosa, actor_id=cast["dario"], role="nobody", rights=frozenset()),
        amina=uuid4(),
        kora=uuid4(),
        folder=folder,
    )
    amina = world.person(given_names="Amina", born=date(1963, 2, 28), identifier=AMINA_NUMBER)
    return replace(world, amina=amina, kora=world.employer(name="Kora Textiles"))


def opened(world: World, right: Right = Right.CLAIM_READ) -> AbstractContextManager[None]:
    """Open personal rows, for a test that looks at the tables themselves."""
    return reading(access=world.bruno, right=right)


def _officer(cast: Cast, name: str, role: str) -> Access:
    user_id = create_user(
        username=name, display_name=name.capitalize(), password="lantern by the sea 9", at=NOW
    )
    grant_mandate(
        user_id=user_id,
        role=role,
        starts_on=date(2026, 1, 1),
        access=cast.access("alma"),
        at=NOW,
    )
    return access_for(user_id=user_id, role=role, on=TODAY)
