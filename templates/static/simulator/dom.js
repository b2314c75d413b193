// Small helpers. Text always goes in as text: nothing here can turn what people write into markup.

export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

// A button that shows only an icon still has a name.
export function iconButton(name, label, onclick, className = "plain") {
  return el("button", { type: "button", class: className, "aria-label": label, title: label, onclick }, icon(name));
}

const COLOURS = ["#c2703d", "#3d7fc2", "#6a9a3b", "#8a5cb8", "#c2487a", "#2f9c95", "#b08a2e", "#5a6fc0", "#a3544a"];

// A coloured initial: the same person has the same colour everywhere.
export function avatar(person) {
  const sum = [...person.openid].reduce((total, letter) => total * 31 + letter.codePointAt(0), 7) >>> 0;
  const face = el("span", { class: "avatar", "aria-hidden": "true" }, [...(person.name.replace(/[^\p{L}]/gu, "") || "客")][0]);
  face.style.background = COLOURS[sum % COLOURS.length];
  return face;
}

export function accountAvatar() {
  return el("span", { class: "avatar account", "aria-hidden": "true" }, "邻");
}

let toastTimer = 0;

// With `stays` it is there until the next one.
export function toast(words, { stays = false } = {}) {
  const box = document.getElementById("toast");
  box.textContent = words;
  box.hidden = false;
  clearTimeout(toastTimer);
  if (!stays) toastTimer = setTimeout(() => { box.hidden = true; }, 3500);
}

// Remembering is a comfort; a browser that forbids it loses nothing else.
export function recall(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(`simulator.${key}`)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(`simulator.${key}`, JSON.stringify(value));
  } catch {
    // A private window: start afresh next time.
  }
}
