// The desk: which phones lie on it, what is new, and what time it is.

import { moveClock, read } from "./api.js";
import { clockWords } from "./bubbles.js";
import { avatar, el, recall, remember, toast } from "./dom.js";
import { Phone } from "./phone.js";

const EVERY = 500; // milliseconds between two looks
const FIRST = 3; // phones on the desk at the beginning
const narrow = matchMedia("(max-width: 820px)");

const world = {
  story: null,
  state: { following: [], busy: [], menu: [], menu_version: 0, now: new Date().toISOString() },
  now: { date: "", time: "" },
  chats: new Map(),
  messages: (openid) => world.chats.get(openid) || [],
  refresh: () => look(),
  switchTo,
  close,
};

let phones = [];
let active = ""; // whose phone is in front, when there is room for one
let seen = 0; // number of the newest message known
let read_upto = new Map(); // per person
let looking = null;
let offline = false;

async function start() {
  world.story = await read("story");
  const people = world.story.people.map((person) => person.openid);
  const wanted = recall("phones", people.slice(0, FIRST)).filter((openid) => people.includes(openid));
  await look();
  for (const openid of people) markRead(openid);
  (wanted.length ? wanted : people.slice(0, FIRST)).forEach(add);
  active = phones[0].openid;
  arrange();
  tick();
}

async function tick() {
  await look();
  setTimeout(tick, EVERY);
}

// One look at a time: a second wish waits for the one under way and then looks again.
async function look() {
  while (looking) await looking;
  looking = fetchNews().finally(() => { looking = null; });
  await looking;
}

async function fetchNews() {
  try {
    const news = await read(`updates?since=${seen}`);
    if (news.start_over) {
      location.reload();
      return;
    }
    take(news);
    if (offline) toast("连上了。");
    offline = false;
  } catch (problem) {
    if (!offline) toast("连接断了，正在重新连接…", { stays: true });
    offline = true;
  }
}

function take(news) {
  world.state = news;
  world.now = clockWords(new Date(news.now));
  seen = news.seq;
  for (const message of news.messages) {
    const chat = world.messages(message.openid);
    if (chat.length && chat.at(-1).seq >= message.seq) continue;
    world.chats.set(message.openid, [...chat, message]);
  }
  document.getElementById("clock").replaceChildren(el("span", {}, world.now.date), " ", el("b", {}, world.now.time));
  for (const phone of phones) phone.update();
  if (world.story && phones.length) drawTray();
}

function add(openid) {
  const phone = new Phone(world, openid);
  phones.push(phone);
  document.getElementById("phones").append(phone.root);
  phone.toBottom();
}

// A tap in the tray: bring that phone to the front, or lay it on the desk.
function show(openid) {
  if (!phones.some((phone) => phone.openid === openid)) add(openid);
  active = openid;
  arrange();
  const phone = phones.find((each) => each.openid === openid);
  phone.root.scrollIntoView({ behavior: "smooth", inline: "center", block: "nearest" });
  phone.toBottom();
}

function switchTo(phone, openid) {
  const other = phones.find((each) => each.openid === openid);
  if (other && other !== phone) other.become(phone.openid); // the two change places
  phone.become(openid);
  active = openid;
  arrange();
}

function close(phone) {
  if (phones.length === 1) {
    toast("至少要留一部手机。");
    return;
  }
  phones = phones.filter((each) => each !== phone);
  phone.root.remove();
  if (active === phone.openid) active = phones[0].openid;
  arrange();
}

function arrange() {
  for (const phone of phones) {
    phone.offer(world.story.people);
    phone.root.classList.toggle("front", phone.openid === active);
    phone.update();
  }
  remember("phones", phones.map((phone) => phone.openid));
  drawTray();
}

const onDesk = (openid) => (narrow.matches ? openid === active : phones.some((phone) => phone.openid === openid));

const markRead = (openid) => read_upto.set(openid, world.messages(openid).at(-1)?.seq || 0);

function unread(openid) {
  return world.messages(openid).filter((each) => each.seq > (read_upto.get(openid) || 0) && each.direction !== "in").length;
}

let trayDrawn = "";

function drawTray() {
  const people = world.story.people;
  people.filter((person) => onDesk(person.openid)).forEach((person) => markRead(person.openid));
  const entries = people.map((person) => [person, unread(person.openid), onDesk(person.openid)]);
  const looks = JSON.stringify(entries.map(([person, count, here]) => [person.openid, count, here]));
  if (looks === trayDrawn) return;
  trayDrawn = looks;
  const tray = document.getElementById("tray");
  const focused = tray.contains(document.activeElement) ? document.activeElement.dataset.openid : null;
  tray.replaceChildren(el("h2", {}, "打开谁的手机"), ...entries.map(trayEntry));
  if (focused) tray.querySelector(`[data-openid="${CSS.escape(focused)}"]`)?.focus();
  const waiting = entries.reduce((sum, [, count]) => sum + count, 0);
  document.title = `${waiting ? `(${waiting}) ` : ""}${world.story.account_name} · 练习台`;
}

function trayEntry([person, count, here]) {
  const dot = count ? el("span", { class: "dot" }, String(count)) : null;
  const label = `${person.name}，${person.note}${count ? `，${count}条新消息` : ""}`;
  return el("button",
    { type: "button", "data-openid": person.openid, "aria-label": label, "aria-pressed": String(here), title: person.note, onclick: () => show(person.openid) },
    el("span", { class: "face" }, avatar(person), dot),
    el("span", { class: "words" }, el("strong", {}, person.name), el("span", {}, person.short || person.note)));
}

function wireBar() {
  for (const button of document.querySelectorAll(".moves button")) {
    button.addEventListener("click", async () => {
      const wish = button.dataset.to ? { to: button.dataset.to } : { move_seconds: Number(button.dataset.seconds) };
      if (await moveClock(wish)) look();
    });
  }
  const hint = document.getElementById("hint");
  hint.hidden = recall("hint_closed", false);
  document.getElementById("hint-close").addEventListener("click", () => {
    hint.hidden = true;
    remember("hint_closed", true);
  });
  const lightbox = document.getElementById("lightbox");
  lightbox.addEventListener("click", () => lightbox.close());
}

// On a narrow screen a swipe over the chat goes to the next phone.
function wireSwipes() {
  const stage = document.getElementById("phones");
  let from = null;
  stage.addEventListener("touchstart", (event) => {
    const inRow = event.target.closest(".chips, .veil");
    from = inRow ? null : { x: event.touches[0].clientX, y: event.touches[0].clientY };
  }, { passive: true });
  stage.addEventListener("touchend", (event) => {
    if (!from || !narrow.matches) return;
    const { clientX: x, clientY: y } = event.changedTouches[0];
    if (Math.abs(x - from.x) < 70 || Math.abs(y - from.y) > 50) return;
    const step = x < from.x ? 1 : -1;
    const at = phones.findIndex((phone) => phone.openid === active);
    show(phones[(at + step + phones.length) % phones.length].openid);
  }, { passive: true });
  narrow.addEventListener("change", arrange);
}

wireBar();
wireSwipes();
start().catch(() => toast("连不上服务，请刷新页面。", { stays: true }));
