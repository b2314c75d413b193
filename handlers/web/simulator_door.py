"""In a training set-up the simulator's pages are reached through our own address, so that there is just one to remember."""

from flask import Flask, Response, current_app, request

from bot.services import Services

_PASSED_ON = ("Content-Type", "Content-Disposition", "Cache-Control", "Location", "ETag", "Last-Modified", "Set-Cookie")

NOT_YET = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="2"><title>邻里管家 · 练习台</title>
<p style="font: 20px/1.6 sans-serif; margin: 20vh auto; max-width: 20em; padding: 0 1em">练习用的假微信正在启动，好了会自己打开。</p>
"""


def register(app: Flask) -> None:
    app.add_url_rule("/simulator", view_func=simulator, methods=["GET"], defaults={"path": ""})
    app.add_url_rule(
        "/simulator/", view_func=simulator, methods=["GET"], defaults={"path": ""}, endpoint="simulator_root"
    )
    app.add_url_rule(
        "/simulator/<path:path>", view_func=simulator, methods=["GET", "POST", "DELETE"], endpoint="simulator_any"
    )


def simulator(path: str) -> Response:
    import requests  # noqa: PLC0415 (a command that serves nobody does not wait for it)

    services: Services = current_app.extensions["services"]
    target = f"http://127.0.0.1:{services.settings.simulator_port}/simulator" + (f"/{path}" if path else "")
    try:
        answer = requests.request(
            request.method,
            target,
            params=request.args.to_dict(flat=False),
            data=request.get_data(),
            headers={"Content-Type": request.content_type or "", "Cookie": request.headers.get("Cookie", "")},
            timeout=(2, 30),
            allow_redirects=False,
        )
    except requests.RequestException:
        return Response(NOT_YET, 503, content_type="text/html; charset=utf-8", headers={"Retry-After": "2"})
    response = Response(answer.content, answer.status_code)
    for name in _PASSED_ON:
        if name in answer.headers:
            response.headers[name] = answer.headers[name]
    return response
