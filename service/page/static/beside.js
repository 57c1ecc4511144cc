// Letters of the same matter beside the open one: found, compared, put together, taken apart.

import { get } from "./api.js";
import { tell } from "./dom.js";
import { candidatesOf, drawEarlier, lookForOthers, merge, split } from "./earlier.js";
import { pushStep } from "./kept.js";
import { openPicker } from "./picker.js";

const NOTHING = { candidates: [], entry: null, compared: null };

/** What the letter page needs of it. `desk` holds the open letter; `redraw` draws that anew. */
export function besideOf({ desk, root, panel, redraw }) {
  let now = NOTHING;
  const failed = (error) => tell(error.message, "failed");

  function clear() {
    now = NOTHING;
    panel.hidden = true;
    root.classList.remove("comparing");
  }

  async function show() {
    const { letter } = desk;
    try {
      const candidates = await candidatesOf(letter);
      if (desk.letter?.key !== letter.key || !candidates.length) return;
      now = { ...NOTHING, candidates };
      await compareWith(candidates[0].key);
    } catch (error) {
      tell(`没有取到同一事项的来信：${error.message}`, "failed");
    }
  }

  async function compareWith(key) {
    const { letter } = desk;
    const compared = await get(`/v1/petitions/${key}`);
    if (desk.letter?.key !== letter.key) return;
    const known = now.candidates.find((one) => one.key === key);
    const entry = { ...(known ?? { key, merged: false }), received: compared.received };
    const candidates = known ? now.candidates.map((one) => (one.key === key ? entry : one)) : [...now.candidates, entry];
    now = { candidates, entry, compared };
    root.classList.add("comparing");
    drawEarlier(panel, { letter, ...now, readOnly: desk.readOnly }, {
      show: (one) => compareWith(one).catch(failed),
      merge: mergeOrFind,
      split: () => change(split([letter.key]), "已拆出。按 U 撤销。"),
      close: () => { clear(); redraw(); },
    });
    redraw();
  }

  function mergeOrFind() {
    if (desk.readOnly) return;
    if (canMerge()) {
      change(merge([desk.letter.key, now.entry.key]), "已合并。按 U 撤销。");
      return;
    }
    openPicker({
      heading: "找同一事项的来信",
      placeholder: "姓名、电话、编号或信中的话",
      source: (typed) => lookForOthers(desk.letter, typed),
      pick: ({ code }) => compareWith(code).catch(failed),
    });
  }

  async function change(sent, message) {
    const { letter } = desk;
    try {
      const { key } = await sent;
      pushStep({ kind: "matter", change: key, petition: letter.key });
      desk.letter = await get(`/v1/petitions/${letter.key}`);
      clear();
      redraw();
      await show();
      tell(message);
    } catch (error) {
      failed(error);
    }
  }

  const canMerge = () => Boolean(now.entry && !now.entry.merged);
  return { clear, show, mergeOrFind, canMerge, compared: () => now.compared };
}
