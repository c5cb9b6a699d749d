"""A house with two account managers and a head, and announcements that come in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.tests.conftest import member_with
from xinshu.core.clock import moved_to
from xinshu.ledger.worker import drain
from xinshu.subscriptions.actions.subscriptions import Content, write_subscription
from xinshu.subscriptions.models import Subscription
from xinshu.tenders.actions.intake import Delivery, take_in
from xinshu.tenders.models import Announcement

TITLE = "临港新区海棠大道道路工程施工招标公告"
BODY = "项目名称：海棠大道道路工程\n投标人须具备市政公用工程施工总承包二级及以上资质。\n不要求监理单位参加。"


class House:
    """One guarantor and its people."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.manager = member_with("manager", kind="guarantor", username="lin")
        self.organisation: Organisation = self.manager.organisation
        self.colleague = member_with("manager", username="sun", organisation=self.organisation)
        self.head = member_with("director", username="tou", organisation=self.organisation)
        self.stranger = member_with("manager", kind="bank", username="wai")

    def subscribe(
        self, line: str = "道路 施工", *, by: Member | None = None, name: str = "", **more: Any
    ) -> Subscription:
        count = Subscription.objects.count()
        content = Content(name or f"订阅 {count}", line, **more)
        return write_subscription(content, by=by or self.manager, at=self.at)

    def arrives(self, title: str = TITLE, body: str = BODY, *, source_id: str = "", **more: Any) -> Announcement:
        """Let a notice come in, and the worker do its part."""
        body = f"{body}\n编号：GG-{Announcement.objects.count()}"
        told = Delivery(title, body, source_id=source_id, published_at=self.at, **more)
        made = take_in(told, by=self.manager, at=self.at, entered_by=self.organisation)
        drain(at=self.at + timedelta(minutes=1))
        return Announcement.objects.get(pk=made.pk)


@pytest.fixture
def house(db: None, at: datetime) -> House:
    return House(at)


@pytest.fixture
def browser_of(at: datetime, sign_in: Callable[[Member], Any]) -> Any:
    """Sign somebody in, an hour after the acts of the house."""
    with moved_to(at + timedelta(hours=1)):
        yield sign_in
