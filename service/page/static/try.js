// Sends the letter, shows the suggestions, marks the evidence of the one that is chosen.

const form = document.querySelector("#letter");
const statusLine = document.querySelector("#status");
const groups = document.querySelector("#groups");
const urgent = document.querySelector("#urgent");
const marked = document.querySelector("#marked");
const version = document.querySelector("#version");

const EXAMPLE = {
  title: "补贴款",
  text: "我是双桥镇高峰村的。我爹前年腊月走的，折子一直在村会计手里，说是统一年审。" +
    "今年开春我去信用社补办，人家打出单子一看，去年种粮补贴和高龄补贴一共1860元都取走了，签的还是我爹的名字。" +
    "我去问会计，他先说不晓得，后来说拿去抵了水费。我家早几年就没种田了，哪来的水费？",
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  read();
});

form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

document.querySelector("#example").addEventListener("click", () => {
  form.title.value = EXAMPLE.title;
  form.text.value = EXAMPLE.text;
  form.requestSubmit();
});

async function read() {
  const petition = { title: form.title.value, text: form.text.value };
  statusLine.textContent = "正在读……";
  statusLine.className = "";
  try {
    const answer = await fetch("/v1/suggestions", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ petitions: [petition] }),
    });
    if (!answer.ok) throw new Error(reason(answer.status));
    show(petition.text, (await answer.json()).suggestions[0]);
  } catch (error) {
    groups.replaceChildren();
    urgent.hidden = true;
    marked.hidden = true;
    statusLine.textContent = error instanceof TypeError ? "连不上服务，请检查服务是否在运行，再试一次。" : error.message;
    statusLine.className = "failed";
  }
}

function reason(status) {
  if (status === 413) return "信太长，请分开粘贴。";
  if (status === 422) return "正文是空的，请先粘贴来信。";
  if (status === 503) return "模型没有装好，暂时不能给出建议。";
  return `服务出错（${status}），请稍后再试。`;
}

function show(text, suggestion) {
  const problems = suggestion.discipline;
  const certain = suggestion.content[0].accepted && problems[0].accepted;
  statusLine.textContent = certain ? "点任一条建议可看依据：" : "有不确定的地方，请人工判断。点任一条可看依据：";
  groups.replaceChildren(
    group("来件性质", text, [suggestion.kind]),
    group("监督问题", text, problems),
    group("内容分类", text, suggestion.content),
  );
  urgent.hidden = !suggestion.urgent.flag;
  version.textContent = `模型版本 ${suggestion.version}`;
  choose(text, problems[0], groups.children[1].querySelector("li"));
}

function group(heading, text, labels) {
  const title = document.createElement("h3");
  title.textContent = heading;
  const list = document.createElement("ol");
  list.replaceChildren(...labels.map((label) => item(text, label)));
  const section = document.createElement("section");
  section.append(title, list);
  return section;
}

function item(text, label) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "label";
  const name = document.createElement("span");
  name.textContent = title(label);
  const score = document.createElement("span");
  score.className = "score";
  score.textContent = label.accepted ? percent(label.score) : `不确定 ${percent(label.score)}`;
  const bar = document.createElement("meter");
  bar.max = 1;
  bar.value = label.score;
  bar.setAttribute("aria-hidden", "true");
  button.append(name, score, bar);
  const entry = document.createElement("li");
  entry.classList.toggle("accepted", label.accepted);
  entry.append(button);
  button.addEventListener("click", () => choose(text, label, entry));
  return entry;
}

// A content label is a path, a problem a code like B1.5, a kind an English word that nobody needs to see.
function title(label) {
  if (label.label.includes("/")) return label.label.replaceAll("/", " › ");
  return /^[A-Z]\d/.test(label.label) ? `${label.label} ${label.name}` : label.name;
}

function percent(score) {
  return `${(score * 100).toFixed(0)} %`;
}

function choose(text, label, entry) {
  for (const other of groups.querySelectorAll("li")) {
    other.classList.toggle("chosen", other === entry);
    other.firstElementChild.setAttribute("aria-pressed", String(other === entry));
  }
  // Offsets count code points, as Python does; a JavaScript string counts UTF-16 units.
  const characters = Array.from(text);
  const parts = [];
  let position = 0;
  for (const { start, end } of label.evidence) {
    const mark = document.createElement("mark");
    mark.textContent = characters.slice(start, end).join("");
    parts.push(characters.slice(position, start).join(""), mark);
    position = end;
  }
  parts.push(characters.slice(position).join(""));
  marked.replaceChildren(...parts);
  marked.hidden = false;
}
