"""Guarantees in numbers: batch issue with one worker, one act against its own SQL, the register at 1,000,000 rows.

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
ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
FEW, VISITS = 1_000, 40

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
    """Open a house's register while the city's holds FEW rows and when it holds ROWS; p95 and query counts.

    In the million: 200 houses, 20,000 applicants, a project for every five; one house holds three in ten.
    """
    small, great = houses_for_registers()
    fill_register(FEW, small, great)
    first = visited(small)
    yield {"figure": f"register page in {FEW:,} guarantees, p95", "unit": "ms", "limit": None, **first}
    fill_register(ROWS - FEW, small, great)
    for name, member in (("a house of 1,000", small), ("a house of three in ten", great)):
        seen = visited(member)
        yield {"figure": f"register page in {ROWS:,}, {name}, p95", "unit": "ms", "limit": None, **seen}
        yield {
            "figure": f"register page in {ROWS:,}, {name} / in {FEW:,}",
            "value": round(seen["value"] / first["value"], 2),
            "unit": "ratio",
            "limit": 2,
        }


def visited(member: Any) -> dict[str, Any]:
    """Return p95 in ms of VISITS to the register by `member`, its rows and how many queries one visit asks."""
    from django.db import connection
    from django.test import Client

    from xinshu.guarantees.models import Guarantee

    client = Client(headers={"host": "localhost"})
    client.force_login(member.user)
    session = client.session
    session["member"] = member.pk
    session.save()
    asked: list[str] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        answer = client.get("/guarantees/")
    assert answer.status_code == 200, answer.status_code
    times = [timed_get(client, "/guarantees/") for _visit in range(VISITS)]
    held = Guarantee.objects.filter(guarantor=member.organisation).count()
    return {"value": round(statistics.quantiles(times, n=20)[18] * 1000, 1), "queries": len(asked), "held": held}


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
    from xinshu.guarantees.demo.cast import WAN, prepare_guarantors

    prepare_guarantors(now(), admits_unverified=True)
    return Desk(a_member("manager"), a_member("signer"), 50_000 * WAN)


def awards(mark: str, count: int) -> list[Any]:
    """Return invented awards: every fifth winner is a consortium, thirty buyers, one winner in three wins again."""
    from xinshu.tenders.reading.labels import Award

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


def houses_for_registers() -> list[Any]:
    """Return a manager each of a small house and of a great one."""
    from xinshu.accounts.actions.membership import create_organisation, join_organisation, open_account
    from xinshu.core.actors import SYSTEM
    from xinshu.core.clock import now

    at, managers = now(), []
    for name in ("small", "great"):
        house = create_organisation(f"测试{name}担保有限公司", "guarantor", code=None, by=SYSTEM, at=at)
        user = open_account(f"bench-{name}", "!", name="测试", by=SYSTEM, at=at)
        managers.append(join_organisation(user, house, ["manager"], by=SYSTEM, at=at))
    return managers


def fill_register(count: int, small: Any, great: Any) -> None:
    """Write `count` guarantees in bulk: the first FEW of all are the small house's, three in ten the great one's."""
    from django.db import connection

    from xinshu.accounts.models import Organisation
    from xinshu.core.clock import now
    from xinshu.guarantees.models import Guarantee
    from xinshu.projects.models import Project

    at, begun = now(), Guarantee.objects.count()
    like = Project.objects.order_by("pk").first()
    assert like is not None
    houses = Organisation.objects.bulk_create(
        Organisation(name=f"批量{begun}-{n}担保有限公司", kind="guarantor") for n in range(min(200, count // FEW // 2))
    )
    firms = Organisation.objects.bulk_create(
        [Organisation(name=f"批量{begun}-{n}建设有限公司", kind="enterprise") for n in range(max(20, count // 50))],
        batch_size=5_000,
    )
    works = Project.objects.bulk_create(
        [
            Project(
                name=f"批量{begun}-{n}标段", number=f"B{begun}-{n}", kind="municipal", region_code="339900",
                state=like.state, award_amount=like.award_amount, buyer_id=like.buyer_id,
                registered_by_id=firms[n % len(firms)].pk, created_at=at,
            )
            for n in range(count // 5)
        ],
        batch_size=5_000,
    )  # fmt: skip
    states = ("in_force", "expired", "in_review", "draft", "released", "fee_due")

    def house_of(n: int) -> Any:
        if not houses:
            return small.organisation
        return great.organisation if n % 10 < 3 else houses[n // 10 % len(houses)]

    for start in range(0, count, 5_000):
        Guarantee.objects.bulk_create(
            a_row(begun + n, states[n % 6], house_of(n), firms[n * 7 % len(firms)], works[n % len(works)], at)
            for n in range(start, min(start + 5_000, count))
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def a_row(n: int, state: str, guarantor: Any, applicant: Any, project: Any, at: Any) -> Any:
    from xinshu.guarantees.models import Guarantee

    alive, over = state == "in_force", state in ("expired", "released")
    amount = 10_000_000 + n
    return Guarantee(
        kind="performance", state=state, applicant=applicant, guarantor=guarantor,
        beneficiary_id=project.buyer_id, project=project,
        amount=amount, first_amount=amount if alive or over else None,
        number=f"BN{guarantor.pk}-{n:07d}" if alive or over else None,
        issued_at=at if alive or over else None,
        available_amount=amount if alive else 0, lapsed_amount=amount if over else 0, fee_amount=50_000,
        effective_on=date(2026, 1, 1), expires_on=date(2026, 12, 1) + timedelta(days=n % 400), on_behalf=True,
        created_at=at, changed_at=at - timedelta(seconds=n % 10_000_000),
    )  # fmt: skip
