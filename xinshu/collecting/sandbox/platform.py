"""One invented bidding platform with four faces: a JSON interface, HTML pages, a feed, OCDS releases."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from xinshu.core.clock import CHINA

PER_PAGE = 10


@dataclass(frozen=True)
class Notice:
    """A notice as the platform has it. `lines`: its text, a label and a value each."""

    id: str
    title: str
    at: datetime
    lines: tuple[tuple[str, str], ...]
    category: str = "award"
    region_code: str = "990100"

    @property
    def day(self) -> str:
        return f"{self.at.astimezone(CHINA):%Y-%m-%d}"

    @property
    def html(self) -> str:
        """The body as the platform publishes it."""
        rows = "".join(f"<tr><td>{escape(label)}</td><td>{escape(value)}</td></tr>" for label, value in self.lines)
        return f'<div class="con"><p>{escape(self.title)}</p><table>{rows}</table><p>公告日期：{self.day}</p></div>'

    def said(self, label: str) -> str:
        """Return the value of a line."""
        return next((value for name, value in self.lines if name == label), "")


@dataclass(frozen=True)
class Said:
    """An answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Platform:
    """A platform under `base`, the path at which it lives. What goes wrong is set by whoever plays with it."""

    notices: Callable[[], Sequence[Notice]]
    base: str = ""
    robots: str = "User-agent: *\nDisallow: /private/\n"
    broken: dict[str, int] = field(default_factory=dict)  # path: the status that it answers with
    redirects: dict[str, str] = field(default_factory=dict)
    drifted: bool = False  # the list has new class names, the interface new field names
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def answer(self, target: str, headers: Mapping[str, str] | None = None) -> Said:
        """Return what the platform says of a path with its query."""
        parts = urlsplit(target)
        told = {name.lower(): value for name, value in (headers or {}).items()}
        self.asked.append((target, told))
        path = parts.path
        if path in self.redirects:
            return Said(302, headers={"Location": self.redirects[path]})
        if path in self.broken:
            return Said(self.broken[path], "<h1>出错了</h1>".encode(), {"Content-Type": "text/html; charset=utf-8"})
        if path == "/robots.txt":
            return Said(200, self.robots.encode(), {"Content-Type": "text/plain"})
        query = parse_qs(parts.query)
        number = int(query.get("page", ["1"])[0])
        said = self._face(path.removeprefix(self.base), number)
        if said is None:
            return Said(404, "<h1>页面不存在</h1>".encode(), {"Content-Type": "text/html; charset=utf-8"})
        kind, body = said
        etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:16]}"'
        if told.get("if-none-match") == etag:
            return Said(304, headers={"ETag": etag})
        return Said(200, body.encode(), {"Content-Type": kind, "ETag": etag})

    def _face(self, path: str, number: int) -> tuple[str, str] | None:
        rows = sorted(self.notices(), key=lambda one: (one.at, one.id), reverse=True)
        listed = rows[(number - 1) * PER_PAGE : number * PER_PAGE]
        more = len(rows) > number * PER_PAGE
        by_id = {one.id: one for one in rows}
        name = path.rpartition("/")[2].partition(".")[0]
        if path == "/api/notices":
            return "application/json", self._json_list(listed, len(rows))
        if path.startswith("/api/notices/") and name in by_id:
            one = by_id[name]
            return "application/json", json.dumps(
                {"id": one.id, "title": one.title, "html": one.html}, ensure_ascii=False
            )
        if path == "/list.html":
            return "text/html; charset=utf-8", self._html_list(listed, number, more)
        if path.startswith("/notice/") and name in by_id:
            return "text/html; charset=utf-8", _html(by_id[name].title, by_id[name].html)
        if path == "/feed.xml":
            return "application/rss+xml", self._feed(listed)
        if path == "/releases.json":
            return "application/json", self._releases(listed, number, more)
        return None

    def _json_list(self, rows: Sequence[Notice], total: int) -> str:
        name = "rows" if self.drifted else "records"
        told = [
            {"id": one.id, "source": "yunzhou", "category": one.category, "title": one.title,
             "region_code": one.region_code, "region": "市本级", "published": one.day}
            for one in rows
        ]  # fmt: skip
        return json.dumps({"code": 0, "data": {"total": total, name: told}}, ensure_ascii=False)

    def _html_list(self, rows: Sequence[Notice], number: int, more: bool) -> str:
        row = "feed-card" if self.drifted else "ewb-list-node"
        told = "".join(
            f'<li class="{row}"><a href="{self.base}/notice/{one.id}.html" title="{escape(one.title)}">'
            f"{escape(one.title[:18])}…</a><span>{one.day}</span></li>"
            for one in rows
        )
        following = f'<a class="next" href="{self.base}/list.html?page={number + 1}">下页</a>' if more else ""
        return _html("交易信息", f"<ul>{told}</ul>{following}")

    def _feed(self, rows: Sequence[Notice]) -> str:
        told = "".join(
            f"<item><guid>{one.id}</guid><title>{escape(one.title)}</title>"
            f"<link>{self.base}/notice/{one.id}.html</link><pubDate>{format_datetime(one.at)}</pubDate>"
            f"<description>{escape(one.html)}</description></item>"
            for one in rows
        )
        head = '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>公告</title>'
        return f"{head}{told}</channel></rss>"

    def _releases(self, rows: Sequence[Notice], number: int, more: bool) -> str:
        releases: list[dict[str, Any]] = []
        for one in rows:
            base = {"ocid": f"ocds-demo00-{one.id}", "initiationType": "tender"}
            day = one.at.isoformat()
            releases.append({
                **base, "id": f"{one.id}-1", "date": day, "tag": ["tender"], "buyer": {"name": one.said("招标人")},
                "tender": {"id": one.said("项目编号"), "title": one.said("项目名称"), "description": one.said("其他")},
            })  # fmt: skip
            if one.category == "award":
                releases.append({
                    **base, "id": f"{one.id}-2", "date": day, "tag": ["award"],
                    "awards": [{"id": "1", "date": day, "status": "active", "suppliers": [{"name": one.said("中标人")}],
                                "value": {"amount": int(one.said("中标价").replace(",", "").removesuffix(".00元")),
                                          "currency": "CNY"}}],
                })  # fmt: skip
        links = {"next": f"{self.base}/releases.json?page={number + 1}"} if more else {}
        return json.dumps({"version": "1.1", "releases": releases, "links": links}, ensure_ascii=False)


def _html(title: str, body: str) -> str:
    return f"<!DOCTYPE html><html lang='zh'><head><meta charset='utf-8'><title>{escape(title)}</title></head><body>{body}</body></html>"  # noqa: E501
