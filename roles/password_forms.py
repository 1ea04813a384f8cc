"""The forms in which a password is set, saying what is asked of one in the words of the invitation."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm as Change
from allauth.account.forms import ResetPasswordKeyForm as Reset
from allauth.account.forms import SetPasswordForm as Set

from roles.passwords import WHAT_IS_ASKED


class ResetPasswordKeyForm(Reset):  # type: ignore[misc]
    """A new password by a link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = WHAT_IS_ASKED


class SetPasswordForm(Set):  # type: ignore[misc]
    """The first password of who came in another way."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = WHAT_IS_ASKED


class ChangePasswordForm(Change):  # type: ignore[misc]
    """Another password, beside the one so far."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = WHAT_IS_ASKED
