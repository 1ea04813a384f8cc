"""Real mail servers on loopback for tests: Debian's dovecot and postfix, with certificates and people of their own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from imapclient import IMAPClient

from config.services import free_port

PACKAGES = "dovecot-imapd dovecot-lmtpd postfix"
DOVECOT = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{root}/cert.pem
ssl_key = <{root}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {root}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN username_format=%u {root}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={root}/mail/%u allow_all_users=yes
}}
first_valid_uid = 1
mail_location = maildir:{root}/mail/%u
mail_max_userip_connections = 100
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service auth {{
  inet_listener {{
    port = {auth}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
"""
OAUTH2 = """
introspection_mode = post
introspection_url = {asked_at}
active_attribute = active
active_value = true
username_attribute = username
"""
MAIN = """
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/postfix
maillog_file = {root}/postfix.log
maillog_file_prefixes = {root}
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.acme.example
mydestination =
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = acme.example, example.org
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
lmtp_destination_concurrency_limit = 4
smtpd_client_connection_count_limit = 0
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_sasl_security_options = noanonymous
smtpd_tls_cert_file = {root}/cert.pem
smtpd_tls_key_file = {root}/key.pem
smtpd_tls_security_level = may
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_delay_reject = yes
"""
# One door wants to know who comes, one lets everybody in, as the machine's own often does.
MASTER = """
127.0.0.1:{submission} inet n - n - - smtpd -o smtpd_sasl_auth_enable=yes
127.0.0.1:{relay} inet n - n - - smtpd -o smtpd_sasl_auth_enable=no -o smtpd_relay_restrictions=permit_mynetworks,reject
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
"""
PASSWORDS = {"support@acme.example": "app-password", "ada@example.org": "adas-own"}


class NotHere(Exception):
    """What the servers need is not on this machine; `str()` says what."""


@dataclass
class MailServers:
    """The running servers: where each door is, who lives there."""

    root: Path
    ports: Mapping[str, int]
    passwords: dict[str, str] = field(default_factory=lambda: dict(PASSWORDS))

    @property
    def certificate(self) -> Path:
        """What the servers show; whoever trusts it trusts them."""
        return self.root / "cert.pem"

    def write_people(self) -> None:
        """Let in whoever has a password now."""
        lines = (f"{name}:{{PLAIN}}{password}::::::\n" for name, password in self.passwords.items())
        (self.root / "users").write_text("".join(lines))

    @contextmanager
    def entered(self, who: str) -> Iterator[IMAPClient]:
        """The mailbox of somebody, as their own program opens it."""
        with IMAPClient("127.0.0.1", self.ports["imap"], ssl=False, timeout=20) as box:
            box.login(who, self.passwords[who])
            yield box

    def mails_of(self, who: str, folder: str = "INBOX") -> list[bytes]:
        """Everything that lies in a folder of somebody."""
        with self.entered(who) as box:
            box.select_folder(folder, readonly=True)
            found = box.fetch(box.search("ALL"), ["BODY.PEEK[]"])
            return [row[b"BODY[]"] for _number, row in sorted(found.items())]

    def waits_for(self, who: str, count: int, folder: str = "INBOX") -> list[bytes]:
        """The same, once so many are there."""
        for _attempt in range(200):
            if len(found := self.mails_of(who, folder)) >= count:
                return found
            time.sleep(0.05)
        raise AssertionError(f"{who} has {len(found)} mails, and not {count}.\n{self.log()}")

    def rest(self) -> None:
        """Wait until no mail is on its way any more."""
        for _attempt in range(600):
            queued = subprocess.run(
                ["postqueue", "-c", str(self.root / "etc"), "-j"], capture_output=True, check=True, timeout=60
            )
            if not queued.stdout.strip():
                return
            time.sleep(0.1)
        raise AssertionError(f"Mails lie in the queue.\n{self.log()}")

    def put(self, who: str, raw: bytes, folder: str = "INBOX") -> None:
        """Lay a mail into somebody's folder."""
        with self.entered(who) as box:
            box.append(folder, raw)

    def number_anew(self, who: str) -> None:
        """Make the inbox of somebody anew, as a provider does that moves it: the same mails under other numbers."""
        mails = self.mails_of(who)
        shutil.rmtree(self.root / "mail" / who)
        # Dovecot calls a new mailbox by the second it was made in, and two within one second the same.
        time.sleep(1.0 - time.time() % 1.0)
        for raw in mails:
            self.put(who, raw)

    def log(self) -> str:
        """What both servers said last."""
        logs = [path.read_text()[-1500:] for path in (self.root / "dovecot.log", self.root / "postfix.log")
                if path.exists()]  # fmt: skip
        return "\n".join(logs)


def install(_folder: Path) -> None:
    """Install Debian's packages, where root may; raises NotHere with what is missing."""
    if shutil.which("dovecot") and shutil.which("postfix") and Path("/usr/lib/dovecot/lmtp").exists():
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise NotHere(f"Real mail servers need Debian's packages and root: apt-get install {PACKAGES}")
    # Started by us alone: what apt starts would take the usual ports.
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    chosen = b"postfix postfix/main_mailer_type select No configuration\n"
    subprocess.run(["debconf-set-selections"], input=chosen, env=environment, check=False, timeout=60)
    subprocess.run(["apt-get", "update", "-qq"], capture_output=True, check=False, timeout=300)
    command = ["apt-get", "install", "-y", "--no-install-recommends", *PACKAGES.split()]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=900)
    if done.returncode:
        raise NotHere(f"apt-get could not install {PACKAGES}: {done.stderr[-300:]}")


@contextmanager
def running(*, asked_at: str = "http://127.0.0.1:9/") -> Iterator[MailServers]:
    """Start both; dovecot asks at `asked_at` whether a token is good."""
    install(Path())
    if os.geteuid() != 0:
        raise NotHere("Real mail servers are started by root alone.")
    with ExitStack() as stack:
        # Names of sockets are short, and the servers' own people must come to them.
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mail-", ignore_cleanup_errors=True)))
        root.chmod(0o755)
        names = ("imap", "imaps", "auth", "lmtp", "submission", "relay")
        servers = MailServers(root, {name: free_port() for name in names})
        _write(servers, asked_at)
        _start(stack, ["dovecot", "-F", "-c", str(root / "dovecot.conf")], root)
        _start(stack, ["postfix", "-c", str(root / "etc"), "start-fg"], root)
        for name in ("imap", "submission", "relay", "lmtp"):
            _await(servers, name)
        yield servers


def _write(servers: MailServers, asked_at: str) -> None:
    root = servers.root
    known = {"root": root, "asked_at": asked_at, **servers.ports}
    for name in ("etc", "queue", "postfix", "mail", "run", "state"):
        (root / name).mkdir()
    shutil.chown(root / "postfix", "postfix")
    shutil.chown(root / "mail", "nobody", "nogroup")
    _make_certificate(root)
    servers.write_people()
    (root / "oauth2.conf").write_text(OAUTH2.format(**known))
    (root / "dovecot.conf").write_text(DOVECOT.format(**known))
    (root / "etc" / "main.cf").write_text(MAIN.format(**known))
    (root / "etc" / "master.cf").write_text(MASTER.format(**known))


def _make_certificate(root: Path) -> None:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.acme.example")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (root / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (root / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )  # fmt: skip


def _start(stack: ExitStack, command: list[str], root: Path) -> None:
    with (root / f"{command[0]}.out").open("w") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True)

    def end() -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)

    stack.callback(end)


def _await(servers: MailServers, name: str) -> None:
    for _attempt in range(200):
        with suppress(OSError), socket.create_connection(("127.0.0.1", servers.ports[name]), timeout=1) as line:
            line.settimeout(5)
            if line.recv(4):
                return
        time.sleep(0.05)
    said = "\n".join(path.read_text()[-1000:] for path in servers.root.glob("*.out"))
    raise AssertionError(f"The door for {name} stays shut.\n{said}\n{servers.log()}")
