"""The interface in numbers: reading one guarantee and a page of fifty, beside Django's hello and the same SQL by hand.

Runs on SQLite and, where there is one, on PostgreSQL (XINSHU_DATABASE_URL). One process, in it: no network. Rates are
per second of this process's own CPU (what one core could do), for benches share their machine; beside it by the clock.
"""

import io
import json
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
READS_LIMIT, LISTS_LIMIT = 100, 20  # a second, at least

Figure = dict[str, Any]


def main() -> Iterator[Figure]:
    """Measure on a demo city; every call proves its key, counts against its rate and writes its log line."""
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    call_command("migrate", verbosity=0)
    call_command("demo", past=60, stdout=io.StringIO())
    token, reference = a_key()
    handler = an_application()
    addresses = {
        "hello": "/bench-hello/",
        "read": f"/api/v1/guarantees/{reference}",
        "read with its signature in SM3": f"/api/v1/guarantees/{reference}",
        "list of 50": "/api/v1/guarantees",
    }
    rates = {}
    for name, path in addresses.items():
        prove = signing(path) if "signature" in name else f"Bearer {token}"
        rates[name] = per_second(lambda path=path, prove=prove: call(handler, path, prove))
    statements = {}
    for name in ("read", "list of 50"):
        with CaptureQueriesContext(connection) as captured:
            call(handler, addresses[name], f"Bearer {token}")
        sql = [query["sql"] for query in captured if query["sql"].split()[0] in ("SELECT", "INSERT", "UPDATE")]
        statements[name] = (len(sql), per_second(lambda sql=sql: by_hand(sql)))
    yield {"database": connection.vendor, "figure": "Django's hello, all middleware", **rate(rates["hello"])}
    for name, limit in (("read", READS_LIMIT), ("list of 50", LISTS_LIMIT)):
        count, sql_rate = statements[name]
        yield {
            "database": connection.vendor, "figure": f"interface: {name}", **rate(rates[name]), "limit": limit,
            "statements": count, "same_sql_per_second": sql_rate[0],
            "of_hello": round(rates[name][0] / rates["hello"][0], 2),
        }  # fmt: skip
    name = "read with its signature in SM3"
    yield {"database": connection.vendor, "figure": f"interface: {name}", **rate(rates[name])}


def rate(measured: tuple[float, float]) -> Figure:
    return {"per_second": measured[0], "by_the_clock": measured[1]}


def a_key() -> tuple[str, str]:
    """Return a bearer token of the guarantor's system, without a rate that matters, and a guarantee's reference."""
    from xinshu.accounts.models import Member
    from xinshu.core.clock import now
    from xinshu.guarantees.models import Guarantee
    from xinshu.integrations.actions.keys import issue_key
    from xinshu.integrations.models import ApiClient

    client = ApiClient.objects.select_related("principal").get(name="担保业务系统")
    by = Member.objects.get(user__username="orgadmin", organisation=client.organisation_id)
    _key, token = issue_key(client, kind="bearer", by=by, at=now())
    ApiClient.objects.filter(pk=client.pk).update(per_minute=60_000_000, networks=[])
    found = Guarantee.objects.filter(guarantor=client.organisation_id, state="in_force").first()
    assert found is not None
    return token, found.reference


def signing(path: str) -> Callable[[], str]:
    """Return what makes a fresh signature for each call."""
    import secrets

    from xinshu.accounts.models import Member
    from xinshu.core.clock import now
    from xinshu.integrations import signing as signatures
    from xinshu.integrations.actions.keys import issue_key
    from xinshu.integrations.models import ApiClient

    client = ApiClient.objects.get(name="担保业务系统")
    by = Member.objects.get(user__username="orgadmin", organisation=client.organisation_id)
    key, secret = issue_key(client, kind="hmac", by=by, at=now())
    ApiClient.objects.filter(pk=client.pk).update(per_minute=60_000_000)
    return lambda: signatures.authorization(
        signatures.HMAC_SM3, key.code, secret, "GET", path, timestamp=int(time.time()), nonce=secrets.token_hex(8)
    )


def an_application() -> Any:
    """Return our WSGI application with one page more, that says hello."""
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpResponse
    from django.urls import path

    from xinshu.config import urls

    urls.urlpatterns.append(path("bench-hello/", lambda request: HttpResponse("hello"), name="bench"))
    return WSGIHandler()


def call(handler: Any, path: str, prove: str | Callable[[], str]) -> bytes:
    """Ask once, as a server would."""
    told: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "bench", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(), "HTTP_AUTHORIZATION": prove if isinstance(prove, str) else prove(),
    }  # fmt: skip
    response = handler(environ, lambda status, headers, *_more: told.append(status))
    body = b"".join(response)
    response.close()
    assert told[0].startswith("200"), (path, told[0], body[:300])
    return body


def by_hand(sql: list[str]) -> None:
    """Run the same statements and write what they found as JSON."""
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in sql:
            cursor.execute(statement)
            if statement.startswith("SELECT"):
                json.dumps(cursor.fetchall(), default=str)


def per_second(run: Callable[[], object]) -> tuple[float, float]:
    """Return how often `run` runs in a second of this process's CPU, and by the clock; after a warm-up."""
    for _turn in range(20):
        run()
    begun, busy, turns = time.perf_counter(), time.process_time(), 0
    while (passed := time.perf_counter() - begun) < SECONDS:
        run()
        turns += 1
    return round(turns / (time.process_time() - busy), 1), round(turns / passed, 1)
