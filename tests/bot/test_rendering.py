from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.rendering import TEMPLATES, NoTemplate, Renderer, RenderingFailed, read_official_templates
from models.kinds import all_kinds
from models.messaging.kinds import Kind
from tests.support.words import CHAT_ONLY, KINDS, NEWS, small_renderer, write_words

LEAK = {"order": 1024, "problem": "厨房水管漏水"}


@pytest.fixture
def renderer(tmp_path: Path) -> Renderer:
    return small_renderer(tmp_path / "templates")


def test_words_are_filled_from_the_snapshot(renderer: Renderer) -> None:
    assert renderer.text("test_news", LEAK) == "您的报修 #1024 厨房水管漏水\n第二行"


def test_data_that_lacks_what_the_words_need_is_a_failure(renderer: Renderer) -> None:
    with pytest.raises(RenderingFailed, match=r"test_news\.txt: 'problem' is undefined"):
        renderer.text("test_news", {"order": 1024})


def test_a_kind_without_words_is_a_failure(renderer: Renderer) -> None:
    with pytest.raises(RenderingFailed, match="nothing_like_it"):
        renderer.text("nothing_like_it", {})


@pytest.mark.parametrize("hostile", ["{{ 7*7 }}", "{% for x in y %}", "{{ order.__class__ }}"])
def test_what_people_wrote_is_never_run(renderer: Renderer, hostile: str) -> None:
    assert hostile in renderer.text("test_news", {**LEAK, "problem": hostile})


@pytest.mark.parametrize("invisible", ["\x00", "\x08", "\x0b", "\x1b", "\x7f", "\x85", "\ud800", "\r", "\t"])
def test_control_characters_do_not_leave_the_house(renderer: Renderer, invisible: str) -> None:
    assert renderer.text("test_news", {**LEAK, "problem": f"漏{invisible}水"}).splitlines()[0] == "您的报修 #1024 漏水"


@pytest.mark.parametrize("kept", ["👨‍👩‍👧‍👦", "𠮷", "水温<30", "a & b", "é"])
def test_everything_else_arrives_as_it_was_written(renderer: Renderer, kept: str) -> None:
    assert kept in renderer.text("test_news", {**LEAK, "problem": kept})


def test_a_neighbours_link_is_no_link(renderer: Renderer) -> None:
    words = renderer.text("test_news", {**LEAK, "problem": '<a href="http://evil.example">领红包</a>'})
    assert "<a" not in words
    assert "＜a" in words


def test_a_message_is_cut_at_2000_bytes_on_a_character(renderer: Renderer) -> None:
    words = renderer.text("test_news", {**LEAK, "problem": "漏" * 5000})
    assert 1990 < len(words.encode()) <= 2000
    assert words.endswith("漏…")


def test_a_form_is_filled_with_data_first_line_and_local_time(renderer: Renderer) -> None:
    form = renderer.template_message(NEWS, LEAK, datetime(2026, 3, 10, 18, 5, tzinfo=UTC))
    assert form.template_id == "TID"
    assert form.data == {
        "character_string1": "1024",
        "thing2": "您的报修 #1024 厨房水管漏水",
        "time3": "2026-03-11 02:05",
    }


def test_a_long_first_line_is_shortened_around_its_number(renderer: Renderer, now: datetime) -> None:
    thing = renderer.template_message(NEWS, {**LEAK, "problem": "水管" * 20}, now).data["thing2"]
    assert len(thing) <= 20
    assert "#1024" in thing


@pytest.mark.parametrize("unfit", ["", "a1" * 30])
def test_words_that_cannot_be_shortened_do_not_stop_the_message(tmp_path: Path, now: datetime, unfit: str) -> None:
    folder = write_words(tmp_path / "templates")
    (folder / "messages" / "test_news.txt").write_text("{{ problem }}")
    form = Renderer({"test_form": "TID"}, folder).template_message(NEWS, {**LEAK, "problem": unfit}, now)
    assert form.data["thing2"] == "请在公众号里查看"


def test_a_value_that_wechat_would_refuse_is_refused_here(renderer: Renderer, now: datetime) -> None:
    with pytest.raises(ValueError, match="character_string1"):
        renderer.template_message(NEWS, {**LEAK, "order": "一千"}, now)


def test_a_kind_for_the_chat_only_has_no_form(renderer: Renderer, now: datetime) -> None:
    with pytest.raises(NoTemplate):
        renderer.template_message(CHAT_ONLY, LEAK, now)


def test_a_form_the_company_was_not_granted_is_no_form(tmp_path: Path, now: datetime) -> None:
    with pytest.raises(NoTemplate):
        Renderer({"test_form": ""}, write_words(tmp_path / "templates")).template_message(NEWS, LEAK, now)


def test_words_and_kinds_that_fit_together_are_fine(renderer: Renderer) -> None:
    assert renderer.check_words(KINDS) == []


def test_what_does_not_fit_together_is_named(renderer: Renderer) -> None:
    kinds = [*KINDS[1:], Kind("test_mute"), Kind("test_alarm", template="unheard_of")]
    assert renderer.check_words(kinds) == [
        "kind test_mute has no words",
        "words test_news.txt belong to no kind",
        "kind test_alarm wants the unknown template unheard_of",
    ]


class TestOurOwnForms:
    def test_every_field_is_one_wechat_knows(self) -> None:
        keys = {key.rstrip("0123456789") for form in read_official_templates().values() for key in form.fields}
        assert keys <= {"thing", "character_string", "time", "phrase", "amount", "date", "name", "number"}

    def test_every_form_can_be_filled(self, now: datetime) -> None:
        forms = read_official_templates()
        renderer = Renderer(dict.fromkeys(forms, "TID"))
        data = {
            "text": "陈师傅已接单",
            "order": 1024,
            "problem": "厨房水管漏水",
            "where": "锦绣花园 3栋2单元501 厨房",
            "state": "已接单",
            "worker": "陈师傅",
            "home": "锦绣花园3栋2单元501",
            "period": "2026-03",
            "amount": "1,165.33元",
            "left": "1,165.33元",
            "due": "2026-03-31",
        }
        for name, form in forms.items():
            filled = renderer.template_message(Kind("late_reply", template=name), data, now)
            assert filled.data.keys() == form.fields.keys()

    def test_the_worker_reads_the_words_that_were_added(self, now: datetime) -> None:
        """The form shows the first line only, without what has a field of its own."""
        where = "锦绣花园3栋2单元501"
        said = {"order": 12, "where": where, "problem": "厨房水管漏水", "name": "张伟", "phone": "13900000000"}
        renderer = Renderer({"order_task": "TID"})
        [added] = [kind for kind in all_kinds() if kind.name == "order_added"]
        short = renderer.template_message(added, {**said, "words": "卫生间也漏了"}, now)
        assert short.data["thing2"] == "工单有新的说明：卫生间也漏了"
        longer = {**said, "words": "阀门在厨房水槽下面的柜子里，钥匙放在门口的地垫底下"}
        assert renderer.template_message(added, longer, now).data["thing2"] == "工单有新的说明：阀门在厨房水槽下面的柜…"
        assert longer["words"] in renderer.text("order_added", longer)

    @pytest.mark.parametrize("words", sorted((TEMPLATES / "messages").glob("*.txt")), ids=lambda path: path.stem)
    def test_the_first_line_says_something_by_itself(self, words: Path) -> None:
        """All that a template message shows of it: a colon at its end would point at nothing."""
        assert not words.read_text().partition("\n")[0].rstrip().endswith(("：", ":"))

    def test_a_reply_that_comes_late_keeps_its_links(self) -> None:
        link = '<a href="https://linli.example/m/bill">看账单</a>'
        assert Renderer({}).text("late_reply", {"text": link}) == link


@pytest.mark.parametrize(
    ("public_url", "data", "address"),
    [
        ("https://home.test", {"page": "/m/order/12"}, "https://home.test/m/order/12"),
        ("https://home.test", {}, ""),
        ("", {"page": "/m/order/12"}, ""),
    ],
)
def test_a_card_opens_the_page_it_is_about(public_url: str, data: dict[str, str], address: str) -> None:
    assert Renderer({}, public_url=public_url).address(data) == address
