"""Sign-in as allauth does it: people join by invitation, and mails name the installation's own address."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress, EmailConfirmationMixin
from allauth.account.utils import url_str_to_user_pk, user_pk_to_url_str
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from roles.links import outside_address
from roles.models import User
from roles.sealing import is_sealed, seal, unseal
from roles.sign_in_log import note_refused


def password_link(user: User) -> str:
    """Return the link by which a user sets a first or forgotten password; it works once, for a while."""
    from allauth.account.forms import default_token_generator

    key = default_token_generator.make_token(user)
    return outside_address("account_reset_password_from_key", user_pk_to_url_str(user), key)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closes open sign-up; an installation's first owner is made by a command."""

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
