"""What the peers that are played by several organizations share: their workspaces in one folder, which exchange
through another, and a clock that the play sets forward; without one, the real time."""

import atexit
import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = os.environ["CONSORTIUM_BIN"]


def skip(why):
    print(why)
    sys.exit(77)


def need(program, package):
    if not shutil.which(program):
        skip(f"{program} (package {package}) is not installed")


def find(value, key):
    """The first value of that key, however deep."""
    if isinstance(value, dict):
        return value[key] if key in value else next((each for part in value.values() if (each := find(part, key))), None)
    return next((each for part in value if (each := find(part, key))), None) if isinstance(value, list) else None


class Organizations:
    def __init__(self, members, clock=None):
        self.members, self.clock, self.failures, self.variables = members, clock, [], {}
        self.place = Path(tempfile.mkdtemp())
        self.world = self.place / "world"
        self.world.mkdir()
        atexit.register(shutil.rmtree, self.place, ignore_errors=True)

    def environment(self, **more):
        plain = {"PATH": os.environ["PATH"], "HOME": str(self.world), "XDG_STATE_HOME": str(self.world / "state"),
                 "XDG_CONFIG_HOME": str(self.world / "config"), "LC_ALL": "C.UTF-8"}
        if self.clock:
            plain["CONSORTIUM_CLOCK"] = self.clock.strftime("%Y-%m-%dT%H:%M:%SZ")
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_LIBRARY_PATH"):
            if name in os.environ:
                plain[name] = os.environ[name]
        return {**plain, **self.variables, **more}

    def call(self, member, *words, **more):
        command = [PROGRAM, "-C", str(self.world / member), *map(str, words)]
        return subprocess.run(command, cwd=self.world, env=self.environment(**more), capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=300)

    def run(self, member, *words, status=0):
        done = self.call(member, *words)
        if done.returncode not in (status if isinstance(status, tuple) else (status,)):
            self.end(f"{member}: {' '.join(map(str, words))}: ended with {done.returncode}, not {status}\n"
                     f"{done.stdout}{done.stderr}")
        return done.stdout

    def end(self, words):
        print(*self.failures, words, sep="\n")
        sys.exit(1)

    def holds(self, wanted, words):
        if not wanted:
            self.failures.append(words)

    def data(self, member, *words, status=0):
        return json.loads(self.run(member, *words, "--format", "json", status=status))["data"]

    def tool(self, *words):
        """Another program, which must succeed."""
        subprocess.run([*map(str, words)], cwd=self.world, env=self.environment(), check=True, capture_output=True, text=True,
                       stdin=subprocess.DEVNULL)

    def wait(self, **length):
        self.clock += datetime.timedelta(**length)

    def sync(self, rounds=5):  # PROTOCOL P6: as many as a decision needs at most
        for _ in range(rounds):
            for member in self.members:
                self.run(member, "exchange", "sync", "-q")

    def decide(self, proposal, **window):
        """Everybody has the proposal, votes for it, and learns what came of it."""
        self.sync(1)
        for member in self.members:
            self.run(member, "vote", "cast", proposal, "--choice", "yes", "--yes", "-q")
        self.sync(2)  # a ballot counts that others hold before the close, too
        self.wait(**(window or {"days": 2}))
        self.sync()

    def newest_proposal(self):
        return self.data(self.members[0], "proposal", "list")["items"][-1]["name"]

    def found(self, charter):
        """A rehearsal consortium of all of them, the first of whom collects the others' founding papers."""
        (self.world / "charter.toml").write_text(charter)
        (self.world / "tree").mkdir()
        first, *others = self.members
        for member in self.members:
            self.init(member, "--member", member, "--officer", f"{member}-gov", "--no-passphrase", "--rehearsal", "--exchange",
                      self.world / "tree")
        founders = [word for member in others for word in ("--founder", f"{member}/out/founder.json")]
        genesis = find(self.init(first, "--charter", "charter.toml", "--rehearsal", *founders), "genesis")
        for member in others:
            self.init(member, "--genesis", f"{first}/out/genesis.json", "--confirm", genesis)
        self.sync()

    def init(self, member, *words):
        done = subprocess.run([PROGRAM, "init", member, *map(str, words), "--yes", "--format", "json"], cwd=self.world,
                              env=self.environment(), capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300)
        if done.returncode != 0:
            self.end(f"init {member}: ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout)
