"""Sends a message from standard input with smtplib.

Usage: send.py SECURITY PORT CA-FILE FROM TO [LOGIN PASSWORD-FILE]; says each recipient that was
refused, or the answer that ended it.
"""
import pathlib
import smtplib
import ssl
import sys

security, port, ca_file, sender, recipients, *signing_in = sys.argv[1:]
trust = ssl.create_default_context(cafile=ca_file)
if security == "tls":
    line = smtplib.SMTP_SSL("localhost", int(port), context=trust, timeout=60)
else:
    line = smtplib.SMTP("localhost", int(port), timeout=60)
    if security == "starttls":
        line.starttls(context=trust)
try:
    if signing_in:
        login, password_file = signing_in
        line.login(login, pathlib.Path(password_file).read_text())
    refused = line.sendmail(sender, recipients.split(","), sys.stdin.buffer.read())
    for recipient, (code, words) in refused.items():
        print("refused", recipient, code, words.decode())
except smtplib.SMTPResponseException as error:
    sys.exit(f"{type(error).__name__} {error.smtp_code} {error.smtp_error.decode()}")
except smtplib.SMTPRecipientsRefused as error:
    sys.exit(f"{type(error).__name__} {error.recipients}")
line.quit()
print("sent")
