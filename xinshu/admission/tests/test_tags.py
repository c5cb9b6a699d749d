"""Tags: computed in rounds from what is known, following what changes, given by people; each with its reason."""

from datetime import timedelta
from typing import Any

import pytest

from xinshu.accounts.models import Organisation
from xinshu.admission.actions.questionnaires import close_questionnaire
from xinshu.admission.actions.sheets import hand_in_sheet, send_questionnaire
from xinshu.admission.actions.tags import Wanted, edit_tag, give_tag, switch_tag_off, switch_tag_on, take_tag, write_tag
from xinshu.admission.models import Carry, Round, Tag
from xinshu.admission.purposes import RATIO, code_of
from xinshu.admission.questions import Question
from xinshu.admission.rounds import run_round
from xinshu.admission.tasks import refresh_tags
from xinshu.admission.tests.conftest import WAN, Place, at_least
from xinshu.core.clock import local_day, moved_to
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.enterprises.models import Enterprise, RecordField, Relation
from xinshu.ledger.worker import drain
from xinshu.rules.models import Run, SourceCall

RICH = {"registered_capital": str(5_000 * WAN)}


def _now(tag: Tag) -> list[Organisation]:
    return [one.firm for one in tag.carriers.filter(until=None).select_related("firm")]


def test_a_tag_is_computed_when_it_is_written_and_says_why(place: Place) -> None:
    place.tell(**RICH)

    tag = place.tag()

    carry = tag.carriers.get()
    evidence = [{"fact": "registered_capital", "value": 5_000 * WAN, "source": "record", "as_of": "2026-11-21",
                 "why": ""}]  # fmt: skip
    assert (carry.firm, carry.why, carry.until, tag.origin) == (place.firm, evidence, None, "record")
    assert (tag.rounds.get().looked, tag.rounds.get().begun) == (1, 1)


def test_a_tag_follows_the_record_and_the_old_row_is_kept(place: Place) -> None:
    tag = place.tag()
    place.tell(**RICH)
    drain(at=place.at)
    assert _now(tag) == [place.firm]

    with moved_to(place.at + timedelta(days=1)):
        place.tell(place.at + timedelta(days=1), registered_capital=str(WAN))
        drain(at=place.at + timedelta(days=1))

    ended = tag.carriers.get()
    assert (_now(tag), ended.ended_why, ended.ended_by) == ([], "不再满足条件", "系统")
    assert list(tag.rounds.order_by("pk").values_list("cause", "begun", "ended")) == [
        ("edited", 0, 0), ("change", 1, 0), ("change", 0, 1)]  # fmt: skip


def test_what_is_not_known_gives_no_tag_and_old_evidence_is_not_known(place: Place) -> None:
    place.tell(total_assets=str(100 * WAN), total_liabilities=str(40 * WAN))
    low = place.tag("负债低", "daily", 30, join="all", conditions=[at_least(RATIO, "50", op="le")])
    assert (_now(low), low.carriers.get().valid_until) == ([place.firm], local_day(place.at) + timedelta(days=30))

    later = place.at + timedelta(days=31)
    refresh_tags(local_day(later), later)
    refresh_tags(local_day(later), later)  # a second time on one day does nothing

    assert (_now(low), low.carriers.get().ended_why) == ([], "依据缺失或已过期，不能再认定")
    assert low.rounds.filter(cause="daily").count() == 1


def test_only_customers_carry_a_tag(place: Place) -> None:
    Relation.objects.all().delete()
    place.tell(**RICH)
    tag = place.tag()
    assert _now(tag) == []

    Relation.objects.create(
        guarantor=place.house, enterprise=Enterprise.objects.get(), manager=place.manager, since=place.at
    )
    assert run_round(tag, Round.Cause.HAND, by=place.writer, at=place.at) is not None
    assert _now(tag) == [place.firm]


def test_a_tag_on_a_data_source_counts_what_the_house_was_answered(place: Place) -> None:
    tag = place.tag("纳税良好", join="all", conditions=[at_least("src_tax_grade", "A", "B", op="in")])
    rules = place.rules({"name": "存续", "weight": "stop", "on": True, "expression": "从业人数 >= 1"})
    run = Run.objects.create(
        state="asking", rule_set=rules, rule_version=rules.versions.get(), subject_key=place.firm.uscc or "",
        subject_name="x", on=local_day(place.at), asked_by="x", at=place.at,
    )  # fmt: skip
    SourceCall.objects.create(
        owner=place.house, run=run, source="sandbox_tax", key=place.firm.uscc or "", outcome="answered",
        answer={"tax_grade": "A"}, as_of="2026-11-20", at=place.at,
    )  # fmt: skip

    edit_tag(tag, _like(tag, place, days=60), by=place.writer, at=place.at)

    assert (tag.origin, _now(tag)) == ("source", [place.firm])


def _like(tag: Tag, place: Place, days: int | None = None, **more: Any) -> Wanted:
    rule = {name: tag.content["rules"][0][name] for name in ("join", "conditions")} if tag.content else {}
    return Wanted(tag.name, "", place.writer, tag.rhythm, more.get("rule", rule), days)


def test_a_tag_on_answers_follows_when_a_questionnaire_is_handed_in(place: Place) -> None:
    one = place.asked(Question("", "在建项目个数", "number"))
    tag = place.tag("工程多", join="all", conditions=[at_least(code_of(one, "k1"), "5")])
    (sheet,) = send_questionnaire(one, [place.firm], due_on=None, by=place.writer, at=place.at)

    hand_in_sheet(sheet, {"k1": "7"}, {}, by=place.clerk, at=place.at)
    drain(at=place.at)

    assert (tag.origin, _now(tag)) == ("asked", [place.firm])


def test_a_person_gives_a_tag_with_a_reason_until_its_days_are_over(place: Place) -> None:
    tag = write_tag(Wanted("重点客户", "", place.writer, valid_days=10), by=place.writer, at=place.at)
    carry = give_tag(tag, place.firm, reason="会议确定", by=place.manager, at=place.at)
    assert (carry.why, tag.origin) == ([{"note": "会议确定"}], "person")
    for act, reason, error in ((give_tag, "再打", NotNow), (take_tag, "", Invalid)):
        with pytest.raises(error):
            act(tag, place.firm, reason=reason, by=place.manager, at=place.at)
    stranger = Organisation.objects.create(name="云州外人有限公司", kind="enterprise")
    with pytest.raises(Invalid):
        give_tag(tag, stranger, reason="不是客户", by=place.writer, at=place.at)
    with pytest.raises(NotPermitted):
        give_tag(tag, place.firm, reason="别的经理", by=place.member("other", "manager"), at=place.at)

    later = place.at + timedelta(days=11)
    refresh_tags(local_day(later), later)

    assert (_now(tag), tag.carriers.get().ended_why) == ([], "有效期已过")


def test_switched_off_nobody_carries_it_and_switched_on_it_is_computed_again(place: Place) -> None:
    place.tell(**RICH)
    tag = switch_tag_off(place.tag(), reason="不用了", by=place.writer, at=place.at)
    assert (_now(tag), tag.state) == ([], "off")

    tag = switch_tag_on(tag, by=place.writer, at=place.at + timedelta(hours=1))

    assert (_now(tag), tag.carriers.count()) == ([place.firm], 2)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": "一"}, "name"),
        ({"rule": {"join": "all", "conditions": []}}, "content"),
        ({"rule": {"join": "all", "conditions": [at_least("registered_capital", 1)]}, "rhythm": "yearly"}, "rhythm"),
        ({"valid_days": 10**6}, "valid_days"),
    ],
)
def test_what_is_wrong_with_a_tag_is_said_beside_it(place: Place, more: dict[str, Any], field: str) -> None:
    wanted = Wanted(**{"name": "标签", "note": "", "keeper": place.writer, **more})

    with pytest.raises(Invalid) as refused:
        write_tag(wanted, by=place.writer, at=place.at)

    assert field in refused.value.fields
    assert not Tag.objects.exists()


def test_two_tags_of_a_house_have_two_names_and_a_rule_stays_a_rule(place: Place) -> None:
    tag = place.tag()
    with pytest.raises(Invalid):
        place.tag()
    with pytest.raises(Invalid):
        edit_tag(tag, Wanted(tag.name, "", place.writer), by=place.writer, at=place.at)
    with pytest.raises(NotPermitted):
        write_tag(Wanted("企业的", "", place.clerk), by=place.clerk, at=place.at)


def test_one_round_asks_as_many_queries_for_many_firms_as_for_few(
    place: Place, django_assert_max_num_queries: Any
) -> None:
    tag = place.tag()
    firms = Organisation.objects.bulk_create(
        Organisation(name=f"云州第{n}建设有限公司", kind="enterprise") for n in range(40)
    )
    records = Enterprise.objects.bulk_create(Enterprise(organisation=firm) for firm in firms)
    Relation.objects.bulk_create(
        Relation(guarantor=place.house, enterprise=one, manager=place.manager, since=place.at) for one in records
    )
    RecordField.objects.bulk_create(
        RecordField(enterprise=one, code="registered_capital", value=str(n * 200 * WAN), source="licence",
                    valid_from=local_day(place.at), recorded_at=place.at, recorded_by="system")
        for n, one in enumerate(records)
    )  # fmt: skip
    with django_assert_max_num_queries(14):
        run_round(tag, Round.Cause.HAND, by=place.writer, at=place.at)

    assert Carry.objects.filter(until=None).count() == 25


def test_a_closed_questionnaire_stays_a_source_of_facts(place: Place) -> None:
    one = place.asked(Question("", "在建项目个数", "number"))
    tag = place.tag("工程多", "daily", join="all", conditions=[at_least(code_of(one, "k1"), "5")])
    (sheet,) = send_questionnaire(one, [place.firm], due_on=None, by=place.writer, at=place.at)
    hand_in_sheet(sheet, {"k1": "7"}, {}, by=place.clerk, at=place.at)
    one.refresh_from_db()
    close_questionnaire(one, reason="不再问", by=place.second, at=place.at)

    refresh_tags(local_day(place.at), place.at)

    assert _now(tag) == [place.firm]
