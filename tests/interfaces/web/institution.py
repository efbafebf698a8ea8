"""A small institution with something on every page, made by the product's own operations.

Rosa registers, Esther receives declarations, Bruno assesses, Celia approves, Farid prepares runs,
Gloria approves them, Amadou audits, Hana drafts rules, Ines sits on the board, Agnes grants
mandates, Musa looks at the figures, Nadia compares records, Teo approves merges. Dario signs in,
and that is all.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings

from amparo.accounts.operations import create_user, grant_mandate
from amparo.delivery.claims.operations import approve_claim, assess_claim, submit_claim
from amparo.delivery.claims.operations.joining import approve_merge
from amparo.delivery.claims.queries import claim_record
from amparo.delivery.contributions.collection_queries import receipts_page
from amparo.delivery.contributions.operations import propose_refund
from amparo.delivery.payments.operations import (
    approve_run,
    plan_run,
    prepare_run,
    transmit_run,
)
from amparo.delivery.payments.queries import run_record
from amparo.governance.kernel.access import access_for
from amparo.governance.kernel.operations import activate_scheme_folder, propose_pack
from amparo.interfaces.files.imports import import_declarations
from amparo.interfaces.files.statements import read_statement
from amparo.interfaces.worker.simulating import simulate_rules
from amparo.office.operations import WorkToDo, ask_for_work
from amparo.register.duplicate_queries import reviews_of_person
from amparo.register.operations import (
    During,
    Writing,
    appoint_guardian,
    found_household,
    register_employer,
    register_person,
    start_employment,
)
from amparo.register.operations.merging import propose_merge
from amparo.register.operations.reviews import decide_review, open_duplicate_review
from amparo.register.queries import find_employers
from amparo.register.records import Grounds, NewEmployer, NewIdentifier, NewPerson, NewResidence
from amparo.rules.authoring import NewRow, with_parameter_row
from amparo.rules.book.operations import save_draft, start_draft
from amparo.rules.book.queries import drafted_pack, packs_listed
from amparo.rules.packs import load_pack
from amparo.values import Access, Month, Right
from tests.delivery.payments.awards import open_account

PASSWORD = "lantern by the sea 9"
AT = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
SINCE = date(2026, 1, 1)
CAST = {
    "agnes": ("Agnes Duarte", "administrator"),
    "amadou": ("Amadou Vidal", "auditor"),
    "bruno": ("Bruno Keita", "claims-officer"),
    "celia": ("Celia Okoro", "claims-approver"),
    "carla": ("Carla Anand", "compliance-officer"),
    "anton": ("Anton Weber", "compliance-approver"),
    "esther": ("Esther Mwangi", "employer-officer"),
    "farid": ("Farid Haddad", "finance-officer"),
    "gloria": ("Gloria Santos", "finance-approver"),
    "hana": ("Hana Lindqvist", "policy-officer"),
    "ines": ("Ines Correa", "policy-board"),
    "musa": ("Musa Tembo", "manager"),
    "nadia": ("Nadia Petrov", "data-steward"),
    "rosa": ("Rosa Nkemelu", "registration-officer"),
    "teo": ("Teo Vargas", "register-supervisor"),
}
_BENEFIT = ("xa/social-pension", "social_pension")
_DECLARATION = """\
employer_number,month,declared_lines,declared_total,national_id,name,wage
{employer},2026-10,3,4150.00,1963022801,Amina Juma,1850.00
{employer},2026-10,3,4150.00,1990061234,Tomasi Banda,1200.00
{employer},2026-10,3,4150.00,1990069999,Tomas Bnda,1100.00
"""


@dataclass
class Institution:
    """Who works here, and what the pages show."""

    staff: dict[str, UUID]
    people: dict[str, UUID] = field(default_factory=dict)
    claims: dict[str, UUID] = field(default_factory=dict)
    employer: UUID | None = None
    household: UUID | None = None
    runs: dict[str, UUID] = field(default_factory=dict)
    proposal: UUID | None = None
    draft: UUID | None = None
    pair: UUID | None = None
    merge_proposal: UUID | None = None
    link: UUID | None = None
    posting: UUID | None = None
    receipt: UUID | None = None
    money_proposal: UUID | None = None
    simulation: UUID | None = None
    simulating: UUID | None = None

    def access(self, username: str) -> Access:
        return access_for(user_id=self.staff[username], role=CAST[username][1], on=AT.date())


def employ_cast() -> Institution:
    """Open an account for each, and give each but Dario a mandate."""
    names = {name: title for name, (title, _role) in CAST.items()} | {"dario": "Dario Moreau"}
    staff = {
        name: create_user(username=name, display_name=title, password=PASSWORD, at=AT)
        for name, title in names.items()
    }
    institution = Institution(staff)
    grant_mandate(user_id=staff["agnes"], role="administrator", starts_on=SINCE, access=None, at=AT)
    for name, (_title, role) in CAST.items():
        if name != "agnes":
            grant_mandate(
                user_id=staff[name],
                role=role,
                starts_on=SINCE,
                access=institution.access("agnes"),
                at=AT,
            )
    return institution


def open_institution(folder: Path) -> Institution:
    """Register people, declare wages, decide claims, pay a month and prepare the next."""
    institution = employ_cast()
    _put_rules_in_force(institution)
    _draft_rules(institution)
    _simulate(institution)
    _register(institution)
    _find_duplicates(institution)
    _declare(institution, folder)
    _collect(institution, folder)
    _decide(institution)
    _pay(institution, folder)
    return institution


def _put_rules_in_force(institution: Institution) -> None:
    for scheme in ("old-age", "social-pension", "child-grant"):
        activate_scheme_folder(
            path=settings.SCHEMES_DIR / "xa" / scheme / "1",
            applies_from=date(2018, 1, 1),
            proposer=institution.access("hana"),
            approver=institution.access("ines"),
            at=AT,
        )
    institution.proposal = propose_pack(
        pack=load_pack(settings.SCHEMES_DIR / "mu" / "brp" / "1"),
        applies_from=date(2027, 1, 1),
        reason="A second country joins the installation.",
        access=institution.access("hana"),
        at=AT,
    )


def _draft_rules(institution: Institution) -> None:
    """Leave a draft of the social pension with a new amount."""
    pension = next(one for one in packs_listed() if one.scheme == _BENEFIT[0])
    institution.draft = start_draft(
        base_id=pension.version_id,
        title="The amount of 2027",
        version="2",
        access=institution.access("hana"),
        at=AT,
    )
    drafted = drafted_pack(draft_id=institution.draft, access=institution.access("hana"))
    save_draft(
        draft_id=institution.draft,
        seen=1,
        files=with_parameter_row(
            drafted.pack.files,
            "full_amount",
            NewRow(
                value="1450",
                valid_from="2027-01-01",
                known_from="2026-11-01",
                law="Order 7 of 2026",
            ),
        ),
        act="parameter",
        subject="full_amount",
        access=institution.access("hana"),
        at=AT,
    )


def simulated(institution: Institution, **population: object) -> UUID:
    """Simulate the draft as its job does; return the simulation. population: kind, count, seed."""
    assert institution.draft is not None
    pension = next(one for one in packs_listed() if one.scheme == _BENEFIT[0])
    simulation_id = uuid4()
    simulate_rules(
        WorkToDo(
            work_id=simulation_id,
            subject_id=institution.draft,
            details={
                "base": str(pension.version_id),
                "benefit": _BENEFIT[1],
                "on": "2027-01-01",
                "as_new": False,
                "population": population,
                "revision": 2,
            },
            language="en",
            asked_by=institution.staff["hana"],
            role="policy-officer",
            purpose="SocialWelfareManagement",
        )
    )
    return simulation_id


def _simulate(institution: Institution) -> None:
    """Leave a simulation over people made up, and one that waits."""
    institution.simulation = simulated(institution, kind="made up", count=60, seed=1)
    institution.simulating = ask_for_work(
        kind="rules.simulate",
        subject_kind="pack-draft",
        subject_id=uuid4(),
        details={"on": "2027-01-01", "revision": 2, "population": {"kind": "caseload"}},
        right=Right.PACK_SIMULATE,
        access=institution.access("hana"),
        at=AT,
    )


def _register(institution: Institution) -> None:
    people = {
        "amina": ("Amina", "Juma", "female", date(1963, 2, 28), "1963022801"),
        "josefa": ("Josefa", "Mbeki", "female", date(1956, 2, 29), "1956022904"),
        "tomasi": ("Tomasi", "Banda", "male", date(1990, 6, 12), "1990061234"),
        "pedro": ("Pedro", "Sousa", "male", date(1950, 1, 31), ""),
        "luisa": ("Luísa", "Nyambura", "female", None, ""),
    }
    for name, (given, family, sex, born, number) in people.items():
        institution.people[name] = register_person(
            person=NewPerson(
                given_names=given,
                family_name=family,
                sex=sex,
                birth_date=born,
                identifiers=(NewIdentifier(value=number),) if number else (),
                residence=NewResidence(
                    country="XA", district="Kora", address="12 Mill Road", starts_on=SINCE
                ),
            ),
            access=institution.access("rosa"),
            at=AT,
        )
    institution.household = found_household(
        person_id=institution.people["josefa"],
        starts_on=SINCE,
        access=institution.access("rosa"),
        at=AT,
    )
    appoint_guardian(
        writing=Writing(
            person_id=institution.people["luisa"], access=institution.access("rosa"), at=AT
        ),
        guardian_id=institution.people["josefa"],
        form="court",
        during=During(starts_on=SINCE),
    )
    for name in ("josefa", "pedro"):
        open_account(person_id=institution.people[name], recorded_at=AT)
    institution.employer = register_employer(
        employer=NewEmployer(name="Kora Textiles", activity="1311", district="Kora"),
        access=institution.access("esther"),
        at=AT,
    )
    for name in ("amina", "tomasi"):
        start_employment(
            person_id=institution.people[name],
            employer_id=institution.employer,
            starts_on=date(2024, 2, 29),
            access=institution.access("esther"),
            at=AT,
        )


def _find_duplicates(institution: Institution) -> None:
    """Register two people twice each: one pair is proposed to be merged, the other is merged."""
    for name, given in (("wairimu", "Wairimu"), ("oluwaseun", "Oluwaseun")):
        for again in ("", "-again"):
            institution.people[name + again] = register_person(
                person=NewPerson(
                    given_names=given + again.replace("-again", "n"),
                    family_name="Adeyemi",
                    sex="female",
                    birth_date=date(1971, 3, 14),
                ),
                access=institution.access("rosa"),
                at=AT,
            )
        proposal, review = _propose(institution, name)
        if name == "wairimu":
            institution.pair, institution.merge_proposal = review, proposal
        else:
            institution.link = approve_merge(
                proposal_id=proposal, access=institution.access("teo"), at=AT
            )


def _propose(institution: Institution, name: str) -> tuple[UUID, UUID]:
    """Let Nadia find that two records are one person's, and propose to merge them."""
    nadia = institution.access("nadia")
    first, second = institution.people[name], institution.people[f"{name}-again"]
    open_duplicate_review(
        pair=(first, second),
        score=None,
        evidence={"given": {"says": "resembles", "weight": "3.10"}},
        model_hash="",
        source="officer",
        access=nadia,
        at=AT,
    )
    review = reviews_of_person(person_id=second, access=nadia)[0].review_id
    decide_review(review_id=review, decision="same", reason="The same card.", access=nadia, at=AT)
    proposal = propose_merge(
        review_id=review,
        survivor_id=first,
        choices={"name": "survivor"},
        grounds=Grounds(evidence="identity-document", reason="One card, two registrations."),
        access=nadia,
        at=AT,
    )
    return proposal, review


def _declare(institution: Institution, folder: Path) -> None:
    path = folder / "october.csv"
    path.write_text(_DECLARATION.format(employer=_employer_number(institution)))
    outcome = import_declarations(path=path, access=institution.access("esther"), at=AT)
    assert outcome.status == "accepted", outcome.listed
    bad = folder / "november.csv"
    bad.write_text(_DECLARATION.format(employer="E-0").replace("2026-10", "2026-09"))
    institution.posting = ask_for_work(
        kind="declarations.import",
        subject_kind="original",
        subject_id=uuid4(),
        details={"sha256": "0" * 64, "file_name": "december.csv"},
        right=Right.DECLARATION_RECEIVE,
        access=institution.access("esther"),
        at=AT,
    )
    rejected = import_declarations(path=bad, access=institution.access("esther"), at=AT)
    assert rejected.status == "rejected"


def _collect(institution: Institution, folder: Path) -> None:
    """Take in money of nobody known and too much of Kora's; a refund of that is proposed."""
    path = folder / "money.csv"
    path.write_text(
        "reference,booked_on,amount,currency,payer_name,payer_account,text\n"
        f"M1,2026-11-02,900.00,XTS,Kora Textiles,XA77,{_employer_number(institution)}\n"
        "M2,2026-11-02,45.10,XTS,A payer,XA78,greetings\n"
    )
    read = read_statement(path=path, access=institution.access("farid"), at=AT)
    assert read.received is not None
    assert (read.received.matched, read.received.unmatched) == (1, 1)
    carla = institution.access("carla")
    (paid_too_much,) = receipts_page(
        access=carla, on=AT.date(), employer_id=institution.employer
    ).rows
    institution.receipt = paid_too_much.receipt_id
    institution.money_proposal = propose_refund(
        receipt_id=paid_too_much.receipt_id,
        amount=paid_too_much.suspended,
        reason="Paid twice.",
        access=carla,
        at=AT,
    ).id


def _employer_number(institution: Institution) -> str:
    found = find_employers(text="Kora Textiles", access=institution.access("esther"))
    return found.rows[0].number


def claim(institution: Institution, name: str, *, on: date = date(2026, 11, 1)) -> UUID:
    """Take a claim for the social pension."""
    scheme, benefit = _BENEFIT
    receipt = submit_claim(
        person_id=institution.people[name],
        scheme=scheme,
        benefit=benefit,
        contingency_on=on,
        answers={},
        channel="officer",
        access=institution.access("bruno"),
        at=AT,
    )
    return receipt.claim_id


def _decide(institution: Institution) -> None:
    """Leave one claim in each state: granted, refused, proposed, waiting for evidence, new."""
    claims = institution.claims
    claims["granted"] = claim(institution, "josefa", on=date(2026, 9, 1))
    claims["refused"] = claim(institution, "tomasi")
    claims["proposed"] = claim(institution, "pedro", on=date(2026, 9, 1))
    claims["evidence pending"] = claim(institution, "luisa")
    claims["submitted"] = claim(institution, "amina")
    for state in ("granted", "refused", "proposed", "evidence pending"):
        assess_claim(claim_id=claims[state], access=institution.access("bruno"), at=AT)
    for state in ("granted", "refused"):
        approve_claim(claim_id=claims[state], access=institution.access("celia"), at=AT)
    for state, claim_id in claims.items():
        record = claim_record(claim_id=claim_id, access=institution.access("bruno"))
        assert record.summary.state == state


def _pay(institution: Institution, folder: Path) -> None:
    farid, gloria = institution.access("farid"), institution.access("gloria")
    october = plan_run(month=Month(2026, 10), access=farid, at=AT)
    prepare_run(run_id=october, access=farid, at=AT)
    content = run_record(run_id=october, access=gloria).content_hash
    approve_run(run_id=october, content_hash=content, access=gloria, at=AT)
    files = Path(settings.PAYMENT_FILES_DIR)
    files.mkdir(parents=True, exist_ok=True)
    transmit_run(run_id=october, folder=files, access=gloria, at=AT)
    november = plan_run(month=Month(2026, 11), access=farid, at=AT)
    prepare_run(run_id=november, access=farid, at=AT)
    institution.runs = {"transmitted": october, "compared": november}
