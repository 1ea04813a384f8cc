"""The app's place in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

NOTICE_KINDS = {"tokens": _("API tokens that end")}


class RolesConfig(AppConfig):
    """Roles: who we are, who may do what."""

    name = "roles"

    def ready(self) -> None:
        """Learn the rules, and put the team's pages into the navigation."""
        from roles import duties, rules, session_age, sign_in_log, sign_in_scope  # noqa: F401
        from roles.first_steps import STEPS
        from roles.navigation import add_places
        from roles.notice_kinds import add_notice_kinds
        from roles.places import PLACES
        from roles.setting_up import add_steps

        add_notice_kinds(NOTICE_KINDS)
        add_places(PLACES)
        add_steps(STEPS)
