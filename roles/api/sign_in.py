"""How members sign in, over the API: second factor, and the identity provider."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from roles import clock
from roles.actions import identity, sign_in
from roles.actions.identity import FIELDS, Mapped
from roles.api.views import ApiViewSet
from roles.models import CustomRole, Department, GroupRole, IdentityProvider, Role
from roles.provider_metadata import Unreadable, take
from roles.second_factor import without_one
from roles.tenancy import active_organization


class SecondFactorSerializer(serializers.Serializer[Any]):
    """For which roles a second factor is asked, and who has none yet."""

    roles = serializers.ListField(child=serializers.ChoiceField(choices=Role.choices))
    custom_roles = serializers.PrimaryKeyRelatedField(queryset=CustomRole.objects.all(), many=True)
    without = serializers.SerializerMethodField(help_text="Members who are asked and have none.")

    def get_without(self, found: dict[str, Any]) -> list[int]:
        return [member.pk for member in found["without"]]


class SecondFactorViewSet(ApiViewSet):
    """The second factor: of whom it is asked."""

    serializer_class = SecondFactorSerializer
    pagination_class = None
    capabilities: ClassVar[dict[str, str]] = {"list": "roles.manage_sign_in", "change": "roles.manage_sign_in"}

    @extend_schema(responses=SecondFactorSerializer, filters=False)
    def list(self, request: Request) -> Response:
        """Of whom it is asked now."""
        return Response(self.get_serializer(self._now()).data)

    @extend_schema(request=SecondFactorSerializer, responses=SecondFactorSerializer)
    @action(detail=False, methods=["post"])
    def change(self, request: Request) -> Response:
        """Ask it of these roles from now on; whoever has none is led to set one up."""
        said = self.get_serializer(data=request.data)
        said.is_valid(raise_exception=True)
        organization = active_organization()
        sign_in.ask_second_factor(organization, **said.validated_data, by=self.member, at=clock.now())
        organization.refresh_from_db(fields=["second_factor_roles"])
        return Response(self.get_serializer(self._now()).data)

    def _now(self) -> dict[str, Any]:
        asked = CustomRole.objects.filter(needs_second_factor=True)
        return {"roles": active_organization().second_factor_roles, "custom_roles": asked, "without": without_one()}


class GroupRoleSerializer(serializers.ModelSerializer[GroupRole]):
    """A group of the provider, and the role that everybody in it holds."""

    group = serializers.CharField(max_length=200)
    role = serializers.ChoiceField(choices=Role.choices, required=False, allow_blank=True)
    custom_role = serializers.PrimaryKeyRelatedField(
        queryset=CustomRole.objects.all(), required=False, allow_null=True, help_text="Instead of a built-in role."
    )
    department = serializers.PrimaryKeyRelatedField(
        queryset=Department.objects.all(), required=False, allow_null=True, help_text="Null: the whole organization."
    )

    class Meta:
        model = GroupRole
        fields = ("group", "role", "custom_role", "department")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        # What changes is the provider; each line of it is whole.
        if not attrs.get("group") or bool(attrs.get("role")) == bool(attrs.get("custom_role")):
            raise serializers.ValidationError(_("Name a group, and a role or a role composed here."))
        return attrs


class ProviderSerializer(serializers.ModelSerializer[IdentityProvider]):
    """Where an organization's people are known; the secret goes in and never out."""

    groups = GroupRoleSerializer(many=True, required=False, source="group_roles")
    domains = serializers.ListField(child=serializers.CharField(max_length=120), required=False)
    secret = serializers.CharField(write_only=True, required=False, allow_blank=True, max_length=400)
    has_secret = serializers.SerializerMethodField()
    metadata = serializers.CharField(
        write_only=True, required=False, allow_blank=True, max_length=1_000_000, trim_whitespace=False,
        help_text="SAML: the XML, or its address, which is then read twice a day.",
    )  # fmt: skip

    class Meta:
        model = IdentityProvider
        fields = (*FIELDS, "groups", "secret", "has_secret", "metadata", "metadata_problem", "changed_at")
        read_only_fields = ("metadata_url", "metadata_problem", "changed_at")

    def get_has_secret(self, provider: IdentityProvider) -> bool:
        return bool(provider.sealed_secret)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if said := attrs.pop("metadata", ""):
            known = getattr(self.instance, "metadata_certificate", "")
            try:
                signed_by = attrs.get("metadata_certificate", known)
                attrs |= asdict(take(said, entity_id=attrs.get("entity_id", ""), signed_by=signed_by))
            except Unreadable as problem:
                raise serializers.ValidationError({"metadata": str(problem)}) from problem
        return attrs


class ProviderViewSet(ApiViewSet):
    """The identity provider: where the organization's people sign in."""

    serializer_class = ProviderSerializer
    pagination_class = None
    capabilities: ClassVar[dict[str, str]] = {"list": "roles.manage_sign_in", "change": "roles.manage_sign_in"}

    @extend_schema(responses=ProviderSerializer, filters=False)
    def list(self, request: Request) -> Response:
        """The provider as it is entered; without one, an empty one that is switched off."""
        return Response(self._shown(self._row()))

    @extend_schema(request=ProviderSerializer, responses=ProviderSerializer)
    @action(detail=False, methods=["post"])
    def change(self, request: Request) -> Response:
        """Change what is named; what is not named stays as it is."""
        said = self.get_serializer(self._row(), data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        fields: dict[str, Any] = dict(said.validated_data)
        groups, at = fields.pop("group_roles", None), clock.now()
        with transaction.atomic():
            row = identity.set_provider(active_organization(), **fields, by=self.member, at=at)
            if groups is not None:
                identity.map_groups(row, groups=[Mapped(**one) for one in groups], by=self.member, at=at)
        return Response(self._shown(row))

    def _row(self) -> IdentityProvider | None:
        return IdentityProvider.objects.prefetch_related("group_roles").first()

    def _shown(self, row: IdentityProvider | None) -> dict[str, Any]:
        if row is not None:
            return dict(self.get_serializer(self._row()).data)
        empty = {name: getattr(IdentityProvider(), name) for name in FIELDS}
        return empty | {"groups": [], "has_secret": False, "metadata_problem": "", "changed_at": None}


def register(router: BaseRouter) -> None:
    """Add the ways of signing in to the API."""
    router.register("second-factor", SecondFactorViewSet, basename="second-factor")
    router.register("identity-provider", ProviderViewSet, basename="identity-provider")
