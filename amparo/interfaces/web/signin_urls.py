"""Signing in and looking after one's own account: the pages of allauth that an institution needs.

Left out: sign-up and e-mail pages. Accounts come with mandates, and a forgotten password is renewed
by the person who grants them. allauth still asks for the sign-up address, which answers that
sign-up is closed.
"""

from allauth.account import views
from django.urls import include, path

from amparo.interfaces.web.views.account import language

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("signup/", views.signup, name="account_signup"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("confirm/", views.reauthenticate, name="account_reauthenticate"),
    path("password/", views.password_change, name="account_change_password"),
    path("second-factor/", include("allauth.mfa.urls")),
    path("language/", language, name="set_language"),
]
