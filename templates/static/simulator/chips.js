// What a person may say next, one tap each: first what the last message invites to, then what they say anyway.

// Words in an invitation that stand for what only the person knows: they are left to type.
const BLANKS = /^(姓名|原因|房号|工单号|工种|内容|说明|评语|读数|哪里坏了|做了什么)$/;

const first = (words) => words.split(" ")[0];

export function offers(messages, examples, prompts) {
  const last = messages.filter((message) => message.direction !== "system").at(-1);
  const asked = last?.direction === "out" ? [...prompted(last, examples, prompts), ...invited(last)] : [];
  const ready = [...new Set(asked.map((words) => filled(words, examples)))];
  const begun = new Set(ready.map(first));
  const usual = examples.filter((words) => !ready.includes(words) && !(words.includes(" ") && begun.has(first(words))));
  return { asked: ready, usual };
}

// Words in quotes on a line that tells to answer, a mark from 1 to 5, a numbered choice.
function invited({ kind, text }) {
  if (kind !== "text") return [];
  const lines = text.split("\n").filter((line) => /回复|发|说|用/.test(line));
  const quoted = lines.flatMap((line) => [...line.matchAll(/[「“]([^「」“”…]{1,14})[」”]/g)].map((found) => found[1]));
  if (/回复\s*1\s*(到|至|-|~)\s*5/.test(text)) return ["5", "4", "3", "2", "1", ...quoted];
  const numbers = /回复.{0,6}(数字|序号|编号|号)|选/.test(text) ? [...text.matchAll(/^\s*(\d)[.、．)） ]/gm)] : [];
  return [...numbers.map((found) => found[1]), ...quoted].slice(0, 8);
}

// A card has no room to say what to answer. Only offered to somebody who says such a thing at all.
function prompted(message, examples, prompts) {
  const whole = [message.text, ...(message.fields || []).flat()].join(" ");
  const number = /#(\d+)/.exec(whole)?.[1];
  const usual = new Set(examples.map(first));
  const fitting = prompts.filter(([words, answer]) => whole.includes(words) && usual.has(answer));
  return fitting.map(([, answer]) => (number ? `${answer} ${number}` : answer));
}

// 「完工 901 做了什么」 becomes 「完工 901 换了角阀」 for somebody whose example is 「完工 换了角阀」.
function filled(words, examples) {
  const beginning = beginningOf(words);
  const example = beginning && examples.find((each) => first(each) === first(words) && each.includes(" "));
  return example ? `${beginning}${example.split(" ").slice(1).join(" ")}` : words;
}

// What stands before a blank, with a space to type on; "" when there is nothing to fill in.
export function beginningOf(words) {
  const parts = words.split(" ");
  const blank = parts.findIndex((part) => BLANKS.test(part));
  return blank < 1 ? "" : `${parts.slice(0, blank).join(" ")} `;
}
