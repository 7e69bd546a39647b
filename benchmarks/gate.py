"""The gate against one plain run: the ratio of their wall-clock times, and whether one torch on both sides is safe.

python benchmarks/gate.py            # one plain run, one gate, in one session
python benchmarks/gate.py --times 10 # ten gates of the same torch: ten times SAFE, no change
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time


def seconds(command: list[str], allowed: tuple[int, ...]) -> tuple[float, str]:
    """How long a command takes, and the last line that it prints."""
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in allowed:
        raise SystemExit(
            f"{' '.join(command)} ended with status {done.returncode}:\n{done.stdout[-2000:]}{done.stderr}"
        )
    return time.monotonic() - start, (done.stdout.strip().splitlines() or [""])[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=1, help="how many gates to run")
    parser.add_argument("--profile", default="gate")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pytest = [sys.executable, "-m", "pytest", "-q", "-n", "auto", f"--hypothesis-profile={options.profile}"]
        plain, _ = seconds([*pytest, f"--report-dir={folder}/plain"], (0,))
        print(f"plain run: {plain:.1f} s", flush=True)
        for number in range(options.times):
            gate = [sys.executable, "-m", "conformance", "gate", "--baseline", "this", "--candidate", "this"]
            took, line = seconds([*gate, "--profile", options.profile, "--report-dir", f"{folder}/gate"], (0, 1, 4))
            print(f"gate {number + 1}: {took:.1f} s, {took / plain:.2f} times the plain run; {line}", flush=True)


if __name__ == "__main__":
    main()
