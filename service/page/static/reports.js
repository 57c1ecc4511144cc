// The report reader: the document as it was read, its findings marked in it and listed beside it.

import { send } from "./api.js";
import { emptyState, fill, find, h, percent } from "./dom.js";

const reader = find("#reader");
const input = find("#file");
const STATUS = { rectified: "已整改", in_progress: "正在整改", unrectified: "未整改" };

reader.replaceChildren(emptyState("还没有选报告", "巡察反馈、整改报告、审计报告，都可以。选定后在原文里标出每一个问题。"));

input.addEventListener("change", async () => {
  const [file] = input.files;
  if (!file) return;
  fill(reader, h("p.loading", {}, `正在读 ${file.name}……`));
  const form = new FormData();
  form.append("file", file);
  try {
    show(await send("POST", "/v1/findings", form));
  } catch (error) {
    fill(reader, emptyState("没有读成", error.message));
  } finally {
    input.value = "";
  }
});

function show({ report, text, findings }) {
  fill(reader, h("div.reading", {},
    h("article.sheet.report-text", { "aria-label": report }, marked(text, findings)),
    h("aside.sheet.found", { "aria-label": "问题清单" },
      h("h2", {}, `${report}：${findings.length} 个问题`),
      findings.length ? h("ol", {}, findings.map((one, index) => h("li", {}, entry(one, index)))) : h("p.faint", {}, "没有读出问题。"))));
}

/** Offsets count code points. */
function marked(text, findings) {
  const characters = Array.from(text);
  const cut = (start, end) => characters.slice(start, end).join("");
  let at = 0;
  const pieces = findings.flatMap(({ start, end }, index) => {
    const before = cut(at, start);
    at = end;
    return [before, h("mark", { data: { finding: index }, onclick: () => choose(index, "list") }, cut(start, end))];
  });
  return [...pieces, cut(at)];
}

function entry(one, index) {
  const [problem] = one.discipline;
  const facts = [
    one.subject_unit?.name,
    one.people.map((person) => person.text).join("、"),
    one.amounts.map((amount) => amount.text).join("、"),
    STATUS[one.status],
  ].filter(Boolean);
  return h("button", { type: "button", data: { entry: index }, onclick: () => choose(index, "text") },
    h("span.what", {}, h("span", {}, problem ? `${problem.label} ${problem.name}` : "未归类"), problem && h("span.faint", {}, problem.accepted ? percent(problem.score) : "不确定")),
    h("span.more-of", {}, facts.join(" · ")),
    h("span.more-of", {}, one.quote.length > 48 ? `${one.quote.slice(0, 48)}…` : one.quote));
}

function choose(index, scroll) {
  for (const mark of reader.querySelectorAll("mark")) mark.classList.toggle("here", mark.dataset.finding === String(index));
  for (const button of reader.querySelectorAll("[data-entry]")) {
    if (button.dataset.entry === String(index)) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  const target = scroll === "text" ? `mark[data-finding="${index}"]` : `[data-entry="${index}"]`;
  reader.querySelector(target).scrollIntoView({ block: "center", behavior: "smooth" });
}
