"""What the tests of operations stand on: a small ledger with a file in it, and members with roles."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from xinshu.accounts.models import Member, Organisation, User
from xinshu.core.actors import SYSTEM
from xinshu.documents.models import File
from xinshu.documents.uploads import keep_file
from xinshu.ledger.recording import record
from xinshu.ledger.sealing import seal
from xinshu.operations.backups.databases import Server
from xinshu.operations.backups.restoring import Target


@pytest.fixture(autouse=True)
def own_places(settings: Any, tmp_path: Path) -> None:
    """A witness without memories and a storage of this test's own."""
    settings.WITNESS_ROOT = tmp_path / "witness"
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def member(db: None) -> Callable[..., Member]:
    """Make a member with a role."""

    def member(role: str, organisation: Organisation | None = None) -> Member:
        organisation = organisation or Organisation.objects.create(name=f"云州 {role}", kind="operator")
        user = User.objects.create_user(role, "long-and-odd-42", name="林晓芸")
        return Member.objects.create(user=user, organisation=organisation, roles=[role])

    return member


@pytest.fixture
def signed_in(client: Client, member: Callable[..., Member]) -> Callable[[str], Client]:
    """Sign in somebody with a role; return the browser."""

    def signed_in(role: str) -> Client:
        somebody = member(role)
        client.force_login(somebody.user)
        session = client.session
        session["member"] = somebody.pk
        session.save()
        return client

    return signed_in


def add_file(owner: Organisation, number: int, at: datetime) -> File:
    content = b"%PDF-1.4\n" + f"{number}".encode() * 500 + b"\nstartxref\n0\n%%EOF\n"
    return keep_file(content, f"文件{number}.pdf", owner, SYSTEM, at)


@pytest.fixture
def city(transactional_db: None, at: datetime) -> Organisation:
    """An organisation with three files and forty sealed entries."""
    owner = Organisation.objects.create(name="云州恒达路桥", kind="enterprise")
    for number in range(3):
        add_file(owner, number, at)
    for number in range(40):
        with transaction.atomic():
            record("test.happened", owner, by=SYSTEM, at=at, number=number)
    seal(at)
    return owner


@pytest.fixture
def target(transactional_db: None, tmp_path: Path) -> Iterator[Target]:
    """An empty place of the same kind of database."""
    server = None
    if connection.vendor == "postgresql":
        here = Server.of(connection.settings_dict)
        server = here.named(f"{here.name}_back")
    yield Target(tmp_path / "back", server)
    if server is not None:
        with server.named("postgres").connect() as connected:
            query = "SELECT datname FROM pg_database WHERE datname LIKE %s"
            left = [name for (name,) in connected.execute(query, [f"{server.name}%"])]
        for name in left:
            server.command("DROP DATABASE {}", name)
