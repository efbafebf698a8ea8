"""Addresses of the installation."""

from django.urls import URLPattern, URLResolver, include, path

handler400 = "amparo.interfaces.web.refusals.bad_request"
handler403 = "amparo.interfaces.web.refusals.permission_denied"
handler404 = "amparo.interfaces.web.refusals.page_not_found"
handler500 = "amparo.interfaces.web.refusals.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("amparo.interfaces.web.urls")),
    path("account/", include("amparo.interfaces.web.signin_urls")),
]
