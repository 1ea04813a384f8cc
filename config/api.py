"""The API's addresses, gathered from the apps."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from content import api as content
from engagement import api as engagement
from listening import api as listening
from maturity import api as maturity
from measurement import api as figures
from roles.api import (
    absences,
    calendars,
    custom_roles,
    departments,
    invitations,
    log,
    members,
    positions,
    set_up,
    sign_in,
    tokens,
)

router = SimpleRouter()
members.register(router)
absences.register(router)
invitations.register(router)
log.register(router)
positions.register(router)
departments.register(router)
custom_roles.register(router)
sign_in.register(router)
set_up.register(router)
tokens.register(router)
calendars.register(router)
listening.register(router)
engagement.register(router)
content.register(router)
figures.register(router)
maturity.register(router)
docs = SpectacularSwaggerSplitView.as_view(url_name="api_schema", template_name="api_docs.html")

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("docs/", docs, name="api_docs"),
    *router.urls,
]
