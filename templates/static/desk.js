// Pages that move by themselves: the login waits for its number to be said, an import shows how far it is, the counter adds up
// what was ticked and prints what was taken. Without a script every page does its work all the same.
"use strict";

const waiting = document.querySelector("[data-said]");

async function look() {
  try {
    const answer = await fetch(waiting.dataset.said, { cache: "no-store" });
    if (answer.ok && (await answer.json()).said) {
      location.reload();
      return;
    }
  } catch {
    // The network is away for a moment; the next look will tell.
  }
  setTimeout(look, 1500);
}

if (waiting) {
  setTimeout(look, 1500);
  // The number is shown for four minutes; then the page asks for a new one.
  setTimeout(() => location.reload(), 245000);
}

async function follow() {
  const moving = document.querySelector("[data-poll]");
  if (!moving) return;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (answer.redirected) {
      location.reload();
      return;
    }
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main")));
    }
  } catch {
    // The network is away for a moment; the next look will tell.
  }
  setTimeout(follow, Number(moving.dataset.poll));
}

setTimeout(follow, 1000);

for (const form of document.querySelectorAll("form.upload")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button");
    button.disabled = true;
    button.textContent = "正在上传…";
  });
}

const sheet = document.querySelector("form[data-sum]");

function add() {
  const ticked = [...sheet.querySelectorAll("input[data-fen]:checked")];
  const fen = ticked.reduce((sum, box) => sum + Number(box.dataset.fen), 0);
  const yuan = `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, "0")}`;
  const total = sheet.querySelector("[data-total]");
  if (total) total.textContent = `${yuan.replace(/\B(?=(\d{3})+\.)/g, ",")}元`;
  sheet.querySelector("[name=amount]").placeholder = yuan;
}

if (sheet) {
  sheet.addEventListener("change", add);
  window.addEventListener("pageshow", add);
}

// The second press of a hurried finger finds the button gone; whoever comes back finds it again. (The page's own number of the
// sheet is what makes sure of it.)
for (const form of document.querySelectorAll("form[data-once]")) {
  const button = form.querySelector("button");
  form.addEventListener("submit", () => setTimeout(() => (button.disabled = true)));
  window.addEventListener("pageshow", () => (button.disabled = false));
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

if (document.querySelector("[data-print-now]")) {
  history.replaceState(null, "", location.pathname); // a reload prints no second one
  window.print();
}
