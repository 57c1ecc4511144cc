// Batches: a file goes in, its progress comes over server-sent events, its result is fetched as a file.

import { get, send } from "./api.js";
import { emptyState, faultState, find, fill, h, hasRole, momentOf, ready, tell } from "./dom.js";

const form = find("#upload");
const list = find("#jobs");
const fault = find(".fault");
const STATE = { queued: "排队", running: "处理中", done: "已完成", failed: "失败", cancelled: "已取消" };
const KIND = { tag: "来信建议", findings: "问题清单", import: "放入待办" };
const READS = {
  tag: "xlsx、csv、jsonl、parquet，每行一封；txt、docx、pdf、html，每个一封；或这些文件的 zip",
  findings: "docx、pdf、html、txt，或它们的 zip",
  import: "xlsx、csv、jsonl、parquet，每行一封；txt、docx、pdf、html，每个一封；或这些文件的 zip",
};
const ENDED = new Set(["done", "failed", "cancelled"]);

if (!hasRole("clerk")) find("[data-role=clerk]").remove();
const showKinds = () => { find("#kinds").textContent = READS[form.elements.kind.value]; };
form.elements.kind.addEventListener("change", showKinds);
showKinds();

/** The browser's own words beside a file field are in its own language; these are not. */
const showChosen = () => { find("#chosen").textContent = form.elements.file.files[0]?.name ?? "或拖到这里"; };
form.elements.file.addEventListener("change", showChosen);

const drop = find("#drop");
drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  form.elements.file.files = event.dataTransfer.files;
  showChosen();
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  fault.hidden = true;
  if (!form.elements.file.files.length) return complain("请先选择文件。");
  const button = find("button[type=submit]");
  button.disabled = true;
  button.textContent = "正在上传……";
  try {
    const job = await send("POST", "/v1/jobs", new FormData(form));
    form.elements.file.value = "";
    showChosen();
    find(".empty", list)?.remove();
    list.prepend(card(job));
  } catch (error) {
    complain(error.message);
  } finally {
    button.disabled = false;
    button.textContent = "开始处理";
  }
  return undefined;
});

function complain(message) {
  fault.textContent = message;
  fault.hidden = false;
}

async function load() {
  try {
    const { jobs } = await get("/v1/jobs");
    list.replaceChildren(...(jobs.length ? jobs.map(card) : [emptyState("还没有处理过文件")]));
  } catch (error) {
    list.replaceChildren(faultState(error, load));
  } finally {
    list.removeAttribute("aria-busy");
  }
}

/** A job's card, which follows the job until it has ended. */
function card(job) {
  const place = h("article.sheet.job", { "aria-label": job.name });
  draw(place, job);
  if (!ENDED.has(job.state)) follow(place, job.key);
  return place;
}

function follow(place, key) {
  const events = new EventSource(`/v1/jobs/${key}/events`);
  events.addEventListener("progress", (event) => {
    const job = JSON.parse(event.data);
    draw(place, job);
    if (ENDED.has(job.state)) {
      events.close();
      tell(`${job.name}：${STATE[job.state]}`);
    }
  });
  // A browser opens the stream again by itself; this only says so.
  events.addEventListener("error", () => { place.querySelector(".state")?.replaceChildren("连接中断，正在重连……"); });
}

function draw(place, job) {
  const ended = ENDED.has(job.state);
  const counted = job.total === null ? "" : `${job.done.toLocaleString()} / ${job.total.toLocaleString()}`;
  fill(place,
    h("h3", {}, job.name),
    h("p.faint.small.state", { role: "status" }, [KIND[job.kind], STATE[job.state], counted, momentOf(job.created_at)].filter(Boolean).join(" · ")),
    h("div.act", {},
      job.result && h("a.button", { href: `/v1/jobs/${job.key}/result`, download: "" }, "下载结果"),
      !ended && h("button.quiet", { type: "button", onclick: () => cancel(place, job.key) }, "取消")),
    !ended && progress(job),
    job.error && h("p.fault", {}, job.error_zh),
    job.problems > 0 && ended && problems(job));
}

function progress(job) {
  const bar = h("progress.bar", { "aria-label": `${job.name} 的进度` });
  if (job.total) Object.assign(bar, { max: job.total, value: job.done });
  return bar;
}

function problems(job) {
  const place = h("ul");
  return h("details", {
    ontoggle: async (event) => {
      if (!event.target.open || place.childElementCount) return;
      try {
        const page = await get(`/v1/jobs/${job.key}/problems`);
        place.append(...page.problems.map((one) => h("li", {}, [one.file, placeOf(one), one.reason_zh].filter(Boolean).join("：")))); 
      } catch (error) {
        tell(error.message, "failed");
      }
    },
  }, h("summary", {}, `${job.problems} 处没有读成`), place);
}

function placeOf({ sheet, row }) {
  return [sheet && `第 ${sheet} 张表`, row && `第 ${row} 行`].filter(Boolean).join("");
}

async function cancel(place, key) {
  try {
    draw(place, await send("POST", `/v1/jobs/${key}/cancellation`));
  } catch (error) {
    tell(error.message, "failed");
  }
}

ready(form);
await load();
