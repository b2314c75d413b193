"""WeRoBot in a Flask program, counting each person's messages in its session: in Redis, or in its SQLite file."""

import warnings

warnings.simplefilter("ignore")  # it was last released in 2021

import redis  # noqa: E402
from flask import Flask  # noqa: E402
from werobot import WeRoBot  # noqa: E402
from werobot.contrib.flask import make_view  # noqa: E402
from werobot.session.redisstorage import RedisStorage  # noqa: E402
from werobot.session.sqlitestorage import SQLiteStorage  # noqa: E402

from benchmarks.peers.setting import REDIS_SOCKET, SESSION_FILE, TOKEN  # noqa: E402

robot = WeRoBot(token=TOKEN)
robot.config["SESSION_STORAGE"] = (
    SQLiteStorage(SESSION_FILE) if SESSION_FILE else RedisStorage(redis.Redis(unix_socket_path=REDIS_SOCKET))
)


@robot.text
def say_back(message, session):  # type: ignore[no-untyped-def] # the robot looks at the names of the parameters
    session["count"] = session.get("count", 0) + 1
    return message.content


app = Flask(__name__)
app.add_url_rule("/wechat", endpoint="robot", view_func=make_view(robot), methods=["GET", "POST"])
