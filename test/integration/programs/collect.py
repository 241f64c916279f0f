"""Collects a maildrop with poplib, and checks that each answer agrees with the others.

Usage: collect.py SECURITY PORT CA-FILE LOGIN FOLDER [delete]; the password comes on standard input.
Writes message N into FOLDER/N, says one line for each, and the capabilities first.
"""
import hashlib
import pathlib
import poplib
import ssl
import sys

# poplib refuses lines of more than 2048 octets; the box's lines are as long as they came.
poplib._MAXLINE = 1 << 25

security, port, ca_file, login, folder, *more = sys.argv[1:]
password = sys.stdin.readline().rstrip("\n")
trust = ssl.create_default_context(cafile=ca_file)
if security == "tls":
    line = poplib.POP3_SSL("localhost", int(port), context=trust, timeout=60)
else:
    line = poplib.POP3("localhost", int(port), timeout=60)
    if security == "stls":
        line.stls(trust)
print("capabilities", *sorted(line.capa()))
line.user(login)
line.pass_(password)
count, total = line.stat()
sizes = [int(one.split()[1]) for one in line.list()[1]]
ids = [one.split()[1] for one in line.uidl()[1]]
assert len(sizes) == len(ids) == len(set(ids)) == count, (sizes, ids, count)
assert sum(sizes) == total, (sizes, total)
for number in range(1, count + 1):
    message = b"".join(one + b"\r\n" for one in line.retr(number)[1])
    assert len(message) == sizes[number - 1], (number, len(message), sizes[number - 1])
    if len(message) < 1 << 21:
        top = b"".join(one + b"\r\n" for one in line.top(number, 1 << 30)[1])
        assert top == message, number
    assert line.noop().startswith(b"+OK"), number
    pathlib.Path(folder, str(number)).write_bytes(message)
    print("message", number, hashlib.sha256(message).hexdigest())
    if more == ["delete"]:
        line.dele(number)
print("goodbye", line.quit().decode())
