"""How the API shows routing rules and what became of their set."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engagement.conditions import FIELDS, ConditionError, checked
from engagement.models import RoutingRule
from engagement.phrases import named, names_for, sentence

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
                  "goes_on")  # fmt: skip
        read_only_fields = ("position",)

    def get_reads(self, rule: RoutingRule) -> str:
        names = self.context.get("names")
        return sentence(named(rule.condition, names_for([rule.condition]) if names is None else names))
