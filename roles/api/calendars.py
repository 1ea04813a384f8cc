"""Business hours over the API: calendars, their holidays, and when something would be due."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError as Invalid
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter

from roles import clock
from roles.actions import calendars as actions
from roles.api.views import ApiViewSet
from roles.business_hours import hours_of
from roles.holiday_files import LARGEST
from roles.models import Calendar, Holiday
from roles.opening_words import read_spans, spans_in_words, week_in_words


class HoursField(serializers.CharField):
    """The hours of a day, such as “09:00–12:30, 13:30–18:00”; empty where it is closed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_blank": True, "max_length": 120, **options})

    def to_internal_value(self, data: Any) -> Any:
        try:
            return read_spans(super().to_internal_value(data))
        except Invalid as problem:
            raise serializers.ValidationError(problem.messages) from problem

    def to_representation(self, value: Any) -> str:
        return spans_in_words(value) if value else ""


class CalendarSerializer(serializers.ModelSerializer[Calendar]):
    """Business hours."""

    week = serializers.SerializerMethodField(help_text="The hours of each weekday, Monday first; empty: closed.")
    in_words = serializers.SerializerMethodField(help_text="The week in one line.")

    class Meta:
        model = Calendar
        fields = ("id", "name", "time_zone", "is_default", "week", "in_words", "changed_at")
        read_only_fields = fields

    def get_week(self, calendar: Calendar) -> list[str]:
        return [spans_in_words(spans) if spans else "" for spans in actions.week_of(calendar)]

    def get_in_words(self, calendar: Calendar) -> str:
        return week_in_words(actions.week_of(calendar))


class NewCalendarSerializer(serializers.Serializer[Any]):
    """Business hours to add, or what of them to change."""

    name = serializers.CharField(max_length=80)
    time_zone = serializers.CharField(max_length=60)
    week = serializers.ListField(child=HoursField(), min_length=7, max_length=7)
    is_default = serializers.BooleanField(required=False, default=False)


class HolidaySerializer(serializers.ModelSerializer[Holiday]):
    """A day on which it is otherwise."""

    hours = serializers.SerializerMethodField(help_text="Empty: closed.")
    is_imported = serializers.SerializerMethodField()

    class Meta:
        model = Holiday
        fields = ("id", "name", "day", "is_yearly", "hours", "is_imported")
        read_only_fields = fields

    def get_hours(self, one: Holiday) -> str:
        known = one.opens is not None and one.closes is not None
        return spans_in_words(((one.opens, one.closes),)) if known else ""  # type: ignore[arg-type]

    def get_is_imported(self, one: Holiday) -> bool:
        return bool(one.uid)


class NewHolidaySerializer(serializers.Serializer[Any]):
    """A holiday to add."""

    name = serializers.CharField(max_length=200)
    day = serializers.DateField()
    is_yearly = serializers.BooleanField(required=False, default=False)
    hours = HoursField(required=False, default=())


class HolidayFileSerializer(serializers.Serializer[Any]):
    """The text of an iCalendar file."""

    text = serializers.CharField(max_length=LARGEST, trim_whitespace=False)


class ImportedSerializer(serializers.Serializer[Any]):
    """What an import did."""

    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    removed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    left_out = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()), help_text="Names of events, each with the reason."
    )


class DueSerializer(serializers.Serializer[Any]):
    """When something would be due."""

    due_at = serializers.DateTimeField()


class AskDueSerializer(serializers.Serializer[Any]):
    """From when, and within how many minutes."""

    start = serializers.DateTimeField()
    minutes = serializers.IntegerField(min_value=0, max_value=60 * 24 * 366)


class CalendarViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet):
    """Business hours: the opening hours of a week in a time zone, and the holidays."""

    serializer_class = CalendarSerializer
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    capabilities: ClassVar[dict[str, str]] = {
        "list": "roles.read",
        "retrieve": "roles.read",
        "due": "roles.read",
        "holidays": "roles.read",
        "create": "roles.manage_calendars",
        "partial_update": "roles.manage_calendars",
        "destroy": "roles.manage_calendars",
        "add_holiday": "roles.manage_calendars",
        "remove_holiday": "roles.manage_calendars",
        "import_holidays": "roles.manage_calendars",
    }

    def get_queryset(self) -> QuerySet[Calendar]:
        return Calendar.objects.with_hours()

    @extend_schema(request=NewCalendarSerializer, responses={201: CalendarSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add business hours; the first ones are the default."""
        answer: Response = super().create(request, *args, **kwargs)
        return answer

    def create_row(self, request: Request) -> Response:
        said = NewCalendarSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        row = actions.add_calendar(self.member.organization, **said.validated_data, by=self.member, at=clock.now())
        return Response(CalendarSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=NewCalendarSerializer(partial=True), responses=CalendarSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change hours, name or time zone; what runs is counted anew."""
        row = self.get_object()
        said = NewCalendarSerializer(data=request.data, partial=True)
        said.is_valid(raise_exception=True)
        actions.change_calendar(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(CalendarSerializer(self.get_queryset().get(pk=row.pk)).data)

    def destroy(self, request: Request, pk: str | None = None) -> Response:
        """Remove business hours that are not the default ones."""
        actions.remove_calendar(self.get_object(), by=self.member, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        parameters=[OpenApiParameter("start", str, required=True), OpenApiParameter("minutes", int, required=True)],
        responses=DueSerializer,
    )
    @action(detail=True, methods=["get"])
    def due(self, request: Request, pk: str | None = None) -> Response:
        """Say when something that is promised within so many minutes would be due."""
        row = self.get_object()
        asked = AskDueSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        try:
            due_at = clock.due(said["start"], said["minutes"], hours=hours_of(row))
        except clock.NeverOpen as problem:
            raise ValidationError(str(problem)) from problem
        return Response(DueSerializer({"due_at": due_at}).data)

    @extend_schema(responses=HolidaySerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def holidays(self, request: Request, pk: str | None = None) -> Response:
        """The holidays, in the order of their days."""
        return Response(HolidaySerializer(self.get_object().holidays.order_by("day", "pk"), many=True).data)

    @extend_schema(request=NewHolidaySerializer, responses={201: HolidaySerializer})
    @action(detail=True, methods=["post"], url_path="add-holiday")
    def add_holiday(self, request: Request, pk: str | None = None) -> Response:
        """Add a holiday by hand."""
        row = self.get_object()
        said = NewHolidaySerializer(data=request.data)
        said.is_valid(raise_exception=True)
        one = actions.add_holiday(row, **said.validated_data, by=self.member, at=clock.now())
        return Response(HolidaySerializer(one).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"], url_path=r"remove-holiday/(?P<holiday>[0-9]{1,18})")
    def remove_holiday(self, request: Request, pk: str | None = None, holiday: str = "") -> Response:
        """Remove a holiday."""
        one = self.get_object().holidays.filter(pk=holiday).first()
        if one is None:
            raise ValidationError({"holiday": [_("This calendar has no such holiday.")]})
        actions.remove_holiday(one, by=self.member, at=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=HolidayFileSerializer, responses=ImportedSerializer)
    @action(detail=True, methods=["post"], url_path="import-holidays")
    def import_holidays(self, request: Request, pk: str | None = None) -> Response:
        """Take over the holidays of an iCalendar file; the same file again doubles nothing."""
        row = self.get_object()
        said = HolidayFileSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        done = actions.import_holidays(row, text=said.validated_data["text"], by=self.member, at=clock.now())
        return Response(ImportedSerializer(done).data)


def register(router: BaseRouter) -> None:
    """Add business hours to the API."""
    router.register("calendars", CalendarViewSet, basename="calendar")
