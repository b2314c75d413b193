"""One run: everybody in turn, several rounds, medians and ratios.

python -m benchmarks [--rounds N] [--seconds N] [--only WORDS] [--money] [--size]
"""

import argparse
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks import billing, callbacks, inside, sender, size, start, understanding_speed
from benchmarks import contestants as who
from benchmarks.contestants import Contestant
from benchmarks.frames import requests
from benchmarks.load import CONNECTIONS, Measured, as_fast_as_it_can, at_a_rate
from benchmarks.report import Goal, spread, table
from benchmarks.services import Place, machine, running, served

WARM_UP = 2.0  # seconds: connections, prepared statements, caches
MOST = 6_000  # requests a second nobody here exceeds: how many are prepared


@dataclass
class Figures:
    """One contestant's rounds. Waits in milliseconds, processor time of the program itself in microseconds a request."""

    rates: list[float] = field(default_factory=list)
    half: list[float] = field(default_factory=list)
    tails: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    wrong: int = 0

    @property
    def rate(self) -> float:
        return median(self.rates) if self.rates else 0.0


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that whatever was started is ended, too
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="linli-bench-") as folder:
        print("\n".join(machine()), flush=True)
        with running(Path(folder)) as place:
            if options.size or options.money:
                if options.size:
                    print(size.run(place), flush=True)
                _money(place, options)
                return 0
            rounds = _race(place, options)
            figures = {name: one for name, (_, one) in rounds.items()}
            print(_speeds(rounds))
            _promise(_ratios(figures))
            if not options.only:
                _promise(_calm_tails(rounds, options.seconds))
                _promise(inside.run(place))
                _promise(start.run(place))
                understood, shown = understanding_speed.run()
                print(shown)
                _promise(understood)
                sending, sent = _sending(place)
                print(sent)
                _promise(sending)
                _money(place, options)
    print(f"\n{time.monotonic() - begun:.0f} seconds in all")
    return 0


def _promise(goals: Sequence[Goal]) -> None:
    """As soon as they are known: what is measured last may take minutes."""
    if goals:
        head = ("beside what was promised", "measured", "gate", "goal", "")
        print(table("", head, [goal.line() for goal in goals]), flush=True)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often everybody's turn comes")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long a turn is measured")
    parser.add_argument("--only", default="", help="contestants whose name has these words")
    parser.add_argument("--money", action="store_true", help="bills and pay notices, and nothing else")
    parser.add_argument(
        "--size", action="store_true", help="1,200,000 homes against 1,200, 1,200,000 bills, nothing else"
    )
    return parser.parse_args(arguments)


def _race(place: Place, options: argparse.Namespace) -> dict[str, tuple[Contestant, Figures]]:
    """Everybody once, then everybody again: what the machine does meanwhile falls on all alike."""
    everybody = [one for one in [*who.ours(place), *who.peers(place)] if options.only in one.name]
    found: dict[str, tuple[Contestant, Figures]] = {one.name: (one, Figures()) for one in everybody}
    for number in range(options.rounds):
        for one in everybody:
            print(f"round {number + 1}: {one.name}", file=sys.stderr, flush=True)
            _measure(one, found[one.name][1], options.seconds, place)
    return found


def _measure(one: Contestant, into: Figures, seconds: float, place: Place) -> None:
    one.before()
    with served(one.command, one.settings, place.folder / "servers.log") as server:
        warm = as_fast_as_it_can(server.port, _requests(one, WARM_UP), WARM_UP, one.expected)
        prepared = _requests(one, seconds, at_most=3 * warm.rate)
        before = server.cpu_seconds()
        measured = as_fast_as_it_can(server.port, prepared, seconds, one.expected)
        used = server.cpu_seconds() - before
    into.rates.append(measured.rate)
    into.half.append(measured.percentile(0.5) * 1000)
    into.tails.append(measured.percentile(0.99) * 1000)
    into.cpu.append(used / max(1, len(measured.waits)) * 1e6)
    into.wrong += measured.wrong


def _requests(one: Contestant, seconds: float, at_most: float = MOST) -> list[bytes]:
    return requests(int(seconds * min(MOST, max(200.0, at_most))), one.people, one.texts, sealed=one.sealed)


def _speeds(rounds: dict[str, tuple[Contestant, Figures]]) -> str:
    head = ("program · server", "requests/s", "p50 ms", "p99 ms", "own CPU µs", "wrong")
    rows = [
        (name, spread(f.rates), spread(f.half), spread(f.tails), spread(f.cpu), str(f.wrong))
        for name, (_, f) in rounds.items()
    ]
    return table(f"As fast as it can, {CONNECTIONS} connections: median of the rounds (least–most)", head, rows)


def _ratios(figures: dict[str, Figures]) -> list[Goal]:
    best: dict[str, float] = defaultdict(float)
    for name, one in figures.items():
        subject = name.split(" · ")[0]
        best[subject] = max(best[subject], one.rate)
    wanted = (
        (who.REPORT_PG, who.PLAIN_TURN, "the plain turn", 0.8, 0.8),
        (who.REPORT_PG, who.ROBOT_REDIS, "WeRoBot's echo, Redis", 0.0, 1.0),
        (who.READ_PG, who.PLAIN_TURN, "the plain turn", 1.0, 1.0),
        (who.READ_PG, who.ROBOT_REDIS, "WeRoBot's echo, Redis", 0.0, 1.5),
        (who.REPORT_EMBEDDED, who.ROBOT_SQLITE, "WeRoBot's echo, SQLite", 1.0, 2.0),
    )
    return [
        Goal(f"{ours} ÷ {words}", best[ours] / best[theirs], "×", gate, goal)
        for ours, theirs, words, gate, goal in wanted
        if best.get(ours) and best.get(theirs)
    ]


def _sending(place: Place) -> tuple[list[Goal], str]:
    """What goes out, to a stand-in of WeChat that answers in 50 ms: the promise, and what it was measured beside."""
    rows = sender.run(place.folder, place.fresh("sender"))
    promised = [
        Goal(what, rate, "a second", 300, 1000) for what, rate in rows if what.startswith("sender, template messages")
    ]
    return promised, table(
        "Sending, messages a second", ("how", "median"), [(how, f"{rate:,.0f}") for how, rate in rows]
    )


def _money(place: Place, options: argparse.Namespace) -> None:
    """A month's bills, and WeChat's news that they are paid."""
    promised, shown, database = billing.run(place, large=options.size)
    print(shown, flush=True)
    _promise(promised)
    _promise(callbacks.run(place, database, max(20.0, 4 * options.seconds)))
    database.close()


def _calm_tails(rounds: dict[str, tuple[Contestant, Figures]], seconds: float) -> list[Goal]:
    """How long people wait at half of what is possible, when messages come by a timetable of their own."""
    goals = []
    for subject in (who.REPORT_PG, who.REPORT_EMBEDDED):
        for one, figures in rounds.values():
            if one.subject == subject:
                tails = [_calm_tail(one, figures.rate / 2, seconds) for _ in figures.rates]
                goals.append(Goal(f"{subject}: p99 at half the top rate", median(tails), "ms", 60, 25, "less"))
    return goals


def _calm_tail(one: Contestant, rate: float, seconds: float) -> float:
    one.before()
    with tempfile.TemporaryDirectory() as folder, served(one.command, one.settings, Path(folder) / "log") as server:
        as_fast_as_it_can(server.port, _requests(one, WARM_UP), WARM_UP, one.expected)
        measured: Measured = at_a_rate(server.port, _requests(one, seconds, rate), rate, seconds, one.expected)
    return measured.percentile(0.99) * 1000


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
