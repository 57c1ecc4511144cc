// Calls to /v1. A write carries one idempotency key however often it is sent, so that a dropped line doubles nothing.

import { find, meta } from "./dom.js";
import { explain } from "./messages.js";

const WAITS = [400, 800, 1500, 3000, 5000];
const PASSING = new Set([502, 503, 504]);

/** A refusal: `status`, `body` (the problem document), and a message for people. */
export class Problem extends Error {
  constructor(status, body) {
    super(explain(status, body));
    this.status = status;
    this.body = body ?? {};
    this.code = this.body.code ?? "";
  }
}

/** A random text. crypto.randomUUID is missing on plain http outside this machine. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function get(path, parameters = {}) {
  const given = Object.entries(parameters).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const query = new URLSearchParams(given).toString();
  return persist(() => call("GET", query ? `${path}?${query}` : path), 2);
}

/** Writes; tries again as long as the line is down. `key` names the write. */
export function send(method, path, body, key = newKey()) {
  return persist(() => call(method, path, body, key), Infinity);
}

/** One try, no more: for what may get lost, such as giving a letter back when the page is left. */
export function sendOnce(method, path, body) {
  return call(method, path, body, newKey(), true);
}

async function call(method, path, body, key, keepalive = false) {
  const headers = {};
  if (key) headers["Idempotency-Key"] = key;
  if (method !== "GET") headers["X-CSRF-Token"] = meta("csrf");
  if (body !== undefined && !(body instanceof FormData)) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(body);
  }
  const answer = await fetch(path, { method, headers, body, keepalive });
  if (answer.ok) return answer.json();
  const problem = new Problem(answer.status, await answer.json().catch(() => null));
  if (problem.code === "sign_in_needed" && !keepalive) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
  throw problem;
}

async function persist(attempt, most) {
  for (let tries = 0; ; tries += 1) {
    try {
      const answer = await attempt();
      if (tries) connection("");
      return answer;
    } catch (error) {
      const passing = error instanceof TypeError || PASSING.has(error.status);
      if (!passing || tries >= most) {
        if (tries) connection("");
        throw error instanceof TypeError ? new Error("连不上服务，请检查网络或服务是否在运行。") : error;
      }
      connection(`连接中断，正在重试（第 ${tries + 1} 次）。填写的内容都还在。`);
      await new Promise((wake) => setTimeout(wake, WAITS[Math.min(tries, WAITS.length - 1)]));
    }
  }
}

function connection(message) {
  const line = find("#connection");
  if (!line) return;
  line.textContent = message;
  line.hidden = !message;
}
