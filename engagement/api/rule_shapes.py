"""How the API shows routing rules and what became of their set."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engagement.conditions import FIELDS, ConditionError, checked
from engagement.models import RoutingRule
from engagement.phrases import named, names_for, sentence
from engagement.simulating import DAYS, Simulation
from listening.languages import CODES
from listening.models import Mention

CONDITION_SCHEMA = {
    "type": "object",
    "description": "A group of conditions: exactly one of all, any, none, with a list of groups and conditions.",
    "properties": {
        kind: {
            "type": "array",
            "items": {
                "oneOf": [
                    {
                        "type": "object",
                        "description": "A group, as the whole is.",
                        "additionalProperties": {"type": "array", "items": {"type": "object"}},
                    },
                    {
                        "type": "object",
                        "required": ["field", "value"],
                        "properties": {
                            "field": {"type": "string", "enum": sorted(FIELDS)},
                            "operator": {
                                "type": "string",
                                "enum": sorted({way for field in FIELDS.values() for way in field.operators}),
                            },
                            "value": {"description": "A key, a code, a number, words, or true and false."},
                        },
                    },
                ]
            },
        }
        for kind in ("all", "any", "none")
    },
    "example": {
        "all": [
            {"field": "words", "operator": "say", "value": "broken OR recall"},
            {"any": [{"field": "sentiment", "operator": "is", "value": -1}, {"field": "reply", "value": True}]},
        ]
    },
}


@extend_schema_field(CONDITION_SCHEMA)
class ConditionField(serializers.Field[Any, Any, Any, Any]):
    """A tree of conditions; what is wrong is said with its place."""

    def to_internal_value(self, data: Any) -> Any:
        """Check it."""
        try:
            return checked(data)
        except ConditionError as problem:
            raise serializers.ValidationError(str(problem)) from problem

    def to_representation(self, value: Any) -> Any:
        """Show it as it is kept."""
        return value


class RoutingRuleSerializer(serializers.ModelSerializer[RoutingRule]):
    """A routing rule; rules are asked in their order until one that fits does not go on."""

    condition = ConditionField(required=False)
    reads = serializers.SerializerMethodField(help_text="The condition as a sentence.")

    class Meta:
        model = RoutingRule
        fields = ("id", "name", "position", "is_active", "valid_from", "valid_until", "condition", "reads",
                  "department", "member", "topic", "priority", "target", "response_minutes", "needs_approval",
                  "saved_reply", "consult_question", "consult_member", "consult_department", "goes_on")  # fmt: skip
        read_only_fields = ("position",)

    def get_reads(self, rule: RoutingRule) -> str:
        names = self.context.get("names")
        return sentence(named(rule.condition, names_for([rule.condition]) if names is None else names))


class DraftSerializer(serializers.Serializer[Any]):
    """A rule as it might be: changed, where a key is named, or added."""

    id = serializers.IntegerField(required=False)
    rule = RoutingRuleSerializer()
    days = serializers.IntegerField(min_value=1, max_value=max(DAYS), default=7)


class SimulationSerializer(serializers.Serializer[Any]):
    """What was looked at, and what would be different."""

    looked_at = serializers.IntegerField()
    is_cut = serializers.BooleanField(help_text="Whether there were more; the newest were looked at.")
    since = serializers.DateTimeField(allow_null=True)
    changed_count = serializers.IntegerField()
    departments = serializers.SerializerMethodField()
    changed = serializers.SerializerMethodField(help_text="The newest that would fare differently.")

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_departments(self, found: Simulation) -> list[dict[str, Any]]:
        return [{"department": name, "today": today, "then": then} for name, today, then in found.departments]

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_changed(self, found: Simulation) -> list[dict[str, Any]]:
        return [{"mention": mention.pk, "today": today, "then": then} for mention, today, then in found.changed]


class TriedSerializer(serializers.Serializer[Any]):
    """A mention to try: one that has come in, or words."""

    mention = serializers.IntegerField(required=False)
    text = serializers.CharField(required=False, max_length=5000)
    network = serializers.CharField(required=False, max_length=40)
    handle = serializers.CharField(required=False, allow_blank=True, max_length=300)
    language = serializers.ChoiceField(required=False, choices=sorted(CODES))
    sentiment = serializers.ChoiceField(required=False, choices=Mention.Sentiment.choices)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of them is needed."""
        if "mention" not in attrs and not {"text", "network"} <= attrs.keys():
            raise serializers.ValidationError("Name a mention, or give text and network.")
        return attrs


class AnswerSerializer(serializers.Serializer[Any]):
    """What a rule says about the mention: takes, goes_on, not, or not_asked because another took it."""

    rule = serializers.IntegerField(source="rule.pk")
    name = serializers.CharField(source="rule.name")
    says = serializers.CharField()
    why_not = serializers.ListField(child=serializers.CharField())


class VersionOfRulesSerializer(serializers.Serializer[Any]):
    """One change of the rules."""

    number = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    by = serializers.CharField()
    verb = serializers.CharField()
    changes = serializers.ListField(child=serializers.CharField())


class RestoreSerializer(serializers.Serializer[Any]):
    """The change to go back to, and the newest that was seen."""

    version = serializers.IntegerField()
    newest = serializers.IntegerField(required=False)
