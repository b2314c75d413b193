// What WeChat puts into every page it shows: here only the payment sheet of the pretend WeChat.

(() => {
  const mine = () => decodeURIComponent((document.cookie.match(/(?:^|; )simulator_openid=([^;]*)/) || [])[1] || "");

  const post = async (path, wish) => {
    const answer = await fetch(`/simulator/api/${path}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wish),
    });
    return { ok: answer.ok, told: await answer.json().catch(() => ({})) };
  };

  const add = (parent, tag, words, look = "") => {
    const node = document.createElement(tag);
    node.textContent = words;
    node.className = look;
    parent.append(node);
    return node;
  };

  async function sheet(params, done) {
    const wish = { openid: mine(), sheet: params };
    const { ok, told } = await post("sheet", wish);
    const veil = add(document.body, "div", "", "paysheet");
    const box = add(veil, "div", "", "box");
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", "微信支付");
    const end = (how) => {
      veil.remove();
      done({ err_msg: `get_brand_wcpay_request:${how}` });
    };
    add(box, "p", ok ? told.description : told.sorry);
    if (ok) {
      add(box, "b", `¥${(told.fen / 100).toFixed(2)}`);
      add(box, "button", "确认支付", "yes").addEventListener("click", async () => {
        const paid = await post("act/pay", wish);
        end(paid.ok ? "ok" : "fail");
      });
    }
    add(box, "button", "取消").addEventListener("click", () => end(ok ? "cancel" : "fail"));
  }

  window.WeixinJSBridge = {
    invoke: (name, params, done) => { if (name === "getBrandWCPayRequest") sheet(params, done); },
  };
})();
