"""An order's page: what stands there for whom, and how its files are handed out."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from models.db import Database
from models.media.tables import FORGOTTEN, GONE, KEPT, WAITING, Medium
from tests.support import files
from tests.support.album import PROBLEM, Album
from tests.support.repairs import counted


@pytest.fixture
def album(sqlite_template: Path, tmp_path: Path, now: datetime) -> Album:
    (tmp_path / "linli.db").write_bytes(sqlite_template.read_bytes())
    return Album(Database(f"sqlite:///{tmp_path / 'linli.db'}"), tmp_path, now)


def page(album: Album, who: str) -> str:
    answer = album.browser(who).get(f"/m/order/{album.order}")
    assert answer.status_code == 200
    return answer.text


def test_an_owner_reads_where_it_stands_and_what_comes_next(album: Album) -> None:
    text = page(album, "zhang")
    for words in (
        "已通知师傅",
        "师傅接单后，会在微信里告诉您。",
        PROBLEM,
        "锦绣花园 3栋2单元501",
        "陈师傅",
        "13800000000",
        "报修",
        "派给师傅",
    ):
        assert words in text
    assert "13900000000" not in text, "one's own number is no news"
    assert f"催单 {album.order}" in text
    album.repaired()
    text = page(album, "zhang")
    assert "催单" not in text
    for words in ("修好了", "换了角阀", "回复 1 到 5 打分", f"没修好 {album.order}"):
        assert words in text


def test_a_worker_can_listen_and_call(album: Album) -> None:
    text = page(album, "chen")
    assert f'<audio controls preload="none" src="/m/recording/{album.voice}">' in text
    assert "“水是从三角阀漏的”" in text
    assert '<a href="tel:13900000000">' in text
    assert "您评价" not in text


@pytest.mark.parametrize(
    ("who", "number"), [("liu", "139****0000"), ("clerk", "13900000000"), ("manager", "13900000000")]
)
def test_who_does_not_call_sees_the_number_masked(album: Album, who: str, number: str) -> None:
    assert number in page(album, who)


@pytest.mark.parametrize(
    ("state", "words"), [(WAITING, "照片正在保存"), (GONE, "照片没能存下来"), (FORGOTTEN, "照片已经过了保存期")]
)
def test_a_photo_that_is_not_there_says_why(album: Album, state: str, words: str) -> None:
    with album.world.services.database.transaction() as session:
        session.query(Medium).filter_by(name=album.photo).one().state = state
    assert words in page(album, "zhang")
    assert album.browser("zhang").get(f"/m/photo/{album.photo}").status_code == 404


def test_the_page_looks_again_by_itself_while_a_photo_is_being_fetched(album: Album) -> None:
    def arrived(ago: timedelta, state: str) -> str:
        with album.world.services.database.transaction() as session:
            medium = session.query(Medium).filter_by(name=album.photo).one()
            medium.state, medium.received_at = state, album.now - ago
        return page(album, "zhang")

    refresh = '<meta http-equiv="refresh"'
    assert refresh in arrived(timedelta(seconds=5), WAITING)
    assert refresh not in arrived(timedelta(minutes=2), WAITING)
    assert refresh not in arrived(timedelta(seconds=5), KEPT)


def test_what_people_wrote_is_words_and_nothing_else(album: Album) -> None:
    with album.world.services.database.transaction() as session:
        words = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'{{7*7}}水管漏了"
        order = album.cast.report(session, album.now, words, category="水管").order.id
    text = album.browser("zhang").get(f"/m/order/{order}").text
    assert "<script>" not in text
    assert "<img src=x" not in text
    assert "{{7*7}}" in text


def test_pages_need_no_script_and_nothing_from_elsewhere(album: Album) -> None:
    for path in ("/m/", f"/m/order/{album.order}", f"/m/photo/{album.photo}/view"):
        text = album.browser("zhang").get(path).text
        assert "<script" not in text
        assert "style=" not in text
        assert "http://" not in text
        assert "https://" not in text


def test_a_file_is_saved_and_never_run(album: Album) -> None:
    browser = album.browser("zhang")
    for path, content_type, called in (
        (f"/m/photo/{album.photo}", "image/jpeg", ".jpg"),
        (f"/m/photo/{album.photo}/small", "image/jpeg", ".jpg"),
        (f"/m/recording/{album.voice}", "audio/amr", ".amr"),
    ):
        with browser.get(path) as answer:
            headers = answer.headers
            assert answer.status_code == 200
            assert headers["Content-Type"] == content_type
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Content-Disposition"].startswith("attachment;")
            assert called in headers["Content-Disposition"]
            assert album.photo not in headers["Content-Disposition"]
            assert headers["Cache-Control"] == "private, max-age=600"
            assert "sandbox" in headers["Content-Security-Policy"]
    with browser.get(f"/m/recording/{album.voice}") as answer:
        assert answer.data == files.AMR
    with browser.get(f"/m/recording/{album.voice}", headers={"Range": "bytes=0-5"}) as answer:
        assert (answer.status_code, answer.data) == (206, b"#!AMR\n")


def test_a_photo_is_no_recording_and_the_reverse(album: Album) -> None:
    browser = album.browser("zhang")
    assert browser.get(f"/m/recording/{album.photo}").status_code == 404
    assert browser.get(f"/m/photo/{album.voice}").status_code == 404


def test_a_file_the_store_has_lost_is_not_there(album: Album) -> None:
    album.world.services.media_store.remove(f"{album.photo}.jpg")
    assert album.browser("zhang").get(f"/m/photo/{album.photo}").status_code == 404


def test_a_page_asks_the_database_seldom(album: Album) -> None:
    browser = album.browser("zhang")
    with counted(album.world.services.database) as statements:
        page(album, "zhang")
    assert len([each for each in statements if each != "BEGIN"]) <= 6
    with counted(album.world.services.database) as statements:
        browser.get(f"/m/photo/{album.photo}").close()
    assert len([each for each in statements if each != "BEGIN"]) <= 3


def test_the_list_is_ones_own_and_a_workers_tasks(album: Album) -> None:
    assert f'href="/m/order/{album.order}"' in album.browser("zhang").get("/m/").text
    assert "我手上的单" in album.browser("chen").get("/m/").text
    assert "还没有报过修" in album.browser("li").get("/m/").text
    assert "您手上没有没修完的单" in album.browser("zhou").get("/m/").text
