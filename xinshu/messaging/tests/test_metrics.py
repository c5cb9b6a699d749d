"""How many streams are open: told to measuring programs of this machine, or to those with the token."""

import asyncio
from typing import Any

import pytest

from xinshu.messaging.live import application


def ask(client: tuple[str, int], headers: list[tuple[bytes, bytes]]) -> tuple[int, bytes]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "path": "/metrics", "query_string": b"", "headers": headers}
    asyncio.run(application({**scope, "client": client}, receive, send))
    return sent[0]["status"], sent[1]["body"]


@pytest.mark.parametrize(
    ("token", "address", "headers", "status"),
    [
        ("", "127.0.0.1", [], 200),
        ("", "10.0.0.1", [], 404),
        ("", "127.0.0.1", [(b"x-forwarded-for", b"10.0.0.1")], 404),
        ("t0ken", "127.0.0.1", [], 404),
        ("t0ken", "10.0.0.1", [(b"authorization", b"Bearer t0ken")], 200),
    ],
)
def test_the_number_of_streams_is_for_this_machine_or_for_the_token(
    settings: Any, token: str, address: str, headers: list[tuple[bytes, bytes]], status: int
) -> None:
    settings.METRICS_TOKEN = token

    told, body = ask((address, 1), headers)

    assert told == status
    assert (b"xinshu_live_streams 0" in body) == (status == 200)
