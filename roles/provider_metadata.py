"""What a SAML provider says of itself: read from its metadata, pasted, or asked for at an address."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from allauth.socialaccount.adapter import get_adapter
from cryptography import x509
from django.conf import settings
from django.utils.translation import gettext as _
from lxml import etree

from roles import metadata_signatures

MD, DS = "{urn:oasis:names:tc:SAML:2.0:metadata}", "{http://www.w3.org/2000/09/xmldsig#}"
BY_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
MOST_CERTIFICATES = 8
_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)


class Unreadable(ValueError):
    """These are no metadata of a provider; `str()` says what is wrong with them."""


@dataclass(frozen=True)
class Metadata:
    """Who the provider is, where people are sent, what it signs with, and where that was read."""

    entity_id: str
    sso_url: str
    certificate: str
    metadata_url: str = ""


def take(said: str, *, entity_id: str = "", signed_by: str = "") -> Metadata:
    """Read the metadata themselves or, where an address is given, what stands there; raises Unreadable.

    Where several providers stand in them, `entity_id` chooses. Where certificates are given, one of them must have
    signed the whole of it.
    """
    said = said.strip()
    if said.startswith("<"):
        return read(said.encode(), entity_id=entity_id, signed_by=signed_by)
    return replace(read(_asked_for(said), entity_id=entity_id, signed_by=signed_by), metadata_url=said)


def read(xml: bytes, *, entity_id: str = "", signed_by: str = "") -> Metadata:
    """Read metadata; raises Unreadable."""
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise Unreadable(_("Metadata with a document type are not read."))
    try:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except (etree.XMLSyntaxError, ValueError):
        raise Unreadable(_("This XML cannot be read. Paste all of it, or enter its address.")) from None
    if root.getroottree().docinfo.internalDTD is not None:  # written in letters in which it is not seen from outside
        raise Unreadable(_("Metadata with a document type are not read."))
    if signed_by:
        try:
            metadata_signatures.check(root, map(_pem, certificates(signed_by)))
        except metadata_signatures.Unsigned as problem:
            raise Unreadable(str(problem)) from problem
    entity = _the_one(root, entity_id)
    provider = entity.find(f"{MD}IDPSSODescriptor")
    assert provider is not None
    doors = provider.findall(f"{MD}SingleSignOnService")
    door = next((one.get("Location") for one in doors if one.get("Binding") == BY_REDIRECT), None)
    if not door or not door.startswith(("https://", "http://")):
        raise Unreadable(_("The metadata name no address at which sign-in by redirect begins."))
    keys = [key for key in provider.findall(f"{MD}KeyDescriptor") if key.get("use") in (None, "signing")]
    found = ["".join((node.text or "").split()) for key in keys for node in key.iter(f"{DS}X509Certificate")]
    if not found:
        raise Unreadable(_("The metadata name no certificate for signing."))
    return Metadata(entity.get("entityID", ""), door, tidy("\n".join(map(_pem, found))))


def certificates(text: str) -> list[str]:
    """The certificates in a text, each without its first and last line; a text without these lines is one."""
    blocks = _BLOCK.findall(text) or ([text] if text.strip() else [])
    return list(dict.fromkeys("".join(block.split()) for block in blocks))


def tidy(text: str) -> str:
    """The certificates of a text as they are kept; raises Unreadable where one is none."""
    found = [_pem(one) for one in certificates(text)]
    if len(found) > MOST_CERTIFICATES:
        raise Unreadable(_("At most %(most)s certificates.") % {"most": MOST_CERTIFICATES})
    for one in found:
        try:
            x509.load_pem_x509_certificate(one.encode())
        except ValueError:
            raise Unreadable(_("This certificate cannot be read. Paste all of it, from BEGIN to END.")) from None
    return "\n".join(found)


def _the_one(root: etree._Element, entity_id: str) -> etree._Element:
    # `iter` gives the root too, where the metadata are of one provider alone.
    found = [one for one in root.iter(f"{MD}EntityDescriptor") if one.find(f"{MD}IDPSSODescriptor") is not None]
    if not found:
        raise Unreadable(_("These metadata name no identity provider."))
    if len(found) > 1:
        found = [one for one in found if one.get("entityID") == entity_id]
    if len(found) != 1:
        raise Unreadable(_("These metadata name several providers. Enter the entity ID of yours as well."))
    return found[0]


def _asked_for(address: str) -> bytes:
    """Ask as everything that goes out is asked: through the guard, without redirects, up to a size."""
    if not address.startswith("https://") and (settings.SECURE_SITE or not address.startswith("http://")):
        raise Unreadable(_("Enter an address that begins with https://, or paste the XML itself."))
    try:
        answer = get_adapter().get_requests_session().get(address)
    except OSError:  # every problem of such a session is one
        raise Unreadable(_("Nothing answers at this address, or it may not be asked.")) from None
    if answer.status_code != 200:
        raise Unreadable(_("The address answers with the status %(status)s.") % {"status": answer.status_code})
    return bytes(answer.content)


def _pem(text: str) -> str:
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----"
