"""Single sign-on by SAML 2.0, at a test provider that signs what it says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.test import Client

from roles import clock
from roles.actions.identity import Mapped, map_groups, set_provider
from roles.models import AuditEntry, IdentityProvider, Member, Role
from roles.provider_metadata import Unreadable, certificates, read, take
from roles.tasks import renew_metadata
from tests.cast import Cast
from tests.roles.saml_provider import PROTOCOL, Provider, Signer, asked_in, metadata, response

pytest.importorskip("onelogin.saml2.utils")
HOST = "touchline.example"
ENTITY = "https://login.example.org/metadata"
SSO = "https://login.example.org/sso"


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer()


@pytest.fixture(scope="module")
def other() -> Signer:
    return Signer()


@pytest.fixture
def provider(acme: Cast, signer: Signer, settings: Any) -> IdentityProvider:
    """Acme's SAML provider, switched on."""
    settings.ALLOWED_HOSTS = [HOST, "testserver"]
    fields: dict[str, Any] = {"name": "Acme SAML", "kind": "saml", "entity_id": ENTITY, "is_active": True}
    fields |= {"sso_url": SSO, "certificate": signer.certificate, "groups_claim": "groups"}
    fields |= {"trusts_addresses": True, "domains": ["example.org"]}
    return set_provider(acme.organization, **fields, by=acme.olga, at=clock.now())


@pytest.fixture
def somewhere(settings: Any) -> Iterator[Provider]:
    """A provider that answers at a port here."""
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]
    running = Provider("rosa@example.org")
    yield running
    running.stop()


def come(provider: IdentityProvider, signer: Signer, email: str, *groups: str, **changed: str) -> tuple[Client, Any]:
    """Sign in as a browser does; returns the client and our last answer."""
    client = Client(headers={"host": HOST})
    begun = client.get(f"/accounts/saml/{provider.key}/login/")
    assert begun.status_code == 302, begun.content
    asked, acs = asked_in(begun.headers["Location"])
    assert acs == f"http://{HOST}/accounts/saml/{provider.key}/acs/"
    said = response(signer, provider.entity_id, acs=acs, asked=asked, email=email, groups=groups, **changed)
    answer = client.post(f"/accounts/saml/{provider.key}/acs/", {"SAMLResponse": said})
    assert answer.status_code == 302
    return client, client.get(answer.headers["Location"])


def test_a_member_signs_in_with_the_roles_of_their_groups(
    acme: Cast, provider: IdentityProvider, signer: Signer
) -> None:
    map_groups(provider, groups=[Mapped("leads", Role.COACH)], by=acme.olga, at=clock.now())
    client, answer = come(provider, signer, "rosa@example.org", "leads")
    assert answer.status_code == 302 and answer.headers["Location"] == "/o/acme/", answer.content
    assert client.get("/o/acme/queue/").status_code == 200
    assert Role.COACH in Member.objects.get(pk=acme.rosa.pk).roles


def test_what_is_forged_or_meant_for_others_opens_nothing(
    acme: Cast, provider: IdentityProvider, signer: Signer, other: Signer
) -> None:
    for changed in ({"forged": "olga@example.org"}, {"audience": "https://somewhere.example"}):
        client, answer = come(provider, signer, "rosa@example.org", **changed)
        assert answer.status_code in {200, 401, 403} and "did not confirm" in answer.content.decode()
        assert client.get("/o/acme/team/").status_code == 302
    client, answer = come(provider, other, "rosa@example.org")
    assert "did not confirm" in answer.content.decode() and client.get("/o/acme/team/").status_code == 302


def test_strangers_are_told_so(acme: Cast, provider: IdentityProvider, signer: Signer) -> None:
    _client, answer = come(provider, signer, "new@example.org")
    assert answer.status_code == 403 and "is not a member" in answer.content.decode()


def test_while_the_certificate_changes_either_counts_and_nobody_is_recognised_anew(
    acme: Cast, provider: IdentityProvider, signer: Signer, other: Signer
) -> None:
    come(provider, signer, "rosa@example.org")
    assert SocialAccount.objects.get().user == acme.rosa.user
    both = metadata(ENTITY, SSO, signer, other)
    found = take(both)
    assert (found.entity_id, found.sso_url, found.metadata_url) == (ENTITY, SSO, "")
    assert certificates(found.certificate) == [signer.bare, other.bare]
    set_provider(acme.organization, certificate=found.certificate, by=acme.olga, at=clock.now())
    for one in (signer, other):
        client, answer = come(IdentityProvider.objects.get(), one, "rosa@example.org")
        assert client.get("/o/acme/queue/").status_code == 200, answer.content
    set_provider(acme.organization, certificate=other.certificate, by=acme.olga, at=clock.now())
    assert SocialAccount.objects.exists(), "the new one stood beside the old one"
    set_provider(acme.organization, certificate=signer.certificate, by=acme.olga, at=clock.now())
    assert not SocialAccount.objects.exists(), "nobody had named this one before"
    with pytest.raises(ValidationError, match="certificate cannot be read"):
        set_provider(acme.organization, certificate="nonsense", by=acme.olga, at=clock.now())


def test_metadata_at_an_address_are_followed(
    acme: Cast, provider: IdentityProvider, somewhere: Provider, signer: Signer, sign_in: Any
) -> None:
    owner, address = sign_in(acme.olga), "/o/acme/signing-in/provider/"
    said = {"name": "Acme SAML", "kind": "saml", "metadata": somewhere.entity, "is_active": "on"}
    said |= {"domains": "example.org", "trusts_addresses": "on"}
    assert owner.post(address, said).status_code == 302
    row = IdentityProvider.objects.get()
    assert (row.entity_id, row.sso_url) == (somewhere.entity, f"{somewhere.address}/sso")
    assert certificates(row.certificate) == [somewhere.signers[0].bare] and row.metadata_due_at
    come(row, somewhere.signers[0], "rosa@example.org")
    somewhere.signers.insert(0, signer)
    assert renew_metadata() == 0, "it is not due yet"
    IdentityProvider.objects.update(metadata_due_at=clock.now() - timedelta(minutes=1))
    assert [renew_metadata(), renew_metadata()] == [1, 0]
    row.refresh_from_db()
    assert certificates(row.certificate)[0] == signer.bare and SocialAccount.objects.exists()
    assert AuditEntry.objects.filter(verb="renew_metadata", by=None).count() == 1
    somewhere.entity = "https://somebody.else.example"
    IdentityProvider.objects.update(metadata_due_at=clock.now() - timedelta(minutes=1))
    assert renew_metadata() == 0
    assert "another provider now" in owner.get(address).content.decode()
    row.refresh_from_db()
    assert row.entity_id != somewhere.entity


def signed(xml: str, by: Signer) -> str:
    """The metadata with a signature over the whole of them."""
    from onelogin.saml2.metadata import OneLogin_Saml2_Metadata

    found = OneLogin_Saml2_Metadata.sign_metadata(
        xml.replace("entityID", 'ID="_m1" entityID', 1), by.key, by.certificate
    )
    return found.decode() if isinstance(found, bytes) else str(found)


def test_a_signature_counts_where_a_certificate_is_given(signer: Signer, other: Signer) -> None:
    plain = metadata(ENTITY, SSO, other)
    whole = signed(plain, signer)
    assert take(whole, signed_by=f"{other.certificate}\n{signer.certificate}").entity_id == ENTITY
    evil = metadata(ENTITY, "https://evil.example/sso", other)
    names = f'xmlns:md="{PROTOCOL}:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
    body = whole.partition("?>")[2] if whole.startswith("<?xml") else whole
    signature = body[body.index("<ds:Signature") : body.index("</ds:Signature>") + len("</ds:Signature>")]
    cases = {
        plain: "not signed",
        whole.replace(SSO, "https://evil.example/sso"): "changed after",
        signed(plain, other): "somebody else",
        # What was signed stands somewhere within, and something else is read.
        f"<md:EntitiesDescriptor {names}>{evil}{body}</md:EntitiesDescriptor>": "not signed",
        f'<md:EntitiesDescriptor {names} ID="_m2">{signature}{body}{evil}</md:EntitiesDescriptor>': "a part of them",
        f'<md:EntitiesDescriptor {names} ID="_m1">{signature}{body}{evil}</md:EntitiesDescriptor>': "a part of them",
    }
    for said, reason in cases.items():
        with pytest.raises(Unreadable, match=reason):
            take(said, entity_id=ENTITY, signed_by=signer.certificate)


def test_unsigned_metadata_are_not_followed(
    acme: Cast, provider: IdentityProvider, somewhere: Provider, signer: Signer
) -> None:
    said = {"metadata_url": somewhere.entity, "entity_id": somewhere.entity, "metadata_certificate": signer.certificate}
    set_provider(acme.organization, **said, by=acme.olga, at=clock.now())
    IdentityProvider.objects.update(metadata_due_at=clock.now() - timedelta(minutes=1))
    before = IdentityProvider.objects.get().certificate
    assert renew_metadata() == 0
    row = IdentityProvider.objects.get()
    assert row.certificate == before and "not signed" in row.metadata_problem


def test_what_is_entered_by_hand_is_not_overwritten(
    acme: Cast, provider: IdentityProvider, somewhere: Provider, signer: Signer, other: Signer, api: Any
) -> None:
    owner, here = api(acme.olga), "/api/v1/identity-provider/"
    followed = owner.post(f"{here}change/", {"metadata": somewhere.entity}).json()
    assert followed["metadata_url"] == somewhere.entity
    assert owner.post(f"{here}change/", {"name": "Login"}).json()["metadata_url"] == somewhere.entity
    same = owner.post(f"{here}change/", {"certificate": followed["certificate"]}).json()
    assert same["metadata_url"] == somewhere.entity, "that is what it says anyway"
    by_hand = owner.post(f"{here}change/", {"certificate": other.certificate}).json()
    assert (by_hand["metadata_url"], certificates(by_hand["certificate"])) == ("", [other.bare])
    assert IdentityProvider.objects.get().metadata_due_at is None


def test_the_page_asks_the_address_only_for_what_is_new(
    acme: Cast, provider: IdentityProvider, settings: Any, signer: Signer, other: Signer, sign_in: Any
) -> None:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = []
    there = "http://127.0.0.1:9/metadata"
    IdentityProvider.objects.update(metadata_url=there, metadata_certificate=provider.certificate)
    owner, address = sign_in(acme.olga), "/o/acme/signing-in/provider/"
    # As a browser sends what stands in the page: each line ends with two letters.
    lines = provider.certificate.replace("\n", "\r\n")
    said = {"name": "Login", "kind": "saml", "metadata": there, "metadata_certificate": lines, "entity_id": ENTITY}
    said |= {"sso_url": SSO, "certificate": lines, "domains": "example.org", "trusts_addresses": "on"}
    assert owner.post(address, said).status_code == 302, "nothing answers there, and nothing of it is new"
    row = IdentityProvider.objects.get()
    assert (row.name, row.metadata_url, row.metadata_certificate) == ("Login", there, provider.certificate)
    assert owner.post(address, said | {"metadata_certificate": other.certificate}).status_code == 422
    assert owner.post(address, said | {"certificate": other.certificate}).status_code == 302
    row.refresh_from_db()
    assert (row.metadata_url, certificates(row.certificate)) == ("", [other.bare]), "by hand"


def test_addresses_inside_are_not_asked(acme: Cast, somewhere: Provider, settings: Any, sign_in: Any) -> None:
    settings.FETCH_ALLOWED_PRIVATE_HOSTS = []
    said = {"name": "Acme SAML", "kind": "saml", "metadata": somewhere.entity}
    answer = sign_in(acme.olga).post("/o/acme/signing-in/provider/", said)
    assert answer.status_code == 422 and "may not be asked" in answer.content.decode()
    settings.SECURE_SITE = True
    for address in ("http://login.example.org/metadata", "file:///etc/passwd", "nonsense"):
        with pytest.raises(Unreadable, match="https://"):
            take(address)


def test_what_is_no_metadata_says_why(signer: Signer, other: Signer) -> None:
    good = metadata(ENTITY, SSO, signer)
    several = f'<md:EntitiesDescriptor xmlns:md="{PROTOCOL}:metadata">{good}{metadata("https://b.example", SSO, other)}'
    several += "</md:EntitiesDescriptor>"
    cases = {
        '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>': "document type",
        "<x": "This XML",
        "<x/>": "no identity provider",
        several: "several providers",
        metadata(ENTITY, SSO): "no certificate",
        good.replace("HTTP-Redirect", "HTTP-Artifact"): "no address",
        good.replace(f'Location="{SSO}"', 'Location="javascript:alert(1)"'): "no address",
        good.replace(signer.bare, "AAAA"): "This certificate",
    }
    for said, reason in cases.items():
        with pytest.raises(Unreadable, match=reason):
            read(said.encode())
    # In other letters it is not seen before it is read.
    with pytest.raises(Unreadable, match="document type"):
        read(f'<!DOCTYPE x [<!ENTITY a "b">]>{good}'.encode("utf-16"))
    assert read(several.encode(), entity_id="https://b.example").certificate.strip() == other.certificate.strip()
