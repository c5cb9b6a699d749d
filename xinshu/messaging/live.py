"""The live process: GET /live?token=… streams a member's notices as Server-Sent Events. Plain ASGI, no middleware.

Run it with `python -m xinshu.messaging.live`. WSGI servers hold streams back, and 2,000 idle streams must stay small.
"""

import argparse
import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import django
import uvicorn
from django.apps import apps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinshu.config.settings")
if not apps.ready:
    django.setup()

from django.conf import settings
from django.db import Error

from xinshu.core.machines import may_measure
from xinshu.messaging.fanout import Closed, Hub, Mark, Stream, event, notice_event
from xinshu.messaging.tokens import listener_of, unseal

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx: pass every event on at once
    (b"access-control-allow-origin", b"*"),  # the token in the address is the right; no cookie is looked at
    (b"referrer-policy", b"no-referrer"),
]

hub = Hub()


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Answer one connection."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] != "http":
        await send({"type": "websocket.close", "code": 1000})
    elif scope["method"] not in {"GET", "HEAD"}:
        await _answer(send, 405, b'{"error": "GET only"}')
    elif scope["path"] == "/healthz":
        await _answer(send, 200, b'{"ok": true}')
    elif scope["path"] == "/metrics":
        await _metrics(scope, send)
    elif scope["path"] == "/live":
        await _live(scope, receive, send)
    else:
        await _answer(send, 404, b'{"error": "not found"}')


async def _metrics(scope: dict[str, Any], send: Send) -> None:
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    forwarded = any(name in headers for name in (b"x-forwarded-for", b"forwarded", b"x-real-ip"))
    address = (scope.get("client") or [""])[0]
    if not may_measure(address, headers.get(b"authorization", ""), forwarded=forwarded):
        await _answer(send, 404, b'{"error": "not found"}')
        return
    told = f"# TYPE xinshu_live_streams gauge\nxinshu_live_streams {len(hub.streams)}\n"
    await _answer(send, 200, told.encode(), b"text/plain; version=0.0.4")


async def _live(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
    listener = listener_of(token)
    if listener is None:
        await _answer(send, 401, b'{"error": "token is missing, wrong or expired"}')
        return
    last = next((value for name, value in scope["headers"] if name == b"last-event-id"), b"").decode("latin-1")
    try:
        opened = await hub.open(listener, Mark.read(unseal(last)))
    except Error:
        await _answer(send, 503, b'{"error": "the database does not answer"}')
        return
    if opened is None:
        await _answer(send, 401, b'{"error": "signed out, or this member may not listen any more"}')
        return
    stream, arrival = opened
    gone = asyncio.create_task(_until_gone(receive, stream))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
        await _send(send, b"retry: 3000\n" + event("hello", stream.mark, {"unread": arrival.unread}))
        for row in arrival.missed:
            stream.mark.add(row["id"])
            await _send(send, notice_event(stream.mark, row, arrival.unread))
        await _follow(stream, send)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    except OSError:
        pass  # the browser went away while we wrote
    finally:
        gone.cancel()
        hub.close(stream)


async def _follow(stream: Stream, send: Send) -> None:
    while True:
        item = await stream.queue.get()
        if isinstance(item, Closed):
            return
        if item is None:
            await _send(send, b": still here\n\n")
            continue
        row, unread = item
        if not stream.mark.has(row["id"]):
            stream.mark.add(row["id"])
            await _send(send, notice_event(stream.mark, row, unread))


async def _until_gone(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    hub.end(stream)


async def _send(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _answer(send: Send, status: int, body: bytes, kind: bytes = b"application/json") -> None:
    headers = [(b"content-type", kind), (b"access-control-allow-origin", b"*")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            hub.close_all()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


class Server(uvicorn.Server):
    """Ends the streams first: uvicorn alone would wait for responses that never end."""

    async def shutdown(self, sockets: Any = None) -> None:
        hub.close_all()
        await super().shutdown(sockets)


def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C; then every open stream ends at once, cleanly."""
    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        access_log=False,  # addresses carry tokens
        log_level="warning",
        timeout_graceful_shutdown=1,
        server_header=False,
        loop="asyncio",
    )
    Server(config).run()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m xinshu.messaging.live")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=settings.LIVE_PORT)
    options = parser.parse_args()
    serve(options.host, options.port)
