"""The first organization of an installation, from the command line."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from roles.models import Organization


@pytest.mark.django_db
def test_it_is_founded_with_an_owner_who_is_told_how_to_get_in() -> None:
    said = io.StringIO()
    call_command("found_organization", "Acme & Co", owner="ada@acme.example", owner_name="Ada", stdout=said)
    assert Organization.objects.get().slug == "acme-co"
    assert said.getvalue() == (
        "Acme & Co is at /o/acme-co/.\nGive the owner a password: manage.py changepassword ada@acme.example\n"
    )


@pytest.mark.django_db
def test_a_second_of_the_same_address_is_refused_in_words() -> None:
    call_command("found_organization", "Acme", owner="ada@acme.example", owner_name="Ada", stdout=io.StringIO())
    with pytest.raises(CommandError, match="already exists"):
        call_command("found_organization", "Acme", owner="bo@acme.example", owner_name="Bo", stdout=io.StringIO())
    assert Organization.objects.count() == 1
