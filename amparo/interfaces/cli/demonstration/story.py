"""The demonstration's chain, from an empty institution to a paid and reconciled month.

Each step is the operation that an institution would use, by the person who would use it. Nothing
is written past the operations: whatever the pages show was authorised, journaled and checked.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from amparo.delivery.claims.operations import approve_claim, assess_claim, submit_claim
from amparo.delivery.contributions.operations import charge_interest, estimate_missing
from amparo.delivery.contributions.queries import DeclarationSummary, declarations_page
from amparo.delivery.payments.operations import approve_run, plan_run, prepare_run, transmit_run
from amparo.delivery.payments.queries import run_record
from amparo.governance.kernel.operations import activate_scheme_folder
from amparo.interfaces.cli.demonstration.bank import (
    confirm_accounts,
    return_every,
    write_payments,
)
from amparo.interfaces.cli.demonstration.cast import Staff
from amparo.interfaces.cli.population import Amparia, PlannedClaim, write_population
from amparo.interfaces.files import imports
from amparo.interfaces.files.statements import read_statement
from amparo.journal.reading import reading
from amparo.journal.sealing import seal_block
from amparo.register.queries import persons_by_identifier
from amparo.rules.packs import load_pack
from amparo.values import Month, Right

_EVERY_NTH_PAYMENT_RETURNS: Final = 20
_PENSIONER_FROM_AGE: Final = 65
_TAKEN_ON_SOCIAL_PENSION: Final = Decimal("90.00")
_LATE_PAYER: Final = "Kora Textiles"
_SIGNATORY: Final = "Head of pensions, Ministry of Welfare"

# What the population calls a benefit, and what the rules call it.
_BENEFITS: Final[Mapping[str, tuple[str, str]]] = {
    "old-age": ("xa/old-age", "old_age_pension"),
    "social-pension": ("xa/social-pension", "social_pension"),
    "child-grant": ("xa/child-grant", "child_grant"),
}
# What only the claimant can say, as everybody in the demonstration says it.
_ANSWERS: Final[Mapping[str, Mapping[str, object]]] = {
    "old-age": {"employment_ended": True},
    "social-pension": {},
    "child-grant": {},
}

Clock = Callable[[], datetime]
Tick = Callable[[], None]


class StoryInterrupted(Exception):
    """A step of the demonstration was refused, so what would follow is not told."""


class Stage:
    """Where the progress of the story is shown: a line for each step, ticked where it counts."""

    def __init__(self, *, opened: Callable[[str, int | None], Any]) -> None:
        self._opened = opened

    @contextmanager
    def step(self, title: str, *, of: int | None = None) -> Iterator[Tick]:
        with self._opened(title, of) as tick:
            yield tick


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the chain did, counted by what the operations answered."""

    persons: int
    employers: int
    employments: int
    taken_on_years: int
    taken_on_awards: int
    declarations_files: int
    wage_lines: int
    interest_charged: Decimal
    claims: Mapping[str, int]
    pay_runs: tuple[Mapping[str, object], ...]
    returned_payments: int


class Chain:
    """One telling of the story. `clock` is asked for the instant of every act."""

    def __init__(self, *, staff: Staff, folder: Path, on: date, clock: Clock, stage: Stage) -> None:
        self._staff = staff
        self._folder = folder
        self._on = on
        self._clock = clock
        self._stage = stage

    def tell(self, *, persons: int, seed: int, months: int) -> Summary:
        """Run the whole chain; raise StoryInterrupted where a step is refused."""
        self._activate_packs()
        with self._stage.step("Inventing the people of Amparia"):
            amparia = write_population(
                folder=self._folder / "received",
                persons=persons,
                seed=seed,
                on=self._on,
                months=months,
            )
        numbers, rows = self._register(amparia)
        wage_lines = self._declare(amparia)
        interest = self._collect()
        taken_on = self._take_on_awards(amparia, numbers)
        claims = self._decide_claims(amparia.claims, self._ids(numbers))
        runs, returned = self._pay()
        with self._stage.step("Sealing the journal"):
            seal_block(at=self._clock())
        return Summary(
            persons=amparia.person_count,
            employers=amparia.employer_count,
            employments=rows["employments"],
            taken_on_years=rows["history"],
            taken_on_awards=taken_on,
            declarations_files=len(amparia.declarations) + 1,
            wage_lines=wage_lines,
            interest_charged=interest,
            claims=claims,
            pay_runs=runs,
            returned_payments=returned,
        )

    # --- rules --------------------------------------------------------------------------------

    def _activate_packs(self) -> None:
        """Bring every pack of the country into force: Paulo proposes, Maria approves."""
        folders = sorted((settings.SCHEMES_DIR / settings.COUNTRY.lower()).glob("*/*/scheme.toml"))
        with self._stage.step("Bringing the rule packs into force", of=len(folders)) as tick:
            for manifest in folders:
                activate_scheme_folder(
                    path=manifest.parent,
                    applies_from=load_pack(manifest.parent).valid_from,
                    proposer=self._staff.acting("paulo", "policy-officer"),
                    approver=self._staff.acting("maria", "policy-board"),
                    at=self._clock(),
                )
                tick()

    # --- register and contributions -----------------------------------------------------------

    def _register(self, amparia: Amparia) -> tuple[dict[str, str], dict[str, int]]:
        """Import who lives and works in Amparia; return person numbers by reference, and counts."""
        officer = self._staff.acting("bruno", "registration-officer")
        employer_officer = self._staff.acting("bruno", "employer-officer")
        rows: dict[str, int] = {}
        numbers: dict[str, str] = {}
        for name, take_in, path, access in (
            ("persons", imports.import_persons, amparia.persons, officer),
            ("employers", imports.import_employers, amparia.employers, employer_officer),
            ("employments", imports.import_employments, amparia.employments, employer_officer),
            ("history", imports.import_history, amparia.history, officer),
        ):
            with self._stage.step(f"Importing {name}"):
                outcome = _accepted(take_in(path=path, access=access, at=self._clock()))
            rows[name] = outcome.rows
            if name == "persons" and outcome.numbers_file is not None:
                numbers = dict(_table(outcome.numbers_file))
        with self._stage.step("Having banks and wallets confirm accounts"):
            answer = self._folder / "received" / "account-confirmations.csv"
            confirm_accounts(persons=amparia.persons, on=self._on, answer=answer)
            _accepted(
                imports.import_account_confirmations(path=answer, access=officer, at=self._clock())
            )
        return numbers, rows

    def _declare(self, amparia: Amparia) -> int:
        """Take in the employers' declarations month by month; return the wage lines."""
        access = self._staff.acting("bruno", "employer-officer")
        files = (amparia.late_declaration, *amparia.declarations)
        lines = 0
        with self._stage.step("Assessing declarations", of=len(files)) as tick:
            for path in files:
                lines += _accepted(
                    imports.import_declarations(path=path, access=access, at=self._clock())
                ).rows
                tick()
        return lines

    def _collect(self) -> Decimal:
        """Read in what employers pay; Kora pays a part only, and without its reference.

        Its missing month is estimated, and interest charged on what is late; return the interest.
        """
        path = self._folder / "received" / "money-received.csv"
        missing = Month.of(self._on).previous().previous()
        yara = self._staff.acting("yara", "compliance-officer")
        with self._stage.step("Collecting contributions"):
            write_payments(
                path=path,
                on=self._on,
                declared=self._declarations(),
                late_payer=_LATE_PAYER,
            )
            read = read_statement(
                path=path,
                access=self._staff.acting("fatima", "finance-officer"),
                at=self._clock(),
            )
            if read.received is None:
                raise StoryInterrupted(f"The money received was not taken in: {read.reason}")
            estimate_missing(month=missing, access=yara, at=self._clock())
            return charge_interest(on=self._on, access=yara, at=self._clock()).total

    def _declarations(self) -> Iterator[DeclarationSummary]:
        """Yield every declaration, page by page."""
        access = self._staff.acting("bruno", "employer-officer")
        number = 1
        while True:
            found = declarations_page(access=access, page=number)
            yield from found.rows
            if number * found.size >= found.total:
                return
            number += 1

    def _ids(self, numbers: Mapping[str, str]) -> dict[str, UUID]:
        """Return the person of each reference in the population's files."""
        access = self._staff.acting("bruno", "registration-officer")
        with reading(access=access, right=Right.PERSON_READ, details={"persons": len(numbers)}):
            found = persons_by_identifier(values=set(numbers.values()))
        return {reference: found[number] for reference, number in numbers.items()}

    # --- awards and claims --------------------------------------------------------------------

    def _take_on_awards(self, amparia: Amparia, numbers: Mapping[str, str]) -> int:
        """Take on what the ministry paid before: pensioners who claim nothing new."""
        claiming = {claim.person_ref for claim in amparia.claims}
        path = self._folder / "received" / "awards-taken-on.csv"
        paid_by_us_from = Month.of(self._on).previous().starts_on
        count = 0
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(imports.AWARDS)
            for person in _people(amparia.persons):
                born = person["birth_date"]
                if (
                    person["person_ref"] in claiming
                    or person["birth_precision"] != "day"
                    or not person["payment_kind"]
                    or not born
                ):
                    continue
                attained = _birthday(date.fromisoformat(born), _PENSIONER_FROM_AGE)
                if attained >= self._on.replace(year=self._on.year - 1):
                    continue
                count += 1
                table.writerow(
                    (
                        f"MW-{count:06d}",
                        numbers[person["person_ref"]],
                        "",
                        *_BENEFITS["social-pension"],
                        "SOCIAL_PENSION",
                        _TAKEN_ON_SOCIAL_PENSION,
                        attained,
                        paid_by_us_from,
                    )
                )
        if count == 0:
            return 0
        with self._stage.step("Taking on the awards of the older system"):
            return _accepted(
                imports.import_awards(
                    path=path,
                    vouched=imports.VouchedFor(
                        count=count,
                        total=_TAKEN_ON_SOCIAL_PENSION * count,
                        signatory=_SIGNATORY,
                    ),
                    access=self._staff.acting("bruno", "claims-officer"),
                    approver=self._staff.acting("celia", "claims-approver"),
                    at=self._clock(),
                )
            ).rows

    def _decide_claims(
        self, planned: tuple[PlannedClaim, ...], persons: Mapping[str, UUID]
    ) -> dict[str, int]:
        """Submit, assess and approve the claims; leave the last few for a visitor to handle."""
        officer = self._staff.acting("bruno", "claims-officer")
        approver = self._staff.acting("celia", "claims-approver")
        states: Counter[str] = Counter()
        promising = [claim for claim in planned if claim.expected == "granted"]
        to_assess, to_approve = promising[-3:], promising[-6:-3]
        with self._stage.step("Deciding claims", of=len(planned)) as tick:
            for claim in planned:
                scheme, benefit = _BENEFITS[claim.benefit]
                receipt = submit_claim(
                    person_id=persons[claim.person_ref],
                    scheme=scheme,
                    benefit=benefit,
                    contingency_on=claim.contingency_on,
                    answers=_ANSWERS[claim.benefit],
                    channel="officer",
                    access=officer,
                    at=self._clock(),
                )
                state = "submitted"
                if claim not in to_assess:
                    assessed = assess_claim(
                        claim_id=receipt.claim_id, access=officer, at=self._clock()
                    )
                    state = assessed.state
                    if state == "proposed" and claim not in to_approve:
                        state = approve_claim(
                            claim_id=receipt.claim_id, access=approver, at=self._clock()
                        ).state
                states[state] += 1
                tick()
        return dict(sorted(states.items()))

    # --- payments -----------------------------------------------------------------------------

    def _pay(self) -> tuple[tuple[Mapping[str, object], ...], int]:
        """Pay this month and last month, and read in what the bank returns of the first run."""
        finance = self._staff.acting("fatima", "finance-officer")
        second = self._staff.acting("george", "finance-approver")
        folder = self._folder / "payments"
        this_month = Month.of(self._on)
        runs = []
        returned = 0
        for month in (this_month.previous(), this_month):
            with self._stage.step(f"Paying {month}"):
                run_id = plan_run(month=month, access=finance, at=self._clock())
                prepare_run(run_id=run_id, access=finance, at=self._clock())
                prepared = run_record(run_id=run_id, access=second)
                approve_run(
                    run_id=run_id,
                    content_hash=prepared.content_hash,
                    access=second,
                    at=self._clock(),
                )
                sent = transmit_run(run_id=run_id, folder=folder, access=finance, at=self._clock())
                runs.append(
                    {
                        "number": prepared.summary.number,
                        "month": str(month),
                        "payments": prepared.summary.instruction_count,
                        "total": str(prepared.summary.total),
                        "files": len(sent.files),
                    }
                )
            if month != this_month:
                returned = self._take_back(sent.files)
        return tuple(runs), returned

    def _take_back(self, files: tuple[Path, ...]) -> int:
        """Read in the bank's notification of the payments it could not credit."""
        answer = self._folder / "received" / "returns.camt054.xml"
        with self._stage.step("Reading in the bank's returns"):
            now = self._clock()
            if not return_every(
                nth=_EVERY_NTH_PAYMENT_RETURNS, payment_files=files, at=now, answer=answer
            ):
                return 0
            read = read_statement(
                path=answer, access=self._staff.acting("fatima", "finance-officer"), at=now
            )
        if read.outcome is None:
            raise StoryInterrupted(f"The bank's notification was not taken in: {read.reason}")
        return read.outcome.returned


def _accepted(outcome: imports.ImportOutcome) -> imports.ImportOutcome:
    if outcome.status == "rejected":
        first = outcome.listed[0]
        raise StoryInterrupted(
            f"The {outcome.kind} file of the demonstration was rejected: row {first.row}, "
            f"{first.column}: {first.reason} All faults are in {outcome.error_file}."
        )
    return outcome


def _table(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        yield from ((reference, number) for reference, number in rows)


def _people(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _birthday(born: date, age: int) -> date:
    """Return the day somebody completes an age; born on 29 February, that is 1 March."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)
