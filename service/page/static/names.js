// Names of codes: kinds, categories, problems, units. Fetched once a page; a browser keeps them for a while.

import { get } from "./api.js";

export const STATUS = { open: "待办", decided: "已分办", left_open: "留待" };
export const CHANNEL = { letter: "来信", visit: "来访", call: "来电", online: "网络", transfer: "移交" };
export const RELATION = { copy: "同文重寄", repeat: "重复来信", joint: "多人反映", recurred: "整改后再现" };

let vocabulary;
let byCode;

export async function loadNames() {
  if (vocabulary) return vocabulary;
  vocabulary = await get("/vocabulary.json");
  byCode = Object.fromEntries(
    Object.entries(vocabulary).map(([list, entries]) => [list, new Map(entries.map((entry) => [entry.code, entry]))]),
  );
  // What stands above a content category finds it too: 惠农补贴 finds 粮食直补.
  for (const entry of vocabulary.content) {
    const parent = byCode.content.get(entry.code.split("/").slice(0, -1).join("/"));
    entry.above = parent ? [...parent.words, ...parent.above] : [];
  }
  return vocabulary;
}

export const entryOf = (list, code) => byCode[list].get(code) ?? { code, name: code, path: "", words: [] };

/** A code as people read it: a path with its steps, a problem with its code, a unit by its name. */
export function nameOf(list, code) {
  if (!code) return "";
  if (list === "content") return code.replaceAll("/", " › ");
  const { name } = entryOf(list, code);
  return list === "discipline" ? `${code} ${name}` : name;
}

/** Entries that fit the typed words, the best first. Every typed part must be found. */
export function search(entries, typed, most = 30) {
  const parts = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (!parts.length) return entries.slice(0, most);
  const ranked = [];
  for (const entry of entries) {
    const ranks = parts.map((part) => rank(entry, part));
    if (ranks.every((one) => one < MISSED)) ranked.push([Math.max(...ranks), entry]);
  }
  ranked.sort((a, b) => a[0] - b[0] || a[1].name.length - b[1].name.length);
  return ranked.slice(0, most).map(([, entry]) => entry);
}

const MISSED = 9;

function rank(entry, part) {
  const code = entry.code.toLowerCase();
  if (code === part || entry.words.includes(part)) return 0;
  if (/^[a-z]\d/.test(part) && code.startsWith(part)) return 1;
  if (entry.words.some((word) => word.startsWith(part))) return 2;
  if (entry.words.some((word) => word.includes(part))) return 3;
  const above = [entry.path.toLowerCase(), code, ...(entry.above ?? [])];
  return above.some((word) => word.includes(part)) ? 4 : MISSED;
}
