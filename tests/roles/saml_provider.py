"""A SAML provider of the tests' own: it signs what it says, and can answer a browser from a port of its own."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

EMAIL = "urn:oid:0.9.2342.19200300.100.1.3"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0"
NAMES = f'xmlns:saml="{PROTOCOL}:assertion" xmlns:samlp="{PROTOCOL}:protocol"'


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

    @property
    def bare(self) -> str:
        """The certificate without its first and last line, as metadata have it."""
        return "".join(self.certificate.splitlines()[1:-1])


def metadata(entity: str, sso_url: str, *signers: Signer) -> str:
    """What the provider says of itself."""
    keys = "".join(
        f'<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{signer.bare}'
        "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        for signer in signers
    )
    return f"""<md:EntityDescriptor xmlns:md="{PROTOCOL}:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
      entityID="{entity}"><md:IDPSSODescriptor protocolSupportEnumeration="{PROTOCOL}:protocol">{keys}
      <md:SingleSignOnService Binding="{PROTOCOL}:bindings:HTTP-POST" Location="{sso_url}/post"/>
      <md:SingleSignOnService Binding="{PROTOCOL}:bindings:HTTP-Redirect" Location="{sso_url}"/>
      </md:IDPSSODescriptor></md:EntityDescriptor>"""


def asked_in(address: str) -> tuple[str, str]:
    """The number of the request that an address carries to the provider, and where the answer is to go."""
    asked = parse_qs(urlsplit(address).query)
    request = etree.fromstring(zlib.decompress(base64.b64decode(asked["SAMLRequest"][0]), -15))
    return request.attrib["ID"], request.attrib["AssertionConsumerServiceURL"]


def response(
    signer: Signer,
    entity: str,
    *,
    acs: str,
    asked: str,
    email: str,
    groups: Sequence[str] = (),
    audience: str = "",
    forged: str = "",
) -> str:
    """A signed answer that says who somebody is, as a form sends it; `forged` is the address put in afterwards."""
    from onelogin.saml2.utils import OneLogin_Saml2_Utils

    now = datetime.now(UTC)
    at, until = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (now, now + timedelta(minutes=5)))
    audience = audience or acs.replace("/acs/", "/metadata/")
    values = "".join(f"<saml:AttributeValue>{escape(group)}</saml:AttributeValue>" for group in groups)
    values = values or "<saml:AttributeValue/>"
    assertion = f"""<saml:Assertion {NAMES} ID="_a1" Version="2.0" IssueInstant="{at}">
      <saml:Issuer>{entity}</saml:Issuer>
      <saml:Subject><saml:NameID>{escape(email)}-id</saml:NameID>
      <saml:SubjectConfirmation Method="{PROTOCOL}:cm:bearer"><saml:SubjectConfirmationData
        NotOnOrAfter="{until}" Recipient="{acs}" InResponseTo="{asked}"/></saml:SubjectConfirmation></saml:Subject>
      <saml:Conditions NotBefore="{at}" NotOnOrAfter="{until}"><saml:AudienceRestriction>
        <saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>
      <saml:AuthnStatement AuthnInstant="{at}" SessionIndex="_s1"><saml:AuthnContext><saml:AuthnContextClassRef>
        {PROTOCOL}:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>
      </saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name="{EMAIL}"><saml:AttributeValue>{escape(email)}
      </saml:AttributeValue></saml:Attribute><saml:Attribute Name="groups">{values}</saml:Attribute>
      </saml:AttributeStatement></saml:Assertion>"""
    signed = OneLogin_Saml2_Utils.add_sign(assertion, signer.key, signer.certificate).decode()
    signed = signed.partition("?>")[2] if signed.startswith("<?xml") else signed
    signed = signed.replace(escape(email), forged) if forged else signed
    said = f"""<samlp:Response {NAMES} ID="_r1" Version="2.0" IssueInstant="{at}" Destination="{acs}"
      InResponseTo="{asked}"><saml:Issuer>{entity}</saml:Issuer><samlp:Status><samlp:StatusCode
      Value="{PROTOCOL}:status:Success"/></samlp:Status>{signed}</samlp:Response>"""
    return base64.b64encode(said.encode()).decode()


class Provider:
    """A provider at a port: /metadata says who it is, /sso asks who comes and sends them back."""

    def __init__(self, *people: str) -> None:
        self.people, self.signers, self.groups = people, [Signer()], ("support",)
        handler = type("Answers", (_Answers,), {"provider": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.entity = f"{self.address}/metadata"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Answer no more."""
        self.server.shutdown()
        self.server.server_close()


class _Answers(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        mine = self.provider
        if self.path == "/metadata":
            self._say(metadata(mine.entity, f"{mine.address}/sso", *mine.signers), "application/samlmetadata+xml")
        elif self.path.startswith("/sso?"):
            asked, acs = asked_in(self.path)
            self._say("".join(self._form(acs, asked, email) for email in mine.people), "text/html")
        else:
            self.send_error(404)

    def _form(self, acs: str, asked: str, email: str) -> str:
        mine = self.provider
        said = response(mine.signers[-1], mine.entity, acs=acs, asked=asked, email=email, groups=mine.groups)
        field = f'<input type="hidden" name="SAMLResponse" value="{said}">'
        return f'<form method="post" action="{escape(acs)}">{field}<button>{escape(email)}</button></form>'

    def _say(self, body: str, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""
