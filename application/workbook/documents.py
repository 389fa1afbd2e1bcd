"""JSON that stands in a cell: scoring rules, policies, trial values. Read by the types of the domain; every misfit with its path."""

import json
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any, get_args

from pydantic import ValidationError

from application.trial import NotJson, rule_json
from application.workbook.fault import Code, Misfit
from domain.decider import Refused
from domain.policy import Policy
from domain.scoring import Rule
from event_store.codec import from_bytes

OBJECT = "用半角引号和逗号写的 JSON 对象，以 { 开头、} 结尾"
RULE = "docs/scoring.md 中列出的规则写法"
POLICIES: Mapping[str, type] = {str(kind.kind): kind for kind in get_args(Policy)}
SHOWN = 3  # Misfits of one cell that its fault lists; the first ones cause the others most often.
MEANINGS: Mapping[str, str] = {
    "missing": "缺少该字段",
    "unexpected_keyword_argument": "没有该字段",
    "literal_error": "不是允许的取值",
    "enum": "不是允许的取值",
    "decimal_parsing": "不是数",
    "decimal_type": "不是数",
    "int_type": "不是整数",
    "string_type": "不是文字",
    "bool_type": "不是 true 或 false",
    "tuple_type": "不是列表",
}


def rule_of(text: str) -> Rule:
    """Give the rule a cell holds. Raises Misfit: no JSON, no such kind, a field that does not fit, a rule that could score nobody."""
    try:
        return rule_json(text)
    except NotJson as refusal:
        values = refusal.values
        raise Misfit(Code.NOT_JSON, OBJECT, line=values["line"], place=values["column"]) from None
    except Refused as refusal:
        raise Misfit(Code.RULE_UNFIT, RULE, why_zh=refusal.sentence("zh"), why_en=refusal.sentence("en")) from None


def policy_of(key: str, text: str) -> Policy:
    """Give the policy a cell holds, by the key of its row. Raises Misfit."""
    document = values_of(text)
    kind = POLICIES[key]
    known = "、".join(field.name for field in fields(kind))
    if document.get("kind", key) != key:
        why = f"kind: {document['kind']}"
        raise Misfit(Code.POLICY_UNFIT, f"kind 为 {key} 或不写", why_zh=why, why_en=why)
    try:
        policy: Policy = from_bytes(kind, text.encode())
    except ValidationError as error:
        misfits = error.errors(include_url=False, include_context=False)[:SHOWN]
        places = [".".join(str(part) for part in each["loc"]) or "/" for each in misfits]
        zh = "；".join(f"{place} {MEANINGS.get(each['type'], '不合要求')}" for place, each in zip(places, misfits, strict=True))
        en = "; ".join(f"{place}: {each['msg']}" for place, each in zip(places, misfits, strict=True))
        raise Misfit(Code.POLICY_UNFIT, f"含这些字段的 JSON 对象：{known}", why_zh=zh, why_en=en) from None
    return policy


def values_of(text: str) -> Mapping[str, Any]:
    """Give the values a cell holds, by name, numbers as Decimal. Raises Misfit."""
    try:
        document = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except json.JSONDecodeError as error:
        raise Misfit(Code.NOT_JSON, OBJECT, line=error.lineno, place=error.colno) from None
    except RecursionError:
        raise Misfit(Code.NOT_JSON, OBJECT, line=1, place=1) from None
    if not isinstance(document, dict):
        raise Misfit(Code.NOT_JSON, OBJECT, line=1, place=1)
    return document
