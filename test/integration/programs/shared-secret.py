"""Signs in by APOP with poplib and by CRAM-MD5 with smtplib, on lines that are not encrypted.

Usage: shared-secret.py POP3-PORT SUBMISSION-PORT LOGIN; the password comes on standard input. Says
the answer to each.
"""
import poplib
import smtplib
import sys

pop3_port, submission_port, login = sys.argv[1:]
password = sys.stdin.readline().rstrip("\n")

line = poplib.POP3("localhost", int(pop3_port), timeout=60)
try:
    print("APOP", line.apop(login, password).decode())
except poplib.error_proto as error:
    print("APOP", error)
line.quit()

line = smtplib.SMTP("localhost", int(submission_port), timeout=60)
line.ehlo()
assert "CRAM-MD5" in line.esmtp_features["auth"], line.esmtp_features
line.user, line.password = login, password
try:
    print("CRAM-MD5", line.auth("CRAM-MD5", line.auth_cram_md5))
except smtplib.SMTPAuthenticationError as error:
    print("CRAM-MD5", error.smtp_code)
line.quit()
