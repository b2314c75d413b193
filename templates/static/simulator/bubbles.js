// Drawing what stands in a chat.

import { mediaUrl } from "./api.js";
import { accountAvatar, avatar, el, icon } from "./dom.js";

const FIVE_MINUTES = 5 * 60 * 1000;
const SHANGHAI = { timeZone: "Asia/Shanghai" };

const OTHER_KINDS = { video: "视频", music: "音乐", miniprogrampage: "小程序", mpnewsarticle: "文章" };

export const day = (time) => time.toLocaleDateString("sv-SE", SHANGHAI);
const hours = (time) => time.toLocaleTimeString("zh-CN", { ...SHANGHAI, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export function clockWords(time) {
  const date = time.toLocaleDateString("zh-CN", { ...SHANGHAI, month: "long", day: "numeric" });
  const weekday = time.toLocaleDateString("zh-CN", { ...SHANGHAI, weekday: "short" });
  return { date: `${date} ${weekday}`, time: hours(time) };
}

function timeWords(time, now) {
  if (day(time) === day(now)) return hours(time);
  if (day(time) === day(new Date(now - 86400000))) return `昨天 ${hours(time)}`;
  return `${time.toLocaleDateString("zh-CN", { ...SHANGHAI, month: "long", day: "numeric" })} ${hours(time)}`;
}

// One message, with the time above it when there was a pause before.
export function draw(message, before, { person, now, onlink }) {
  const at = new Date(message.at);
  const nodes = [];
  if (!before || at - new Date(before.at) >= FIVE_MINUTES) nodes.push(el("p", { class: "line" }, timeWords(at, now)));
  if (message.direction === "system") {
    nodes.push(el("p", { class: "line system", title: message.reason ? `原因：${message.reason}` : null }, message.text));
  } else if (message.kind === "template") {
    nodes.push(templateCard(message, onlink));
  } else if (message.kind === "sms") {
    nodes.push(textMessage(message));
  } else {
    const mine = message.direction === "in";
    const face = mine ? avatar(person) : accountAvatar();
    nodes.push(el("div", { class: `message ${mine ? "mine" : "theirs"}` }, face, content(message, onlink)));
  }
  return nodes;
}

function content(message, onlink) {
  const drawers = { image, voice, location, news, msgmenu };
  const drawer = drawers[message.kind];
  if (drawer) return drawer(message, onlink);
  if (message.kind === "text") return el("div", { class: "bubble" }, richText(message.text, onlink));
  return el("div", { class: "bubble" }, `［${OTHER_KINDS[message.kind] || "消息"}］${message.text}`);
}

function image(message) {
  const picture = el("img", { src: mediaUrl(message.media_id), alt: "照片", loading: "lazy" });
  return el("button", { type: "button", class: "picture", "aria-label": "看大图", onclick: () => enlarge(picture.src) }, picture);
}

function enlarge(source) {
  const box = document.getElementById("lightbox");
  box.querySelector("img").src = source;
  box.showModal();
}

function voice(message) {
  const seconds = Math.min(60, Math.max(1, Math.round([...message.text].length / 4)));
  const bubble = el("div", { class: "bubble voice" }, icon("sound"), `${seconds}″`);
  bubble.style.minWidth = `${80 + seconds * 4}px`;
  if (!message.text) return bubble;
  const note = message.recognised ? "微信听出了文字" : "微信没有给出文字";
  return el("div", { class: "stack" }, bubble, el("p", { class: "spoken" }, `“${message.text}”`, el("span", {}, note)));
}

function location(message) {
  return el("div", { class: "place" }, el("p", {}, message.text || "我的位置"), el("div", { class: "map" }, icon("place")));
}

function news(message, onlink) {
  const parts = [el("strong", {}, message.text)];
  if (message.picurl) parts.push(el("img", { src: message.picurl, alt: "" }));
  if (message.description) parts.push(el("span", {}, message.description));
  return el("button", { type: "button", class: "news", onclick: () => onlink({ url: message.url }) }, parts);
}

function msgmenu(message, onlink) {
  const choices = message.list.map((each) => el("li", {}, link(each.content, { say: each.content, id: each.id }, onlink)));
  return el("div", { class: "bubble" }, richText(message.text, onlink), el("ul", {}, choices), message.tail || null);
}

function templateCard(message, onlink) {
  const rows = message.fields.map(([label, value]) => el("div", {}, el("dt", {}, label), el("dd", {}, value)));
  const card = el("article", { class: "card" }, el("h3", {}, icon("card"), message.text), el("dl", {}, rows));
  if (message.url) {
    card.append(el("button", { type: "button", class: "more", onclick: () => onlink({ url: message.url }) }, "查看详情 ›"));
  }
  return card;
}

// What came to the phone and not through WeChat.
function textMessage(message) {
  return el("article", { class: "card sms" }, el("h3", {}, "手机短信"), el("p", {}, message.text));
}

// Words with <a href>…</a> and bare addresses made tappable; everything else stays what it is.
export function richText(text, onlink) {
  const pattern = /<a\s+href=["']([^"']*)["'][^>]*>([\s\S]*?)<\/a>|(https?:\/\/[^\s，。；、）」]+)/g;
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(pattern)) {
    parts.push(unescaped(text.slice(from, found.index)));
    const [whole, address, label, bare] = found;
    parts.push(link(unescaped(label ?? bare), target(address ?? bare), onlink));
    from = found.index + whole.length;
  }
  parts.push(unescaped(text.slice(from)));
  return parts;
}

function target(address) {
  const clean = unescaped(address);
  if (clean.startsWith("weixin://bizmsgmenu?")) {
    const query = new URLSearchParams(clean.split("?")[1]);
    return { say: query.get("msgmenucontent") || "", id: query.get("msgmenuid") || "" };
  }
  return { url: clean };
}

const link = (label, goal, onlink) => el("button", { type: "button", class: "link", onclick: () => onlink(goal) }, label);

const unescaped = (text) =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
