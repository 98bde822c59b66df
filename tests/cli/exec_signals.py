#!/usr/bin/env python3
"""`apnslab exec` and signals: from other processes, from a terminal, from CMD itself.

usage: exec_signals.py APNSLAB
"""
import fcntl
import os
import pty
import signal
import subprocess
import sys
import termios
import tty

import exec_support
from exec_support import SECONDS, Exec, expect

HERE = os.path.abspath(__file__)
FORWARDED = ("SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGINT")


def note_signals():
    """In CMD: a line for each signal, until its standard input ends or the line SIGUSR2 was written."""
    numbers = {getattr(signal, name) for name in FORWARDED}
    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    print("ready", flush=True)
    while True:
        told = signal.sigwaitinfo(numbers)
        print(signal.Signals(told.si_signo).name, flush=True)
        if told.si_signo == signal.SIGUSR2:
            sys.exit(3)


def lines_of(process):
    return [line.rstrip("\r\n") for line in process.stdout]


def end(process, code):
    expect("code", process.wait(SECONDS), code)


def test_forwarded_once(run):
    names = [name for name in FORWARDED if name != "SIGUSR2"] + ["SIGUSR2"]
    process = run.start("--quiet", "python3", HERE, "--note", stdout=subprocess.PIPE)
    expect("it runs", process.stdout.readline(), "ready\n")
    for name in names:
        process.send_signal(getattr(signal, name))
        expect("forwarded", process.stdout.readline(), name + "\n")
    expect("once", lines_of(process), [])
    end(process, 3)
    run.expect_nothing_left("signals")


def test_ended_by_a_signal(run):
    for name in ("SIGTERM", "SIGHUP", "SIGINT", "SIGUSR1"):
        process = run.start("--quiet", "sh", "-c", "echo ready; read forever", stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE)
        expect("it runs", process.stdout.readline(), "ready\n")
        process.send_signal(getattr(signal, name))
        end(process, 128 + getattr(signal, name))
        run.expect_nothing_left(name)


def test_its_own_group(run):
    """`kill 0` in CMD reaches us too: it is not sent back."""
    script = 'trap "echo TERM" TERM; kill -TERM 0; trap "echo USR1; exit 5" USR1; echo ready; while :; do read x; done'
    process = run.start("--quiet", "sh", "-c", script, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                        start_new_session=True)
    expect("TERM", [process.stdout.readline() for _ in range(2)], ["TERM\n", "ready\n"])
    process.send_signal(signal.SIGUSR1)
    process.stdin.write("\n")
    process.stdin.flush()
    expect("no second TERM", lines_of(process), ["USR1"])
    end(process, 5)


def test_ignored_before(run):
    """nohup apnslab exec CMD: CMD ignores SIGHUP."""
    process = run.start("--quiet", "sh", "-c", "kill -HUP $$; echo alive", stdout=subprocess.PIPE,
                        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    expect("ignored", lines_of(process), ["alive"])
    end(process, 0)
    # Whoever ignores SIGCHLD learns no child's code, and we inherit that.
    process = run.start("--quiet", "sh", "-c", "exit 9", preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
    end(process, 9)


def test_left_behind(run):
    """A grandchild that keeps our standard output open holds nobody up."""
    process = run.start("--quiet", "sh", "-c", "sleep 1000 & echo $!; exit 4", stdout=subprocess.PIPE)
    grandchild = int(process.stdout.readline())
    end(process, 4)
    os.kill(grandchild, signal.SIGKILL)
    run.expect_nothing_left("grandchild")


class Terminal:
    """`apnslab exec` as the foreground job of a shell (this class) on a terminal of its own."""

    def __init__(self, run, ends, *words):
        self.master, self.slave = ends
        self.process = run.start(*words, stdin=self.slave, stdout=self.slave, stderr=self.slave,
                                 preexec_fn=self.become_foreground_job)
        self.out = os.fdopen(self.master, "r+b", buffering=0)
        self.text = b""

    def become_foreground_job(self):
        os.setpgid(0, 0)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        os.tcsetpgrp(self.slave, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)

    def expect_line(self, wanted):
        while b"\n" not in self.text:
            self.text += self.out.read(1024)
        line, self.text = self.text.split(b"\n", 1)
        expect("on the terminal", line.strip().decode(), wanted)

    def type(self, key):
        self.out.write(key)

    def expect_stopped(self, number):
        _, status = os.waitpid(self.process.pid, os.WUNTRACED)
        expect("stopped", os.WIFSTOPPED(status) and os.WSTOPSIG(status), number)


def on_a_terminal(program, folder):
    """In a session of its own, whose terminal it makes its own: then it plays the shell."""
    run = Exec(program, folder)
    master, slave = pty.openpty()
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    settings = termios.tcgetattr(slave)
    settings[tty.LFLAG] &= ~(termios.ECHO | termios.ECHOCTL)
    termios.tcsetattr(slave, termios.TCSANOW, settings)

    job = Terminal(run, (master, slave), "--quiet", "python3", HERE, "--note")
    job.expect_line("ready")
    for key, name in ((b"\x03", "SIGINT"), (b"\x1c", "SIGQUIT")):
        job.type(key)
        job.expect_line(name)
    job.process.send_signal(signal.SIGUSR1)
    job.expect_line("SIGUSR1")  # and nothing twice before it

    for go_on in (lambda: os.killpg(job.process.pid, signal.SIGCONT), lambda: job.process.send_signal(signal.SIGCONT)):
        job.type(b"\x1a")
        job.expect_stopped(signal.SIGTSTP)
        go_on()
        job.process.send_signal(signal.SIGUSR1)
        job.expect_line("SIGUSR1")  # both run again
    job.process.send_signal(signal.SIGUSR2)
    job.expect_line("SIGUSR2")
    end(job.process, 3)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # our terminal goes with its master


def test_terminal(run):
    ended = subprocess.run([sys.executable, HERE, "--terminal", run.program, run.folder], timeout=SECONDS, check=False)
    expect("on a terminal", ended.returncode, 0)


def main(program):
    def test(folder):
        run = Exec(program, folder)
        for one in (test_forwarded_once, test_ended_by_a_signal, test_its_own_group, test_ignored_before,
                    test_left_behind, test_terminal):
            one(run)
            print(f"{one.__name__}: ok")

    exec_support.in_temporary_folder(test)


if sys.argv[1] == "--note":
    note_signals()
elif sys.argv[1] == "--terminal":
    on_a_terminal(*sys.argv[2:])
else:
    main(sys.argv[1])
