"""Engagement over the API: rules, assignments, replies."""

from __future__ import annotations

from rest_framework.routers import BaseRouter


def register(router: BaseRouter) -> None:
    """Add what engagement has to the API."""
    from engagement.api.approvals import ApprovalPolicyViewSet, ApprovalViewSet
    from engagement.api.assignments import AssignmentViewSet
    from engagement.api.consults import ConsultRequestViewSet, ConsultViewSet, ReceivedMailViewSet
    from engagement.api.joinings import JoiningViewSet, StarterViewSet
    from engagement.api.policy import AssignmentPolicyViewSet
    from engagement.api.replies import ReplyViewSet
    from engagement.api.rules import RoutingRuleViewSet
    from engagement.api.saved_replies import SavedReplyViewSet
    from engagement.api.single_policies import (
        ConsultPolicyViewSet,
        PromotionPolicyViewSet,
        RepetitionPolicyViewSet,
    )
    from engagement.api.stops import SendingStopViewSet
    from engagement.api.targets import ResponseTargetViewSet, TargetEventViewSet

    router.register("routing-rules", RoutingRuleViewSet, basename="routing-rule")
    router.register("assignment-policy", AssignmentPolicyViewSet, basename="assignment-policy")
    router.register("response-targets", ResponseTargetViewSet, basename="response-target")
    router.register("target-events", TargetEventViewSet, basename="target-event")
    router.register("assignments", AssignmentViewSet, basename="assignment")
    router.register("replies", ReplyViewSet, basename="reply")
    router.register("saved-replies", SavedReplyViewSet, basename="saved-reply")
    router.register("approvals", ApprovalViewSet, basename="approval")
    router.register("approval-policies", ApprovalPolicyViewSet, basename="approval-policy")
    router.register("sending-stops", SendingStopViewSet, basename="sending-stop")
    router.register("consults", ConsultViewSet, basename="consult")
    router.register("consult-requests", ConsultRequestViewSet, basename="consult-request")
    router.register("received-mails", ReceivedMailViewSet, basename="received-mail")
    router.register("joinings", JoiningViewSet, basename="joining")
    router.register("starters", StarterViewSet, basename="starter")
    router.register("consult-policy", ConsultPolicyViewSet, basename="consult-policy")
    router.register("promotion-policy", PromotionPolicyViewSet, basename="promotion-policy")
    router.register("repetition-policy", RepetitionPolicyViewSet, basename="repetition-policy")
