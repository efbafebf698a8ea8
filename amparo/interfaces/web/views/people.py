"""People: found by name or number, shown with both times of every fact."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.accounts.queries import display_names
from amparo.delivery.contributions.queries import (
    WageLineRecord,
    YearTakenOn,
    wage_lines_of_person,
    years_taken_on,
)
from amparo.interfaces.web import formats
from amparo.interfaces.web.addresses import moment_asked, page_number
from amparo.interfaces.web.explanations import language_asked
from amparo.interfaces.web.navigation import Link
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Fact
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.views.employers import employers_table
from amparo.interfaces.web.views.frames import person_frame
from amparo.interfaces.web.views.moments import moments
from amparo.interfaces.web.views.numbers import address_of_number
from amparo.interfaces.web.vocabulary import (
    language_name,
    purpose_word,
    right_word,
    role_word,
    state_cell,
    tie_form_word,
    word,
)
from amparo.journal.queries import reads_of_person
from amparo.office.queries import notices_of
from amparo.register.queries import (
    PARTS,
    NoSuchPerson,
    fact_history,
    find_employers,
    find_persons,
    person_record,
)
from amparo.register.records import (
    AccountFact,
    EmploymentFact,
    FactTimes,
    KinFact,
    PersonRecord,
    PersonSummary,
)
from amparo.rules.book.queries import Titles, titles
from amparo.values import Month, Page, Right

_LONGEST_SEARCH = 200


@page(Right.PERSON_READ, Right.EMPLOYER_READ)
def find(request: StaffRequest) -> HttpResponse:
    """Search people and employers; a number of ours leads straight to what it names."""
    text = request.GET.get("q", "").strip()[:_LONGEST_SEARCH]
    access = request.visit.access
    may_register = {"may_register": access.allows(Right.PERSON_REGISTER)}
    if not text:
        return render(request, "web/find.html", {"searched": "", **may_register})
    if address := address_of_number(request, text):
        return redirect(address)
    tables = []
    if access.allows(Right.PERSON_READ):
        found = find_persons(text=text, access=access, page=page_number(request))
        tables.append(_people_table(request, found))
    if access.allows(Right.EMPLOYER_READ) and page_number(request) == 1:
        employers = find_employers(text=text, access=access, page_size=10)
        if employers.total or not access.allows(Right.PERSON_READ):
            tables.append(employers_table(request, employers, is_paged=False))
    return exported(request, *tables) or render(
        request, "web/find.html", {"searched": text, "tables": tables, **may_register}
    )


def _people_table(request: StaffRequest, found: Page[PersonSummary]) -> Table:
    return Table(
        name="people",
        caption=_("People"),
        columns=(
            Column(title=_("Name")),
            Column(title=_("Number"), kind="identifier"),
            Column(title=_("Born"), kind="day"),
            Column(title=_("Sex")),
            Column(title=_("Identity number"), kind="identifier"),
            Column(title=_("District")),
            Column(title=_("Status"), kind="state"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.name, href=reverse("web:person", args=[one.person_id])),
                    Cell(value=one.number),
                    Cell(value=one.birth_date),
                    Cell(value=word(one.sex)),
                    Cell(value=one.national_id),
                    Cell(value=one.district),
                    state_cell("dead" if one.death_date else "alive"),
                )
            )
            for one in found.rows
        ],
        empty=_("Nobody in the register matches."),
        empty_remedy=_(
            "Try fewer letters, another order of the names, or the identity number without spaces."
        ),
        paging=found,
        query=request.GET,
    )


# --- the record ---------------------------------------------------------------------------------


@page(Right.PERSON_READ, hides=True)
def person(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show what is true of a person on a day, as known on a day; today, unless asked otherwise."""
    visit = request.visit
    asked = moment_asked(request, on=visit.on, at=visit.at)
    try:
        record = person_record(
            person_id=person_id,
            access=visit.access,
            as_of=asked.as_of,
            known_at=asked.known_at,
            parts=[part for part in PARTS if part != "further"],
        )
    except NoSuchPerson:
        raise Http404 from None
    table = _employments_table(request, record.employments)
    context = {
        **person_frame(request, person_id, tab="web:person"),
        **asked.shown(),
        "facts": _facts(record, may_correct=visit.access.allows(Right.PERSON_REGISTER)),
        "kin": _kin_table(request, record),
        "household": _household_table(request, record),
        "household_id": record.household.household_id if record.household else None,
        "employments": table,
        "changes": _changes(request, record),
    }
    return exported(request, table) or render(request, "web/person.html", context)


# What may be written down about a person: the page, its title, the right it takes.
_CHANGES = (
    ("web:person-name", gettext_lazy("Correct or change the name"), Right.PERSON_REGISTER),
    ("web:person-vitals", gettext_lazy("Correct birth, sex or death"), Right.PERSON_REGISTER),
    ("web:person-identifier-new", gettext_lazy("Add an identifier"), Right.PERSON_REGISTER),
    ("web:person-residence", gettext_lazy("Record a move"), Right.PERSON_REGISTER),
    ("web:person-account", gettext_lazy("Name a payment account"), Right.PERSON_REGISTER),
    ("web:person-payee", gettext_lazy("Name a payee"), Right.PERSON_REGISTER),
    ("web:person-payee-end", gettext_lazy("End the payee"), Right.PERSON_REGISTER),
    ("web:person-tie-new", gettext_lazy("Record a family tie"), Right.PERSON_REGISTER),
    ("web:person-household", gettext_lazy("Record the household"), Right.PERSON_REGISTER),
    ("web:person-household-end", gettext_lazy("Leave the household"), Right.PERSON_REGISTER),
    ("web:person-death", gettext_lazy("Record a death"), Right.PERSON_REGISTER),
    ("web:person-employment-new", gettext_lazy("Start an employment"), Right.EMPLOYER_REGISTER),
    ("web:person-duplicate", gettext_lazy("Report a second record"), Right.PERSON_REGISTER),
    ("web:person-duplicate", gettext_lazy("Report a second record"), Right.DUPLICATE_REVIEW),
)


def _changes(request: StaffRequest, record: PersonRecord) -> list[Link]:
    """Return the changes that this role may write down, and that make sense as things stand."""
    idle = set()
    if record.payee is None:
        idle.add("web:person-payee-end")
    if record.household is None:
        idle.add("web:person-household-end")
    if record.vitals and record.vitals.death_date:
        idle |= {"web:person-death", "web:person-household"}
    return [
        Link(title=title, href=reverse(name, args=[record.person_id]), is_current=False)
        for name, title, right in _CHANGES
        if name not in idle and request.visit.access.allows(right)
    ]


def _since(times: FactTimes) -> str:
    """Say since when a fact is true, where that is known, when it was recorded, and from what."""
    said = {
        "true": formats.day(times.starts_on),
        "known": formats.day(_recorded_day(times)),
        "source": word(times.source),
    }
    if times.starts_on is None:
        return _("recorded %(known)s, source: %(source)s") % said
    return _("true since %(true)s, recorded %(known)s, source: %(source)s") % said


def _confirmed(account: AccountFact) -> str:
    """Say whether the operator of an account confirmed it: only then is it paid to."""
    if account.verified_on is None:
        return _("not confirmed yet by %(operator)s: nothing can be paid to it") % {
            "operator": account.provider
        }
    return _("confirmed by %(operator)s on %(day)s") % {
        "operator": account.verified_by or account.provider,
        "day": formats.day(account.verified_on),
    }


def _recorded_day(times: FactTimes) -> date:
    return timezone.localdate(times.recorded_at)


def _facts(record: PersonRecord, *, may_correct: bool) -> list[Fact]:
    facts = []
    if record.name:
        facts.append(Fact(label=_("Name"), value=record.name.full, note=_since(record.name.times)))
    if record.vitals:
        vitals = record.vitals
        facts.append(
            Fact(label=_("Born"), value=vitals.birth_date, kind="day", note=_since(vitals.times))
        )
    facts.extend(
        Fact(
            label=word(one.kind).capitalize(),
            value=one.value,
            kind="identifier",
            note=_since(one.times),
            href=reverse("web:person-identifier", args=[record.person_id, one.times.fact_id])
            if may_correct
            else "",
        )
        for one in record.identifiers
    )
    if record.residence:
        home = record.residence
        place = ", ".join(part for part in (home.address, home.district, home.country) if part)
        facts.append(Fact(label=_("Lives in"), value=place, note=_since(home.times)))
    if record.account:
        paid = record.account
        where = f"{word(paid.kind)}, {paid.provider} {formats.identifier(paid.account_number)}"
        facts.append(Fact(label=_("Is paid to"), value=where, note=_since(paid.times)))
        facts.append(Fact(label=_("Account confirmed"), value=_confirmed(paid)))
    else:
        facts.append(Fact(label=_("Is paid to"), value=_("no account known")))
    facts.extend(
        Fact(
            label=label,
            value=one.name,
            href=reverse("web:person", args=[one.person_id]),
            note=_since(one.times),
        )
        for label, found in (
            (_("Receives for this person"), [record.payee] if record.payee else []),
            (_("Receives for"), record.receives_for),
        )
        for one in found
    )
    return facts


def _kin_table(request: StaffRequest, record: PersonRecord) -> Table:
    may_change = request.visit.access.allows(Right.PERSON_REGISTER)
    return Table(
        name="family",
        caption=_("Family"),
        columns=(
            Column(title=_("Tie")),
            Column(title=_("Name")),
            Column(title=_("Number"), kind="identifier"),
            Column(title=_("Born"), kind="day"),
            Column(title=_("From"), kind="day"),
            *([Column(title=_("Change"))] if may_change else []),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=word(one.kind), note=tie_form_word(one.form)),
                    Cell(value=one.name, href=reverse("web:person", args=[one.person_id])),
                    Cell(value=one.number),
                    Cell(value=one.birth_date),
                    Cell(value=one.times.starts_on),
                    *([_tie_change(record, one)] if may_change else []),
                )
            )
            for one in record.kin
        ],
        empty=_("No family tie is known."),
        is_exportable=False,
    )


def _tie_change(record: PersonRecord, one: KinFact) -> Cell:
    address = reverse("web:person-tie", args=[record.person_id, one.times.fact_id])
    return Cell(value=_("Change"), href=address)


def _household_table(request: StaffRequest, record: PersonRecord) -> Table | None:
    if record.household is None:
        return None
    return Table(
        name="household",
        caption=_("Household %(number)s") % {"number": record.household.number},
        columns=(
            Column(title=_("Name")),
            Column(title=_("Number"), kind="identifier"),
            Column(title=_("Part")),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.name, href=reverse("web:person", args=[one.person_id])),
                    Cell(value=one.number),
                    Cell(value=word(one.role)),
                )
            )
            for one in record.household.members
        ],
        empty=_("Nobody lives in this household."),
        is_exportable=False,
    )


def _employments_table(request: StaffRequest, found: tuple[EmploymentFact, ...]) -> Table:
    may_open = request.visit.access.allows(Right.EMPLOYER_READ)
    may_end = request.visit.access.allows(Right.EMPLOYER_REGISTER)
    return Table(
        name="employments",
        caption=_("Employments"),
        columns=(
            Column(title=_("Employer"), key="employer"),
            Column(title=_("Number"), kind="identifier"),
            Column(title=_("From"), kind="day", key="from"),
            Column(title=_("Until"), kind="day", key="until"),
            Column(title=_("Occupation"), kind="identifier"),
            Column(title=_("Recorded"), kind="instant", key="recorded"),
            Column(title=_("Source")),
            *([Column(title=_("Change"))] if may_end else []),
        ),
        rows=[
            Row(
                cells=(
                    Cell(
                        value=one.employer_name,
                        href=reverse("web:employer", args=[one.employer_id]) if may_open else "",
                    ),
                    Cell(value=one.employer_number),
                    Cell(value=one.times.starts_on),
                    Cell(value=one.times.ends_before),
                    Cell(value=one.occupation),
                    Cell(value=one.times.recorded_at),
                    Cell(value=word(one.times.source)),
                    *([_ending(one)] if may_end else []),
                ),
                emphasis="am-former" if one.times.ends_before else "",
            )
            for one in found
        ],
        empty=_("No employment is known for this day."),
        query=request.GET,
    )


def _ending(one: EmploymentFact) -> Cell:
    """Lead to where the end of a running employment is written down."""
    if one.times.ends_before is not None:
        return Cell(value="")
    address = reverse("web:person-employment-end", args=[one.person_id, one.employer_id])
    return Cell(value=_("End"), href=address)


# --- the other tabs -----------------------------------------------------------------------------


@page(Right.PERSON_READ, hides=True)
def history(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show every fact ever known, corrected ones too, by when it became known."""
    context = person_frame(request, person_id, tab="web:person-history")
    lines = fact_history(person_id=person_id, access=request.visit.access)
    context["moments"] = moments(lines)
    return render(request, "web/record_history.html", context)


@page(Right.DECLARATION_READ, hides=True)
def contributions(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show declared wages and what was due on them, and years from the older system."""
    access = request.visit.access
    context = person_frame(request, person_id, tab="web:person-contributions")
    lines = wage_lines_of_person(person_id=person_id, access=access, page=page_number(request))
    called = titles(known_at=request.visit.at, language=language_asked())
    after_this_month = Month.of(request.visit.on).ends_before
    years = years_taken_on(person_id=person_id, access=access, before=after_this_month)
    tables = [_wages_table(request, lines, called), _years_table(request, years, called)]
    context |= {"tables": tables, "warnings": _held_twice(years, called)}
    return exported(request, *tables) or render(request, "web/person_tables.html", context)


def _held_twice(years: tuple[YearTakenOn, ...], called: Titles) -> list[str]:
    """Name the years of which a month is held twice, scheme by scheme, and what to do."""
    twice: dict[str, list[str]] = {}
    for one in years:
        if one.is_held_twice:
            twice.setdefault(called.scheme(one.scheme), []).append(str(one.year))
    return [
        ngettext(
            "%(scheme)s: the year %(years)s is held twice. With the months declared here it has "
            "more than twelve, so a month of it was taken on and declared as well, and nothing "
            "that depends on it can be decided. Compare the year below with the employer's "
            "declarations, and have the side that is wrong put right.",
            "%(scheme)s: the years %(years)s are held twice. With the months declared here each "
            "has more than twelve, so a month of each was taken on and declared as well, and "
            "nothing that depends on them can be decided. Compare the years below with the "
            "employer's declarations, and have the side that is wrong put right.",
            len(found),
        )
        % {"scheme": scheme, "years": ", ".join(found)}
        for scheme, found in twice.items()
    ]


def _wages_table(request: StaffRequest, lines: Page[WageLineRecord], called: Titles) -> Table:
    return Table(
        name="wages",
        caption=_("Declared wages"),
        columns=(
            Column(title=_("Month"), kind="month"),
            Column(title=_("Employer")),
            Column(title=_("Declaration"), kind="identifier"),
            Column(title=_("Wage"), kind="money"),
            Column(title=_("Schemes")),
            Column(title=_("Worker share"), kind="money"),
            Column(title=_("Employer share"), kind="money"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=line.month.starts_on),
                    Cell(value=line.employer_name),
                    Cell(
                        value=line.declaration_number,
                        href=reverse("web:declaration", args=[line.declaration_id]),
                    ),
                    Cell(value=line.wage),
                    Cell(value=", ".join(called.scheme(due.scheme) for due in line.due)),
                    Cell(value=sum((due.worker_share for due in line.due), formats.NOTHING)),
                    Cell(value=sum((due.employer_share for due in line.due), formats.NOTHING)),
                )
            )
            for line in lines.rows
        ],
        empty=_("No wages were declared for this person."),
        empty_remedy=_("Wages appear here when a declaration names the person."),
        paging=lines,
        query=request.GET,
    )


def _years_table(request: StaffRequest, years: tuple[YearTakenOn, ...], called: Titles) -> Table:
    return Table(
        name="years",
        caption=_("Years taken on from the older system"),
        columns=(
            Column(title=_("Scheme"), key="scheme"),
            Column(title=_("Year"), key="year"),
            Column(title=_("Insured months"), kind="number", key="months"),
            Column(title=_("Earnings"), kind="money", key="earnings"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=called.scheme(one.scheme), hint=one.scheme),
                    Cell(value=str(one.year)),
                    Cell(value=one.months),
                    Cell(value=one.earnings),
                )
            )
            for one in years
        ],
        empty=_("No year was taken on."),
        query=request.GET,
    )


def _records(frame: Mapping[str, object]) -> tuple[UUID, ...]:
    """Return the merged records of the person whose page this is."""
    summary = frame["person"]
    return (
        tuple(record for record, _number in summary.other_records)
        if isinstance(summary, PersonSummary)
        else ()
    )


@page(Right.PERSON_READ, hides=True)
def letters(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show what was sent to a person."""
    context = person_frame(request, person_id, tab="web:person-letters")
    notices = notices_of(
        recipient_id=person_id,
        access=request.visit.access,
        records=_records(context),
    )
    table = Table(
        name="letters",
        caption=_("Letters"),
        columns=(
            Column(title=_("Number"), kind="identifier"),
            Column(title=_("About"), key="about"),
            Column(title=_("Issued"), kind="instant", key="issued"),
            Column(title=_("Language")),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.number, href=reverse("web:notice", args=[one.notice_id])),
                    Cell(value=word(one.kind)),
                    Cell(value=one.issued_at),
                    Cell(value=language_name(one.language)),
                )
            )
            for one in notices
        ],
        empty=_("Nothing was sent to this person yet."),
        query=request.GET,
    )
    return exported(request, table) or render(
        request, "web/person_tables.html", {**context, "tables": [table]}
    )


@page(Right.PERSON_READ, hides=True)
def readers(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show who looked at a person's record, when, in which role and for which purpose."""
    access = request.visit.access
    context = person_frame(request, person_id, tab="web:person-readers")
    reads = reads_of_person(
        person_id=person_id, access=access, records=_records(context), page=page_number(request)
    )
    names = display_names(user_ids={one.actor_id for one in reads.rows if one.actor_id})
    table = Table(
        name="readers",
        caption=_("Who looked at this record"),
        columns=(
            Column(title=_("When"), kind="instant"),
            Column(title=_("Who")),
            Column(title=_("Role")),
            Column(title=_("Purpose")),
            Column(title=_("For")),
            Column(title=_("Sealed in block"), kind="number"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.happened_at),
                    Cell(value=names.get(one.actor_id, "") if one.actor_id else ""),
                    Cell(value=role_word(one.role), hint=one.role),
                    Cell(value=purpose_word(one.purpose), hint=one.purpose),
                    Cell(
                        value=right_word(str(one.details.get("right", ""))),
                        hint=str(one.details.get("right", "")),
                    ),
                    Cell(value=one.sealed_in),
                )
            )
            for one in reads.rows
        ],
        empty=_("Nobody has looked at this record."),
        paging=reads,
        query=request.GET,
    )
    return exported(request, table) or render(
        request, "web/person_tables.html", {**context, "tables": [table]}
    )
