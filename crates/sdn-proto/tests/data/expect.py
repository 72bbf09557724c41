"""Writes the expectation for each recorded response, by the rules of the README, without code of the project.

usage: python3 expect.py < exchanges.jsonl > recorded.jsonl
"""
import json
import sys


def as_json(body):
    """The JSON value of a body, and whether the body is one."""
    try:
        return json.loads(body.removeprefix("\ufeff")), True
    except ValueError:
        return None, False


def delay_ms(headers, value):
    for name, text in headers:
        if name.lower() == "retry-after" and text.isdigit():
            return int(text) * 1000
    delay = value.get("retry_after_ms") if isinstance(value, dict) else None
    return delay if isinstance(delay, int) and delay >= 0 else None


def expectation(exchange):
    status = exchange["status"]
    value, is_json = as_json(exchange["body"] or "")
    code = value.get("errcode") if isinstance(value, dict) else None
    message = None
    if status == 200:
        kind, code = ("ok" if is_json else "malformed"), None
    elif 400 <= status < 600 and isinstance(code, str):
        kind = "refused"
        message = value["error"] if isinstance(value.get("error"), str) else None
    else:
        kind, code = "unexpected_status", None
    delay = delay_ms(exchange["headers"], value) if kind != "ok" else None
    return {"status": status, "kind": kind, "code": code, "message": message, "retry_after_ms": delay}


for line in sys.stdin:
    exchange = json.loads(line)
    exchange["expect"] = expectation(exchange)
    print(json.dumps(exchange))
