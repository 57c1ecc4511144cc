// The letter page: opens a letter, keeps what is chosen, decides, goes on to the next.

import { newKey, send, sendOnce } from "./api.js";
import { besideOf } from "./beside.js";
import { drawChoices } from "./choices.js";
import { emptyState, faultState, find, hasRole, tell } from "./dom.js";
import { draftOf, dropDraft, dropPending, keepDraft, keepPending, lastStep, pendingWrite, popStep, pushStep } from "./kept.js";
import { listenToKeys } from "./keys.js";
import { drawLetter } from "./letter-text.js";
import { fetchLetter, giveBack, pass, prepareNext, renew, takeNext } from "./line.js";
import { clearBanner, showConflict, showHolder } from "./banners.js";
import { loadNames, search } from "./names.js";
import { openPicker } from "./picker.js";
import { GROUPS, choose, firstState, missing, optionsOf, verdict } from "./state.js";

const RENEW_MILLISECONDS = 4 * 60 * 1000;
/** A page that is reloaded gives its letter back while the new one takes it; the first renewal settles that. */
const SETTLE_MILLISECONDS = 3000;

const root = find("#desk");
const parts = { letter: find("#letter"), earlier: find("#earlier"), decision: find("#decision") };
const isClerk = hasRole("clerk");

const desk = { letter: null, holder: null, state: null, extras: {}, note: "", active: null, vocabulary: null, busy: false, readOnly: false };
/** Letters of the same matter, in the column between. */
const beside = besideOf({ desk, root, panel: parts.earlier, redraw: () => draw() });

const groupOf = (id) => GROUPS.find((group) => group.id === id);

// ---- Opening

async function start() {
  try {
    desk.vocabulary = await loadNames();
    if (pendingWrite()) await sendPending();
    show(await fetchLetter(Number(root.dataset.key)));
  } catch (error) {
    root.removeAttribute("aria-busy");
    parts.letter.replaceChildren(faultState(error, () => location.reload()));
  }
}

function show({ letter, holder }) {
  Object.assign(desk, { letter, holder, busy: false, readOnly: !isClerk || Boolean(holder) });
  const draft = draftOf(letter);
  desk.state = draft?.state ?? firstState(letter);
  desk.extras = draft?.extras ?? {};
  desk.note = draft?.note ?? (letter.status === "open" ? "" : letter.decisions.at(-1)?.note ?? "");
  desk.active = (missing(desk.state) ?? groupOf("content")).id;
  if (location.pathname !== `/letters/${letter.key}`) history.pushState(null, "", `/letters/${letter.key}`);
  document.title = `${letter.title || "来信"} · 分办`;
  root.removeAttribute("aria-busy");
  beside.clear();
  parts.decision.hidden = false;
  clearBanner();
  if (holder) showHolder(holder, () => open(letter.key));
  draw();
  parts.letter.scrollTop = 0;
  find("#letter-title").focus({ preventScroll: true });
  beside.show();
  if (isClerk) prepareNext(letter.key);
}

async function open(key) {
  try {
    show(await fetchLetter(key));
  } catch (error) {
    tell(error.message, "failed");
  }
}

function draw() {
  const group = groupOf(desk.active);
  const options = optionsOf(group, desk.letter, desk.state, desk.extras, desk.vocabulary);
  drawLetter(parts.letter, desk, options, beside.compared());
  drawChoices(parts.decision, { ...desk, comparing: beside.canMerge() }, handlers);
}

// ---- Choosing

function changed(changes) {
  Object.assign(desk, changes);
  keepDraft(desk.letter, { state: desk.state, extras: desk.extras, note: desk.note });
}

function chooseOption(id, code, also = false) {
  if (desk.readOnly) return;
  changed({ state: choose(desk.state, id, code, also) });
  if (!also) desk.active = (missing(desk.state) ?? groupOf(id)).id;
  draw();
}

function chooseDigit(digit, also) {
  const option = optionsOf(groupOf(desk.active), desk.letter, desk.state, desk.extras, desk.vocabulary)[digit - 1];
  if (option) chooseOption(desk.active, option.code, also && desk.active === "primary");
}

function moveGroup(step) {
  const at = GROUPS.findIndex((group) => group.id === desk.active);
  activate(GROUPS[(at + step + GROUPS.length) % GROUPS.length].id);
}

function activate(id) {
  desk.active = id;
  draw();
}

function searchGroup(id) {
  if (desk.readOnly) return;
  desk.active = id;
  draw();
  const group = groupOf(id);
  openPicker({
    heading: `选择${group.name}`,
    placeholder: "名称、拼音、首字母或代码",
    source: (typed) => search(desk.vocabulary[group.list], typed),
    pick: ({ code }) => {
      changed({ extras: { ...desk.extras, [id]: [...new Set([...(desk.extras[id] ?? []), code])] } });
      chooseOption(id, code);
    },
  });
}

// ---- Deciding

async function accept() {
  const group = missing(desk.state);
  if (group) {
    desk.active = group.id;
    draw();
    tell(`还没有定${group.name}。按数字选择，或按 S 搜索。`, "failed");
    return;
  }
  await decide(verdict(desk.state, desk.letter.suggestion, desk.note));
}

const leave = () => decide({ action: "leave_open", note: desk.note });

async function decide(body) {
  if (desk.busy || desk.readOnly) return;
  const { letter } = desk;
  keepPending({ petition: letter.key, body: { ...body, version: letter.version }, key: newKey() });
  const slow = setTimeout(() => { desk.busy = true; draw(); }, 150);
  desk.busy = true;
  try {
    await sendPending();
    await goOn(letter.key, body.action === "leave_open" ? "已留待再办。按 U 撤销。" : "已分办。按 U 撤销。");
  } catch (error) {
    // What is told next may take its time; the letter is free to be changed meanwhile.
    clearTimeout(slow);
    desk.busy = false;
    await refused(error, body);
  } finally {
    clearTimeout(slow);
  }
}

/** Sends the decision that is under way; after a reload the same one, which is written once. */
async function sendPending() {
  const { petition, body, key } = pendingWrite();
  try {
    const { petition: line } = await send("POST", `/v1/petitions/${petition}/decisions`, body, key);
    pushStep({ kind: "decision", petition, version: line.version });
    pass(petition);
    dropDraft(petition);
    dropPending();
  } catch (error) {
    // Refused for good: what was chosen stays as the draft.
    if (error.status) dropPending();
    throw error;
  }
}

async function goOn(key, message) {
  const next = await takeNext(key);
  if (next) {
    show(next);
    tell(message);
    return;
  }
  parts.letter.replaceChildren(emptyState("这一批分办完了", "队列里没有下一封了。按 U 可以撤销刚才的一步。"));
  parts.decision.hidden = true;
  beside.clear();
  desk.letter = null;
}

async function refused(error, body) {
  if (error.code === "claimed") {
    desk.holder = { name: error.body.holder, until: error.body.until };
    desk.readOnly = true;
    showHolder(desk.holder, () => open(desk.letter.key));
    draw();
  } else if (error.code === "decided") {
    await conflict(body);
  } else {
    draw();
    tell(error.message, "failed");
  }
}

/** Somebody else decided meanwhile: both are shown, nothing is overwritten until the clerk says so. */
async function conflict(body) {
  const mine = { state: desk.state, extras: desk.extras, note: desk.note };
  const { letter, holder } = await fetchLetter(desk.letter.key);
  show({ letter, holder });
  tell("");
  const theirs = letter.decisions.at(-1);
  showConflict({ theirs, mine: { ...mine.state, action: body.action } }, {
    keep: () => goOn(letter.key, "保留了对方的决定。"),
    change: () => { clearBanner(); changed(mine); draw(); },
  });
}

// ---- Undoing

async function undo() {
  const step = lastStep();
  if (!step) {
    tell("没有可撤销的一步。");
    return;
  }
  try {
    if (step.kind === "decision") await send("POST", `/v1/petitions/${step.petition}/decisions`, { action: "undo", version: step.version });
    else await send("POST", "/v1/matters/undos", { change: step.change });
    popStep();
    pass(step.petition, false);
    await open(step.petition);
    tell(step.kind === "decision" ? "已撤销，这封信回到待办。" : "已撤销合并。");
  } catch (error) {
    if (error.status) popStep();
    tell(error.message, "failed");
  }
}

// ---- Keys and the life of the page

/** A letter that came in while no model was loaded is read now. */
async function suggest() {
  try {
    show({ letter: await sendOnce("POST", `/v1/petitions/${desk.letter.key}/suggestions`), holder: null });
  } catch (error) {
    tell(error.status === 503 ? "现在没有可用的模型。" : error.message, "failed");
  }
}

const handlers = {
  choose: chooseOption,
  activate,
  search: searchGroup,
  urgent: (urgent) => { changed({ state: { ...desk.state, urgent } }); },
  note: (note) => changed({ note }),
  accept,
  leave,
  merge: beside.mergeOrFind,
  undo,
  suggest,
  keys: () => find("#keys").showModal(),
};

// A button that was clicked with the mouse gives the keys back: Enter decides, it does not click the button again.
root.addEventListener("click", (event) => {
  if (event.detail && document.activeElement?.matches("#desk button")) document.activeElement.blur();
});

listenToKeys({
  ...handlers,
  digit: chooseDigit,
  move: moveGroup,
  searchActive: () => searchGroup(desk.active),
  toggleUrgent: () => { if (!desk.readOnly) { handlers.urgent(!desk.state.urgent); draw(); } },
  toNote: () => find("#note")?.focus(),
  print: () => window.open(`/letters/${desk.letter.key}/slip`, "_blank", "noopener"),
  hasLetter: () => Boolean(desk.letter),
});

async function renewClaim() {
  const { letter } = desk;
  if (!letter || !isClerk || desk.busy || document.hidden) return;
  try {
    const holder = await renew(letter.key);
    if (holder && desk.letter?.key === letter.key && !desk.holder) {
      Object.assign(desk, { holder, readOnly: true });
      showHolder(holder, () => open(letter.key));
      draw();
    }
  } catch {
    // The next decision tells; a claim that cannot be renewed is no reason to disturb.
  }
}
setTimeout(renewClaim, SETTLE_MILLISECONDS);
setInterval(renewClaim, RENEW_MILLISECONDS);
addEventListener("pagehide", () => giveBack(desk.letter?.key));
addEventListener("popstate", () => {
  const key = Number(location.pathname.split("/")[2]);
  if (key && key !== desk.letter?.key) open(key);
});

await start();
