"""Evidence files: examined by the page and by the script that needs no platform; both name what fails."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest

from xinshu.core.sm import Sm2Key, sm3
from xinshu.ledger import offline
from xinshu.ledger.evidence import examine
from xinshu.ledger.keys import platform_key, witness_key
from xinshu.ledger.offline import verify_evidence
from xinshu.ledger.queries import evidence_of
from xinshu.ledger.sealing import seal
from xinshu.ledger.tests.conftest import tamper

pytestmark = pytest.mark.django_db

SCRIPT = Path(offline.__file__).parent / "verify_evidence.py"


@pytest.fixture
def evidence(happens, at):
    """The evidence of the third of seven entries."""
    entries = [happens(n=n, 金额=4862000000 + n, 名称='云州"恒达"') for n in range(7)]
    seal(at)
    return evidence_of(entries[2])


def change(evidence, *path, to):
    changed = copy.deepcopy(evidence)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return changed


def offline_verdict(evidence, tmp_path, *options):
    """Run the script as somebody would who has nothing but Python."""
    file = tmp_path / "evidence.json"
    file.write_text(evidence if isinstance(evidence, str) else json.dumps(evidence), encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(file), *options], capture_output=True, text=True, encoding="utf-8"
    )


KEYS = ("--platform-key", "{platform}", "--witness-key", "{witness}")


def our_keys():
    return ["--platform-key", platform_key().public_hex, "--witness-key", witness_key().public_hex]


@pytest.mark.req("EP-41")
def test_untouched_evidence_passes_on_the_page_and_offline(evidence, tmp_path):
    examined = examine(json.dumps(evidence).encode())
    result = offline_verdict(evidence, tmp_path, *our_keys())

    assert examined.genuine
    assert [check.passed for check in examined.checks] == [True] * 4
    assert (result.returncode, result.stderr) == (0, "")
    assert "核验通过" in result.stdout


ALTERED = {
    "amount": (("entry", "data", "金额"), 1, 0),
    "kind": (("entry", "kind"), "test.other", 0),
    "id": (("entry", "id"), 99, 0),
    "actor": (("entry", "actor_label"), "别人", 0),
    "position": (("position",), 3, 0),
    "path": (("proof", 0), "00" * 32, 0),
    "longer path": (("proof",), ["00" * 32] * 9, 0),
    "shorter path": (("proof",), [], 0),
}


@pytest.mark.req("EP-41")
@pytest.mark.parametrize("what", ALTERED)
def test_altered_evidence_fails_on_the_page_and_offline_where_it_was_altered(evidence, what, tmp_path):
    path, value, failing = ALTERED[what]
    altered = change(evidence, *path, to=value)

    examined = examine(json.dumps(altered).encode())
    result = offline_verdict(altered, tmp_path, *our_keys())

    assert [number for number, check in enumerate(examined.checks) if check.passed is False] == [failing]
    assert result.returncode == 1
    assert "✗" in result.stdout


def test_a_checkpoint_that_somebody_else_signed_fails(evidence, tmp_path):
    forger = Sm2Key.from_hex("22" * 32)
    text = evidence["checkpoint"].split("\n\n")[0] + "\n"
    from xinshu.ledger import notes

    forged = change(evidence, "checkpoint", to=f"{text}\n{notes.sign(text, forger)}")
    forged["platform_key"] = forger.public_hex

    examined = examine(json.dumps(forged).encode())
    result = offline_verdict(forged, tmp_path, *our_keys())

    assert [check.passed for check in examined.checks] == [True, False, None, True]
    assert result.returncode == 1
    assert "平台签名不正确" in result.stdout


def test_a_witness_line_that_does_not_hold_fails(evidence, tmp_path):
    text, lines = evidence["checkpoint"].split("\n\n")
    first, second = lines.splitlines()
    spoiled = second[:-8] + ("A" if second[-8] != "A" else "B") + second[-7:]
    altered = change(evidence, "checkpoint", to=f"{text}\n\n{first}\n{spoiled}\n")

    examined = examine(json.dumps(altered).encode())
    result = offline_verdict(altered, tmp_path, *our_keys())

    assert [check.passed for check in examined.checks] == [True, True, False, True]
    assert result.returncode == 1


def test_evidence_of_a_history_that_the_platform_no_longer_has_is_told(evidence, happens, at):
    tamper("UPDATE ledger_leaf SET hash = %s WHERE position = 5", bytes(32))

    examined = examine(json.dumps(evidence).encode())

    assert [check.passed for check in examined.checks] == [True, True, True, False]


def test_evidence_stays_good_while_the_ledger_grows(evidence, happens, at):
    for number in range(20):
        happens(n=number)
    seal(at)

    assert examine(json.dumps(evidence).encode()).genuine


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"  ",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"format": "xinshu-evidence/1"}',
        b'{"format": "xinshu-evidence/1", "entry": {}, "position": 0, "proof": [], "checkpoint": ""}',
        b'{"format": "xinshu-evidence/1", "position": ' + b"9" * 10_000 + b"}",
        b'{"n": 1.5}',
        b"x" * 600_000,
    ],
)
def test_whatever_is_handed_in_gets_an_answer_in_words(content):
    examined = examine(content)

    assert not examined.genuine
    assert examined.problem


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("position",), "3"),
        (("position",), True),
        (("position",), -1),
        (("proof",), "00"),
        (("proof",), [1]),
        (("proof",), ["zz"]),
        (("proof",), ["00"] * 65),
        (("entry", "id"), "1"),
        (("entry",), None),
        (("checkpoint",), None),
        (("checkpoint",), "xinshu\n-1\nAAAA\n\n— xinshu AAAA\n"),
        (("checkpoint",), "xinshu\n7\nAAAA\n"),
    ],
)
def test_misshapen_evidence_never_passes_and_never_breaks(evidence, path, value, tmp_path):
    misshapen = change(evidence, *path, to=value)

    examined = examine(json.dumps(misshapen).encode())
    result = offline_verdict(misshapen, tmp_path, *our_keys())

    assert not examined.genuine
    assert (result.returncode in {1, 2}, result.stderr) == (True, "")


def test_without_keys_of_its_own_the_script_says_where_it_took_them(evidence, tmp_path):
    result = offline_verdict(evidence, tmp_path)

    assert result.returncode == 0
    assert "公钥取自文件本身" in result.stdout


@pytest.mark.parametrize("size", [0, 1, 55, 56, 63, 64, 65, 1000])
def test_the_scripts_own_sm3_is_sm3(size):
    data = bytes(range(256)) * 4

    assert verify_evidence.sm3_by_hand(data[:size]) == sm3(data[:size])


def test_the_script_imports_nothing_that_is_not_in_python():
    imported = {
        line.split()[1].split(".")[0] for line in SCRIPT.read_text().splitlines() if line.startswith(("import", "from"))
    }

    assert imported <= sys.stdlib_module_names
