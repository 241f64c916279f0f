# A terminal with a small shell that knows jobs: Ctrl-Z, fg, bg.
#   job-control.py STEPS COMMAND...
# STEPS is JSON, a list of [what, value]:
#   see TEXT     reads until the terminal has shown this (from the last `see` on)
#   type TEXT    types
#   modes        notes whether the terminal echoes
#   stopped      waits until the command has stopped; the shell has the terminal then, and says so:
#                what the command showed before counts as seen
#   fg, bg       continues it, with the terminal or without
#   signal NAME  sends it to the command
#   columns N    makes the terminal so wide
# Prints JSON: what the terminal showed, the exit status (negative: the signal), the noted modes.
import fcntl, json, os, pty, signal, struct, sys, termios

stopped = b"[1]+  Stopped"
steps, command = json.loads(sys.argv[1]), sys.argv[2:]
orders_out, orders_in = os.pipe()
answers_out, answers_in = os.pipe()
shell, terminal = pty.fork()

if shell == 0:
    os.close(orders_in)
    os.close(answers_out)
    for number in (signal.SIGTTOU, signal.SIGTTIN, signal.SIGTSTP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    usual = termios.tcgetattr(0)
    ready_out, ready_in = os.pipe()
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.read(ready_out, 1)
        for number in (signal.SIGTTOU, signal.SIGTTIN, signal.SIGTSTP, signal.SIGINT, signal.SIGQUIT):
            signal.signal(number, signal.SIG_DFL)
        os.execvp(command[0], command)
    try:
        os.setpgid(job, job)
    except PermissionError:
        pass
    os.tcsetpgrp(0, job)
    os.write(ready_in, b"x")
    with os.fdopen(orders_out) as orders:
        for order in orders:
            what, value = json.loads(order)
            answer = 0
            if what == "stopped":
                _, answer = os.waitpid(job, os.WUNTRACED)
                assert os.WIFSTOPPED(answer), answer
                os.tcsetpgrp(0, os.getpgrp())
                termios.tcsetattr(0, termios.TCSADRAIN, usual)
                os.write(1, stopped)
            elif what == "fg":
                os.tcsetpgrp(0, job)
                os.killpg(job, signal.SIGCONT)
            elif what == "bg":
                os.killpg(job, signal.SIGCONT)
            elif what == "signal":
                os.kill(job, getattr(signal, value))
            elif what == "end":
                _, status = os.waitpid(job, 0)
                answer = os.waitstatus_to_exitcode(status)
            os.write(answers_in, b"%d\n" % answer)
    os._exit(0)

os.close(answers_in)
answers = os.fdopen(answers_out)
shown = b""


def more():
    global shown
    try:
        octets = os.read(terminal, 4096)
    except OSError:  # Linux: the other side is closed
        return False
    shown += octets
    return octets != b""


def tell(what, value=None):
    os.write(orders_in, json.dumps([what, value]).encode() + b"\n")
    return int(answers.readline())


def width(columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


width(100)
seen, modes = 0, []


def see(text):
    global seen
    while text not in shown[seen:] and more():
        pass
    at = shown.find(text, seen)
    seen = len(shown) if at < 0 else at + len(text)


for what, *value in steps:
    if what == "see":
        see(value[0].encode())
    elif what == "type":
        os.write(terminal, value[0].encode())
    elif what == "modes":
        modes.append(bool(termios.tcgetattr(terminal)[3] & termios.ECHO))
    elif what == "columns":
        width(value[0])
    else:
        tell(what, *value)
        if what == "stopped":
            see(stopped)
status = tell("end")
modes.append(bool(termios.tcgetattr(terminal)[3] & termios.ECHO))
os.close(orders_in)
while more():
    pass
print(json.dumps([shown.decode(), status, modes]))
