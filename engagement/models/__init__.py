"""What we answer: rules, assignments, replies and their way out."""

from engagement.models.approvals import Approval, ApprovalDecision, ApprovalPolicy, ApprovalStep
from engagement.models.assignments import Assignment, AssignmentNote, Draft
from engagement.models.outbox import Delivery, Reply
from engagement.models.rules import RoutingRule
from engagement.models.saved_replies import RepetitionPolicy, SavedReply, SavedReplyVersion
from engagement.models.stops import SendingStop

__all__ = [
    "Approval",
    "ApprovalDecision",
    "ApprovalPolicy",
    "ApprovalStep",
    "Assignment",
    "AssignmentNote",
    "Delivery",
    "Draft",
    "RepetitionPolicy",
    "Reply",
    "RoutingRule",
    "SavedReply",
    "SavedReplyVersion",
    "SendingStop",
]
