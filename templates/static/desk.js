// Pages that move by themselves: the login waits for its number to be said, an import shows how far it is.
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
