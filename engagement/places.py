"""Where the pages of engagement stand in the navigation, and what waits there."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from engagement.attention import approvals_for, deliveries_for, mails_for, questions_for, stop_sign
from engagement.queue import waiting_for
from roles.activities import Activity
from roles.navigation import ENGAGEMENT, ENGAGEMENT_SETUP, EVERY_DAY, Place

PLACES = (
    Place(EVERY_DAY, 20, _("Queue"), "inbox", "engagement:queue", "engagement.read", waiting_for),
    Place(
        EVERY_DAY, 50, _("My questions"), "question-mark-circle", "engagement:my_consults",
        "engagement.answer_consult", questions_for,
    ),
    Place(
        EVERY_DAY, 60, _("Approvals"), "check-badge", "engagement:approvals", "engagement.approve", approvals_for
    ),
    Place(
        ENGAGEMENT, 10, _("Deliveries"), "paper-airplane", "engagement:deliveries", "engagement.read", deliveries_for
    ),
    Place(
        ENGAGEMENT, 20, _("Consults"), "user-group", "engagement:consults", "engagement.read_consults", mails_for,
        also=("engagement:received_mails",),
    ),
    Place(
        ENGAGEMENT, 30, _("Saved replies"), "bookmark-square", "engagement:saved_replies",
        "engagement.use_saved_replies",
    ),
    Place(
        ENGAGEMENT, 40, _("Worth joining"), "megaphone", "engagement:worth_joining",
        "engagement.find_conversations",
    ),
    Place(
        ENGAGEMENT_SETUP, 10, _("Routing rules"), "arrows-right-left", "engagement:rules", "engagement.read_rules",
        also=("engagement:policy",),
    ),
    Place(
        ENGAGEMENT_SETUP, 20, _("Response targets"), "clock", "engagement:targets", "engagement.manage_targets",
        also=("engagement:missed",),
    ),
    Place(
        ENGAGEMENT_SETUP, 30, _("Approval policies"), "clipboard-document-check", "engagement:approval_policies",
        "engagement.manage_approval",
    ),
    Place(
        ENGAGEMENT_SETUP, 40, _("Crisis stop"), "hand-raised", "engagement:stops", "engagement.stop_sending", stop_sign
    ),
)  # fmt: skip
# What time is spent on, by the first word of the address; rules and policies are set up and not worked in.
ACTIVITIES = {
    **dict.fromkeys(
        ("queue", "questions", "consults", "received-mails", "replies", "deliveries", "approvals", "saved-replies"),
        Activity.RESPONDING,
    ),
    "joining": Activity.INITIATING,
}
