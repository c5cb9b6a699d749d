"""Rule sets as people type them: rows of text on a page, and back. What cannot be read stays text and is refused.

A cell says its test in a few signs: `<=70`, `50..70`, `A、B`, `非 A、B`, `是`, empty for "whatever it is". Amounts are
typed in 元 (or `500万`), kept in 分.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from xinshu.core.money import parse_yuan
from xinshu.core.refusals import Refusal
from xinshu.rules.engine.comparing import OPERATORS
from xinshu.rules.engine.deciding import CONDITIONS, SCORECARD, TABLE
from xinshu.rules.engine.facts import AMOUNT, NUMBER, TRUTH, FactType

Sheet = dict[str, Any]
Types = Mapping[str, FactType]
SIGNS = (("<=", "le"), (">=", "ge"), ("!=", "ne"), ("≤", "le"), ("≥", "ge"), ("≠", "ne"), ("<", "lt"), (">", "gt"),
         ("=", "eq"))  # fmt: skip
SHOWN = {"le": "<=", "ge": ">=", "ne": "!=", "lt": "<", "gt": ">", "eq": ""}
NAMED = {"contains": "包含", "matches": "模式", "within_days": "最近天数", "older_days": "早于天数"}
TRUTHS = {"是": True, "否": False}
SPLIT = re.compile(r"[、，,;；\s]+")
OF_AMOUNTS = re.compile(r"[、;；\s]+")  # commas group their digits
MOST_ROWS = 400


def value_in(text: str, kind: str) -> Any:
    """Return typed text as JSON of the type `kind`; the text itself where it is none."""
    text = text.strip()
    if kind == TRUTH:
        return TRUTHS.get(text, text)
    if kind == AMOUNT:
        try:
            return parse_yuan(text)
        except (Refusal, ValueError):
            return text
    return text.removesuffix("%").strip() if kind == NUMBER else text


def value_out(value: Any, kind: str) -> str:
    """Return JSON as it is typed."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if kind == AMOUNT and isinstance(value, int):
        return f"{Decimal(value) / 100:f}"
    return str(value)


def values_in(text: str, op: str, fact: FactType) -> list[Any]:
    """Return the values typed beside an operator: split where it takes several."""
    operator = OPERATORS.get(op)
    kind = (operator.takes if operator else "") or fact.type
    if operator is not None and operator.arity == 2:
        pieces = re.split(r"\.\.|～|~|至|[、，\s]+", text.strip())
    elif operator is not None and operator.arity > 2:
        pieces = (OF_AMOUNTS if fact.type == AMOUNT else SPLIT).split(text.strip())
    else:
        pieces = [text]
    return [value_in(piece, kind) for piece in pieces if piece.strip()]


def cell_in(text: str, fact: FactType) -> dict[str, Any] | None:
    """Return a cell as a test; None for "whatever it is"."""
    text = text.strip()
    if text in ("", "-", "—", "任意", "其余"):
        return None
    for op, word in NAMED.items():
        if text.startswith(word):
            rest = text.removeprefix(word).lstrip("：: ")
            return {"op": op, "values": values_in(rest, op, fact)}
    for sign, op in SIGNS:
        if text.startswith(sign):
            return {"op": op, "values": values_in(text.removeprefix(sign), op, fact)}
    if text.startswith("非") and len(text) > 1:
        return {"op": "not_in", "values": values_in(text[1:], "not_in", fact)}
    if ".." in text or (fact.type != "text" and ("至" in text or "~" in text)):
        return {"op": "between", "values": values_in(text, "between", fact)}
    found = values_in(text, "in", fact)
    return {"op": "in" if len(found) > 1 else "eq", "values": found}


def cell_out(test: Any, fact: FactType) -> str:
    """Return a test as it is typed into a cell."""
    if not isinstance(test, Mapping):
        return ""
    op = str(test.get("op"))
    operator = OPERATORS.get(op)
    kind = (operator.takes if operator else "") or fact.type
    words = [value_out(value, kind) for value in test.get("values", [])]
    if op in NAMED:
        return f"{NAMED[op]} {''.join(words)}"
    if op == "between":
        return "..".join(words)
    if op in ("in", "not_in"):
        return ("非 " if op == "not_in" else "") + "、".join(words)
    return SHOWN.get(op, "") + "".join(words)


# ── what was posted ──


def _count(post: Mapping[str, str], name: str, least: int = 0) -> int:
    said = post.get(name, "")
    return min(int(said), MOST_ROWS) if said.isascii() and said.isdecimal() and len(said) < 6 else least


def posted(post: Mapping[str, str], form: str) -> Sheet:
    """Return what stands in the fields of the editor, as text."""
    if form == CONDITIONS:
        rules = []
        for r in range(_count(post, "rules")):
            at = f"r{r}-"
            rows = [
                {name: post.get(f"{at}c{c}-{name}", "")[:400] for name in ("fact", "op", "values", "not")}
                for c in range(min(_count(post, f"{at}rows"), 20))
            ]
            texts = {name: post.get(at + name, "")[:1_200] for name in ("name", "join", "weight", "note", "expression")}
            rules.append({**texts, "on": bool(post.get(at + "on")), "rows": rows})
        return {"rules": rules}
    if form == TABLE:
        columns = min(_count(post, "columns"), 8)
        return {
            "hit": post.get("hit", "first"),
            "inputs": [post.get(f"i{c}", "") for c in range(columns)],
            "rows": [
                {"cells": [post.get(f"t{r}-{c}", "")[:400] for c in range(columns)],
                 "outcome": post.get(f"t{r}-outcome", ""), "label": post.get(f"t{r}-label", "")[:60]}
                for r in range(_count(post, "rows"))
            ],
        }  # fmt: skip
    return {
        "base": post.get("base", "0")[:10],
        "items": [
            {name: post.get(f"s{n}-{name}", "")[:4_000] for name in ("name", "fact", "bins")}
            for n in range(_count(post, "items"))
        ],
        "bands": [
            {name: post.get(f"b{n}-{name}", "")[:40] for name in ("least", "label", "outcome")}
            for n in range(_count(post, "bands"))
        ],
    }


def grown(sheet: Sheet, form: str, more: str) -> Sheet:
    """Return the sheet with the room for one more that a button asked for: "rules", "rows", "columns", "r3" ..."""
    if form == CONDITIONS:
        for number, rule in enumerate(sheet["rules"]):
            if more == f"r{number}":
                rule["rows"].append(_row())
        if more == "rules" or not sheet["rules"]:
            sheet["rules"].append(_rule())
    elif form == TABLE:
        if (more == "columns" or not sheet["inputs"]) and len(sheet["inputs"]) < 8:
            sheet["inputs"].append("")
            for row in sheet["rows"]:
                row["cells"].append("")
        if more == "rows" or not sheet["rows"]:
            sheet["rows"].append({"cells": [""] * len(sheet["inputs"]), "outcome": "", "label": ""})
    else:
        if more == "items" or not sheet["items"]:
            sheet["items"].append({"name": "", "fact": "", "bins": ""})
        if more == "bands" or not sheet["bands"]:
            sheet["bands"].append({"least": "", "label": "", "outcome": ""})
    return sheet


def _row() -> dict[str, str]:
    return {"fact": "", "op": "", "values": "", "not": ""}


def _rule() -> dict[str, Any]:
    return {"name": "", "join": "all", "weight": "stop", "note": "", "expression": "", "on": True, "rows": [_row()]}


def empty(form: str) -> Sheet:
    """Return the sheet of a new rule set."""
    blank: dict[str, Sheet] = {
        CONDITIONS: {"rules": []},
        TABLE: {"hit": "first", "inputs": [], "rows": []},
        SCORECARD: {"base": "0", "items": [], "bands": []},
    }
    return grown(blank[form], form, "")


# ── to content and back; rows that are empty are left out ──


def content_of(sheet: Sheet, form: str, types: Types) -> dict[str, Any]:
    """Return a sheet as content. What cannot be read stays text, which prepare() refuses with its place."""
    if form == CONDITIONS:
        return {"form": form, "rules": [_rule_in(rule, types) for rule in sheet["rules"] if _is_said(rule)]}
    if form == TABLE:
        used = [number for number, code in enumerate(sheet["inputs"]) if code]
        inputs = [sheet["inputs"][number] for number in used]
        rows = [
            {"cells": [_cell(row["cells"][number], types.get(sheet["inputs"][number])) for number in used],
             "outcome": row["outcome"], "label": row["label"].strip()}
            for row in sheet["rows"]
            if row["outcome"] or any(cell.strip() for cell in row["cells"])
        ]  # fmt: skip
        return {"form": form, "hit": sheet["hit"], "inputs": inputs, "rows": rows}
    return {
        "form": form,
        "base": _whole(sheet["base"] or "0"),
        "items": [_item_in(item, types) for item in sheet["items"] if item["fact"] or item["bins"].strip()],
        "bands": [
            {"least": _whole(band["least"]), "label": band["label"].strip(), "outcome": band["outcome"]}
            for band in sheet["bands"]
            if any(band.values())
        ],
    }


def _is_said(rule: dict[str, Any]) -> bool:
    return bool(rule["name"].strip() or rule["expression"].strip() or any(row["fact"] for row in rule["rows"]))


def _rule_in(rule: dict[str, Any], types: Types) -> dict[str, Any]:
    said = {"name": rule["name"].strip(), "weight": rule["weight"], "note": rule["note"].strip(), "on": rule["on"]}
    if rule["expression"].strip():
        return {**said, "expression": rule["expression"].strip()}
    rows = []
    for row in rule["rows"]:
        if row["fact"] or row["values"].strip():
            fact = types.get(row["fact"])
            values = values_in(row["values"], row["op"], fact) if fact else [row["values"]]
            rows.append({"fact": row["fact"], "op": row["op"], "values": values, "not": bool(row["not"])})
    return {**said, "join": rule["join"] or "all", "conditions": rows}


def _cell(text: str, fact: FactType | None) -> Any:
    return cell_in(text, fact) if fact else None


def _whole(text: str) -> Any:
    text = str(text).strip().removeprefix("+")
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 7 else text


def _item_in(item: dict[str, str], types: Types) -> dict[str, Any]:
    """Read the bins, one a line: test | points | reason."""
    fact, bins = types.get(item["fact"]), []
    for line in item["bins"].splitlines():
        if line.strip():
            test, points, reason = (*(piece.strip() for piece in re.split(r"[|｜]", line, maxsplit=2)), "", "")[:3]
            bins.append({"test": _cell(test, fact), "points": _whole(points), "reason": reason})
    return {"name": item["name"].strip(), "fact": item["fact"], "bins": bins}


def sheet_of(content: dict[str, Any], types: Types) -> Sheet:
    """Return content as it is typed."""
    if content["form"] == CONDITIONS:
        rules = []
        for rule in content["rules"]:
            rows = [
                {"fact": row["fact"], "op": row["op"], "not": "on" if row.get("not") else "",
                 "values": ("..".join if row["op"] == "between" else "、".join)(
                     value_out(value, OPERATORS[row["op"]].takes or types[row["fact"]].type) for value in row["values"]
                 )}
                for row in rule.get("conditions", [])
            ]  # fmt: skip
            rules.append({**_rule(), **{k: v for k, v in rule.items() if k != "conditions"}, "rows": rows or [_row()]})
        return {"rules": rules}
    if content["form"] == TABLE:
        kinds = [types[code] for code in content["inputs"]]
        rows = [
            {**row, "cells": [cell_out(cell, kind) for cell, kind in zip(row["cells"], kinds, strict=True)]}
            for row in content["rows"]
        ]
        return {"hit": content["hit"], "inputs": list(content["inputs"]), "rows": rows}
    items = [
        {"name": item["name"], "fact": item["fact"],
         "bins": "\n".join(
             f"{cell_out(one['test'], types[item['fact']]) or _('其余')} | {one['points']:+d} | {one['reason']}"
             for one in item["bins"]
         )}
        for item in content["items"]
    ]  # fmt: skip
    bands = [{**band, "least": str(band["least"])} for band in content["bands"]]
    return {"base": str(content["base"]), "items": items, "bands": bands}


def day_in(text: str) -> date | None:
    """Return a typed day; None where it is none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
