// Talking to the simulator. Every failure ends as one sentence a person can read.

import { toast } from "./dom.js";
import { asSent } from "./pictures.js";

const BASE = "/simulator/api";

export const mediaUrl = (mediaId) => `${BASE}/media/${encodeURIComponent(mediaId)}`;

export async function read(path) {
  const answer = await fetch(`${BASE}/${path}`, { cache: "no-store" });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

async function post(path, options) {
  try {
    const answer = await fetch(`${BASE}/${path}`, { method: "POST", ...options });
    if (answer.ok) return true;
    const problem = await answer.json().catch(() => ({}));
    toast(problem.sorry || "没有成功，请再试一次。");
  } catch {
    toast("连不上服务，请稍后再试。");
  }
  return false;
}

const asJson = (value) => ({ headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) });

export const act = (name, wish) => post(`act/${name}`, asJson(wish));

export const moveClock = (wish) => post("clock", asJson(wish));

export async function sendImage(openid, file) {
  const form = new FormData();
  form.append("openid", openid);
  form.append("media", await asSent(file), file.name);
  return post("act/image", { body: form });
}
