"""Administrative divisions: a tree that is whole, and codes that are asked in every length."""

import pytest

from xinshu.core.divisions import children, division, divisions, lineage, name_of, prefix_of, within


def test_every_division_lies_in_one_that_is_known():
    known = divisions()

    assert len(known) > 3300
    assert all(one.parent in known or (not one.parent and one.code.endswith("0000")) for one in known.values())


@pytest.mark.parametrize(
    ("code", "name"),
    [("420506", "湖北省宜昌市夷陵区"), ("4205", "湖北省宜昌市"), ("420000", "湖北省"), ("110105", "北京市朝阳区"),
     ("429004", "湖北省仙桃市"), ("420599", "湖北省宜昌市"), ("990103", "990103"), ("", "")],
)  # fmt: skip
def test_a_code_of_any_length_has_its_full_name(code, name):
    assert name_of(code) == name


def test_a_region_holds_what_begins_with_its_digits():
    assert prefix_of("420500") == "4205"
    assert within("420506", "420500")
    assert not within("420506", "")
    assert not within("430506", "420000")


def test_children_are_the_next_level():
    assert [one.name for one in children("4205")][:2] == ["西陵区", "伍家岗区"]
    assert len(children()) == 34
    assert {one.code for one in children("110000")} >= {"110101", "110105"}
    assert division("5101").name == "成都市"
    assert [one.name for one in lineage("510104")] == ["四川省", "成都市", "锦江区"]
