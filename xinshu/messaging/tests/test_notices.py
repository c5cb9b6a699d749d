"""Stories: who is told what, and how often."""

import pytest

from xinshu.messaging.models import Notice
from xinshu.messaging.notices import notify, notify_members, unread_count


def test_every_active_member_with_the_permission_is_told(firm, clerk, colleague, stranger, at):
    told = notify(firm, "保函已签发", permission="guarantees.pay", link="/guarantees/x/", subject=firm, key="k", at=at)

    assert told == 1
    assert list(Notice.objects.values_list("member", "text", "link", "subject_type", "subject_id", "at")) == [
        (clerk.pk, "保函已签发", "/guarantees/x/", "accounts.organisation", firm.pk, at)
    ]


def test_without_a_permission_the_whole_organisation_is_told(firm, clerk, colleague, stranger, at):
    notify(firm, "平台维护", key="k", at=at)

    assert set(Notice.objects.values_list("member", flat=True)) == {clerk.pk, colleague.pk}


def test_the_same_news_is_told_once_however_often_the_reaction_runs(firm, clerk, colleague, at):
    notify(firm, "保函已签发", key="guarantee.issued:1", at=at)
    Notice.objects.get(member=clerk).delete()

    notify(firm, "保函已签发", key="guarantee.issued:1", at=at)
    notify(firm, "保函已解保", key="guarantee.released:1", at=at)

    assert sorted(Notice.objects.values_list("member", "key")) == sorted(
        (member.pk, key) for member in (clerk, colleague) for key in ("guarantee.issued:1", "guarantee.released:1")
    )


def test_who_has_left_is_told_nothing(firm, clerk, colleague, at):
    clerk.active = False
    clerk.save(update_fields=["active"])
    colleague.user.is_active = False
    colleague.user.save(update_fields=["is_active"])

    assert notify(firm, "保函已签发", key="k", at=at) == 0
    assert not Notice.objects.exists()


def test_one_insert_whatever_the_number_of_members(firm, clerk, colleague, at, django_assert_num_queries):
    with django_assert_num_queries(2):
        notify(firm, "保函已签发", key="k", at=at)


def test_a_long_text_is_shortened_rather_than_lost(clerk, at):
    notify_members([clerk], "长" * 400, key="k", at=at)

    assert Notice.objects.get().text == "长" * 299 + "…"


@pytest.mark.parametrize("link", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_a_notice_never_leads_off_the_site(clerk, at, link):
    with pytest.raises(ValueError, match="path of this site"):
        notify_members([clerk], "看这里", link=link, key="k", at=at)


def test_the_bell_counts_what_is_unread_and_not_removed(clerk, colleague, at):
    for number in range(4):
        notify_members([clerk, colleague], "消息", key=f"k{number}", at=at)
    Notice.objects.filter(member=clerk, key="k0").update(read_at=at)
    Notice.objects.filter(member=clerk, key="k1").update(removed_at=at)

    assert (unread_count(clerk), unread_count(colleague)) == (2, 4)
