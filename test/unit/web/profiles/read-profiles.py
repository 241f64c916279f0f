"""Reads plists and XML on standard input with Python's own parsers, and prints them as JSON."""

import base64
import json
import plistlib
import sys
import xml.etree.ElementTree as etree


def plain(value):
    if isinstance(value, bytes):
        return {"octets": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value


def tree(element):
    children = [tree(child) for child in element]
    return [element.tag, dict(element.attrib), (element.text or "").strip(), children]


answers = []
for kind, text in json.load(sys.stdin):
    octets = text.encode()
    if kind == "plist":
        answers.append(plain(plistlib.loads(octets, fmt=plistlib.FMT_XML)))
    else:
        answers.append(tree(etree.fromstring(octets)))
json.dump(answers, sys.stdout)
