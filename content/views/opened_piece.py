"""What an opened piece shows, and how a part of it is saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from content.actions.piece_drafts import use_up_drafts
from content.limits import checks_of
from content.models import Piece, PieceDraft, Variant
from content.offering import form_of_part, offered_to
from content.piece_forms import AddVariantForm, MoveVariantForm
from content.refusals import Opposed
from content.standing import standing_of_variant
from content.threads import threads_of
from content.views.seen import look_of
from engagement.refusals import Refusal
from listening.difference import compare
from listening.models import Channel
from roles.forms import take_over
from roles.keys import key_in
from roles.models import Member
from roles.permissions import decide
from roles.respond import MemberRequest, acting, done, page, refused_by


def opened(pk: int, variant: str = "") -> tuple[Piece, Variant | None]:
    """Return a piece with its variants in use, and the one of them that is named; 404 where there is none."""
    pieces = Piece.objects.select_related(
        "author__user", "department", "campaign", "series", "topic", "saved_by__user", "from_piece", "idea"
    )
    row = get_object_or_404(pieces, pk=pk)
    variants = Variant.objects.in_use().filter(piece=row).select_related("channel__connection")
    row.variants_in_use = list(variants.with_newest_publication().with_newest_review().with_media().in_order())
    for one in row.variants_in_use:
        one.piece = row
    if not variant:
        return row, None
    found = [one for one in row.variants_in_use if one.pk == key_in(variant)]
    if not found:
        raise Http404
    return row, found[0]


def opened_variant(pk: int) -> tuple[Piece, Variant]:
    """Return a variant in use and its piece; 404 where there is none."""
    variant = get_object_or_404(Variant.objects.in_use().only("piece_id"), pk=pk)
    row, found = opened(variant.piece_id, str(pk))
    assert found is not None
    return row, found


def version_in(request: MemberRequest) -> int | None:
    """Return the version that a form was drawn from."""
    return key_in(request.POST.get("version", ""))


def address_of(piece: Piece, variant: Variant | None) -> str:
    """Return the address of a piece, with one of its variants opened."""
    here = reverse("content:piece", args=[piece.pk])
    return f"{here}?{urlencode({'variant': variant.pk})}" if variant else here


def save(
    request: MemberRequest, piece: Piece, variant: Variant | None, form: BaseForm, act: Callable[[dict[str, Any]], Any]
) -> HttpResponse:
    """Do what a form of a piece asks for; whatever stands against it, what was typed stays in the form."""
    here = address_of(piece, variant)
    if not form.is_valid():
        return work(request, piece, variant, form=form, status=422)
    try:
        with transaction.atomic():
            act(form.cleaned_data)
            windows = (request.POST.get("window", ""), request.POST.get("took", ""))
            use_up_drafts(piece, variant=variant, windows=windows, **acting(request))
    except PermissionDenied as problem:
        return refused_by(request, problem, to=here)
    except Opposed as opposed:
        return _opposed(request, piece, variant, form, opposed)
    except Refusal as problem:
        form.add_error(None, str(problem))
        return work(request, piece, variant, form=form, status=409)
    except ValidationError as problem:
        take_over(form, problem)
        return work(request, piece, variant, form=form, status=422)
    context = context_of(request, *opened(piece.pk, str(variant.pk) if variant else ""))
    return done(request, _("Saved."), to=here, template="content/piece_saved.html", context=context)


def _opposed(
    request: MemberRequest, piece: Piece, variant: Variant | None, form: BaseForm, opposed: Opposed
) -> HttpResponse:
    """Draw the form as it was typed, drawn from what is there now, with what others wrote beside it."""
    piece, variant = opened(piece.pk, str(variant.pk) if variant else "")
    differences = [
        {"label": form.fields[name].label, "parts": compare(_said(theirs), _said(form.cleaned_data.get(name)))}
        for name, theirs in opposed.now.items()
        if name in form.fields
    ]
    return work(
        request, piece, variant, form=form, opposed={"message": str(opposed), "fields": differences}, status=409
    )


def _said(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(getattr(value, "pk", value) or "")


def work(
    request: MemberRequest,
    piece: Piece,
    variant: Variant | None,
    *,
    form: BaseForm | None = None,
    opposed: dict[str, Any] | None = None,
    told: str = "",
    taken: PieceDraft | None = None,
    status: int = 200,
) -> HttpResponse:
    """Draw an opened piece, or the part of it in which one works; `taken` is the draft that one goes on with."""
    context = context_of(request, piece, variant, form=form) | {"opposed": opposed, "told": told}
    took = taken.window if taken else request.POST.get("took", "")
    # What others changed since then is told when it is saved; who is shown both has read it.
    drawn_from = taken.version if taken else version_in(request)
    context |= {
        "took": took,
        "drawn_from": piece.version if opposed else drawn_from,
        "offered": [] if request.method == "POST" else offered_to(request.member, piece, variant, but=took),
        "is_typed": form is not None,
    }
    return page(request, "content/piece.html", context, part="work", status=status)


def context_of(
    request: MemberRequest, piece: Piece, variant: Variant | None, *, form: BaseForm | None = None
) -> dict[str, Any]:
    """Return what an opened piece shows."""
    if form is None:
        form = form_of_part(piece, variant)
    variants: list[Variant] = piece.variants_in_use  # type: ignore[attr-defined]
    channels = Channel.objects.filter(is_active=True).exclude(pk__in=[one.channel_id for one in variants])
    return {
        "piece": piece,
        "variant": variant,
        "form": form,
        "tabs": [_tab(one) for one in variants],
        "add_form": AddVariantForm(channels=channels.order_by("network", "name")) if channels else None,
        "move_form": MoveVariantForm(channels=channels.order_by("network", "name")) if variant and channels else None,
        "may_write": decide(request.member, "content.write", piece),
        "is_dropped": piece.state == Piece.State.DROPPED,
        **comments_on(request, piece, variant),
        "presence_topic": f"presence:piece:{piece.pk}",
        "look": look_of(piece, variant, form),
    }


def comments_on(request: MemberRequest, piece: Piece, variant: Variant | None) -> dict[str, Any]:
    """Return what was said about the body or a variant, and who can be told of more."""
    people = Member.objects.who_may("content.read").exclude(pk=request.member.pk)
    return {
        "piece": piece,
        "variant": variant,
        "may_comment": decide(request.member, "content.comment", piece),
        "threads": threads_of(piece, variant),
        "people": people.select_related("user").by_name(),
    }


def _tab(variant: Variant) -> dict[str, Any]:
    problems = [one for one in checks_of(variant, variant.media_rows.all()) if one.is_blocking]
    return {"variant": variant, "problems": len(problems), "standing": standing_of_variant(variant)}
