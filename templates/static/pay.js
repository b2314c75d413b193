// The sum of what is ticked, and WeChat's payment sheet. What came of it is asked of our server, never believed here.

const form = document.getElementById("pay");
const go = document.getElementById("go");
const sorry = document.getElementById("sorry");
const total = document.getElementById("total");

const shown = (fen) => `${Math.floor(fen / 100).toLocaleString("en")}.${String(fen % 100).padStart(2, "0")}元`;

function sum() {
  const written = form.elements.amount.value.trim();
  const ticked = [...form.querySelectorAll("input[name=bill]:checked")];
  const fen = ticked.reduce((sofar, box) => sofar + Number(box.dataset.fen), 0);
  total.textContent = written ? `${written}元` : shown(fen);
}

function say(words) {
  sorry.textContent = words;
  sorry.hidden = false;
  if (go) go.disabled = false;
}

function openSheet(answer) {
  const call = () => WeixinJSBridge.invoke("getBrandWCPayRequest", answer.sheet, (result) => {
    if (result.err_msg === "get_brand_wcpay_request:ok") location.href = `/m/paid/${answer.number}`;
    else if (result.err_msg === "get_brand_wcpay_request:cancel") say("没有付，钱没有扣。想付再点一次。");
    else say("微信没有打开付款，请再点一次。");
  });
  if (typeof WeixinJSBridge === "undefined") {
    document.addEventListener("WeixinJSBridgeReady", call, { once: true });
    setTimeout(() => { if (typeof WeixinJSBridge === "undefined") say("请在微信里打开这一页再付款。"); }, 3000);
  } else {
    call();
  }
}

async function pay(event) {
  event.preventDefault();
  sorry.hidden = true;
  go.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
    const told = await answer.json();
    if (answer.ok) openSheet(told);
    else say(told.sorry);
  } catch {
    say("没有连上，钱没有扣。请再点一次。");
  }
}

if (form) {
  form.addEventListener("input", sum);
  form.addEventListener("submit", pay);
  sum();
}
