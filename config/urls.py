"""All addresses: the house below /o/<organization>/ (the middleware takes that off), sign-in, the API, health."""

from __future__ import annotations

from django.urls import include, path
from django.views.generic import RedirectView

from config.health import alive, ready, works
from config.instruments import metrics
from config.sign_in import begin_oidc, finish_oidc
from roles.views.home import home

handler403 = "roles.views.errors.forbidden"
handler404 = "roles.views.errors.not_found"

urlpatterns = [
    path("", home, name="home"),
    path("health/", alive, name="alive"),
    path("health/ready/", ready, name="ready"),
    path("health/work/", works, name="works"),
    path("metrics", metrics, name="metrics"),
    path("accounts/oidc/<str:provider_id>/login/", begin_oidc),
    path("accounts/oidc/<str:provider_id>/login/callback/", finish_oidc),
    # Linking accounts by hand is closed: a person is linked by what their organization's provider says.
    path("accounts/3rdparty/", RedirectView.as_view(url="/")),
    path("accounts/3rdparty/signup/", RedirectView.as_view(url="/")),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("config.api")),
    path("", include("engagement.urls")),
    path("", include("listening.urls")),
    path("", include("content.urls")),
    path("", include("maturity.urls")),
    path("", include("measurement.urls")),
    path("", include("roles.urls")),
]
