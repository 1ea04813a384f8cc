"""What we answer: rules, assignments, replies and their way out."""

from engagement.models.approvals import Approval, ApprovalDecision, ApprovalPolicy, ApprovalStep
from engagement.models.assignments import Assignment
from engagement.models.consults import Consult, ConsultPolicy, ConsultRequest, IncomingMail, ReceivedMail
from engagement.models.contacts import Contact
from engagement.models.drafts import Draft, DraftVersion
from engagement.models.growth import GrownStory
from engagement.models.joinings import Joining, PromotionPolicy, Starter
from engagement.models.notes import AssignmentNote, NoteAddressee
from engagement.models.outbox import Delivery, Reply
from engagement.models.outcomes import FollowUp, Satisfaction
from engagement.models.policy import AssignmentPolicy, Escalation
from engagement.models.results import ReplyResult
from engagement.models.rules import RoutingRule, RuleSetVersion, RuleSubject
from engagement.models.saved_replies import RepetitionPolicy, SavedReply, SavedReplyVersion
from engagement.models.stops import SendingStop
from engagement.models.targets import Pause, Promise, PromiseKind, ResponseTarget, TargetEvent

__all__ = [
    "Approval",
    "ApprovalDecision",
    "ApprovalPolicy",
    "ApprovalStep",
    "Assignment",
    "AssignmentNote",
    "AssignmentPolicy",
    "Consult",
    "ConsultPolicy",
    "ConsultRequest",
    "Contact",
    "Delivery",
    "Draft",
    "DraftVersion",
    "Escalation",
    "FollowUp",
    "GrownStory",
    "IncomingMail",
    "Joining",
    "NoteAddressee",
    "Pause",
    "Promise",
    "PromiseKind",
    "PromotionPolicy",
    "ReceivedMail",
    "RepetitionPolicy",
    "Reply",
    "ReplyResult",
    "ResponseTarget",
    "RoutingRule",
    "RuleSetVersion",
    "RuleSubject",
    "Satisfaction",
    "SavedReply",
    "SavedReplyVersion",
    "SendingStop",
    "Starter",
    "TargetEvent",
]
