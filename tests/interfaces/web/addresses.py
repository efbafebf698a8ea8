"""An existing record for each page that shows one, by the page's name."""

from typing import cast
from uuid import UUID

from amparo.accounts.queries import mandates_page
from amparo.delivery.claims.queries import claim_record
from amparo.delivery.contributions.collection_queries import employer_account
from amparo.delivery.contributions.queries import declarations_page, suspense_lines_page
from amparo.delivery.ledger.queries import entries_page
from amparo.interfaces.web.urls import urlpatterns
from amparo.office.queries import inbox, notices_of, received_files_page
from amparo.register.queries import person_record
from amparo.rules.book.queries import packs_listed
from tests.interfaces.web.institution import AT, Institution


def addresses(institution: Institution) -> dict[str, dict[str, object]]:
    """Return an existing record for each page that shows one."""
    person = institution.people["josefa"]
    bruno, esther = institution.access("bruno"), institution.access("esther")
    rejected = next(
        one for one in received_files_page(access=esther).rows if one.outcome == "rejected"
    )
    granted = claim_record(claim_id=institution.claims["granted"], access=bruno)
    assert granted.eligibility is not None
    josefa = person_record(person_id=person, access=bruno, as_of=AT.date(), known_at=AT)
    entry = entries_page(access=institution.access("farid")).rows[0]
    known: dict[str, object] = {
        "person_id": person,
        "fact_id": josefa.identifiers[0].times.fact_id,
        "employer_id": institution.employer,
        "household_id": institution.household,
        "declaration_id": declarations_page(access=esther).rows[0].id,
        "receipt_id": institution.receipt,
        "wage_line_id": suspense_lines_page(access=esther).rows[0].id,
        "money_proposal_id": institution.money_proposal,
        "debt_id": employer_account(
            employer_id=cast("UUID", institution.employer), access=esther, on=AT.date()
        )
        .debts[0]
        .debt_id,
        "claim_id": institution.claims["proposed"],
        "award_id": granted.award_id,
        "decision_id": granted.eligibility.id,
        "run_id": institution.runs["transmitted"],
        "part": 1,
        "difference_id": 1,
        "entry_id": entry.entry_id,
        "received_file_id": rejected.received_file_id,
        "notice_id": notices_of(recipient_id=person, access=bruno)[0].notice_id,
        "version_id": packs_listed()[0].version_id,
        "resolution_id": institution.proposal,
        "draft_id": institution.draft,
        "decision": "decision_eligibility",
        "form": "xlsx",
        "code": "AGE_NOT_REACHED",
        "case": "josefa",
        "fact": "resident",
        "kind": "view",
        "decides": "eligibility",
        "work_id": institution.posting,
        "task_id": inbox(access=bruno).rows[0].task_id,
        "mandate_id": mandates_page(access=institution.access("agnes")).rows[0].mandate_id,
        "simulation_id": institution.simulation,
        "number": 1,
        "review_id": institution.pair,
        "proposal_id": institution.merge_proposal,
        "link_id": institution.link,
        "scheme": "xa/social-pension",
        "benefit": "social_pension",
    }
    arguments: dict[str, dict[str, object]] = {}
    for pattern in urlpatterns:
        names = pattern.pattern.converters
        arguments[str(pattern.name)] = {name: known[name] for name in names}
    arguments["simulation-work"] = {"work_id": institution.simulating}
    # Answers may be added while a claim is open.
    arguments["claim-answers"] = {"claim_id": institution.claims["submitted"]}
    arguments["person-tie"] = {
        "person_id": institution.people["luisa"],
        "fact_id": tie_of(institution),
    }
    arguments["person-employment-end"] = {
        "person_id": institution.people["amina"],
        "employer_id": institution.employer,
    }
    return arguments


def tie_of(institution: Institution) -> UUID:
    """Return the tie between Luísa and her guardian."""
    luisa = person_record(
        person_id=institution.people["luisa"],
        access=institution.access("bruno"),
        as_of=AT.date(),
        known_at=AT,
    )
    return luisa.kin[0].times.fact_id
