"""Read the guidelines: say yes to them, see who has, print them, let anybody read them."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control, set_response_etag
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from maturity.actions import guideline_address, reading
from maturity.housekeeping import open_address
from maturity.models import GuidelineAddress, GuidelineVersion
from maturity.reading import readers as everybody
from roles.keys import key_in
from roles.limits import limited
from roles.respond import MemberRequest, Undo, acting, done, needs, page
from roles.tenancy import answering_for

MOST_VERSIONS, MOST_READERS = 500, 500
# What a cache on the way may still show after the address was revoked.
KEPT_SECONDS = 60


@require_POST
@needs("maturity.acknowledge")
def acknowledge_guidelines(request: MemberRequest) -> HttpResponse:
    """Say yes to the versions that stood on the page."""
    keys = [key for value in request.POST.getlist("version")[:MOST_VERSIONS] if (key := key_in(value))]
    versions = list(GuidelineVersion.objects.filter(pk__in=keys, section__retired_at=None))
    count = reading.acknowledge_guidelines(request.organization, versions=versions, **acting(request))
    said = ngettext("Thank you. Your yes to %(n)s section is kept.",
                    "Thank you. Your yes to %(n)s sections is kept.", count) % {"n": count}  # fmt: skip
    return done(request, said, to=reverse("maturity:guidelines"))


@require_safe
@needs("maturity.manage_guidelines")
def readers(request: MemberRequest) -> HttpResponse:
    """Who has said yes to everything, and who has not yet."""
    found = everybody()
    context = {
        "readers": found[:MOST_READERS],
        "more": len(found) > MOST_READERS,
        "have_read": sum(not reader.missing for reader in found),
        "asked": len(found),
        "is_written": GuidelineVersion.objects.current().exists(),
    }
    return page(request, "maturity/readers.html", context)


@require_safe
@needs("maturity.read")
def book(request: MemberRequest) -> HttpResponse:
    """Everything on one page, without furniture, to be printed or read in one go."""
    return page(request, "maturity/book.html", _book(request.organization, is_inside=True))


@require_safe
@limited("guidelines-address", most=300, seconds=60)
def public_guidelines(request: HttpRequest, token: str) -> HttpResponse:
    """The same for anybody who has the address, without what stays inside and without the names of writers."""
    address = open_address(token)
    if address is None:
        raise Http404
    with answering_for(address.organization):
        context = _book(address.organization, is_inside=False)
        response = render(request, "maturity/book.html", context)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    patch_cache_control(response, public=True, max_age=KEPT_SECONDS)
    set_response_etag(response)
    return get_conditional_response(request, etag=response.headers["ETag"], response=response) or response


def _book(organization: Any, *, is_inside: bool) -> dict[str, Any]:
    rows = GuidelineVersion.objects.current()
    sections = list(rows if is_inside else rows.filter(section__is_internal=False))
    return {
        "organization": organization,
        "sections": sections,
        "is_inside": is_inside,
        "changed_at": max((version.written_at for version in sections), default=None),
    }


@require_POST
@needs("maturity.publish_guidelines")
def publish_guidelines(request: MemberRequest) -> HttpResponse:
    """Open an address at which anybody may read them."""
    row = guideline_address.publish_guidelines(request.organization, **acting(request))
    undo = Undo(reverse("maturity:unpublish_guidelines", args=[row.pk]))
    to = f"{reverse('maturity:guidelines')}#address"
    return done(request, _("Whoever has the address can read them now."), to=to, undo=undo)


@require_POST
@needs("maturity.publish_guidelines")
def unpublish_guidelines(request: MemberRequest, pk: int) -> HttpResponse:
    """Revoke the address."""
    guideline_address.unpublish_guidelines(get_object_or_404(GuidelineAddress, pk=pk), **acting(request))
    message = _("The address opens nothing any more. If you open one again, it is another.")
    return done(request, message, to=f"{reverse('maturity:guidelines')}#address")
