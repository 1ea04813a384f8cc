"""Many sources at once over the API: found at a site, taken over from a list, given away as one."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from listening import opml
from listening.actions import source_lists as actions
from listening.discovery import find_feeds
from listening.networks.protocols import NetworkError
from listening.translating import translated
from roles import clock
from roles.api.views import ApiViewSet


class AddressSerializer(serializers.Serializer[Any]):
    """The address of a site or of a feed."""

    address = serializers.CharField(max_length=4000)


class EntrySerializer(serializers.Serializer[Any]):
    """One of the newest entries of a feed."""

    title = serializers.CharField()
    url = serializers.CharField()
    published_at = serializers.DateTimeField(allow_null=True)


class FoundFeedSerializer(serializers.Serializer[Any]):
    """A feed of a site, with what it brings."""

    address = serializers.CharField()
    title = serializers.CharField()
    count = serializers.IntegerField()
    dated = serializers.BooleanField()
    newest = EntrySerializer(many=True)


class ListSerializer(serializers.Serializer[Any]):
    """A list of feeds as OPML; with `dry_run` nothing is changed."""

    opml = serializers.CharField(max_length=opml.LARGEST, trim_whitespace=False)
    dry_run = serializers.BooleanField(required=False, default=True)


class OpmlSerializer(serializers.Serializer[Any]):
    """A list of feeds as OPML."""

    opml = serializers.CharField()


class LineSerializer(serializers.Serializer[Any]):
    """One feed of a list."""

    address = serializers.CharField()
    title = serializers.CharField()
    folder = serializers.CharField()


class LeftOutSerializer(LineSerializer):
    """One feed of a list that cannot be a source, and why."""

    reason = serializers.CharField()


class TakenOverSerializer(serializers.Serializer[Any]):
    """What came, or would come, of a list: `added` holds the keys of the sources that were made."""

    new = LineSerializer(many=True)
    known = LineSerializer(many=True)
    unreadable = LeftOutSerializer(many=True)
    added = serializers.ListField(child=serializers.IntegerField())


class SourceLists(ApiViewSet):
    """What is done with many sources at once."""

    @extend_schema(request=AddressSerializer, responses=FoundFeedSerializer(many=True))
    @action(detail=False, methods=["post"], pagination_class=None)
    def discover(self, request: Request) -> Response:
        """Look at a site for its feeds; nothing is added."""
        said = AddressSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        try:
            found = find_feeds(said.validated_data["address"], at=clock.now())
        except (ValueError, NetworkError) as problem:
            raise ValidationError({"address": translated(problem)}) from problem
        return Response(FoundFeedSerializer(found, many=True).data)

    @extend_schema(request=ListSerializer, responses=TakenOverSerializer)
    @action(detail=False, methods=["post"], url_path="import")
    def take_over(self, request: Request) -> Response:
        """Take a list of feeds over, or say what would come of it."""
        said = ListSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        try:
            lines = opml.read(said.validated_data["opml"].encode())
        except opml.NotOpml as problem:
            raise ValidationError({"opml": str(problem)}) from problem
        found, at = actions.preview(lines), clock.now()
        made = [] if said.validated_data["dry_run"] else actions.import_sources(lines, by=self.member, at=at)
        unreadable = [line._asdict() | {"reason": reason} for line, reason in found.unreadable]
        answer = {"new": found.new, "known": found.known, "unreadable": unreadable, "added": [row.pk for row in made]}
        return Response(TakenOverSerializer(answer).data)

    @extend_schema(responses=OpmlSerializer)
    @action(detail=False, methods=["get"], pagination_class=None)
    def export(self, request: Request) -> Response:
        """All feeds as OPML, in the field `opml`."""
        body = actions.export_sources(self.member.organization, by=self.member, at=clock.now())
        return Response({"opml": body.decode()})
