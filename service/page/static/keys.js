// The keys of the letter page. They rest while a dialog is open or somebody writes.

import { find } from "./dom.js";

/** `on` has a function for each key: see the list in letter.html. */
export function listenToKeys(on) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || find("dialog[open]")) return;
    // The key that has just closed a dialog by choosing in it.
    if (event.defaultPrevented) return;
    // The field of a dialog that was just closed keeps the keys until the next frame; nobody writes there.
    const writes = event.target.matches("textarea, input:not([type=checkbox]), select") && !event.target.closest("dialog:not([open])");
    if (writes) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const act = actionOf(event, on);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function actionOf(event, on) {
  const key = event.key.toLowerCase();
  if (key === "u") return on.undo;
  if (key === "?" || key === "？") return on.keys;
  if (!on.hasLetter()) return null;
  // With Shift the digit row writes signs; the place of the key stays.
  const digit = /^(?:Digit|Numpad)([1-5])$/.exec(event.code)?.[1];
  if (digit) return () => on.digit(Number(digit), event.shiftKey);
  if (key === "enter") return event.target.closest("a, summary, button:not(.option)") ? null : on.accept;
  return {
    escape: on.leave,
    arrowdown: () => on.move(1),
    arrowup: () => on.move(-1),
    s: on.searchActive,
    m: on.merge,
    j: on.toggleUrgent,
    n: on.toNote,
    p: on.print,
  }[key];
}
