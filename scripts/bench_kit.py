"""What benches share: runs in turn, medians, the record that scripts/bench reads."""

import json
import os
import shutil
import statistics
import subprocess
import time
from pathlib import Path

BIN = os.environ.get("CONSORTIUM_BIN", "")
BUILD = Path(os.environ.get("CONSORTIUM_BUILD", "."))
FOLDER = Path(os.environ.get("BENCH_FOLDER", "."))
ROOT = Path(__file__).resolve().parent.parent


def seconds(action):
    """How long one run of a callable, or of a command, takes."""
    begun = time.perf_counter()
    if callable(action):
        action()
    else:
        subprocess.run(action, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begun


def in_turn(ours, peer, runs=5, measure=seconds):
    """Medians of ours and of the peer, run in turn so that both see the same machine."""
    samples = ([], [])
    for _ in range(runs):
        samples[0].append(measure(ours))
        samples[1].append(measure(peer))
    return statistics.median(samples[0]), statistics.median(samples[1])


def alone(ours, runs=5, measure=seconds):
    return statistics.median(measure(ours) for _ in range(runs))


# Spawns each command in turn, again and again, and prints the median of each in nanoseconds: a launcher smaller
# than what it measures. Commands are separated by empty words.
LAUNCHER = r"""
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>
long run(char** command) {
    auto const begun = std::chrono::steady_clock::now();
    pid_t child = 0;
    int status = 0;
    if (posix_spawn(&child, command[0], nullptr, nullptr, command, environ) != 0) std::abort();
    waitpid(child, &status, 0);
    if (status != 0) std::abort();
    return (std::chrono::steady_clock::now() - begun).count();
}
int main(int count, char** texts) {
    std::vector<std::vector<char*>> commands(1);
    for (int i = 2; i < count; ++i) {
        if (texts[i][0] != 0) {
            commands.back().push_back(texts[i]);
            continue;
        }
        commands.back().push_back(nullptr);
        commands.emplace_back();
    }
    commands.back().push_back(nullptr);
    std::vector<std::vector<long>> times(commands.size());
    int const keep = dup(1);
    dup2(open("/dev/null", O_WRONLY), 1);
    for (int round = 0; round < std::atoi(texts[1]); ++round)
        for (std::size_t i = 0; i < commands.size(); ++i) times[i].push_back(run(commands[i].data()));
    for (auto& samples : times) {
        std::sort(samples.begin(), samples.end());
        dprintf(keep, "%ld\n", samples[samples.size() / 2]);
    }
}
"""
# It maps the C++ library, as ours must.
EMPTY_PROGRAM = "#include <iostream>\nint main() {}\n"


def compiled(name, source):
    (FOLDER / f"{name}.cpp").write_text(source, encoding="utf-8")
    subprocess.run(["g++", "-O2", "-o", FOLDER / name, FOLDER / f"{name}.cpp"], check=True)
    return str(FOLDER / name)


def spawned(commands, runs):
    """The median time, in seconds, that each command takes as a process of its own, all run in turn."""
    words = []
    for command in commands:
        words += ([""] if words else []) + [str(word) for word in command]
    output = subprocess.run([compiled("launcher", LAUNCHER), str(runs), *words], capture_output=True, text=True,
                            check=True).stdout
    return [int(line) / 1e9 for line in output.split()]


def journal_of(size):
    """A workspace whose journal has `size` entries; made once a build, since ten million take minutes."""
    folder = BUILD / "bench" / f"journal-{size}"
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    workspace = folder / "acme"
    if (folder / "filled").exists():
        return workspace
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = [BIN, "init", workspace, "--member", "acme", "--officer", "acme-gov", "--no-passphrase"]
    subprocess.run(command, check=True, capture_output=True)
    charter = ROOT / "templates" / "charter" / "equal-partners.toml"
    subprocess.run([BIN, "init", workspace, "--charter", charter, "--yes"], check=True, capture_output=True)
    subprocess.run([BUILD / "tests" / "make_journal", "fill", workspace, str(size)], check=True)
    (folder / "filled").touch()
    return workspace


def copy_of(workspace):
    """A copy of a workspace of journal_of(), in this bench's folder: each run finds the same."""
    folder = FOLDER / workspace.parent.name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(workspace.parent, folder)
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    return folder / workspace.name


def record(name, ours, budget, runs, peer=None, peer_name=None, at_least=False):
    """Prints one record. The ratio is ours / peer, or ours itself; at_least: the budget is a lower bound."""
    ratio = ours if peer is None else ours / peer
    ok = ratio >= budget if at_least else ratio <= budget
    row = {"name": name, "ours": ours, "peer": peer, "peer_name": peer_name, "ratio": ratio, "budget": budget,
           "ok": ok, "n": runs}
    print(json.dumps(row), flush=True)
    return ok
