"""What the peers that try `consortium cert verify` on other people's cases share: a workspace that trusts nothing of
its own, the question asked of the program, and the count of what was answered."""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PROGRAM = os.environ["CONSORTIUM_BIN"]
FOLDER = Path(tempfile.mkdtemp())
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
os.environ["HOME"] = os.environ["XDG_STATE_HOME"] = os.environ["XDG_CONFIG_HOME"] = str(FOLDER)
os.environ.pop("CONSORTIUM_CLOCK", None)


def skip(why):
    print(why)
    sys.exit(77)


def make_workspace():
    subprocess.run([PROGRAM, "init", "judge", "--member", "judge", "--officer", "judge-gov", "--no-passphrase", "--yes", "-q"],
                   cwd=FOLDER, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def verify(name, chain, roots, crls=(), at=None, purpose=None, names=()):
    """(True or False, the sentence). `chain` begins with the leaf; everything is PEM. Anything but a verdict (exit
    status 0 or 7), or the refusal to read what was given (2), is a failure of the whole test."""
    place = FOLDER / "cases" / name.replace("/", "_")
    place.mkdir(parents=True)
    (place / "chain.pem").write_text("\n".join(chain))
    (place / "roots.pem").write_text("\n".join(roots))
    command = [PROGRAM, "-C", str(FOLDER / "judge"), "cert", "verify", str(place / "chain.pem"), "--format", "json",
               "--roots", str(place / "roots.pem")]
    if crls:
        (place / "crls.pem").write_text("\n".join(crls))
        command += ["--crl", str(place / "crls.pem")]
    else:
        command += ["--no-revocation"]
    if at:
        command += ["--at", at]
    if purpose:
        command += ["--purpose", purpose]
    for each in names:
        command += ["--name", each]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    if done.returncode in (0, 7):
        data = json.loads(done.stdout)["data"]
        assert data["holds"] == (done.returncode == 0), name
        return data["holds"], data["sentence"]
    if done.returncode == 2 and '"malformed"' in done.stderr:
        return False, "not read: " + json.loads(done.stderr)["message"]
    raise RuntimeError(f"{name}: exit status {done.returncode}: {done.stderr.strip()}")


class Tally:
    """Compares verdicts with what was expected. Each disagreement is printed; `out_of_scope` says why one is none of
    ours, by the case's name, and must stay true."""

    def __init__(self, out_of_scope):
        self.out_of_scope = out_of_scope
        self.run = self.accepted = self.false_accepts = self.stale = 0
        self.listed = set()
        self.false_rejects = []

    def take(self, name, expected, holds, sentence):
        self.run += 1
        self.accepted += holds
        if holds == expected:
            return
        if not holds:
            self.false_rejects.append(f"{name}: {sentence}")
        elif name in self.out_of_scope:
            self.listed.add(name)
        else:
            self.false_accepts += 1
            print(f"FALSE ACCEPT {name}: {sentence}")

    def verdict(self):
        for name in self.false_rejects:
            print(f"false reject {name}")
        for name in sorted(self.listed):
            print(f"out of scope {name}: {self.out_of_scope[name]}")
        for name in sorted(set(self.out_of_scope) - self.listed):
            self.stale += 1
            print(f"no longer true: {name} is listed as out of scope")
        print(f"{self.run} cases, {self.accepted} accepted, {self.false_accepts} false accepts, "
              f"{len(self.false_rejects)} false rejects, {len(self.listed)} out of scope")
        # Who refuses everything never accepts falsely.
        return 0 if self.accepted and not self.false_accepts and not self.stale else 1


def each(ask, cases):
    """ask(case) for every case, on all cores; the answers in order."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(ask, cases))
