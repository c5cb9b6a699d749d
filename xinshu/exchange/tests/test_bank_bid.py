"""The bank bid guarantee interface: envelopes, field tables, and the sandbox that speaks it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinshu.core.sm import Sm2Key
from xinshu.exchange.adapters import Unusable
from xinshu.exchange.adapters.bank_bid import messages as bank
from xinshu.exchange.adapters.bank_bid.envelope import KEYS, LARGEST, close, open_envelope, read_stamp
from xinshu.exchange.content import commitment_of, new_nonce, reveals
from xinshu.exchange.sandbox.centre import result_of

OURS, THEIRS, OTHER = Sm2Key(11), Sm2Key(22), Sm2Key(33)
AT = datetime(2026, 11, 21, 2, 40, tzinfo=UTC)
plain_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


def envelope(data: dict[str, Any], **other: Any) -> str:
    return json.dumps(close(data, **{"key": OURS, "to": THEIRS.public_hex, "at": AT} | other))


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(max_size=10), plain_json, max_size=5), st.booleans())
def test_what_was_closed_opens_as_it_was(data, plain):
    opened = open_envelope(envelope(data, plain=plain), key=THEIRS, sender=OURS.public_hex)

    assert opened.data == data
    assert read_stamp(opened.stamp) == AT


def test_an_answer_repeats_number_and_time_of_its_question():
    asked = open_envelope(envelope({"a": 1}), key=THEIRS, sender=OURS.public_hex)
    told = close({"status": "1"}, key=THEIRS, to=OURS.public_hex, answers=asked)

    assert (told["nonceStr"], told["timeStamp"]) == (asked.nonce, asked.stamp) == (asked.nonce, "20261121104000")


def test_the_encrypted_data_shows_nothing_of_what_is_inside():
    assert "恒达" not in envelope({"principal": "恒达"}).encode().decode("unicode_escape", "replace")


@pytest.mark.parametrize("name", [*KEYS, "sign"])
def test_an_envelope_altered_in_any_field_is_refused(name):
    told = json.loads(envelope({"a": 1}))
    wrong = {**told, name: told[name][:-1] + ("0" if told[name][-1] != "0" else "1")}

    with pytest.raises(Unusable):
        open_envelope(json.dumps(wrong), key=THEIRS, sender=OURS.public_hex)


@pytest.mark.parametrize(
    "text",
    [
        "", "null", "[]", "1", "{}", "{" * 5_000, '"' + "a" * LARGEST + '"', '{"data": 1}',
        json.dumps({**dict.fromkeys((*KEYS, "sign"), "00"), "encrypt": "1"}),
        json.dumps({**dict.fromkeys((*KEYS, "sign"), "\ud800"), "encrypt": "1"}),
        json.dumps({**dict.fromkeys((*KEYS, "sign"), "zz"), "encrypt": "7"}),
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_what_is_no_envelope_is_refused_in_words(text):
    with pytest.raises(Unusable):
        open_envelope(text, key=THEIRS, sender=OURS.public_hex)


def test_only_the_sender_s_signature_and_the_receiver_s_key_open_it():
    text = envelope({"a": 1})

    with pytest.raises(Unusable, match="签名不对"):
        open_envelope(text, key=THEIRS, sender=OTHER.public_hex)
    with pytest.raises(Unusable, match="密文解不开"):
        open_envelope(text, key=OTHER, sender=OURS.public_hex)


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ({}, {"order_no 没有填写", "status 没有填写"}),
        ({"order_no": "A", "status": "3"}, {"status 的格式不对"}),
        ({"order_no": "A", "status": "2"}, {"note 没有填写"}),
        ({"order_no": ["A"], "status": "2", "note": "x"}, {"order_no 应是文本"}),
        ({"order_no": "A", "status": "１", "note": "x"}, {"status 的格式不对"}),
        ({"order_no": "A", "status": 2, "note": "x"}, set()),
        (result_of("A", good=True, at=AT), set()),
        (result_of("A", good=False, at=AT), set()),
    ],
)
def test_a_result_is_checked_against_its_table(data, wrong):
    assert set(bank.problems(bank.RESULT, data)) == wrong


def test_a_plain_order_names_the_lot_and_a_sealed_one_the_commitment():
    whole = {field.name: "1" for field in bank.ORDER.fields if field.required == "M"} | {"guarantee_file_type": "PDF"}

    assert set(bank.problems(bank.ORDER, whole | {"guarantee_type": "2"})) == {
        "block_number 没有填写",
        "block_name 没有填写",
    }
    assert bank.problems(bank.ORDER, whole | {"guarantee_type": "1"}) == ["commitment 没有填写"]


@pytest.mark.parametrize("data", [{}, {"guaranteeList": []}, {"guaranteeList": ["x"]}, {"guaranteeList": {}}])
def test_a_reveal_is_a_list_of_guarantees(data):
    assert bank.problems(bank.REVEAL, data) == ["guaranteeList 应是不为空的列表"]


@settings(max_examples=60, deadline=None)
@given(plain_json, plain_json)
def test_a_commitment_is_kept_by_its_content_and_nonce_only(content, other):
    nonce = new_nonce()
    commitment = commitment_of({"it": content}, nonce)

    assert reveals(commitment, {"it": content}, nonce)
    assert reveals(commitment, {"it": other}, nonce) == (json.dumps(content) == json.dumps(other))
    assert not reveals(commitment, {"it": content}, new_nonce())
    assert not reveals(commitment, {"it": content}, "nonsense")


def test_the_same_content_is_committed_to_differently_each_time():
    assert len({commitment_of({"a": 1}, new_nonce()) for _time in range(20)}) == 20
