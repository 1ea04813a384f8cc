"""Single sign-on by SAML 2.0, at a test provider that signs what it says."""

from __future__ import annotations

import base64
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from lxml import etree

from roles import clock
from roles.actions.identity import Mapped, map_groups, set_provider
from roles.models import IdentityProvider, Member, Role
from tests.cast import Cast

onelogin = pytest.importorskip("onelogin.saml2.utils")
HOST = "touchline.example"
ENTITY = "https://login.example.org/metadata"
EMAIL = "urn:oid:0.9.2342.19200300.100.1.3"


class Signer:
    """A key and its certificate."""

    def __init__(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "login")])
        now = datetime.now(UTC)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
        plain = serialization.NoEncryption()
        pem = serialization.Encoding.PEM
        self.key = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain).decode()
        self.certificate = made.sign(key, hashes.SHA256()).public_bytes(pem).decode()


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer()


@pytest.fixture
def provider(acme: Cast, signer: Signer, settings: Any) -> IdentityProvider:
    """Acme's SAML provider, switched on."""
    settings.ALLOWED_HOSTS = [HOST]
    fields: dict[str, Any] = {"name": "Acme SAML", "kind": "saml", "entity_id": ENTITY, "is_active": True}
    fields |= {"sso_url": "https://login.example.org/sso", "certificate": signer.certificate, "groups_claim": "groups"}
    fields |= {"trusts_addresses": True, "domains": ["example.org"]}
    return set_provider(acme.organization, **fields, by=acme.olga, at=clock.now())


def come(provider: IdentityProvider, signer: Signer, email: str, *groups: str, **changed: str) -> tuple[Client, Any]:
    """Sign in as a browser does; returns the client and our last answer."""
    client = Client(headers={"host": HOST})
    begun = client.get(f"/accounts/saml/{provider.key}/login/")
    assert begun.status_code == 302, begun.content
    asked = parse_qs(urlsplit(begun.headers["Location"]).query)
    request = etree.fromstring(zlib.decompress(base64.b64decode(asked["SAMLRequest"][0]), -15))
    acs = f"http://{HOST}/accounts/saml/{provider.key}/acs/"
    said = _response(signer, acs, request.attrib["ID"], email, groups, changed)
    sent = {"SAMLResponse": base64.b64encode(said.encode()).decode()}
    answer = client.post(f"/accounts/saml/{provider.key}/acs/", sent)
    assert answer.status_code == 302
    return client, client.get(answer.headers["Location"])


def _response(signer: Signer, acs: str, asked: str, email: str, groups: Any, changed: dict[str, str]) -> str:
    now = datetime.now(UTC)
    at, until = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (now, now + timedelta(minutes=5)))
    audience = changed.get("audience", acs.replace("/acs/", "/metadata/"))
    values = "".join(f"<saml:AttributeValue>{escape(group)}</saml:AttributeValue>" for group in groups)
    names = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
    values = values or "<saml:AttributeValue/>"
    assertion = f"""<saml:Assertion {names} ID="_a1" Version="2.0" IssueInstant="{at}">
      <saml:Issuer>{ENTITY}</saml:Issuer>
      <saml:Subject><saml:NameID>{escape(email)}-id</saml:NameID>
      <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData
        NotOnOrAfter="{until}" Recipient="{acs}" InResponseTo="{asked}"/></saml:SubjectConfirmation></saml:Subject>
      <saml:Conditions NotBefore="{at}" NotOnOrAfter="{until}"><saml:AudienceRestriction>
        <saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>
      <saml:AuthnStatement AuthnInstant="{at}" SessionIndex="_s1"><saml:AuthnContext><saml:AuthnContextClassRef>
        urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>
      </saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name="{EMAIL}"><saml:AttributeValue>{escape(email)}
      </saml:AttributeValue></saml:Attribute><saml:Attribute Name="groups">{values}</saml:Attribute>
      </saml:AttributeStatement></saml:Assertion>"""
    signed = onelogin.OneLogin_Saml2_Utils.add_sign(assertion, signer.key, signer.certificate).decode()
    signed = signed.partition("?>")[2] if signed.startswith("<?xml") else signed
    if "forged" in changed:
        signed = signed.replace(escape(email), changed["forged"])
    return f"""<samlp:Response {names} ID="_r1" Version="2.0" IssueInstant="{at}" Destination="{acs}"
      InResponseTo="{asked}"><saml:Issuer>{ENTITY}</saml:Issuer><samlp:Status><samlp:StatusCode
      Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>{signed}</samlp:Response>"""


def test_a_member_signs_in_with_the_roles_of_their_groups(
    acme: Cast, provider: IdentityProvider, signer: Signer
) -> None:
    map_groups(provider, groups=[Mapped("leads", Role.COACH)], by=acme.olga, at=clock.now())
    client, answer = come(provider, signer, "rosa@example.org", "leads")
    assert answer.status_code == 302 and answer.headers["Location"] == "/o/acme/", answer.content
    assert client.get("/o/acme/queue/").status_code == 200
    assert Role.COACH in Member.objects.get(pk=acme.rosa.pk).roles


def test_what_is_forged_or_meant_for_others_opens_nothing(
    acme: Cast, provider: IdentityProvider, signer: Signer
) -> None:
    for changed in ({"forged": "olga@example.org"}, {"audience": "https://somewhere.example"}):
        client, answer = come(provider, signer, "rosa@example.org", **changed)
        assert answer.status_code in {200, 401, 403} and "did not confirm" in answer.content.decode()
        assert client.get("/o/acme/team/").status_code == 302
    client, answer = come(provider, Signer(), "rosa@example.org")
    assert "did not confirm" in answer.content.decode() and client.get("/o/acme/team/").status_code == 302


def test_strangers_are_told_so(acme: Cast, provider: IdentityProvider, signer: Signer) -> None:
    _client, answer = come(provider, signer, "new@example.org")
    assert answer.status_code == 403 and "is no member" in answer.content.decode()
