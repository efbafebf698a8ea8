"""Where each role can go, and what every page shows around its content."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext_lazy as _

from amparo.interfaces.web.pages import Visit
from amparo.values import Right

_NATIVE_NAMES = {
    "en": "English",
    "fr": "Français",
    "es": "Español",
    "pt": "Português",
    "ar": "العربية",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One entry of the navigation: shown to roles that carry one of the rights."""

    title: Promise
    name: str
    rights: tuple[Right, ...]
    section: str


PLACES = (
    Place(title=_("Inbox"), name="web:home", rights=(), section="inbox"),
    Place(title=_("Figures"), name="web:figures", rights=(Right.FIGURES_READ,), section="figures"),
    Place(title=_("People"), name="web:find", rights=(Right.PERSON_READ,), section="people"),
    Place(
        title=_("Duplicates"),
        name="web:duplicates",
        rights=(Right.DUPLICATE_READ,),
        section="duplicates",
    ),
    Place(
        title=_("Employers"),
        name="web:employers",
        rights=(Right.EMPLOYER_READ,),
        section="employers",
    ),
    Place(
        title=_("Declarations"),
        name="web:declarations",
        rights=(Right.DECLARATION_READ,),
        section="declarations",
    ),
    Place(
        title=_("Money received"),
        name="web:receipts",
        rights=(Right.RECEIPT_MATCH, Right.DEBT_APPROVE, Right.LEDGER_READ),
        section="receipts",
    ),
    Place(
        title=_("Arrears"),
        name="web:arrears",
        rights=(Right.DEBT_CHARGE, Right.DEBT_APPROVE),
        section="arrears",
    ),
    Place(title=_("Claims"), name="web:claims", rights=(Right.CLAIM_READ,), section="claims"),
    Place(title=_("Pay runs"), name="web:runs", rights=(Right.PAYRUN_READ,), section="runs"),
    Place(
        title=_("Bank statements"),
        name="web:statements",
        rights=(Right.STATEMENT_READ_IN,),
        section="statements",
    ),
    Place(title=_("Ledger"), name="web:ledger", rights=(Right.LEDGER_READ,), section="ledger"),
    Place(title=_("Rules"), name="web:rules", rights=(Right.PACK_READ,), section="rules"),
    Place(title=_("Journal"), name="web:journal", rights=(Right.JOURNAL_READ,), section="journal"),
    Place(
        title=_("Mandates"),
        name="web:mandates",
        rights=(Right.MANDATE_GRANT, Right.JOURNAL_READ),
        section="mandates",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    title: Promise
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    code: str
    name: str
    is_current: bool


def languages_offered() -> tuple[Language, ...]:
    """Languages whose texts are complete; another joins when its catalogue is added."""
    current = get_language()
    folder = Path(settings.LOCALE_PATHS[0])
    return tuple(
        Language(code=code, name=_NATIVE_NAMES.get(code, code), is_current=code == current)
        for code, _title in settings.LANGUAGES
        if code == "en" or (folder / code / "LC_MESSAGES" / "django.mo").exists()
    )


def frame(request: HttpRequest) -> dict[str, object]:
    """Context of every page: institution, direction of writing, navigation of the role in use."""
    visit: Visit | None = getattr(request, "visit", None)
    links: tuple[Link, ...] = ()
    if visit is not None:
        links = tuple(
            Link(
                title=place.title,
                href=reverse(place.name),
                is_current=_is_current(request, place),
            )
            for place in PLACES
            if not place.rights or any(visit.access.allows(right) for right in place.rights)
        )
    return {
        "institution": settings.INSTITUTION_NAME,
        "currency": settings.CURRENCY,
        "direction": "rtl" if get_language_bidi() else "ltr",
        "languages": languages_offered(),
        "places": links,
        "visit": visit,
        "can_search": visit is not None
        and (visit.access.allows(Right.PERSON_READ) or visit.access.allows(Right.EMPLOYER_READ)),
    }


def _is_current(request: HttpRequest, place: Place) -> bool:
    home = reverse(place.name)
    return request.path == home or (home != "/" and request.path.startswith(home))
