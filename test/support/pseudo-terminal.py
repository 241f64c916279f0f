# Runs a command on a pseudo-terminal and types at its questions.
#   pseudo-terminal.py STEPS COMMAND...
# STEPS is JSON: [[what to wait for, what to type], ...]. Prints JSON: what the terminal showed, the
# exit status (negative: the signal), and whether the terminal echoes in the end.
import json, os, pty, sys, termios

steps, command = json.loads(sys.argv[1]), sys.argv[2:]
process, terminal = pty.fork()
if process == 0:
    os.execvp(command[0], command)

shown = b""


def more():
    global shown
    try:
        octets = os.read(terminal, 4096)
    except OSError:  # Linux: the other side is closed
        return False
    shown += octets
    return octets != b""


seen = 0
for question, typed in steps:
    while question.encode() not in shown[seen:] and more():
        pass
    seen = len(shown)
    os.write(terminal, typed.encode())
while more():
    pass
echoes = bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
_, status = os.waitpid(process, 0)
print(json.dumps([shown.decode(), os.waitstatus_to_exitcode(status), echoes]))
