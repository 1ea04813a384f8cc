"""What choices are called in the API's contract where fields of one name have different ones."""

# Those that are not named here are named by their field.
ENUM_NAMES: dict[str, str | list[str]] = {
    "AssignmentOutcomeEnum": "engagement.models.assignments.Assignment.Outcome",
    "AttemptKindEnum": "listening.models.outgoing.Attempt.Kind",
    "CampaignKindEnum": "content.models.campaigns.Campaign.Kind",
    "GoalMetricEnum": "maturity.goal_metrics.GOAL_METRICS",
    "HuddleEntryKindEnum": "maturity.models.huddle.HuddleEntry.Kind",
    "KpiKindEnum": "measurement.models.returns.Kind",
    "KpiMetricEnum": "measurement.metrics.METRICS",
    "LanguageOfPieceEnum": "listening.languages.languages",
    "LevelEnum": "roles.models.organization.Level",
    "MentionStateEnum": "listening.models.posts.Mention.State",
    "MustOrPreferEnum": "engagement.models.policy.AssignmentPolicy.How",
    "PieceKindEnum": "content.models.pieces.Piece.Kind",
    "PollOutcomeEnum": "listening.models.sources.Poll.Outcome",
    "PresenceKindEnum": "maturity.models.presences.Presence.Kind",
    "PromiseKindEnum": "engagement.models.targets.PromiseKind",
    "ReviewStateEnum": "content.models.reviews.Review.State",
    "RoleEnum": "roles.models.people.Role",
    "SideEnum": ["outside", "practice"],
    "StepStateEnum": "roles.models.steps.AskedStep.State",
    "WarningOutcomeEnum": "listening.models.warnings.EarlyWarning.Outcome",
    "WhyNotEnum": "listening.models.posts.Mention.WhyNot",
}
