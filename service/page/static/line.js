// The letters that come next. One is fetched and kept for this clerk beforehand, so that it is there at once.

import { get, send, sendOnce } from "./api.js";
import { hasRole, meta } from "./dom.js";
import { readFilters } from "./filters.js";

const PASSED = "fenban.passed";
const LOOK = 20;
let prepared = null;

/** A letter by its key. For a clerk it is claimed first; `holder` says who has it where that is somebody else. */
export async function fetchLetter(key) {
  const claimed = hasRole("clerk") ? send("PUT", `/v1/petitions/${key}/claim`).then(() => null, refusedHolder) : Promise.resolve(null);
  const [holder, letter] = await Promise.all([claimed, get(`/v1/petitions/${key}`)]);
  return { letter, holder };
}

function refusedHolder(error) {
  if (error.code !== "claimed") throw error;
  return { name: error.body.holder, until: error.body.until };
}

/** Keeps the claim while the letter is open; tells who has it now, or null. */
export const renew = (key) => send("PUT", `/v1/petitions/${key}/claim`).then(() => null, refusedHolder);

/** Begins to fetch the letter after `current`. */
export function prepareNext(current) {
  const mine = { after: current, key: null, found: nextOf(current).catch(() => null) };
  mine.found.then((one) => { mine.key = one?.letter.key ?? null; });
  prepared = mine;
}

/** The letter after `current`, or null where none is left. */
export async function takeNext(current) {
  const found = prepared?.after === current ? await prepared.found : undefined;
  prepared = null;
  // What came beforehand may be missing because the line was down: then it is asked for again, with errors told.
  return found ?? nextOf(current);
}

async function nextOf(current) {
  const { status, ...filters } = readFilters();
  const asked = { ...filters, status: status ?? "", limit: LOOK, order: "queue" };
  const passed = new Set([...passedKeys(), current]);
  for (let cursor = ""; ;) {
    const page = await get("/v1/petitions", { ...asked, cursor });
    for (const line of page.petitions) {
      if (passed.has(line.key) || (line.holder && String(line.holder.key) !== meta("account"))) continue;
      const found = await fetchLetter(line.key);
      if (!found.holder) return found;
    }
    if (!page.next) return null;
    cursor = page.next;
  }
}

function passedKeys() {
  try {
    return JSON.parse(sessionStorage.getItem(PASSED)) ?? [];
  } catch {
    return [];
  }
}

/** A letter that was decided or left: it does not come again in this tab, unless that is undone. */
export function pass(key, passed = true) {
  const others = passedKeys().filter((one) => one !== key);
  sessionStorage.setItem(PASSED, JSON.stringify((passed ? [...others, key] : others).slice(-500)));
}

/** Gives letters back when the page is left: the open one, and the one fetched beforehand. */
export function giveBack(current) {
  if (!hasRole("clerk")) return;
  release(current);
  if (prepared?.key) release(prepared.key);
}

const release = (key) => sendOnce("DELETE", `/v1/petitions/${key}/claim`).catch(() => {});
