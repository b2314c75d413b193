"""What understanding costs, beside jieba with scikit-learn and rapidfuzz's `extractOne`: right answers, milliseconds, memory, loading.

Everybody has a process of its own, learns from the same sentences and answers the same ones, one after the other as they come.

python -m benchmarks.understanding_speed [NAME]
"""

import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import psutil

from benchmarks.peers.understanding import Answer, jieba_and_scikit_learn, nearest_by_rapidfuzz
from benchmarks.report import Goal, table
from handlers.phrases.sentences import CORPUS, EVALUATION, Sentence, sentences

ROOT = Path(__file__).parents[1]
OURS = "Linli"
ENOUGH = 300  # sentences: `extractOne` takes some 20 ms for each


def _linli() -> Answer:
    from bot.understanding import Context  # noqa: PLC0415 (each contestant loads its own)
    from handlers.program import build_understanding  # noqa: PLC0415
    from handlers.told import told  # noqa: PLC0415

    understanding = build_understanding()

    def answer(said: Sentence) -> str:
        context = Context(said.awaiting)
        meaning = understanding.understand(said.text, said.role, context)
        return str(told(meaning, said.text, said.role, context)["intent"])

    return answer


LIBRARIES = {
    OURS: ("handlers.program", "handlers.told"),
    "jieba + scikit-learn": ("jieba", "sklearn.pipeline", "sklearn.svm", "sklearn.feature_extraction.text"),
    "rapidfuzz extractOne": ("rapidfuzz.process",),
}
CONTESTANTS: dict[str, Callable[[], Answer]] = {
    OURS: _linli,
    "jieba + scikit-learn": lambda: jieba_and_scikit_learn(list(sentences(CORPUS))),
    "rapidfuzz extractOne": lambda: nearest_by_rapidfuzz(list(sentences(CORPUS))),
}


def run() -> tuple[list[Goal], str]:
    """The promise, and the table of everybody."""
    ours: dict[str, float] = {}
    rows = []
    for name in CONTESTANTS:
        asked = subprocess.run(  # noqa: S603 (this very program)
            [sys.executable, "-m", "benchmarks.understanding_speed", name],
            cwd=ROOT, capture_output=True, text=True, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        found = json.loads(asked.stdout.splitlines()[-1])
        ours = ours or found
        rows.append(
            (
                name,
                f"{found['right']:.1%}",
                f"{found['p50']:.2f}",
                f"{found['p99']:.2f}",
                f"{found['memory']:.0f}",
                f"{found['load']:.2f}",
            )
        )
    goals = [
        Goal("understanding, p50 of the evaluation sentences", ours["p50"], "ms", 2, 0.7, "less"),
        Goal("understanding, p99", ours["p99"], "ms", 10, 10, "less"),
        Goal("understanding, memory of a process that does nothing else", ours["memory"], "MB", 150, 150, "less"),
        Goal("understanding, ready after its imports", ours["load"], "s", 1, 1, "less"),
    ]
    head = ("", "right (strict)", "p50 ms", "p99 ms", "memory MB", "ready after s")
    return goals, table("Understanding", head, rows)


def measure(name: str) -> dict[str, float]:
    """In this process: share of right intents, milliseconds a sentence, MB of memory, seconds to be ready.

    Ready: from where its libraries are imported to its first answer, with learning where that is done each time.
    """
    asked = list(sentences(EVALUATION))[:: 1 if name == OURS else 4]
    if name != OURS:
        asked = asked[:ENOUGH]
    for library in LIBRARIES[name]:
        importlib.import_module(library)
    begun = time.perf_counter()
    answer = CONTESTANTS[name]()
    answer(asked[0])
    load = time.perf_counter() - begun
    for one in asked[:50]:
        answer(one)
    took, right = [], 0
    for one in asked:
        begun = time.perf_counter()
        intent = answer(one)
        took.append((time.perf_counter() - begun) * 1000)
        right += intent == one.intent
    took.sort()
    memory = psutil.Process().memory_info().rss / 1e6
    return {
        "right": right / len(asked), "p50": median(took), "p99": took[int(len(took) * 0.99)], "memory": memory, "load": load,
    }  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1])))
    else:
        goals, shown = run()
        print(
            shown,
            table("", ("beside what was promised", "measured", "gate", "goal", ""), [one.line() for one in goals]),
            sep="\n",
        )
