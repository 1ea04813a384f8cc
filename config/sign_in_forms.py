"""Which of our forms allauth asks with, under its own names for them."""

ACCOUNT = {
    "login": "roles.entrance_forms.LoginForm",
    "add_email": "roles.entrance_forms.AddEmailForm",
    "reset_password": "roles.entrance_forms.ResetPasswordForm",
    "reset_password_from_key": "roles.entrance_forms.ResetPasswordKeyForm",
    "set_password": "roles.entrance_forms.SetPasswordForm",
    "change_password": "roles.entrance_forms.ChangePasswordForm",
    "reauthenticate": "roles.entrance_forms.ReauthenticateForm",
}
FACTORS = {
    "authenticate": "roles.entrance_forms.AuthenticateForm",
    "reauthenticate": "roles.entrance_forms.ReauthenticateFactorForm",
    "activate_totp": "roles.entrance_forms.ActivateTOTPForm",
    "add_webauthn": "roles.entrance_forms.AddWebAuthnForm",
    "edit_webauthn": "roles.entrance_forms.EditWebAuthnForm",
}
