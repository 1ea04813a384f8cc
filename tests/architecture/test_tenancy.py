"""The walls between organizations, and the only doors in them."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from django.db import models

from listening.judgement_forms import TopicForm
from roles.models import Department, Member, Organization, Position
from roles.tenancy import NoActiveOrganization, Owned, acting_for
from tests import factories
from tests.cast import Cast

ROOT = Path(__file__).resolve().parents[2]
OURS = ("maturity", "measurement", "content", "engagement", "listening", "roles")
# Rows that belong to no organization, each with its reason.
SHARED = {
    "Organization": "the tenant itself",
    "User": "one person, several organizations",
    "Host": "servers outside",
    "IncomingMail": "a mail before anyone knows whose it is",
    "RateLimit": "what is left at a network; of a connection, or of a server for all who ask it",
    "OwnSecret": "a secret of the installation itself",
    "PostToIndex": "keys of posts and nothing else",
    "TaskRecord": "how the workers of the whole installation fare",
}


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in OURS]


def test_every_model_belongs_to_an_organization_or_says_why_not() -> None:
    assert {model.__name__ for model in our_models() if not issubclass(model, Owned)} == set(SHARED)


def test_reading_without_an_organization_raises(cast: Cast) -> None:
    for model in our_models():
        if issubclass(model, Owned):
            with pytest.raises(NoActiveOrganization):
                model.objects.first()


def test_one_organization_never_sees_the_rows_of_another(cast: Cast) -> None:
    with acting_for(cast.organization):
        assignment = factories.assignment(department=cast.care, member=cast.rosa)
    with acting_for(cast.elsewhere):
        for model in our_models():
            if issubclass(model, Owned) and model not in {Member, Position}:
                assert not model.objects.exists(), model
        assert not Member.objects.filter(pk=cast.rosa.pk).exists()
        assert Department.objects.filter(pk=cast.care.pk).update(name="Ours now") == 0
        assert type(assignment).objects.filter(pk=assignment.pk).delete()[0] == 0
    assert Organization.objects.count() == 2


def test_related_managers_are_scoped_when_they_run(cast: Cast) -> None:
    with acting_for(cast.organization):
        factories.assignment(department=cast.care, member=cast.rosa)
        related = cast.care.assignments.all()
        assert related.count() == 1
    with acting_for(cast.elsewhere):
        assert related.all().count() == 0


def test_a_form_offers_the_rows_of_whoever_opens_it(cast: Cast) -> None:
    """What a form offers is written down once, before anybody acts; it is read when the form is drawn."""
    fields = [
        field
        for path in ROOT.glob("*/*forms.py")
        for form in vars(import_module(f"{path.parent.name}.{path.stem}")).values()
        if isinstance(form, type) and issubclass(form, forms.BaseForm)
        for field in getattr(form, "base_fields", {}).values()
        if isinstance(field, forms.ModelChoiceField) and not field.queryset.query.is_empty()
    ]
    assert len(fields) > 30
    for field in fields:
        with pytest.raises(NoActiveOrganization):
            field.queryset.exists()
    for organization, offered in ((cast.organization, {cast.care, cast.press}), (cast.elsewhere, set())):
        with acting_for(organization):
            assert set(TopicForm().fields["department"].queryset) == offered


def test_only_housekeeping_looks_across_organizations() -> None:
    pattern = re.compile(r"\.everywhere\b|_base_manager|acting_for\(None\)")
    allowed = {"roles/tenancy.py", "roles/middleware.py"}
    found = [
        str(path.relative_to(ROOT))
        for app in (*OURS, "config")
        for path in (ROOT / app).rglob("*.py")
        if pattern.search(path.read_text()) and path.name != "housekeeping.py" and "migrations" not in path.parts
    ]
    assert set(found) <= allowed
