"""A trial (试采): one page of the list and one notice are read and shown. Nothing of them is kept."""

import time
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from django.utils.translation import gettext as _

from xinshu.collecting.asking import Answer, Unanswered, ask
from xinshu.collecting.hosts import allows, delay_of, give_turn, host_for, keep_robots, knows_robots, take_turn
from xinshu.collecting.reading.lists import Listed, ListPage, Page, Unreadable
from xinshu.collecting.reading.readers import READERS
from xinshu.collecting.reading.recipes import Recipe
from xinshu.tenders.reading.facts import CODES
from xinshu.tenders.reading.pages import read_page

SHOWN = 8  # notices of the list
PREVIEW = 600  # characters of a text
LONGEST_WAIT = 3.0  # seconds that a person waits between two requests


@dataclass(frozen=True)
class Trial:
    """What would be read. `problem`: why it cannot be switched on like this; "" when it can."""

    problem: str = ""
    found: ListPage | None = None
    notice: Listed | None = None
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    answered: str = ""  # the beginning of a page that was not read

    @property
    def shown(self) -> tuple[Listed, ...]:
        """The first notices of the list."""
        return self.found.listed[:SHOWN] if self.found else ()


class _Stopped(Exception):
    def __init__(self, problem: str, answer: Answer | None = None) -> None:
        super().__init__(problem)
        self.problem, self.answer = problem, answer


def try_out(recipe: Recipe, delay_seconds: int, at: datetime) -> Trial:
    """Read one page of the list and its first notice, as politely as a run does."""
    found, notice = None, None
    try:
        page = _asked(recipe.page(recipe.first_page), delay_seconds, at)
        try:
            found = READERS[recipe.kind].list_of(page, recipe)
        except Unreadable:
            return Trial(_("列表页不是所设的格式，没有读懂。"), answered=page.text[:PREVIEW])
        if not found.listed:
            return Trial(_("列表里没有读到公告，请核对条目、标题和链接的写法。"), found, answered=page.text[:PREVIEW])
        notice = found.listed[0]
        body = notice.body or _body(notice, recipe, delay_seconds, at)
    except _Stopped as stopped:
        answered = stopped.answer.content[:PREVIEW].decode("utf-8", "replace") if stopped.answer else ""
        return Trial(stopped.problem, found, notice, answered=answered.replace("\0", ""))
    if not body.strip():
        return Trial(_("公告里没有读到正文，请核对正文的写法。"), found, notice)
    reading = read_page(body, notice.title)
    facts = tuple((str(CODES.get(fact.code, fact.code)), reading.text[fact.start : fact.end]) for fact in reading.facts)
    return Trial("", found, notice, reading.text[:PREVIEW], facts[:SHOWN])


def _body(notice: Listed, recipe: Recipe, delay_seconds: int, at: datetime) -> str:
    if not notice.url:
        return ""
    page = _asked(notice.url, delay_seconds, at)
    try:
        return READERS[recipe.kind].body_of(page, recipe)
    except Unreadable:
        return ""


def _asked(address: str, delay_seconds: int, at: datetime) -> Page:
    host = host_for(address, at)
    if not take_turn(host, at):
        raise _Stopped(_("站点正在被访问或在间隔时间内，请稍后再试。"))
    try:
        if not knows_robots(host, at):
            keep_robots(host, _silent(urljoin(address, "/robots.txt")), at)
        if not allows(host, address):
            told = _("站点的 robots 规则不允许抓取这个网址。")
            raise _Stopped(told if host.robots_status == 200 else _("站点的 robots 规则现在读不到，按不允许处理。"))
        pause = delay_of(host, delay_seconds)
        time.sleep(min(pause, LONGEST_WAIT))
        try:
            answer = ask(address)
        except Unanswered as silence:
            raise _Stopped(silence.message) from None
    finally:
        give_turn(host, at, 0)
    if answer.status != 200:
        raise _Stopped(_("来源答复 %(status)d：%(url)s") % {"status": answer.status, "url": address}, answer)
    return Page(answer.address, answer.content, answer.content_type)


def _silent(address: str) -> Answer | None:
    try:
        return ask(address)
    except Unanswered:
        return None
