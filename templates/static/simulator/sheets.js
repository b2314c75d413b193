// What slides up over a phone: voice, location, scanning, the ⋯ menu, a web page.

import { act } from "./api.js";
import { el, iconButton } from "./dom.js";

const PLACES = [
  ["锦绣花园 3栋楼下", 31.23041, 121.4737],
  ["锦绣花园 北门", 31.23121, 121.4742],
  ["望江苑 1栋楼下", 31.2405, 121.4912],
];

export function closeSheets(screen) {
  screen.querySelectorAll(".veil").forEach((veil) => veil.remove());
  for (const part of screen.children) part.inert = false;
}

// Lay `body` over the phone. Escape and a tap beside it close it; the focus goes in and comes back.
function openSheet(screen, title, body, className = "") {
  const before = document.activeElement;
  const close = () => {
    closeSheets(screen);
    before?.focus?.();
  };
  const head = el("header", {}, el("h2", {}, title), iconButton("close", "关闭", close));
  const sheet = el("section", { class: `sheet ${className}`, role: "dialog", "aria-label": title }, head, body(close));
  const veil = el("div", { class: "veil", onclick: (event) => { if (event.target === veil) close(); } }, sheet);
  veil.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  closeSheets(screen);
  for (const part of screen.children) part.inert = true;
  screen.append(veil);
  (sheet.querySelector("input, textarea") || sheet.querySelector(".choice") || sheet.querySelector("button")).focus();
}

const choice = (label, detail, onclick) =>
  el("button", { type: "button", class: "choice", onclick }, el("strong", {}, label), detail ? el("span", {}, detail) : null);

function form(field, button, onsubmit, ...extra) {
  const submit = (event) => {
    event.preventDefault();
    if (field.value.trim()) onsubmit(field.value.trim());
    else field.focus();
  };
  return el("form", { onsubmit: submit }, field, ...extra, el("button", { class: "send" }, button));
}

export function voiceSheet(screen, openid, done) {
  openSheet(screen, "发语音", (close) => {
    const words = el("textarea", { rows: 3, "aria-label": "语音里说的话", placeholder: "写下要说的话，会当成语音发出去" });
    const recognised = el("input", { type: "checkbox", role: "switch" });
    const label = el("label", { class: "switch" }, recognised, el("span", {}, "微信把语音转成了文字"));
    const send = async (text) => {
      close();
      await act("voice", { openid, text, recognised: recognised.checked });
      done();
    };
    return form(words, "发送语音", send, label);
  });
}

export function locationSheet(screen, openid, done) {
  openSheet(screen, "发送位置", (close) => {
    const send = async (label, latitude, longitude) => {
      close();
      await act("location", { openid, label, latitude, longitude });
      done();
    };
    const own = el("input", { "aria-label": "别的地方", placeholder: "别的地方，例如 2栋地下车库", maxlength: 60 });
    return el("div", { class: "choices" },
      PLACES.map(([label, latitude, longitude]) => choice(label, null, () => send(label, latitude, longitude))),
      form(own, "发送", (label) => send(label, PLACES[0][1], PLACES[0][2])));
  });
}

// `scanned` gets what the camera saw.
export function scanSheet(screen, scenes, scanned) {
  openSheet(screen, "扫一扫", (close) => {
    const see = (code) => {
      close();
      scanned(code);
    };
    const own = el("input", { "aria-label": "二维码的内容", placeholder: "别的二维码：输入内容", maxlength: 200 });
    return el("div", { class: "choices" },
      el("div", { class: "camera", "aria-hidden": "true" }),
      scenes.map(({ scene, label }) => choice(label, null, () => see(scene))),
      form(own, "扫描", see));
  });
}

export function moreSheet(screen, title, entries) {
  openSheet(screen, title, (close) => el("div", { class: "choices" }, entries.map(([label, detail, run]) =>
    choice(label, detail, () => {
      close();
      run();
    }))));
}

// A page inside the phone. The cookie tells the pretend authorize page whose phone this is.
export function webSheet(screen, openid, url) {
  if (!/^https?:\/\//.test(url)) return;
  document.cookie = `simulator_openid=${encodeURIComponent(openid)}; path=/; SameSite=Lax`;
  openSheet(screen, "网页", () => el("div", { class: "web" },
    el("iframe", { src: url, title: "网页内容" }),
    el("a", { href: url, target: "_blank", rel: "noopener" }, "在新窗口打开")), "full");
}
