// One phone: a person, their chat with the account, and everything they can send.

import { act, sendImage } from "./api.js";
import { day, draw } from "./bubbles.js";
import { beginningOf, offers } from "./chips.js";
import { avatar, el, icon, iconButton } from "./dom.js";
import { closeSheets, locationSheet, moreSheet, scanSheet, voiceSheet, webSheet } from "./sheets.js";

export class Phone {
  // `world` has story, messages(openid), state (the last updates), refresh(), switchTo(phone, openid), close(phone).
  constructor(world, openid) {
    this.world = world;
    this.menuShown = false;
    this.build();
    this.keepEnd();
    this.become(openid);
  }

  build() {
    this.face = el("span", {});
    this.who = el("select", { "aria-label": "这部手机是谁的", onchange: () => this.world.switchTo(this, this.who.value) });
    this.note = el("span", { class: "note" });
    this.log = el("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": "聊天记录", tabindex: "0" });
    this.time = el("span", {});
    this.title = el("h2", {});
    this.chips = el("div", { class: "chips", role: "group", "aria-label": "可以说的话", onscroll: () => this.fadeChips() });
    const further = () => this.chips.scrollBy({ left: this.chips.clientWidth * 0.7, behavior: "smooth" });
    const offered = el("div", { class: "offered" }, this.chips, iconButton("next", "更多可以说的话", further));
    this.foot = el("footer", {});
    this.file = el("input", { type: "file", accept: "image/*", hidden: true, onchange: () => this.upload() });
    this.screen = el("div", { class: "screen" },
      el("div", { class: "status", "aria-hidden": "true" }, this.time, el("span", {}, icon("signal"), icon("battery"))),
      el("header", { class: "title" }, icon("back"), this.title, iconButton("more", "更多", () => this.more())),
      this.log, offered, this.foot, this.file);
    this.root = el("section", { class: "phone" },
      el("header", { class: "owner" }, this.face, el("div", {}, this.who, this.note),
        iconButton("close", "收起这部手机", () => this.world.close(this))),
      el("div", { class: "case" }, this.screen));
  }

  // When the phone gets smaller or bigger, what was the newest message in sight stays in sight.
  keepEnd() {
    this.log.addEventListener("scroll", () => {
      this.atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 40;
    });
    new ResizeObserver(() => {
      if (this.atEnd !== false) this.toBottom();
      this.fadeChips();
    }).observe(this.log);
  }

  become(openid) {
    this.openid = openid;
    this.person = this.world.story.people.find((person) => person.openid === openid);
    this.root.setAttribute("aria-label", `${this.person.name}的手机`);
    this.face.replaceChildren(avatar(this.person));
    this.note.textContent = this.person.note;
    closeSheets(this.screen);
    this.drawn = 0;
    this.last = null;
    this.log.replaceChildren();
    this.footFor = "";
    this.update();
  }

  offer(people) {
    this.who.replaceChildren(...people.map((person) =>
      el("option", { value: person.openid, selected: person.openid === this.openid }, person.name)));
  }

  update() {
    const { state, story } = this.world;
    const busy = state.busy.includes(this.openid);
    this.time.textContent = this.world.now.time;
    const title = busy ? "对方正在输入…" : story.account_name;
    if (this.title.textContent !== title) this.title.textContent = title;
    this.drawNew();
    this.drawFoot();
  }

  // At midnight "08:00" becomes "昨天 08:00", so everything is drawn again.
  drawNew() {
    const today = day(new Date(this.world.state.now));
    if (today !== this.today) {
      this.today = today;
      this.drawn = 0;
      this.last = null;
      this.log.replaceChildren();
    }
    const fresh = this.world.messages(this.openid).filter((message) => message.seq > this.drawn);
    const options = { person: this.person, now: new Date(this.world.state.now), onlink: (goal) => this.go(goal) };
    for (const message of fresh) {
      this.log.append(...draw(message, this.last, options));
      this.last = message;
      this.drawn = message.seq;
    }
    if (this.log.childElementCount === 0) {
      const hasChips = (this.world.story.examples[this.openid] || []).length > 0;
      const way = hasChips ? "点下面的一句话试试。" : "说一句话试试。";
      this.log.append(el("p", { class: "line empty" }, `还没有消息。${way}`));
    } else if (this.last) {
      this.log.querySelector(".empty")?.remove();
    }
    if (fresh.length) {
      this.toBottom();
      this.drawChips();
    }
  }

  // Pictures grow after they are drawn, so go to the end once more when they are there.
  toBottom() {
    this.log.scrollTop = this.log.scrollHeight;
    this.log.querySelectorAll("img").forEach((picture) => {
      picture.onload = () => { this.log.scrollTop = this.log.scrollHeight; };
    });
  }

  drawChips() {
    const messages = this.world.messages(this.openid);
    const { examples, prompts } = this.world.story;
    const { asked, usual } = offers(messages, examples[this.openid] || [], prompts);
    const said = new Set(messages.filter((message) => message.direction === "in").map((message) => message.text));
    const chip = (words, look) => el("button", { type: "button", class: look, onclick: () => this.take(words) }, words);
    this.chips.replaceChildren(
      ...asked.map((words) => chip(words, "asked")),
      ...usual.map((words) => chip(words, said.has(words) ? "said" : "")));
    this.chips.scrollLeft = 0;
    this.chips.parentElement.hidden = asked.length + usual.length === 0 || !this.following;
    this.fadeChips();
  }

  // The arrow is there as long as more stands to the right; who has no touch screen could not know otherwise.
  fadeChips() {
    const left = this.chips.scrollWidth - this.chips.clientWidth - this.chips.scrollLeft;
    this.chips.nextElementSibling.hidden = left < 8;
  }

  // Say it, or, when something is still to be filled in, put the beginning where it can be typed on.
  take(words) {
    const beginning = beginningOf(words);
    const input = this.foot.querySelector("input");
    if (!beginning || !input) {
      this.say(words);
      return;
    }
    input.value = beginning;
    input.dispatchEvent(new Event("input"));
    input.focus();
  }

  get following() {
    return this.world.state.following.includes(this.openid);
  }

  // Redrawn only when it must look different: typing must never be disturbed.
  drawFoot() {
    const { menu, menu_version: version } = this.world.state;
    const wanted = !this.following ? "follow" : this.menuShown && menu.length ? `menu ${version}` : `type ${menu.length > 0}`;
    if (wanted === this.footFor) return;
    this.footFor = wanted;
    this.foot.className = wanted.split(" ")[0];
    if (!this.following) this.foot.replaceChildren(...this.followFoot());
    else this.foot.replaceChildren(...(this.menuShown && menu.length ? this.menuFoot(menu) : this.typeFoot(menu.length > 0)));
    this.drawChips();
    this.toBottom();
  }

  followFoot() {
    const follow = async () => { await act("follow", { openid: this.openid }); this.world.refresh(); };
    return [el("button", { type: "button", class: "send", onclick: follow }, "关注公众号")];
  }

  typeFoot(hasMenu) {
    const input = el("input", { "aria-label": `${this.person.name}要说的话`, autocomplete: "off", enterkeyhint: "send", maxlength: 1000,
      placeholder: "在这里打字" });
    const send = el("button", { class: "send", hidden: true }, "发送");
    const plus = iconButton("plus", "照片、位置、扫一扫", () => this.extras());
    input.addEventListener("input", () => {
      send.hidden = !input.value.trim();
      plus.hidden = !send.hidden;
    });
    const submit = (event) => {
      event.preventDefault();
      const words = input.value.trim();
      if (!words) return;
      input.value = "";
      input.dispatchEvent(new Event("input"));
      this.say(words);
    };
    return [
      hasMenu ? iconButton("menu", "显示菜单", () => this.toggleMenu(true)) : null,
      iconButton("voice", "发语音", () => voiceSheet(this.screen, this.openid, this.world.refresh)),
      el("form", { onsubmit: submit }, input, send),
      plus,
    ].filter(Boolean);
  }

  menuFoot(menu) {
    const buttons = menu.map((button) => {
      const below = button.sub_button || [];
      const tap = () => (below.length ? this.fold(button.name, below) : this.press(button));
      return el("button", { type: "button", "aria-haspopup": below.length ? "menu" : null, onclick: tap },
        below.length ? icon("menu") : null, button.name);
    });
    return [iconButton("keyboard", "换成打字", () => this.toggleMenu(false)), ...buttons];
  }

  toggleMenu(shown) {
    this.menuShown = shown;
    this.drawFoot();
    this.foot.querySelector("input, button").focus();
  }

  fold(title, buttons) {
    moreSheet(this.screen, title, buttons.map((button) => [button.name, null, () => this.press(button)]));
  }

  async press(button) {
    if (button.type === "view") {
      act("view", { openid: this.openid, url: button.url });
      webSheet(this.screen, this.openid, button.url);
    } else if (button.type.startsWith("scancode")) {
      scanSheet(this.screen, this.world.story.scenes, (scanned) => this.menu(button.key, scanned));
    } else if (button.type.startsWith("pic_")) {
      this.file.click();
    } else if (button.type === "location_select") {
      locationSheet(this.screen, this.openid, this.world.refresh);
    } else {
      this.menu(button.key);
    }
  }

  async menu(key, scanned = "") {
    await act("menu", { openid: this.openid, key, scanned });
    this.world.refresh();
  }

  async say(text, menuId = "") {
    await act("say", { openid: this.openid, text, menu_id: menuId });
    this.world.refresh();
  }

  go(goal) {
    if (goal.say) this.say(goal.say, goal.id);
    else if (goal.url) webSheet(this.screen, this.openid, goal.url);
  }

  async scan(code) {
    if (/^https?:\/\//.test(code) && !code.startsWith("http://weixin.qq.com/q/")) {
      webSheet(this.screen, this.openid, code);
      return;
    }
    await act("scan", { openid: this.openid, code });
    this.world.refresh();
  }

  async upload() {
    const [file] = this.file.files;
    this.file.value = "";
    if (file) await sendImage(this.openid, file);
    this.world.refresh();
  }

  extras() {
    moreSheet(this.screen, "发送", [
      ["照片", "从这台电脑选一张", () => this.file.click()],
      ["位置", "我在哪里", () => locationSheet(this.screen, this.openid, this.world.refresh)],
      ["扫一扫", "扫设备或楼道里的二维码", () => scanSheet(this.screen, this.world.story.scenes, (code) => this.scan(code))],
    ]);
  }

  more() {
    const change = async (name) => { await act(name, { openid: this.openid }); this.world.refresh(); };
    const scan = ["扫一扫", "没有关注的人，扫码就会关注", () =>
      scanSheet(this.screen, this.world.story.scenes, (code) => this.scan(code))];
    const follow = this.following
      ? ["取消关注", "公众号就不能再联系这个人", () => change("unfollow")]
      : ["关注公众号", null, () => change("follow")];
    moreSheet(this.screen, `${this.person.name} · ${this.person.note}`, [scan, follow]);
  }
}
