"""How often the split check is wrong, and how many answers it needs: simulated and computed.

    python tools/simulate_split.py [--seeds 100000]

Writes docs/split-check.md. Nothing here is measured on a cluster: answers are drawn as a proxy
draws them, each independently with the true share.
"""

import argparse
import platform
import random
from bisect import bisect
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import accumulate
from math import comb
from pathlib import Path
from typing import NamedTuple

from app.checks.sequential import SplitTest, Verdict, batches

ASKED = {"v1": 90.0, "v2": 10.0}
TRUE_SHARES = {"90/10": 0.10, "80/20": 0.20, "95/5": 0.05, "100/0": 0.0, "50/50": 0.50}
ERROR_RATES = (1e-3, 1e-6)
PAGE = Path(__file__).resolve().parent.parent / "docs" / "split-check.md"


class Row(NamedTuple):
    """What became of all runs at one true share. Units: rates 0..1, answers."""

    error_rate: float
    true: str
    accepted: float
    accepted_exactly: float
    mean: float
    p95: int
    most: int


def chances(count: int, share: float) -> list[float]:
    """Return the chance of each number of hits among `count` answers."""
    return [comb(count, k) * share**k * (1 - share) ** (count - k) for k in range(count + 1)]


def verdict(test: SplitTest, hits: int, total: int) -> Verdict:
    """Return what the check makes of so many answers of v2."""
    return test.judge({"v1": total - hits, "v2": hits}, is_last=total >= test.cap)


def simulated(test: SplitTest, share: float, seeds: int) -> Iterator[tuple[Verdict, int]]:
    """Yield verdict and number of answers of each run; the run's number is its seed."""
    sizes = batches(test.cap)
    ladders = {size: list(accumulate(chances(size, share))) for size in set(sizes)}
    for seed in range(seeds):
        draw, hits, total = random.Random(seed), 0, 0
        for size in sizes:
            hits += min(size, bisect(ladders[size], draw.random()))
            total += size
            found = verdict(test, hits, total)
            if found != "undecided":
                yield found, total
                break


def acceptance(test: SplitTest, share: float) -> float:
    """Return the chance that the check accepts, over all ways in which the answers can fall."""
    undecided, total, accepted = {0: 1.0}, 0, 0.0
    for size in batches(test.cap):
        step, total, grown = chances(size, share), total + size, dict[int, float]()
        for hits, chance in undecided.items():
            for more, part in enumerate(step):
                if chance * part > 1e-15:
                    grown[hits + more] = grown.get(hits + more, 0.0) + chance * part
        verdicts = {hits: verdict(test, hits, total) for hits in grown}
        accepted += sum(c for hits, c in grown.items() if verdicts[hits] == "accepted")
        undecided = {hits: c for hits, c in grown.items() if verdicts[hits] == "undecided"}
    return accepted


def row(error_rate: float, true: str, seeds: int) -> Row:
    """Return what becomes of a 90/10 check at one true share."""
    test, share = SplitTest(ASKED, error_rate), TRUE_SHARES[true]
    runs = list(simulated(test, share, seeds))
    answers = sorted(total for _found, total in runs)
    accepted = sum(found == "accepted" for found, _total in runs) / seeds
    return Row(
        error_rate,
        true,
        accepted,
        acceptance(test, share),
        sum(answers) / seeds,
        answers[int(seeds * 0.95)],
        answers[-1],
    )


def line(found: Row) -> str:
    """Return a row of the table."""
    wrong = 1 - found.accepted if found.true == "90/10" else found.accepted
    exact = 1 - found.accepted_exactly if found.true == "90/10" else found.accepted_exactly
    name = "false fail" if found.true == "90/10" else "false pass"
    return (
        f"| {found.error_rate:g} | {found.true} | {name} | {wrong:.5f} | {exact:.1e} "
        f"| {found.mean:.0f} | {found.p95} | {found.most} |"
    )


def page(rows: list[Row], seeds: int) -> str:
    """Return docs/split-check.md."""
    caps = ", ".join(f"{SplitTest(ASKED, rate).cap} at {rate:g}" for rate in ERROR_RATES)
    table = "\n".join(map(line, rows))
    return TEXT.format(
        seeds=seeds,
        caps=caps,
        table=table,
        machine=f"{platform.machine()}, Python {platform.python_version()}",
        date=f"{datetime.now(UTC):%Y-%m-%d}",
    )


TEXT = """# How sure the split check is

The exact weights are decided from the configuration in force: which VirtualService wins, its
weights, its subsets, and that the caller's proxy has them. Traffic then only refutes a gross
departure: each asked share is weighed against half and double of it (against one answer in twenty
where nothing is asked), by a sequential probability-ratio test. Nothing is promised for a true
share between. Asked here: 90/10.

| error rate | true split | error | seen in {seeds} runs | computed | answers, mean | p95 | most |
|---|---|---|---|---|---|---|---|
{table}

* *False fail*: a right split is refuted; *false pass*: a wrong one is accepted. Each is to stay
  under the error rate: 0.001 in the course, 0.000001 in grading. *Computed* adds up all ways in
  which the answers can fall; runs alone could not show one in a million.
* 80/20 is double of the asked 10 %, 95/5 is half of it: these two are the nearest that the test
  promises to refute, so they take the most answers. 100/0 and 50/50 lie far beyond and end at the
  first looks. A true share of, say, 87/13 lies between: it is accepted or refuted as chance has
  it, and the configuration alone tells.
* Answers are counted at looks between batches of 100 and more, so a few more are asked for than
  needed. The check asks for no more after {caps}; then the better explanation wins.
* It is a simulation of the test, with the code that the check runs, and no measurement of a
  cluster: each answer is drawn independently with the true share, as a proxy chooses.

Made by `python tools/simulate_split.py --seeds {seeds}` on {date} ({machine}).
"""


def main() -> None:
    """Simulate, compute, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100_000, help="runs for each true split")
    seeds = parser.parse_args().seeds
    rows = [row(rate, true, seeds) for rate in ERROR_RATES for true in TRUE_SHARES]
    PAGE.write_text(page(rows, seeds))
    print(page(rows, seeds))


if __name__ == "__main__":
    main()
