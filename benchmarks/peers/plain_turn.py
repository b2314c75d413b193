"""Flask + wechatpy + redis-py + SQLAlchemy's ORM: seen before (Redis)? who speaks (a select)? note it (an insert), remember the
talk (Redis), say it back. About a fifth of what Linli's turn does, written as the libraries' pages show it."""

import json
from datetime import datetime

import redis
from flask import Flask, abort, request
from sqlalchemy import BigInteger, DateTime, String, Text, create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker
from wechatpy import create_reply, parse_message
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.utils import check_signature

from benchmarks.peers.setting import DATABASE_URL, REDIS_SOCKET, TOKEN


class Base(DeclarativeBase):
    pass


class Follower(Base):
    __tablename__ = "peer_followers"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    openid: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(64))


class Said(Base):
    __tablename__ = "peer_said"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    message_id: Mapped[int] = mapped_column(BigInteger)
    follower_id: Mapped[int] = mapped_column(BigInteger, index=True)
    content: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime, server_default=func.now())


engine = create_engine(DATABASE_URL, pool_size=8)
Session = sessionmaker(engine)
store = redis.Redis(unix_socket_path=REDIS_SOCKET, decode_responses=True)
app = Flask(__name__)


@app.post("/wechat")
def turn() -> str:
    said = request.args
    try:
        check_signature(TOKEN, said.get("signature", ""), said.get("timestamp", ""), said.get("nonce", ""))
    except InvalidSignatureException:
        abort(403)
    message = parse_message(request.data)
    if not store.set(f"seen:{message.id}", "1", nx=True, ex=60):
        return ""
    talk = json.loads(str(store.get(f"talk:{message.source}") or "{}"))
    with Session() as session:
        follower = session.scalars(select(Follower).where(Follower.openid == message.source)).one()
        session.add(Said(message_id=message.id, follower_id=follower.id, content=message.content))
        session.commit()
        name = follower.name
    talk["count"] = talk.get("count", 0) + 1
    store.set(f"talk:{message.source}", json.dumps(talk), ex=1800)
    return str(create_reply(f"{name} {talk['count']} {message.content}", message).render())
