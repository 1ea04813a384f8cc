"""The app's place in Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "annotate": _("%(by)s noted on the time line: “%(subject)s”"),
    "change_annotation": _("%(by)s changed the note “%(subject)s” on the time line"),
    "remove_annotation": _("%(by)s took “%(subject)s” off the time line"),
    "export_rows": _("%(by)s exported the rows behind a figure"),
    "compare_voices": _("%(by)s chose whose voices are compared"),
    "add_kpi": _("%(by)s made “%(subject)s” a KPI"),
    "change_kpi": _("%(by)s changed the KPI “%(subject)s”"),
    "drop_kpi": _("%(by)s dropped the KPI “%(subject)s”"),
    "take_up_kpi": _("%(by)s took the KPI “%(subject)s” up again"),
    "state_assumption": _("%(by)s stated: %(subject)s"),
    "withdraw_assumption": _("%(by)s withdrew the assumption: %(subject)s"),
    "restore_assumption": _("%(by)s let the assumption hold again: %(subject)s"),
    "compose_report": _("%(by)s composed the report “%(subject)s”"),
    "change_report": _("%(by)s changed the report “%(subject)s”"),
    "drop_report": _("%(by)s dropped the report “%(subject)s”"),
    "take_up_report": _("%(by)s took the report “%(subject)s” up again"),
    "try_report_again": _("%(by)s had the report “%(subject)s” tried again that could not be mailed"),
    "choose_report_mails": _("%(by)s said whether they want the report “%(subject)s” by e-mail"),
    "send_report": _("%(by)s mailed the report “%(subject)s”"),
    "publish_report": _("%(by)s opened the report “%(subject)s” to whoever has its address"),
    "unpublish_report": _("%(by)s revoked the address of the report “%(subject)s”"),
    "allow_report_addresses": _("%(by)s said whether reports may be opened to others"),
}
KINDS = {
    "annotation": _("annotation"),
    "kpi": _("KPI"),
    "assumption": _("assumption"),
    "report": _("report"),
    "reportsetting": _("report setting"),
}
# What members are told of by mail.
NOTICE_KINDS = {"report": _("Reports")}


class MeasurementConfig(AppConfig):
    """Measurement, who hears its news, and its place in the navigation."""

    name = "measurement"

    def ready(self) -> None:
        """Hear the news from below, put the pages into the navigation and verbs into words."""
        from measurement import belongings, housekeeping, receivers, rules  # noqa: F401
        from roles.activities import Activity, spend
        from roles.navigation import EVERY_DAY, Place, add_places
        from roles.notice_kinds import add_notice_kinds
        from roles.postbox import keep_pictures_with
        from roles.sentences import say

        say(SENTENCES, kinds=KINDS)
        add_notice_kinds(NOTICE_KINDS)
        add_places([Place(EVERY_DAY, 30, _("Measure"), "chart-bar", "measurement:executive", "measurement.read")])
        spend({"measure": Activity.MEASURING})
        keep_pictures_with(housekeeping.pictures_of)
