"""Production refuses what only a demo may have: public passwords, keys of its own making, pages that tell too much."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from xinshu.config.environment import ROOT
from xinshu.config.tests.migrated import migrated_copy

KEYS = ("SECRET_KEY", "FILE_KEY", "LEDGER_KEY", "CHECKPOINT_KEY", "WITNESS_KEY", "SEAL_KEY")
LOOK = '''
import django, json
django.setup()
from django.conf import settings
from django.test import Client
client = Client(raise_request_exception=False, headers={"host": "xinshu.example", "x-forwarded-proto": "https"})
home, lost, strange = client.get("/sign-in/"), client.get("/nothing/"), client.get("/", HTTP_HOST="evil.example")
plain = Client(headers={"host": "xinshu.example"}).get("/sign-in/")
names = """DEBUG DEMO TESTING SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SESSION_COOKIE_HTTPONLY ALLOWED_HOSTS""".split()
print(json.dumps({
    "settings": {name: getattr(settings, name) for name in names},
    "statuses": [home.status_code, lost.status_code, strange.status_code, plain.status_code],
    "headers": {name.lower(): value for name, value in home.headers.items()},
    "cookies": {name: [bool(cookie["secure"]), cookie["samesite"]] for name, cookie in home.cookies.items()},
    "bodies": (home.content + lost.content + strange.content).decode(),
    "gallery": client.get("/components/").status_code,
}))
'''


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What a careful operator sets: everything."""
    keys = {f"XINSHU_{name}": secrets.token_hex(16 if name == "FILE_KEY" else 32) for name in KEYS}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XINSHU_", "PYTEST_", "DJANGO_"))}
    return kept | keys | {
        "XINSHU_ENV": "production",
        "XINSHU_DATA": str(tmp_path),
        "XINSHU_HOSTS": "xinshu.example",
        "XINSHU_PUBLIC_URL": "https://xinshu.example",
        "XINSHU_SEALING_AUTHORITY": "somewhere.else.Authority",
        "DJANGO_SETTINGS_MODULE": "xinshu.config.settings",
    }  # fmt: skip


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)


def shell(environment: dict[str, str], program: str) -> subprocess.CompletedProcess[str]:
    return run(environment, "manage.py", "shell", "-v0", "-c", program)


def test_with_everything_set_it_passes_its_checks(environment):
    done = run(environment, "manage.py", "check")

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("missing", KEYS)
def test_a_missing_key_is_named_and_none_is_made(environment, tmp_path, missing):
    del environment[f"XINSHU_{missing}"]

    done = run(environment, "-c", "import xinshu.config.settings")

    assert done.returncode != 0
    assert f"XINSHU_{missing} is not set" in done.stderr
    assert not (tmp_path / "demo-keys.json").exists()


def test_the_command_line_says_so_in_one_line(environment):
    del environment["XINSHU_FILE_KEY"]

    done = run(environment, "manage.py", "check")

    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "XINSHU_FILE_KEY" in done.stderr


@pytest.mark.parametrize("address", ["", "http://127.0.0.1:8000"])
def test_the_address_that_letters_carry_is_asked_for(environment, address):
    done = run(environment | {"XINSHU_PUBLIC_URL": address}, "-c", "import xinshu.config.settings")

    assert done.returncode != 0
    assert "XINSHU_PUBLIC_URL" in done.stderr


@pytest.mark.parametrize("key", ["", "00", "not hex at all", "ab" * 31])
def test_a_key_of_the_wrong_size_is_refused(environment, key):
    environment["XINSHU_LEDGER_KEY"] = key

    done = run(environment, "-c", "import xinshu.config.settings")

    assert done.returncode != 0
    assert "XINSHU_LEDGER_KEY" in done.stderr


def test_the_keys_of_a_demo_are_refused(environment, tmp_path):
    demo = tmp_path / "demo"
    run(environment | {"XINSHU_ENV": "demo", "XINSHU_DATA": str(demo)} | {f"XINSHU_{name}": "" for name in KEYS},
        "-c", "import xinshu.config.settings")  # fmt: skip
    assert (demo / "demo-keys.json").exists()

    done = run(environment | {"XINSHU_DATA": str(demo), "XINSHU_SECRET_KEY": ""}, "-c", "import xinshu.config.settings")

    assert done.returncode != 0


@pytest.mark.parametrize("command", [["demo"], ["demo", "--if-empty"], ["reset_demo"]])
def test_no_demo_city_and_no_demo_accounts(environment, tmp_path, command):
    migrated_copy(tmp_path / "xinshu.sqlite3")

    done = run(environment, "manage.py", *command)

    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    left = run(
        environment,
        "manage.py",
        "shell",
        "-v0",
        "-c",
        "from xinshu.accounts.models import *; print(User.objects.count())",
    )
    assert left.stdout.strip() == "0"


def test_demo_people_and_demo_seals_refuse_to_be_made(environment, tmp_path):
    migrated_copy(tmp_path / "xinshu.sqlite3")

    people = shell(
        environment,
        "from xinshu.core.clock import now; from xinshu.accounts.demo import create_demo_people as make; make(now())",
    )
    sealing = shell(environment, "from xinshu.documents.sealing.demo import DemoAuthority; DemoAuthority()")

    assert people.returncode != 0
    assert "production refuses" in people.stderr
    assert sealing.returncode != 0
    assert "demo keys" in sealing.stderr


@pytest.mark.parametrize("authority", ["", "xinshu.documents.sealing.demo.DemoAuthority"])
def test_the_seal_of_the_demo_is_refused_at_the_start_not_at_the_first_letter(environment, authority):
    environment["XINSHU_SEALING_AUTHORITY"] = authority

    done = run(environment, "manage.py", "check")

    assert done.returncode != 0
    assert "XINSHU_SEALING_AUTHORITY" in done.stderr


def test_pages_tell_nothing_of_the_inside_and_cookies_are_for_https_only(environment, tmp_path):
    migrated_copy(tmp_path / "xinshu.sqlite3")
    assert run(environment, "manage.py", "migrate", "-v0").returncode == 0

    done = run(environment, "-c", LOOK)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert told["settings"] == {
        "DEBUG": False, "DEMO": False, "TESTING": False, "SESSION_COOKIE_SECURE": True, "CSRF_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True, "ALLOWED_HOSTS": ["xinshu.example"],
    }  # fmt: skip
    assert told["statuses"][:3] == [200, 404, 400]
    assert told["statuses"][3] == 301  # plain http leads to https
    assert int(told["headers"]["strict-transport-security"].split("=")[1].split(";")[0]) >= 31_536_000
    assert told["headers"]["x-frame-options"] == "DENY"
    assert told["headers"]["x-content-type-options"] == "nosniff"
    assert "unsafe" not in told["headers"]["content-security-policy"]
    assert told["cookies"]["csrftoken"] == [True, "Lax"]
    assert told["gallery"] == 404
    assert not [
        word for word in ("Traceback", "xinshu-demo", "settings.py", "Django", "DEBUG") if word in told["bodies"]
    ]


@pytest.mark.parametrize("environment_name", ["prod", "PRODUCTION", "live"])
def test_an_environment_that_is_none_is_refused(environment, environment_name):
    done = run(environment | {"XINSHU_ENV": environment_name}, "-c", "import xinshu.config.settings")

    assert done.returncode != 0
    assert "XINSHU_ENV" in done.stderr
