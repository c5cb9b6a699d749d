"""Guarantees in numbers: batch issue with one worker, one act against its own SQL, the register at 100,000 rows.

Runs on SQLite and, where there is one, on PostgreSQL (XINSHU_DATABASE_URL).
"""

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

BATCH = int(os.environ.get("BENCH_BATCH", "200"))
ACTS = int(os.environ.get("BENCH_ACTS", "300"))
ROWS = int(os.environ.get("BENCH_ROWS", "100000"))
VISITS = 40

Figure = dict[str, Any]


def main() -> Iterator[Figure]:
    """Measure on a fresh database with the demo's guarantors and invented awards."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    database = connection.vendor
    for figures in (batch_issue, act_against_sql, register_page):
        for figure in figures():
            yield {"database": database, **figure}


def batch_issue() -> Iterator[Figure]:
    """Carry BATCH awards from notice to sealed letter with one worker, and tell where the time goes."""
    from xinshu.core.clock import now
    from xinshu.guarantees.awards import importing
    from xinshu.ledger.sealing import seal
    from xinshu.ledger.worker import drain

    desk = a_desk()
    spent: dict[str, float] = defaultdict(float)
    for award in awards("warm", 3):
        importing.carry_through(importing.performance_guarantee(importing.take_in(award, desk)[0], desk), desk)
    drain()
    begun = time.perf_counter()
    projects = [
        timed(spent, "project, customer, line", importing.take_in, award, desk)[0] for award in awards("b", BATCH)
    ]
    steps = importing.STEPS
    importing.STEPS = {state: timing(spent, f"step {state}", step) for state, step in steps.items()}
    issuing = time.perf_counter()
    for project in projects:
        case = timed(spent, "start", importing.performance_guarantee, project, desk)
        importing.carry_through(case, desk)
    issued = time.perf_counter() - issuing
    importing.STEPS = steps
    timed(spent, "deliveries: notices", drain)
    timed(spent, "sealing the ledger", seal, now())
    whole = time.perf_counter() - begun
    yield {
        "figure": "batch issue, application to sealed letter",
        "value": round(BATCH / issued, 1),
        "unit": "/s",
        "limit": 20,
    }
    yield {
        "figure": "batch issue with project, notices, ledger",
        "value": round(BATCH / whole, 1),
        "unit": "/s",
        "limit": 20,
    }
    for name, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        yield {
            "figure": f"batch issue: {name}",
            "value": round(seconds / BATCH * 1000, 2),
            "unit": "ms each",
            "limit": None,
        }


def act_against_sql() -> Iterator[Figure]:
    """Return applications through the real action, then replay the very statements without the ORM."""
    from django.db import connection, transaction

    from xinshu.core.clock import now
    from xinshu.guarantees.actions.approval import return_application
    from xinshu.guarantees.models import Guarantee

    reviewer = a_member("reviewer")
    cases = referred(2 * ACTS)
    statements: list[list[tuple[str, Any]]] = []
    for case in cases[:ACTS]:
        heard: list[tuple[str, Any]] = []

        def listen(execute: Any, sql: str, params: Any, many: bool, context: Any, heard: Any = heard) -> Any:
            heard.append((sql, params))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(listen), transaction.atomic():
            return_application(case, by=reviewer, at=now(), reason="请补充中标通知书原件。")
            transaction.set_rollback(True)
        statements.append(
            [(sql, params) for sql, params in heard if not sql.startswith(("BEGIN", "SAVEPOINT", "RELEASE"))]
        )
    fresh = [Guarantee.objects.get(pk=case.pk) for case in cases[ACTS:]]
    by_hand, by_action = 0.0, 0.0
    for first in range(0, ACTS, 20):  # in turns, so that a busy moment of the machine touches both
        begun = time.perf_counter()
        for told in statements[first : first + 20]:
            replay(told)
        by_hand += time.perf_counter() - begun
        begun = time.perf_counter()
        for case in fresh[first : first + 20]:
            return_application(case, by=reviewer, at=now(), reason="请补充中标通知书原件。")
        by_action += time.perf_counter() - begun
    by_hand, by_action = ACTS / by_hand, ACTS / by_action
    yield {
        "figure": "five-beat act",
        "value": round(by_action),
        "unit": "/s",
        "limit": round(by_hand),
        "statements": len(statements[0]),
    }
    yield {
        "figure": "five-beat act / its SQL by hand",
        "value": round(by_action / by_hand, 2),
        "unit": "ratio",
        "limit": 0.5,
    }


def replay(told: list[tuple[str, Any]]) -> None:
    """Run captured statements in one transaction; what refers to the entry's id follows the id that it gets now."""
    from django.db import connection, transaction

    told_id: int | None = None
    new_id: int | None = None
    with transaction.atomic(), connection.cursor() as cursor:
        for sql, params in told:
            if new_id is not None and "ledger_delivery" in sql:
                told_id = told_id or max(value for value in params if isinstance(value, int))
                params = tuple(new_id if value == told_id else value for value in params)
            cursor.execute(sql, params)
            rows = cursor.fetchall() if cursor.description else []
            if sql.startswith("INSERT") and '"ledger_entry"' in sql:
                new_id = rows[0][0]


def register_page() -> Iterator[Figure]:
    """Open the register of a guarantor with 100 and with ROWS guarantees; p95 and query counts."""
    from django.db import connection
    from django.test import Client

    few, many = registers((100, ROWS))
    p95: dict[int, float] = {}
    for size, member in ((100, few), (ROWS, many)):
        client = Client(headers={"host": "localhost"})
        client.force_login(member.user)
        session = client.session
        session["member"] = member.pk
        session.save()
        asked: list[str] = []

        def listen(execute: Any, sql: str, params: Any, many: bool, context: Any, asked: Any = asked) -> Any:
            asked.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(listen):
            answer = client.get("/guarantees/")
        assert answer.status_code == 200, answer.status_code
        times = [timed_get(client, "/guarantees/") for _visit in range(VISITS)]
        p95[size] = statistics.quantiles(times, n=20)[18] * 1000
        yield {
            "figure": f"register page, {size:,} guarantees, p95",
            "value": round(p95[size], 1),
            "unit": "ms",
            "limit": None,
            "queries": len(asked),
        }
    yield {
        "figure": f"register page, {ROWS:,} / 100",
        "value": round(p95[ROWS] / p95[100], 2),
        "unit": "ratio",
        "limit": 2,
    }


def timed_get(client: Any, path: str) -> float:
    begun = time.perf_counter()
    client.get(path)
    return time.perf_counter() - begun


def timed(spent: dict[str, float], name: str, act: Callable[..., Any], *args: Any) -> Any:
    begun = time.perf_counter()
    try:
        return act(*args)
    finally:
        spent[name] += time.perf_counter() - begun


def timing(spent: dict[str, float], name: str, act: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: timed(spent, name, act, *args)


def a_member(username: str) -> Any:
    from xinshu.accounts import demo
    from xinshu.accounts.models import Member

    found = Member.objects.select_related("user", "organisation")
    return found.get(user__username=username, organisation__name=demo.GUARANTOR)


def a_desk() -> Any:
    from xinshu.core.clock import now
    from xinshu.guarantees.awards.importing import Desk
    from xinshu.guarantees.demo import WAN, prepare_guarantors

    prepare_guarantors(now())
    return Desk(a_member("manager"), a_member("signer"), 50_000 * WAN)


def awards(mark: str, count: int) -> list[Any]:
    """Return invented awards: every fifth winner is a consortium, thirty buyers, one winner in three wins again."""
    from xinshu.guarantees.awards.reading import Award

    return [
        Award(
            notice_id=f"{mark}{n}", title=f"{mark}{n}", lot_number=f"{mark.upper()}-{n:06d}",
            lot_name=f"测试县道路改造工程第{n}标段", buyer=f"测试第{n % 30}建设管理中心", agency="测试招标代理有限公司",
            winners=(f"测试第{n % 70}建设有限公司", "测试设计院有限公司")[: 2 if n % 5 == 0 else 1],
            amount=(300 + n * 7 % 4000) * 1_000_000 + n, contract_days=180, site="测试县", region_code="339900",
            published="2026-11-20", qualification="市政公用工程施工总承包一级", safety_licence="",
        )
        for n in range(count)
    ]  # fmt: skip


def referred(count: int) -> list[Any]:
    """Return `count` applications that wait for the reviewer, made through the actions."""
    from xinshu.core.clock import local_day, now
    from xinshu.core.money import share
    from xinshu.guarantees.actions.application import edit_application, submit_application
    from xinshu.guarantees.actions.approval import review_automatically
    from xinshu.guarantees.awards import importing
    from xinshu.guarantees.models import Authority

    desk = a_desk()
    Authority.objects.filter(guarantor=desk.guarantor).update(auto_amount=0)
    cases, start = [], local_day(now()) + timedelta(days=1)
    for award in awards("r", count):
        case = importing.performance_guarantee(importing.take_in(award, desk)[0], desk)
        amount = share(award.amount, 1) // 10
        case = edit_application(
            case, by=desk.manager, at=now(), amount=amount, effective_on=start, expires_on=start + timedelta(days=200)
        )
        case = review_automatically(submit_application(case, by=desk.manager, at=now()), at=now())
        assert case.state == "in_review", case.state
        cases.append(case)
    Authority.objects.filter(guarantor=desk.guarantor).update(auto_amount=1_000_000_000)
    return cases


def registers(sizes: tuple[int, int]) -> list[Any]:
    """Return a manager for each size, of a guarantor of its own with that many guarantees, written in bulk."""
    from django.db import connection

    from xinshu.accounts.actions.membership import create_organisation, join_organisation, open_account
    from xinshu.accounts.models import Organisation
    from xinshu.core.actors import SYSTEM
    from xinshu.core.clock import now
    from xinshu.guarantees.models import Guarantee
    from xinshu.projects.models import Project

    at, managers = now(), []
    project = Project.objects.order_by("pk").first()
    applicants = list(Organisation.objects.filter(kind="enterprise")[:50])
    assert project is not None
    for size in sizes:
        guarantor = create_organisation(f"测试{size}担保有限公司", "guarantor", code=None, by=SYSTEM, at=at)
        user = open_account(f"bench{size}", "!", name="测试", by=SYSTEM, at=at)
        managers.append(join_organisation(user, guarantor, ["manager"], by=SYSTEM, at=at))
        states = ("in_force", "expired", "in_review", "draft", "released", "fee_due")
        for first in range(0, size, 5000):
            Guarantee.objects.bulk_create(
                a_row(n, states[n % 6], guarantor, applicants[n % len(applicants)], project, at)
                for n in range(first, min(first + 5000, size))
            )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return managers


def a_row(n: int, state: str, guarantor: Any, applicant: Any, project: Any, at: Any) -> Any:
    from xinshu.guarantees.models import Guarantee

    alive, over = state == "in_force", state in ("expired", "released")
    amount = 10_000_000 + n
    return Guarantee(
        kind="performance", state=state, applicant=applicant, guarantor=guarantor,
        beneficiary=project.buyer, project=project,
        amount=amount, number=f"BN{guarantor.pk}-{n:07d}" if alive or over else None,
        issued_at=at if alive or over else None,
        available_amount=amount if alive else 0, lapsed_amount=amount if over else 0, fee_amount=50_000,
        effective_on=date(2026, 1, 1), expires_on=date(2026, 12, 1) + timedelta(days=n % 400), on_behalf=True,
        created_at=at, changed_at=at - timedelta(minutes=n),
    )  # fmt: skip
