import subprocess
import sys
from pathlib import Path

from bot.rendering import Renderer
from models.kinds import all_kinds

ROOT = Path(__file__).parents[2]


def test_every_kind_has_words_every_word_a_kind_and_every_form_is_known() -> None:
    assert Renderer({}).check_words(all_kinds()) == []


def test_every_topic_with_kinds_is_in_the_list() -> None:
    listed = (ROOT / "models" / "kinds.py").read_text()
    topics = [path.parent.name for path in (ROOT / "models").glob("*/kinds.py")]
    assert {"people", "workorders"} <= set(topics)
    assert all(f"from models.{topic}" in listed for topic in topics)


def test_the_process_that_sends_knows_every_kind_by_itself() -> None:
    """What the web process promises must not be unknown to a process that never loads its handlers."""
    ask = "import scheduler.__main__ as s; print(*sorted(kind.name for kind in s.all_kinds()))"
    known = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(known.stdout.split()) == {path.stem for path in (ROOT / "templates" / "messages").glob("*.txt")}
