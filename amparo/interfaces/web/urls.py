"""Addresses of the pages."""

from django.urls import path

from amparo.interfaces.web.views import (
    account,
    declarations,
    employers,
    home,
    journal,
    ledger,
    people,
)

app_name = "web"

urlpatterns = [
    path("", home.home, name="home"),
    path("role/", account.role, name="role"),
    path("account/", account.account, name="account"),
    path("people/", people.find, name="find"),
    path("people/<uuid:person_id>/", people.person, name="person"),
    path("people/<uuid:person_id>/history/", people.history, name="person-history"),
    path(
        "people/<uuid:person_id>/contributions/",
        people.contributions,
        name="person-contributions",
    ),
    path("people/<uuid:person_id>/letters/", people.letters, name="person-letters"),
    path("people/<uuid:person_id>/readers/", people.readers, name="person-readers"),
    path("employers/", employers.employers, name="employers"),
    path("employers/<uuid:employer_id>/", employers.employer, name="employer"),
    path(
        "employers/<uuid:employer_id>/declarations/",
        employers.declarations,
        name="employer-declarations",
    ),
    path("declarations/", declarations.declarations, name="declarations"),
    path("declarations/<uuid:declaration_id>/", declarations.declaration, name="declaration"),
    path("ledger/", ledger.balance, name="ledger"),
    path("ledger/<uuid:entry_id>/", ledger.entry, name="entry"),
    path("journal/", journal.journal, name="journal"),
]
