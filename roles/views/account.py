"""One's own account, and tokens for one's programs."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from roles import clock
from roles.actions import people, tokens
from roles.forms import LanguageForm, NameForm, refusals_in
from roles.models import ApiToken
from roles.respond import MemberRequest, acting, done, needs, page
from roles.token_forms import SCOPES, TokenForm

YEAR = 365 * 24 * 3600


@require_safe
@needs("roles.read")
def account(request: MemberRequest) -> HttpResponse:
    """Show how one signs in, from where, and under which name."""
    return _account_page(request, NameForm(initial={"name": request.user.name}))  # type: ignore[union-attr]


def _account_page(request: MemberRequest, form: NameForm, *, status: int = 200) -> HttpResponse:
    held = list(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    context = {
        "form": form,
        "language_form": LanguageForm(initial={"language": request.user.language}),  # type: ignore[union-attr]
        "has_app": Authenticator.Type.TOTP in held,
        "keys": held.count(Authenticator.Type.WEBAUTHN),
        "version": settings.VERSION,
        "sessions": UserSession.objects.filter(user=request.user).count(),
    }
    return page(request, "roles/account.html", context, status=status)


@require_POST
@needs("roles.change_name")
def change_name(request: MemberRequest) -> HttpResponse:
    """Change one's own name."""
    form = NameForm(request.POST)
    if not form.is_valid():
        return _account_page(request, form, status=422)
    member = request.member
    people.change_name(member, name=form.cleaned_data["name"], by=member, at=clock.now())
    return done(request, _("Saved."), to=reverse("roles:account"))


@require_POST
@needs("roles.choose_language")
def choose_language(request: MemberRequest) -> HttpResponse:
    """Choose in which language one reads; the sign-in page of this browser follows."""
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return _account_page(request, NameForm(initial={"name": request.user.name}), status=422)  # type: ignore[union-attr]
    language, member = form.cleaned_data["language"], request.member
    people.choose_language(member, language=language, by=member, at=clock.now())
    if language:
        translation.activate(language)
    response = done(request, _("Saved."), to=reverse("roles:account"))
    if language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR, samesite="Lax", secure=settings.SECURE_SITE
        )
    else:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
    return response


@require_safe
@needs("roles.manage_tokens")
def api_tokens(request: MemberRequest) -> HttpResponse:
    """Show one's tokens, and the form for another."""
    return _tokens_page(request, TokenForm(by=request.member))


def _tokens_page(request: MemberRequest, form: TokenForm, *, status: int = 200, key: str = "") -> HttpResponse:
    member = request.member
    rows = ApiToken.objects.filter(member=member, revoked_at=None).order_by("-pk")
    for row in rows:
        row.is_over = row.has_ended(clock.now())  # type: ignore[attr-defined]
        row.may = [SCOPES.get(name, name) for name in row.scopes]  # type: ignore[attr-defined]
    response = page(request, "roles/tokens.html", {"form": form, "tokens": rows, "key": key}, status=status)
    if key:
        response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
@needs("roles.manage_tokens")
def make_token(request: MemberRequest) -> HttpResponse:
    """Make a token and show its key, this once."""
    member = request.member
    form = TokenForm(request.POST, by=member)
    if form.is_valid():
        with refusals_in(form):
            said = form.with_end(member.organization.time_zone)
            _token, key = tokens.make_token(member, **said, by=member, at=clock.now())
            return _tokens_page(request, TokenForm(by=member), key=key)
    return _tokens_page(request, form, status=422)


@require_POST
@needs("roles.manage_tokens")
def revoke_token(request: MemberRequest, pk: int) -> HttpResponse:
    """End a token at once."""
    token = get_object_or_404(ApiToken.objects.select_related("member__user"), pk=pk)
    tokens.revoke_token(token, **acting(request))
    message = _("“%(name)s” is revoked; programs that use it are refused from now on.") % {"name": token.name}
    return done(request, message, to=reverse("roles:api_tokens"))
