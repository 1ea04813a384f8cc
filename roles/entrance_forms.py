"""The forms of signing in as allauth has them, asking in the words of our own pages."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as factor
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from roles.passwords import WHAT_IS_ASKED

LABELS = {
    "login": _("E-mail address"),
    "email": _("E-mail address"),
    "password": _("Password"),
    "oldpassword": _("Current password"),
    "password1": _("New password"),
    "password2": _("New password again"),
    "code": _("Code"),
    "name": _("Name"),
    "passwordless": _("It signs me in by itself, without a password"),
}
HELP = {"password1": WHAT_IS_ASKED, "passwordless": _("The key then asks for a fingerprint or a PIN of its own.")}
DIFFERENT = _("These are two different passwords.")


class OurWords:
    """What a form asks for, said as we say it; a placeholder that says what the label says is left out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            field.label = LABELS.get(name, field.label)
            field.help_text = HELP.get(name, field.help_text)
            field.widget.attrs.pop("placeholder", None)

    def add_error(self, field: str | None, error: Any) -> None:
        """Say of a password that was typed otherwise the second time what is wrong with it."""
        # What a field itself refuses comes as an error; that two differ is said in mere words.
        differs = field == "password2" and not isinstance(error, ValidationError)
        super().add_error(field, DIFFERENT if differs else error)  # type: ignore[misc]


class LoginForm(OurWords, account.LoginForm):  # type: ignore[misc]
    """The address and the password."""


class AddEmailForm(OurWords, account.AddEmailForm):  # type: ignore[misc]
    """Another address, which counts once it is confirmed."""


class ResetPasswordForm(OurWords, account.ResetPasswordForm):  # type: ignore[misc]
    """Where the link for a new password goes."""


class ResetPasswordKeyForm(OurWords, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password by a link."""


class SetPasswordForm(OurWords, account.SetPasswordForm):  # type: ignore[misc]
    """The first password of who came in another way."""


class ChangePasswordForm(OurWords, account.ChangePasswordForm):  # type: ignore[misc]
    """Another password, beside the one so far."""


class ReauthenticateForm(OurWords, account.ReauthenticateForm):  # type: ignore[misc]
    """The password once more."""


class AuthenticateForm(OurWords, factor.AuthenticateForm):  # type: ignore[misc]
    """The code of the second step."""


class ReauthenticateFactorForm(OurWords, factor.ReauthenticateForm):  # type: ignore[misc]
    """The code once more."""


class ActivateTOTPForm(OurWords, totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an authenticator app."""


class AddWebAuthnForm(OurWords, webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """A key, what it is called, and whether it is enough by itself."""


class EditWebAuthnForm(OurWords, webauthn.EditWebAuthnForm):  # type: ignore[misc]
    """What a key is called."""
