"""What benches share: runs in turn, medians, the record that scripts/bench reads."""

import json
import os
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


def record(name, ours, budget, runs, peer=None, peer_name=None, at_least=False):
    """Prints one record. The ratio is ours / peer, or ours itself; at_least: the budget is a lower bound."""
    ratio = ours if peer is None else ours / peer
    ok = ratio >= budget if at_least else ratio <= budget
    row = {"name": name, "ours": ours, "peer": peer, "peer_name": peer_name, "ratio": ratio, "budget": budget,
           "ok": ok, "n": runs}
    print(json.dumps(row), flush=True)
    return ok
