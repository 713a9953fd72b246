"""A mailing list as simple as can be: a footer by altermime, the fields of RFC 2369 and RFC 2919, its own envelope sender."""
import smtplib
import subprocess
import sys
import tempfile

host, footer, member = sys.argv[1:]
with tempfile.NamedTemporaryFile() as mail:
    mail.write(sys.stdin.buffer.read())
    mail.flush()
    subprocess.run(["altermime", f"--input={mail.name}", f"--disclaimer={footer}"], check=True)
    with open(mail.name, "rb") as altered:
        body = altered.read()
fields = (
    b"List-Id: Parents <parents.lists.school.example>\r\n"
    b"List-Post: <mailto:parents@lists.school.example>\r\n"
    b"List-Unsubscribe: <mailto:parents-leave@lists.school.example>\r\n"
    b"Precedence: list\r\n"
)
with smtplib.SMTP(host) as server:
    server.sendmail("parents-bounces@lists.school.example", [member], fields + body)
