"""OpenID Connect to the letter: what a provider signed, for us, in answer to this very question, about one person."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import oidc_provider_mock
import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client

from config.open_id import Unproven, claims_of, is_answer_to
from roles import clock
from roles.actions.identity import set_provider
from roles.models import IdentityProvider
from tests.cast import Cast
from tests.listening.servers import FeedServer

ISSUER, CLIENT = "https://login.example.org", "touchline"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of a provider that asks nobody for a password."""
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def provider(acme: Cast, issuer: str, settings: Any) -> IdentityProvider:
    """Acme's provider, switched on."""
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["localhost", "127.0.0.1"]
    fields: dict[str, Any] = {"name": "Acme login", "kind": "openid_connect", "issuer": issuer, "client_id": CLIENT}
    return set_provider(acme.organization, **fields, is_active=True, secret="s", by=acme.olga, at=clock.now())


def begin(client: Client, provider: IdentityProvider) -> str:
    begun = client.get(f"/accounts/oidc/{provider.key}/login/")
    assert begun.status_code == 302, begun.content
    return str(begun.headers["Location"])


def known_there(issuer: str, sub: str, **claims: Any) -> None:
    assert httpx.put(f"{issuer}/users/{sub}", json=claims).status_code == 204


def asked(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def confirmed(address: str, sub: str) -> dict[str, str]:
    """What the provider sends back with somebody who is that person there."""
    back = httpx.post(address, data={"sub": sub}, follow_redirects=False)
    return asked(back.headers["Location"])


def test_each_sign_in_asks_with_a_number_of_its_own(provider: IdentityProvider) -> None:
    numbers = {asked(begin(Client(), provider))["nonce"] for _time in range(3)}
    assert len(numbers) == 3 and all(len(number) >= 43 for number in numbers)


def test_a_link_adds_nothing_to_what_is_asked(provider: IdentityProvider) -> None:
    more = {"auth_params": "nonce=known&prompt=none&client_id=other&response_type=token", "scope": "offline_access"}
    begun = Client().get(f"/accounts/oidc/{provider.key}/login/", more)
    said = asked(begun.headers["Location"])
    assert (said["client_id"], said["response_type"]) == (CLIENT, "code") and said["nonce"] != "known"
    assert "prompt" not in said and set(said["scope"].split()) == {"openid", "profile", "email"}


def test_an_answer_to_somebody_elses_question_lets_nobody_in(
    acme: Cast, provider: IdentityProvider, issuer: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A thief slips their own answer into another's sign-in, so that what is written there is theirs to read."""
    caplog.set_level(logging.INFO)
    for who in ("rosa", "rui"):
        known_there(issuer, who, email=f"{who}@example.org", email_verified=True)
    victim, thief = Client(), Client()
    state = asked(begin(victim, provider))["state"]
    stolen = confirmed(begin(thief, provider), "rui")["code"]
    answer = victim.get(f"/accounts/oidc/{provider.key}/login/callback/", {"code": stolen, "state": state})
    assert answer.status_code == 403 and "did not confirm who you are" in answer.content.decode()
    assert victim.get("/o/acme/queue/").status_code == 302 and not SocialAccount.objects.exists()
    assert "Not let in (provider: its answer is to another question)" in caplog.text
    again = Client()
    back = confirmed(begin(again, provider), "rosa")
    assert again.get(f"/accounts/oidc/{provider.key}/login/callback/", back).headers["Location"] == "/o/acme/"
    assert "nonce" in SocialAccount.objects.get().extra_data["id_token"]


def test_no_written_in_words_is_a_no(acme: Cast, provider: IdentityProvider, issuer: str) -> None:
    known_there(issuer, "mallory", email="olga@example.org", email_verified="false")
    client = Client()
    back = confirmed(begin(client, provider), "mallory")
    answer = client.get(f"/accounts/oidc/{provider.key}/login/callback/", back)
    assert answer.status_code == 403 and "was verified" in answer.content.decode()


def test_metadata_of_another_issuer_lead_nowhere(
    acme: Cast, provider: IdentityProvider, issuer: str, caplog: pytest.LogCaptureFixture
) -> None:
    theirs = httpx.get(f"{issuer}/.well-known/openid-configuration").json()
    with FeedServer() as server:
        place = server.url("").rstrip("/")
        for named, status in (("https://other.example", 502), (f"{place}/", 302)):
            said = json.dumps(theirs | {"issuer": named}).encode()
            server.documents = {"/.well-known/openid-configuration": said}
            set_provider(acme.organization, issuer=place, secret="s", by=acme.olga, at=clock.now())
            answer = Client().get(f"/accounts/oidc/{provider.key}/login/")
            assert answer.status_code == status, named
    assert "another issuer" in caplog.text


@pytest.mark.parametrize("missing", ["token_endpoint", "jwks_uri", "userinfo_endpoint", "all"])
def test_a_provider_that_says_half_of_it_is_an_answer_and_no_fault(
    acme: Cast, provider: IdentityProvider, issuer: str, missing: str
) -> None:
    known_there(issuer, "rosa", email="rosa@example.org", email_verified=True)
    client = Client()
    back = confirmed(begin(client, provider), "rosa")
    said = httpx.get(f"{issuer}/.well-known/openid-configuration").json()
    with FeedServer() as server:
        place = server.url("").rstrip("/")
        body = [] if missing == "all" else {name: value for name, value in said.items() if name != missing}
        server.documents = {"/.well-known/openid-configuration": json.dumps(body).encode()}
        if isinstance(body, dict):
            body["issuer"] = place
            server.documents = {"/.well-known/openid-configuration": json.dumps(body).encode()}
        IdentityProvider.objects.update(issuer=place)
        answer = client.get(f"/accounts/oidc/{provider.key}/login/callback/", back)
    assert answer.status_code in {401, 502}
    assert client.get("/o/acme/queue/").status_code == 302


@cache
def key(number: int = 1) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def curve() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def rows(*, named: bool = True, twice: bool = False) -> dict[str, Any]:
    found = [json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key().public_key()))]
    found += [json.loads(jwt.algorithms.ECAlgorithm.to_jwk(curve().public_key()))]
    found += [json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key(2).public_key()))] if twice else []
    return {"keys": [row | ({"kid": f"k{number}"} if named else {}) for number, row in enumerate(found)]}


def token(*, signed: Any = ..., by: str = "RS256", kid: str | None = "k0", **claims: Any) -> str:
    now = clock.now()
    said = {"iss": ISSUER, "sub": "rosa", "aud": CLIENT, "iat": now, "exp": now + timedelta(minutes=5), "nonce": "n"}
    said = {name: value for name, value in (said | claims).items() if value is not None}
    return jwt.encode(said, key() if signed is ... else signed, algorithm=by, headers={"kid": kid} if kid else None)


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        ({}, {}),
        ({"kid": None}, {"named": False}),
        ({"by": "PS256"}, {}),
        ({"by": "ES256", "signed": "curve", "kid": "k1"}, {}),
        ({"aud": [CLIENT]}, {}),
        ({"aud": [CLIENT, "other"], "azp": CLIENT}, {}),
    ],
)
def test_what_is_signed_for_us_holds(said: dict[str, Any], keys: dict[str, Any]) -> None:
    made = token(**{name: curve() if value == "curve" else value for name, value in said.items()})
    assert claims_of(made, keys=rows(**keys), issuer=ISSUER, client_id=CLIENT)["sub"] == "rosa"


LATER, EARLIER = clock.now() + timedelta(hours=1), clock.now() - timedelta(hours=1)


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        ({"signed": "other"}, {}),
        ({"signed": "other"}, {"named": False}),
        ({"kid": "unknown"}, {}),
        ({"kid": None}, {"named": False, "twice": True}),
        ({"by": "ES256", "signed": "curve", "kid": "k0"}, {}),
        ({"by": "HS256", "signed": "public"}, {}),
        ({"by": "HS256", "signed": "s3cret-of-the-client-that-is-long-enough"}, {}),
        ({"by": "none", "signed": "none"}, {}),
        ({"iss": "https://other.example"}, {}),
        ({"aud": "other"}, {}),
        ({"aud": [CLIENT, "other"]}, {}),
        ({"aud": [CLIENT, "other"], "azp": "other"}, {}),
        ({"azp": "other"}, {}),
        ({"exp": EARLIER}, {}),
        ({"exp": None}, {}),
        ({"iat": LATER}, {}),
        ({"sub": None}, {}),
        ({"sub": 7}, {}),
    ],
)
def test_what_is_forged_old_or_for_others_does_not_hold(said: dict[str, Any], keys: dict[str, Any]) -> None:
    public = key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo).hex()
    signers = {"other": key(2), "curve": curve(), "public": public, "none": None}
    made = token(
        **{name: signers.get(str(value), value) if name == "signed" else value for name, value in said.items()}
    )
    with pytest.raises(Unproven):
        claims_of(made, keys=rows(**keys), issuer=ISSUER, client_id=CLIENT)


@pytest.mark.parametrize("keys", [None, [], {}, {"keys": None}, {"keys": [None, {}, {"kty": "RSA", "kid": "k0"}]}])
@pytest.mark.parametrize("made", ["", "a.b.c", "é.é.é"])
def test_what_is_no_token_or_no_key_is_none(keys: Any, made: str) -> None:
    for one in (made, token()):
        with pytest.raises(Unproven):
            claims_of(one, keys=keys, issuer=ISSUER, client_id=CLIENT)


def test_no_number_is_the_right_number() -> None:
    assert is_answer_to({"nonce": "n"}, {"id_token": {"nonce": "n"}})
    for state, said in (
        ({}, {"id_token": {}}), ({"nonce": "n"}, {"id_token": {}}), ({"nonce": "n"}, {}),
        ({"nonce": "n"}, {"id_token": {"nonce": "N"}}), ({"nonce": None}, {"id_token": {"nonce": None}}),
        ({"nonce": "n"}, {"id_token": {"nonce": ["n"]}}), ({"nonce": "n"}, {"id_token": "n"}),
    ):  # fmt: skip
        assert not is_answer_to(state, said)
