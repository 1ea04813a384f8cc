"""A new key: what is sealed goes over to it, and the doctor says what still needs the former one."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from config.examination import connections, sealed_secrets
from listening.access import access_for_channel
from listening.connections.keeping import secret_for
from listening.models import Channel, Connection
from roles import clock
from roles.models import IdentityProvider
from roles.sealing import Unsealable, seal, unseal
from tests.cast import Cast
from tests.networks.lighthouse_server import Tower


def said(examination: Any) -> list[str]:
    return [finding.says for finding in examination(clock.now())]


def test_a_new_key_takes_over(acme: Cast, connected: Connection, settings: Any) -> None:
    provider = IdentityProvider.objects.create(
        name="Ours", kind="oidc", issuer="https://id.example.org", client_id="x", sealed_secret=seal("their secret"),
        changed_at=clock.now(),
    )  # fmt: skip
    assert said(sealed_secrets) == ["2 kept, all sealed under SECRET_KEY"]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert said(sealed_secrets) == ["2 of 2 need a key of SECRET_KEY_FALLBACKS"]
    assert access_for_channel(Channel.objects.get(), at=clock.now()).credentials == {"token": "key-of-acme"}
    out = StringIO()
    call_command("reseal", stdout=out)
    assert out.getvalue() == "2 secrets; 2 were sealed anew under SECRET_KEY.\n"
    settings.SECRET_KEY_FALLBACKS = []
    provider.refresh_from_db()
    assert unseal(provider.sealed_secret) == "their secret"
    assert access_for_channel(Channel.objects.get(), at=clock.now()).credentials == {"token": "key-of-acme"}
    assert said(sealed_secrets) == ["2 kept, all sealed under SECRET_KEY"]
    settings.SECRET_KEY = "a third, without a fallback"
    assert said(sealed_secrets) == ["2 of 2 cannot be opened by any key"]
    with pytest.raises(Unsealable):
        unseal(provider.sealed_secret)
    with pytest.raises(SystemExit):
        call_command("reseal", stdout=StringIO(), stderr=StringIO())


def test_the_doctor_asks_and_writes_nothing(acme: Cast, connected: Connection, tower: Tower) -> None:
    before = Connection.objects.values().get()
    assert said(connections) == ["1 work, as their networks say"]
    tower.forgets_tokens = True
    assert said(connections) == ["The tower does not know this key"]
    assert Connection.objects.values().get() == before


def test_what_an_installation_signs_with_outlives_its_key(db: None, settings: Any) -> None:
    first = secret_for("networks/anywhere/client key")
    assert secret_for("another purpose") != first and len(first) == 32
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert secret_for("networks/anywhere/client key") == first
    assert said(sealed_secrets) == ["2 of 2 need a key of SECRET_KEY_FALLBACKS"]
    call_command("reseal", stdout=StringIO())
    settings.SECRET_KEY_FALLBACKS = []
    assert secret_for("networks/anywhere/client key") == first
    settings.SECRET_KEY = "a third, without a fallback"
    anew = secret_for("networks/anywhere/client key")
    assert anew != first and secret_for("networks/anywhere/client key") == anew
