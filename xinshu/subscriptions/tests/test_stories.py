"""A subscription finds what comes in from then on; its person is told once; what it is worth is counted."""

from datetime import timedelta

import pytest

from xinshu.accounts.tests.conftest import member_with
from xinshu.admission.models import Carry, Tag
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.enterprises.actions import enterprise_of
from xinshu.enterprises.models import Relation
from xinshu.ledger.models import Delivery, Entry
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice
from xinshu.subscriptions.actions.matches import compare, convert, judge
from xinshu.subscriptions.actions.subscriptions import (
    MOST,
    Content,
    edit_subscription,
    switch_off,
    switch_on,
    write_subscription,
)
from xinshu.subscriptions.models import Compared, Hit, Subscription
from xinshu.subscriptions.store import STORE, Store
from xinshu.subscriptions.tasks import compare_announcement, keep_ninety_days, tell_subscribers
from xinshu.subscriptions.tests.conftest import BODY, TITLE, House
from xinshu.tenders.models import Announcement, Opportunity

pytestmark = [pytest.mark.django_db, pytest.mark.req("BH-14")]


def told(member: object) -> list[str]:
    return list(Notice.objects.filter(member=member).values_list("text", flat=True))


def test_what_comes_in_is_found_with_score_and_reasons_and_its_person_is_told(house: House) -> None:
    row = house.subscribe("(道路 or 桥梁) 施工 not 设计", name="市政道路", qualifications=("市政公用工程",))

    notice = house.arrives()

    hit = Hit.objects.get()
    assert (hit.subscription, hit.announcement, hit.score) == (row, notice, 80)
    assert hit.reasons == {"words": [["市政公用工程", False], ["施工", True], ["道路", True]], "met": [], "untold": []}
    assert told(house.manager) == [f"订阅“市政道路”高度匹配（80 分）：{TITLE}"]
    assert told(house.colleague) == told(house.stranger) == []


def test_what_does_not_meet_it_is_not_found(house: House) -> None:
    house.subscribe("道路 not 监理")

    house.arrives()

    assert not Hit.objects.exists()
    assert told(house.manager) == []
    assert Compared.objects.get().matched == 0


def test_several_subscriptions_of_one_person_make_one_notice(house: House) -> None:
    house.subscribe("海棠大道", name="海棠")
    house.subscribe("资质", name="资质")
    house.subscribe("道路", by=house.colleague, name="别人的")

    house.arrives()

    assert Hit.objects.count() == 3
    assert told(house.manager) == [f"订阅“海棠等 2 条”有新公告（70 分）：{TITLE}"]
    assert told(house.colleague) == [f"订阅“别人的”有新公告（70 分）：{TITLE}"]


def test_filters_narrow_by_kind_region_trade_and_amount(house: House) -> None:
    for name, more in (
        ("类型对", {"kinds": ("tender",)}), ("类型不对", {"kinds": ("award",)}),
        ("省对", {"regions": ("330000",)}), ("市不对", {"regions": ("3302",)}),
        ("行业对", {"trades": ("E",)}), ("行业不对", {"trades": ("I65",)}),
        ("金额没写明", {"least_amount": 1}), ("金额要写明", {"least_amount": 1, "unsure": False}),
        ("分数不够", {"least_score": 90}),
    ):  # fmt: skip
        house.subscribe("道路", name=name, **more)

    house.arrives(region_code="330102")

    found = {hit.subscription.name: hit.score for hit in Hit.objects.select_related("subscription")}
    assert found == {"类型对": 70, "省对": 75, "行业对": 75, "金额没写明": 60}


def test_a_customer_with_the_tag_is_found_in_the_notice(house: House) -> None:
    firm = member_with("applicant", kind="enterprise").organisation
    Relation.objects.create(
        guarantor=house.organisation, enterprise=enterprise_of(firm), manager=house.colleague, since=house.at
    )
    tag = Tag.objects.create(
        house=house.organisation, name="重点客户", origin="person", keeper=house.manager, created_at=house.at,
        changed_at=house.at, state="on",
    )  # fmt: skip
    Carry.objects.create(tag=tag, firm=firm, since=house.at, given_by="x")
    house.subscribe("", name="重点客户中标", tags=(tag.pk,))

    house.arrives("白杨路改造工程中标结果公告", f"项目名称：白杨路改造工程\n中标人：{firm.name}\n中标价：200万元")
    house.arrives("另一个工程中标结果公告", "项目名称：另一个工程\n中标人：云州无关建设有限公司\n中标价：200万元")

    assert [hit.announcement.title for hit in Hit.objects.all()] == ["白杨路改造工程中标结果公告"]


def test_whoever_hears_of_the_award_as_business_of_a_customer_hears_of_it_once(house: House) -> None:
    firm = member_with("applicant", kind="enterprise").organisation
    Relation.objects.create(
        guarantor=house.organisation, enterprise=enterprise_of(firm), manager=house.manager, since=house.at
    )
    house.subscribe("白杨路", name="白杨")
    house.subscribe("白杨路", by=house.colleague, name="白杨")

    house.arrives("白杨路改造工程中标结果公告", f"项目名称：白杨路改造工程\n中标人：{firm.name}\n中标价：200万元")

    assert Opportunity.objects.filter(house=house.organisation).count() == 1
    assert [text[:4] for text in told(house.manager)] == [firm.name[:4]]
    assert len(told(house.colleague)) == 1
    assert Hit.objects.count() == 2


def test_a_new_version_is_compared_once_and_tells_only_whom_it_newly_meets(house: House) -> None:
    house.subscribe("道路", name="旧")
    house.subscribe("桥梁", name="新")
    house.arrives(source_id="N-1")

    notice = house.arrives("临港新区海棠大道桥梁工程施工招标公告", BODY + "\n桥梁两座。", source_id="N-1")

    hits = {hit.subscription.name: (hit.first, hit.number) for hit in Hit.objects.select_related("subscription")}
    assert hits == {"旧": (1, 2), "新": (2, 2)}
    assert Compared.objects.get().number == notice.latest == 2
    assert len(told(house.manager)) == 1  # of one announcement once, whatever its versions
    assert Entry.objects.filter(kind="announcement.compared").count() == 2


def test_running_again_repeats_nothing(house: House) -> None:
    house.subscribe("道路")
    notice = house.arrives()
    before = (Hit.objects.count(), Entry.objects.count(), Notice.objects.count())

    compare(notice, at=house.at)
    for entry in Entry.objects.filter(kind="announcement.taken"):
        compare_announcement(entry)
    for entry in Entry.objects.filter(kind="announcement.compared"):
        tell_subscribers(entry)

    assert (Hit.objects.count(), Entry.objects.count(), Notice.objects.count()) == before


def test_a_crash_between_finding_and_telling_loses_nothing(house: House) -> None:
    house.subscribe("道路")
    house.arrives()
    Notice.objects.all().delete()
    Delivery.objects.filter(reaction__endswith="tell_subscribers").update(
        state="waiting", leased_until=None, due_at=house.at
    )

    drain(at=house.at + timedelta(hours=1))

    assert len(told(house.manager)) == 1


def test_new_changed_and_switched_off_subscriptions_count_from_the_next_announcement_on(house: House) -> None:
    other = Store()  # another process
    row = house.subscribe("道路", name="一")
    assert (len(STORE.current()), len(other.current())) == (1, 1)

    row = edit_subscription(row, Content("一", "桥梁"), by=house.manager, at=house.at)
    house.arrives()
    assert not Hit.objects.exists()

    row = edit_subscription(row, Content("一", "海棠"), by=house.manager, at=house.at)
    row = switch_off(row, by=house.manager, at=house.at)
    house.arrives("海棠大道二期招标公告")
    assert not Hit.objects.exists()
    assert (len(STORE.current()), len(other.current())) == (0, 0)

    switch_on(row, by=house.manager, at=house.at)
    house.arrives("海棠大道三期招标公告")
    assert Hit.objects.count() == 1
    assert (len(STORE.current()), len(other.current())) == (1, 1)


def test_who_has_left_finds_nothing(house: House) -> None:
    house.subscribe("道路")
    house.manager.active = False
    house.manager.save()

    notice = take_in_as(house)

    assert not Hit.objects.exists()
    assert Compared.objects.get(announcement=notice).matched == 0


def take_in_as(house: House) -> Announcement:
    house.manager, left = house.colleague, house.manager
    notice = house.arrives()
    house.manager = left
    return notice


REFUSED = (
    ({"name": " "}, "name"),
    ({"line": "道路 or"}, "line"),
    ({"line": ""}, "line"),
    ({"line": "not 监理"}, "line"),
    ({"regions": ("abc",)}, "regions"),
    ({"regions": ("１２",)}, "regions"),
    ({"kinds": ("x",)}, "kinds"),
    ({"trades": ("x",)}, "trades"),
    ({"tags": (999,)}, "tags"),
    ({"least_amount": 2, "most_amount": 1}, "most_amount"),
    ({"least_score": 101}, "least_score"),
    ({"qualifications": ("长" * 31,)}, "qualifications"),
    ({"qualifications": tuple(f"资质{n}" for n in range(21))}, "qualifications"),
)


@pytest.mark.parametrize(("wrong", "field"), REFUSED)
def test_what_nothing_can_match_is_refused_beside_its_field(house: House, wrong: dict[str, object], field: str) -> None:
    content = Content(**({"name": "市政", "line": "道路"} | wrong))  # type: ignore[arg-type]

    with pytest.raises(Invalid) as refused:
        write_subscription(content, by=house.manager, at=house.at)

    assert set(refused.value.fields) == {field}
    assert not Subscription.objects.exists()


def test_a_name_stands_once_with_each_person(house: House) -> None:
    house.subscribe(name="市政")
    house.subscribe(name="市政", by=house.colleague)

    with pytest.raises(Invalid, match="没有保存"):
        house.subscribe(name="市政")


def test_nobody_has_more_subscriptions_than_can_be_looked_after(house: House) -> None:
    for n in range(MOST):
        house.subscribe(f"道路{n}号")

    with pytest.raises(Invalid, match=f"已有 {MOST} 条"):
        house.subscribe("桥梁")


def test_only_its_owner_changes_a_subscription(house: House) -> None:
    row = house.subscribe()

    for other in (house.colleague, house.head, house.stranger):
        with pytest.raises(NotPermitted):
            switch_off(row, by=other, at=house.at)
        with pytest.raises(NotPermitted):
            edit_subscription(row, Content("改", "桥梁"), by=other, at=house.at)
    with pytest.raises(NotNow):
        switch_on(row, by=house.manager, at=house.at)


def test_a_stale_page_changes_nothing(house: House) -> None:
    row = house.subscribe()
    edit_subscription(row, Content("改过", "桥梁"), by=house.manager, at=house.at)

    with pytest.raises(Changed):
        switch_off(row, by=house.manager, at=house.at)


def test_what_a_hit_is_worth_is_said_by_its_owner_and_counted_when_business_comes(house: House) -> None:
    firm = member_with("applicant", kind="enterprise").organisation
    Relation.objects.create(
        guarantor=house.organisation, enterprise=enterprise_of(firm), manager=house.manager, since=house.at
    )
    house.subscribe("白杨路")
    house.arrives("白杨路改造工程中标结果公告", f"项目名称：白杨路改造工程\n中标人：{firm.name}\n中标价：200万元")
    hit = Hit.objects.get()

    judge(hit, "followed", by=house.manager, at=house.at)
    with pytest.raises(NotPermitted):
        judge(hit, "irrelevant", by=house.colleague, at=house.at)
    with pytest.raises(NotNow):
        judge(hit, "fine", by=house.manager, at=house.at)
    opportunity = Opportunity.objects.get(house=house.organisation)

    assert (convert(opportunity, at=house.at), convert(opportunity, at=house.at)) == (1, 0)
    hit.refresh_from_db()
    assert (hit.verdict, hit.converted_at) == ("followed", house.at)


def test_texts_older_than_a_trial_looks_back_are_forgotten(house: House) -> None:
    house.subscribe("道路")
    house.arrives()

    keep_ninety_days(house.at.date() + timedelta(days=60), house.at)
    assert Compared.objects.get().body
    keep_ninety_days(house.at.date() + timedelta(days=120), house.at)
    assert not Compared.objects.get().body
    assert Hit.objects.count() == 1


def test_what_came_before_is_kept_for_trials_but_still_compared_when_its_turn_comes(house: House) -> None:
    house.subscribe("道路")
    notice = house.arrives()
    Hit.objects.all().delete()
    Compared.objects.all().delete()

    keep_ninety_days(house.at.date(), house.at)
    keep_ninety_days(house.at.date(), house.at)

    assert (Compared.objects.get().number, Hit.objects.count()) == (0, 0)
    assert compare(notice, at=house.at) == 1
    assert Compared.objects.get().number == 1
