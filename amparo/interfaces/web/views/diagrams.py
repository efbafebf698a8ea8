"""The diagram viewer: optional, on a page of its own, which alone loads its script.

The same diagram stands on the page of the rules, drawn by the server; the viewer adds that one may
move about in it and open the tables behind it.
"""

import gzip
from functools import cache
from pathlib import Path
from uuid import UUID

from django.contrib.staticfiles.finders import find
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from amparo.interfaces.web import formats
from amparo.interfaces.web.explanations import language_asked
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Crumb, Fact, Strip
from amparo.interfaces.web.requirements import requirements_of
from amparo.rules.book.queries import BookedPack, NoSuchVersion, version
from amparo.rules.dmn.viewing import to_view
from amparo.values import Right

_PARTS = ("dmn-viewer.min.js", "dmn-viewer.css", "dmn-icons.woff2", "diagram.js")
_KILOBYTE = 1000


@cache
def viewer_size() -> str:
    """Return how much the viewer's page loads, in kilobytes as they travel."""
    paths = (Path(str(find(f"amparo/{name}"))) for name in _PARTS)
    size = sum(len(gzip.compress(path.read_bytes(), 6)) for path in paths)
    return formats.figure(-(-size // _KILOBYTE))


def _booked(version_id: UUID) -> BookedPack:
    try:
        return version(version_id=version_id)
    except NoSuchVersion:
        raise Http404 from None


@page(Right.PACK_READ)
def diagram(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """Show the requirements of a version in the viewer."""
    booked = _booked(version_id)
    language = language_asked()
    manifest = booked.pack.manifest
    title = manifest.titles.get(language) or manifest.titles["en"]
    kept = to_view(booked.pack.files[manifest.model], booked.pack.library.main).kept
    context = {
        "crumbs": [
            Crumb(title=_("Rules"), href=reverse("web:rules")),
            Crumb(title=title, href=reverse("web:pack", args=[version_id])),
        ],
        "strip": Strip(
            title=_("Diagram of %(name)s") % {"name": title},
            facts=[
                Fact(label=_("Version"), value=booked.version),
                Fact(label=_("Model"), value=manifest.model, kind="identifier"),
            ],
        ),
        "rules": reverse("web:pack", args=[version_id]),
        "model": reverse("web:diagram-model", args=[version_id, "view"]),
        "download": reverse("web:diagram-model", args=[version_id, "dmn"]),
        "kept": ", ".join(kept),
        "requirements": requirements_of(booked.pack, language=language, with_tables={}),
    }
    return render(request, "web/diagram.html", context)


@page(Right.PACK_READ)
def diagram_model(request: StaffRequest, version_id: UUID, kind: str) -> HttpResponse:
    """Give a version's model: "view" as the viewer reads it, "dmn" as it was activated."""
    booked = _booked(version_id)
    name = booked.pack.manifest.model
    text = booked.pack.files[name]
    if kind == "view":
        shown = to_view(text, booked.pack.library.main).text
        return HttpResponse(shown, content_type="application/xml; charset=utf-8")
    if kind != "dmn":
        raise Http404
    response = HttpResponse(text, content_type="application/xml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{Path(name).name}"'
    return response
