"""What we answer: rules, assignments, replies and their way out."""

from engagement.models.assignments import Assignment, AssignmentNote, Draft
from engagement.models.outbox import Delivery, Reply
from engagement.models.rules import RoutingRule

__all__ = ["Assignment", "AssignmentNote", "Delivery", "Draft", "Reply", "RoutingRule"]
