"""Whether metadata are signed, as a whole and by whom it was said: what is read must be what was signed."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from lxml import etree

DS = "{http://www.w3.org/2000/09/xmldsig#}"
# What may stand between the metadata and what is signed of them: nothing that could leave a part of them out.
PLAIN = {
    "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
}


class Unsigned(ValueError):
    """It is not signed by whom it should be; `str()` says what is wrong."""


def check(whole: etree._Element, certificates: Iterable[str]) -> None:
    """Raise Unsigned unless one of the certificates has signed the whole document that this is the root of."""
    signature = whole.find(f"{DS}Signature")
    if signature is None:
        raise Unsigned(_("The metadata are not signed as a whole, and you named a certificate that signs them."))
    _check_what_is_signed(whole, signature)
    if not any(_is_signed_by(whole, signature, certificate) for certificate in certificates):
        raise Unsigned(_("The metadata are signed by somebody else, or were changed after they were signed."))


def _check_what_is_signed(whole: etree._Element, signature: etree._Element) -> None:
    references = signature.findall(f"{DS}SignedInfo/{DS}Reference")
    name = whole.get("ID", "")
    named = [one for one in whole.iter() if name and one.get("ID") == name]
    means_it = len(references) == 1 and references[0].get("URI", "") in {"", f"#{name}" if name else ""}
    transforms = {one.get("Algorithm") for one in signature.iter(f"{DS}Transform")}
    if not means_it or len(named) > 1 or not transforms <= PLAIN:
        raise Unsigned(_("The signature of the metadata is about a part of them only."))
    method = signature.find(f"{DS}SignedInfo/{DS}SignatureMethod")
    if method is None or "sha1" in method.get("Algorithm", "sha1") or "md5" in method.get("Algorithm", ""):
        raise Unsigned(_("The signature of the metadata is of a kind that can be forged."))


def _is_signed_by(whole: etree._Element, signature: etree._Element, certificate: str) -> bool:
    try:
        import xmlsec
    except ImportError:
        raise Unsigned(_("Signatures cannot be checked here: install the extra “saml”.")) from None
    context = xmlsec.SignatureContext()
    try:
        context.key = xmlsec.Key.from_memory(certificate.encode(), xmlsec.constants.KeyDataFormatCertPem)
        if whole.get("ID"):
            context.register_id(whole, "ID")
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True
