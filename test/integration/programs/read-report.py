"""Reads a report with Python's email package and says what it found, as JSON."""

import email
import email.policy
import json
import sys

message = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
text, status, *rest = message.iter_parts()


def groups(part):
    """Programs that know no message/global-delivery-status see its groups as text."""
    if part.get_content_type() == "message/delivery-status":
        return [dict(group.items()) for group in part.get_payload()]
    inner = part.get_payload(0)
    found = [dict(inner.items())]
    for group in inner.get_payload(decode=True).decode().split("\r\n\r\n"):
        found.append(dict(email.message_from_string(group.strip(), policy=email.policy.default)))
    return found


def returned(part):
    if part.get_content_maintype() == "message":
        inner = part.get_payload(0)
        texts = [p.get_payload() for p in inner.walk() if not p.is_multipart()]
        return {"fields": dict(inner.items()), "texts": texts}
    return {"fields": dict(email.message_from_string(part.get_payload()).items()), "texts": []}


def defects(part):
    """Of the report; what its message was sent with is its sender's affair."""
    return [repr(one) for one in part.defects]


json.dump(
    {
        "subject": str(message["Subject"]),
        "type": message.get_content_type(),
        "reportType": message.get_param("report-type"),
        "types": [part.get_content_type() for part in message.iter_parts()],
        "text": text.get_content(),
        "groups": groups(status),
        "returned": [returned(part) for part in rest],
        "defects": [d for part in (message, text, status) for d in defects(part)],
    },
    sys.stdout,
)
