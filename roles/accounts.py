"""Sign-in as allauth does it: people join by invitation, and mails name the installation's own address."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress, EmailConfirmationMixin
from allauth.account.utils import url_str_to_user_pk, user_pk_to_url_str
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from roles.links import outside_address
from roles.models import User
from roles.sealing import is_sealed, seal, unseal
from roles.sign_in_log import note_refused


def password_link(user: User) -> str:
    """Return the link by which a user sets a first or forgotten password; it works once, for a while."""
    from allauth.account.forms import default_token_generator

    key = default_token_generator.make_token(user)
    return outside_address("account_reset_password_from_key", user_pk_to_url_str(user), key)


TOO_OFTEN = _("Too many attempts in a short while. Wait a few minutes and try again.")
WRONG_CODE = _("That did not work: the code is wrong, or it is not valid any more.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closes open sign-up; an installation's first owner is made by a command."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "duplicate_email": _("You sign in with this address already."),
        "email_password_mismatch": _("The address or the password is not right."),
        "email_taken": _("This address belongs to another account."),
        "enter_current_password": _("This is not your password."),
        "incorrect_code": WRONG_CODE,
        "incorrect_password": _("This is not your password."),
        "invalid_login": _("The address or the password is not right."),
        "rate_limited": TOO_OFTEN,
        "too_many_login_attempts": TOO_OFTEN,
    }
    # How one can show that it is oneself, by the names that allauth has for it.
    ways_to_show: ClassVar[dict[str, Any]] = {
        "reauthenticate": _("With your password"),
        "mfa_reauthenticate": _("With a code"),
        "mfa_reauthenticate:webauthn": _("With a passkey or a security key"),
    }

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        ways = super().get_reauthentication_methods(user)
        return [{**way, "description": self.ways_to_show.get(way["id"], way["description"])} for way in ways]

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return "/"

    def validation_error(self, code: str, *args: Any) -> Any:
        if code == "too_many_login_attempts":
            note_refused(context.request, "too often", account="an account")
        return super().validation_error(code, *args)

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There are no user names: the address is the name one signs in with."""

    def pre_login(self, request: HttpRequest, user: User, **rest: Any) -> Any:
        # The address by which somebody was invited is theirs; only a later one has to be confirmed.
        if not EmailAddress.objects.filter(user=user).exists():
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return super().pre_login(request, user, **rest)

    def get_reset_password_from_key_url(self, key: str) -> str:
        user, _, token = key.partition("-")
        return outside_address("account_reset_password_from_key", user, token)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: EmailConfirmationMixin) -> str:
        return outside_address("account_confirm_email", emailconfirmation.key)

    def format_email_subject(self, subject: str) -> str:
        return f"Touchline: {subject}"


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seals what a second factor is checked against, so that a copy of the database opens no account."""

    error_messages: ClassVar[dict[str, Any]] = {**DefaultMFAAdapter.error_messages, "incorrect_code": WRONG_CODE}

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002 - it is called so there
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _now("Key %(number)s") % {"number": number}

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text) if is_sealed(encrypted_text) else encrypted_text

    def validation_error(self, code: str, *args: Any) -> Any:
        if code == "incorrect_code":
            # Between the two steps the session knows who it is, and nobody is signed in yet.
            waiting = context.request.session.get("account_login") or {}
            user = f"user {url_str_to_user_pk(waiting['user_pk'])}" if "user_pk" in waiting else "somebody signed in"
            note_refused(context.request, "second factor", account=user)
        return super().validation_error(code, *args)
