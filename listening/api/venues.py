"""Venue maps over the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from listening.actions.venues import map_venues
from listening.models import VenueMap
from roles import clock
from roles.api.views import ApiViewSet
from roles.tenancy import active_organization


class VenueMapSerializer(serializers.ModelSerializer[VenueMap]):
    """Where was talked, how much, about what and who led; empty until `drawn_at` is set."""

    class Meta:
        model = VenueMap
        fields = ("id", "since", "until", "drawn_at", "content")
        read_only_fields = fields


class NewVenueMapSerializer(serializers.Serializer[Any]):
    """How many days the map looks back."""

    days = serializers.IntegerField(min_value=7, max_value=366)


class VenueMapViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Where the community talks."""

    serializer_class = VenueMapSerializer
    capabilities: ClassVar[dict[str, str]] = {
        "list": "listening.read",
        "retrieve": "listening.read",
        "create": "listening.map_venues",
    }

    def get_queryset(self) -> QuerySet[VenueMap]:
        return VenueMap.objects.all()

    @extend_schema(request=NewVenueMapSerializer, responses={201: VenueMapSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask for a map; a worker draws it within seconds."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = NewVenueMapSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = map_venues(active_organization(), days=said.validated_data["days"], by=self.member, at=clock.now())
        return Response(VenueMapSerializer(row).data, status=status.HTTP_201_CREATED)
