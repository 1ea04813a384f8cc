"""A real WordPress on loopback for tests: Debian's packages, PHP's own server, and a MariaDB of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from config.services import free_port

PACKAGES = "wordpress php-cli php-mysql php-curl php-xml php-mbstring php-gd mariadb-server"
FILES = Path("/usr/share/wordpress")
SALTS = [f"{name}_{kind}" for kind in ("KEY", "SALT") for name in ("AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE")]
# What is asked of the site goes to WordPress, unless it is a file.
ROUTER = """<?php
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path !== '/' && is_file(__DIR__ . $path)) return false;
$_SERVER['SCRIPT_NAME'] = '/index.php';
require __DIR__ . '/index.php';
"""
SET_UP = """<?php
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = $_SERVER['SERVER_NAME'] = '127.0.0.1';
require $argv[1] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Acme News', 'ann', 'ann@example.com', true, '', 'whole-password');
update_option('permalink_structure', '/%year%/%postname%/');
update_option('comment_moderation', 0);
update_option('comment_previously_approved', 0);
flush_rewrite_rules();
$user = get_user_by('login', 'ann');
list($password) = WP_Application_Passwords::create_new_application_password($user->ID, ['name' => 'Touchline']);
echo $password;
"""


class NotHere(Exception):
    """What the site needs is not on this machine; `str()` says what."""


@dataclass
class Site:
    """The running site and its administrator."""

    address: str
    password: str
    user: str = "ann"

    def ask(self, method: str, path: str, **said: object) -> httpx.Response:
        """Ask the site as its administrator, as their browser would."""
        return httpx.request(
            method, f"{self.address}/wp-json/wp/v2/{path}", auth=(self.user, self.password), timeout=30, **said
        )  # type: ignore[arg-type]

    def comment(self, article: int, text: str, *, name: str = "Vera") -> int:
        """Let a visitor comment with the form on the page."""
        form = {"author": name, "email": f"{name.lower()}@example.com", "url": "", "comment": text}
        said = httpx.post(f"{self.address}/wp-comments-post.php", data={**form, "comment_post_ID": article}, timeout=30)
        assert said.status_code == 302, said.text[:500]
        return int(said.headers["Location"].rpartition("#comment-")[2])


def install(_folder: Path) -> None:
    """Install Debian's packages, where root may; raises NotHere with what is missing."""
    if FILES.exists() and shutil.which("php") and shutil.which("mariadbd"):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise NotHere(f"The real WordPress needs Debian's packages: apt-get install {PACKAGES}")
    command = ["apt-get", "install", "-y", "--no-install-recommends", *PACKAGES.split()]
    # Started by us alone: what apt starts would take the usual ports.
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    subprocess.run(["apt-get", "update", "-qq"], capture_output=True, check=False, timeout=300)
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=900)
    if done.returncode:
        raise NotHere(f"apt-get could not install {PACKAGES}: {done.stderr[-300:]}")


@contextmanager
def running(var: Path) -> Iterator[Site]:
    """Start the database and the site; ends them both."""
    install(var)
    with ExitStack() as stack:
        database = stack.enter_context(_database(var))
        port = free_port()
        yield _site(stack, var, port, database)


@contextmanager
def _database(var: Path) -> Iterator[int]:
    data, port = var / "db", free_port()
    data.mkdir()
    user = ["--user=nobody"] if os.geteuid() == 0 else []
    if user:
        for folder in (var, *list(var.parents)[:2], data):
            folder.chmod(0o755)
        shutil.chown(data, "nobody")
    common = ["--no-defaults", *user, f"--datadir={data}"]
    made = ["mariadb-install-db", *common, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(made, capture_output=True, check=True, timeout=120)
    command = [
        "mariadbd", *common, f"--socket={data / 'sock'}", f"--pid-file={data / 'pid'}", "--bind-address=127.0.0.1",
        f"--port={port}", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M", "--skip-log-bin",
    ]  # fmt: skip
    with (var / "db.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        grants = "create user 'wp'@'%' identified by 'wp'; grant all on wp.* to 'wp'@'%'"
        said = f"create database wp character set utf8mb4; {grants}"
        ask = ["mariadb", "--no-defaults", "-uroot", f"--socket={data / 'sock'}", "-e", said]
        for _attempt in range(150):
            if subprocess.run(ask, capture_output=True, check=False).returncode == 0:
                break
            time.sleep(0.2)
        else:
            raise AssertionError((var / "db.log").read_text()[-2000:])
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _site(stack: ExitStack, var: Path, port: int, database: int) -> Site:
    files, address = var / "www", f"http://127.0.0.1:{port}"
    shutil.copytree(FILES, files, symlinks=False, ignore=shutil.ignore_patterns("languages", "wp-config.php"))
    constants = {
        "DB_NAME": "wp", "DB_USER": "wp", "DB_PASSWORD": "wp", "DB_HOST": f"127.0.0.1:{database}",
        "DB_CHARSET": "utf8mb4", "DB_COLLATE": "", "WP_HOME": address, "WP_SITEURL": address,
        # Application passwords without https, which only a machine of one's own may have.
        "WP_ENVIRONMENT_TYPE": "local", **{name: f"test {name}" for name in SALTS},
    }  # fmt: skip
    lines = [f"define('{name}', '{value}');" for name, value in constants.items()]
    lines += [
        f"define('{name}', true);"
        for name in ("WP_HTTP_BLOCK_EXTERNAL", "AUTOMATIC_UPDATER_DISABLED", "DISABLE_WP_CRON")
    ]
    lines += ["$table_prefix = 'wp_';", "defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');"]
    (files / "wp-config.php").write_text("<?php\n" + "\n".join([*lines, "require_once ABSPATH . 'wp-settings.php';\n"]))
    (files / "router.php").write_text(ROUTER)
    (var / "set_up.php").write_text(SET_UP)
    done = subprocess.run(
        ["php", str(var / "set_up.php"), str(files)], capture_output=True, text=True, check=False, timeout=120
    )
    password = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
    assert len(password) == 24, done.stdout[-1000:] + done.stderr[-1000:]
    command = [
        "php",
        "-d",
        "variables_order=EGPCS",
        # As a real site has it: without, each answer compiles all of WordPress anew.
        "-d",
        "opcache.enable_cli=1",
        "-S",
        f"127.0.0.1:{port}",
        "-t",
        str(files),
        str(files / "router.php"),
    ]
    with (var / "php.log").open("w") as log:
        # PHP's server makes processes of its own: they are ended together.
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env=os.environ | {"PHP_CLI_SERVER_WORKERS": "4"}, start_new_session=True
        )
    stack.callback(os.killpg, process.pid, signal.SIGTERM)
    for _attempt in range(150):
        try:
            if httpx.get(f"{address}/wp-json/", timeout=20).status_code == 200:
                break
        except httpx.HTTPError:
            time.sleep(0.2)
    return Site(address, password)
