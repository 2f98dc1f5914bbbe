"use strict";
// Everything that comes from the server reaches the document through
// textContent or as a number in an SVG attribute, never as markup.

const every = 1000;          // ms between two looks
const keep = 5000;           // requests in memory
const maxRows = 40;          // IPs in the timeline
const maxLines = 200;        // lines of a table
const svgNS = "http://www.w3.org/2000/svg";
const spans = [5, 20, 60];   // windows, in delays

const view = { span: 20, paused: false, ip: "" };
const data = { state: null, requests: [], seq: 0, verdict: null };

// ---- reading ----

async function read(path) {
  const answer = await fetch(path, { cache: "no-store" });
  if (!answer.ok) throw new Error(path + " answers " + answer.status);
  return answer;
}

async function look() {
  const [state, journal] = await Promise.all([
    read("state").then(a => a.json()),
    read("journal?after=" + data.seq).then(a => a.text()),
  ]);
  const old = data.state;
  if (old && state.judged < old.judged) {
    data.requests = [];        // reset, or another mock on the same port
    data.seq = 0;
    data.state = null;
    return look();
  }
  // The verdict can be long: it is read again only when it has changed.
  if (!old || state.violations !== old.violations || state.unknowable !== old.unknowable) {
    data.verdict = await read("verdict").then(a => a.json());
  }
  for (const line of journal.split("\n")) {
    if (line === "") continue;
    const r = JSON.parse(line);
    data.seq = Math.max(data.seq, r.seq);
    data.requests.push(normal(r));
  }
  data.requests.splice(0, data.requests.length - keep);
  data.state = state;
}

// normal turns times into milliseconds. A request that never started is drawn
// where it came.
function normal(r) {
  r.came = Date.parse(r.time);
  r.slotAt = r.slot ? Date.parse(r.slot) : NaN;
  r.startAt = r.started ? Date.parse(r.started) : r.came;
  r.mark = r.verdict || "";
  r.bad = Boolean(r.error) || r.status >= 500 || r.status === 0;
  return r;
}

// ---- making elements ----

function element(name, className, text) {
  const e = document.createElement(name);
  if (className) e.className = className;
  if (text !== undefined) e.textContent = text;
  return e;
}

function shape(name, className, numbers, title) {
  const e = document.createElementNS(svgNS, name);
  e.setAttribute("class", className);
  for (const key in numbers) e.setAttribute(key, numbers[key]);
  if (title) {
    const t = document.createElementNS(svgNS, "title");
    t.textContent = title;
    e.append(t);
  }
  return e;
}

function label(className, x, y, text, anchor) {
  const e = shape("text", className, { x, y, "text-anchor": anchor || "start" });
  e.textContent = text;
  return e;
}

// ---- words ----

const clock = ms => isNaN(ms) ? "–" : new Date(ms).toISOString().slice(11, 23);

function seconds(s) {
  if (s === undefined || s === null || isNaN(s)) return "–";
  const sign = s < 0 ? "−" : "";
  s = Math.abs(s);
  if (s < 0.0005) return "0";
  if (s < 1) return sign + Math.round(s * 1000) + " ms";
  if (s < 60) return sign + String(Math.round(s * 10) / 10) + " s";
  if (s < 3600) return sign + Math.floor(s / 60) + " min" + (s % 60 >= 1 ? " " + Math.floor(s % 60) + " s" : "");
  return sign + Math.floor(s / 3600) + " h " + Math.floor(s % 3600 / 60) + " min";
}

const count = (n, one, many) => n.toLocaleString("en") + " " + (n === 1 ? one : many || one + "s");

function story(r) {
  const lines = [`#${r.request}  ${r.method || ""} ${r.target || ""}`, `came ${clock(r.came)}` + (isNaN(r.slotAt) ? "" : `, slot ${clock(r.slotAt)}`)];
  if (r.held_s > 0) lines.push("held for " + seconds(r.held_s));
  if (r.early_s > 0) lines.push("early by " + seconds(r.early_s) + (r.mark === "unknowable" ? ": " + (r.reason || "its sender could not know") : r.mark ? ", a violation" : ""));
  lines.push((r.status || "no answer") + (r.error ? " " + r.error : "") + (r.session ? "  session " + r.session : "  no session") + (r.conn ? "  from " + r.conn : ""));
  return lines.join("\n");
}

// ---- header and verdict ----

function drawFacts() {
  const s = data.state;
  const pairs = [
    ["clock", clock(Date.parse(s.time)).slice(0, 8)],
    ["speed", "×" + s.time_scale],
    ["delay", seconds(s.delay_s)],
    ["plan", s.plan],
    ["sessions", s.sessions.length.toLocaleString("en") + " of " + s.session_limit.toLocaleString("en")],
    ["IPs in use", s.ips.length.toLocaleString("en")],
    ["held now", s.held.toLocaleString("en")],
    ["faults armed", String((s.faults || []).length)],
  ];
  document.getElementById("facts").replaceChildren(...pairs.map(([name, value]) => {
    const pair = element("div");
    pair.append(element("dt", "", name), element("dd", "", value));
    return pair;
  }));
}

function drawVerdict() {
  const s = data.state, n = s.violations, u = s.unknowable;
  const aside = u ? `; ${count(u, "early request")} whose sender could not know` : "";
  if (n === 0) {
    return say("good", s.judged ? `No violation in ${count(s.judged, "request")} with a session${aside}` : "No request with a session yet");
  }
  const worst = data.verdict.violations.reduce((a, b) => b.early_s > a.early_s ? b : a);
  say("bad", `${count(n, "violation")} in ${count(s.judged, "request")}, the worst ${seconds(worst.early_s)} early on ${worst.ip}${aside}`);
}

function say(verdict, text) {
  const p = document.getElementById("verdict");
  p.dataset.verdict = verdict;
  p.textContent = text;
}

// ---- timeline ----

function rows(from) {
  const byIP = new Map();
  for (const r of data.requests) {
    if (!r.ip || r.kind === "sessions" || Math.max(r.came, r.startAt) < from) continue;
    if (!byIP.has(r.ip)) byIP.set(r.ip, { ip: r.ip, requests: [], violations: 0, node: null });
    const row = byIP.get(r.ip);
    row.requests.push(r);
    if (r.mark === "violation") row.violations++;
  }
  for (const node of data.state.ips) {
    if (byIP.has(node.ip)) byIP.get(node.ip).node = node;
    else if (node.held > 0) byIP.set(node.ip, { ip: node.ip, requests: [], violations: 0, node });
  }
  // Violations first, then the busiest: what is hidden matters least. Within
  // that the order is by address, so that rows do not jump about.
  const all = [...byIP.values()];
  const shown = all.sort((a, b) => b.violations - a.violations || b.requests.length - a.requests.length).slice(0, maxRows);
  shown.sort((a, b) => (b.violations > 0) - (a.violations > 0) || a.ip.localeCompare(b.ip, "en", { numeric: true }));
  return { shown, hidden: all.length - shown.length };
}

function drawTimeline() {
  const box = document.getElementById("timeline");
  const width = Math.max(box.clientWidth, 480), left = 168, right = 52, high = 20, top = 18;
  const now = Date.parse(data.state.time);
  const span = 1000 * (data.state.delay_s || 1) * view.span;
  const from = now - span, to = now + span * 0.12;
  const x = t => left + (Math.min(Math.max(t, from), to) - from) / (to - from) * (width - left - right);
  const { shown, hidden } = rows(from);
  const svg = shape("svg", "", { viewBox: `0 0 ${width} ${top + high * Math.max(shown.length, 1) + 4}`, role: "img", "aria-label": "timeline" }, "");
  svg.append(...ticks(from, now, to, x, top + high * shown.length, view.span));
  shown.forEach((row, i) => svg.append(drawRow(row, top + i * high, high, width, left, from, to, x)));
  if (shown.length === 0) svg.append(label("", left, top + 14, "no request within this window"));
  svg.append(shape("line", "now", { x1: x(now), x2: x(now), y1: top - 4, y2: top + high * shown.length }, ""));
  box.replaceChildren(svg);
  document.getElementById("shown").textContent = (view.ip ? `– only ${view.ip} below; click it again for all` : "") + (hidden ? ` – ${count(hidden, "quieter IP")} not shown` : "");
}

function ticks(from, now, to, x, bottom, span) {
  const delay = 1000 * (data.state.delay_s || 1), step = delay * (span <= 5 ? 1 : span <= 20 ? 2 : 10);
  const parts = [label("", x(now), 10, "now", "middle")];
  let labelled = x(now) + 40;
  for (let t = now - step; t >= from; t -= step) {
    parts.push(shape("line", "tick", { x1: x(t), x2: x(t), y1: 14, y2: bottom }, ""));
    if (labelled - x(t) < 90) continue;
    labelled = x(t);
    parts.push(label("", labelled, 10, "−" + seconds((now - t) / 1000), "middle"));
  }
  return parts;
}

function drawRow(row, y, high, width, left, from, to, x) {
  const g = shape("g", "row" + (row.ip === view.ip ? " chosen" : ""), {}, "");
  const mid = y + high / 2, node = row.node;
  g.dataset.ip = row.ip;
  g.addEventListener("click", () => { view.ip = view.ip === row.ip ? "" : row.ip; draw(); });
  if (row.violations) g.append(shape("rect", "bad-row", { x: 0, y: y + 1, width, height: high - 2 }, ""));
  g.append(shape("line", "track", { x1: left, x2: width - 48, y1: mid, y2: mid }, ""));
  g.append(label("", 4, mid + 4, row.ip));
  if (node) {
    const raised = node.delay_s > data.state.delay_s + 0.0005;
    g.append(label(raised ? "raised" : "", left - 10, mid + 4, seconds(node.delay_s), "end"));
  }
  const slots = row.requests.filter(r => r.session && !isNaN(r.slotAt)).sort((a, b) => a.startAt - b.startAt);
  slots.forEach((r, i) => {
    const after = slots[i + 1], end = after ? Math.min(after.startAt, r.startAt + 1000 * gap(node)) : node && Date.parse(node.next_slot) || r.startAt;
    if (end > from && r.startAt < to) g.append(shape("rect", "slot", { x: x(r.startAt), y: y + 4, width: Math.max(x(end) - x(r.startAt), 1), height: high - 8 }, ""));
  });
  for (const r of row.requests) g.append(drawRequest(r, mid, high, x));
  if (node && Date.parse(node.next_slot) > Date.parse(data.state.time)) {
    const at = x(Date.parse(node.next_slot));
    g.append(shape("path", "next", { d: `M${at} ${mid - 5}l4 5-4 5-4-5z` }, "next slot " + clock(Date.parse(node.next_slot))));
  }
  if (node && node.held > 0) g.append(label("waiting", width - 6, mid + 4, node.held + " held", "end"));
  return g;
}

const gap = node => node ? Math.max(node.delay_s, data.state.delay_s) : data.state.delay_s;

function drawRequest(r, mid, high, x) {
  const g = shape("g", "request " + (r.mark || "fine"), {}, story(r));
  const came = x(r.came), start = x(r.startAt), half = high / 2 - 3;
  if (!r.session) {
    g.append(shape("circle", "free", { cx: came, cy: mid, r: 3 }, ""));
  } else if (r.mark) {
    g.append(shape("line", r.mark, { x1: came, x2: Math.max(x(isNaN(r.slotAt) ? r.startAt : r.slotAt), came + 2), y1: mid, y2: mid }, ""));
    g.append(shape("path", r.mark, { d: `M${came - 5} ${mid - half}h10l-5 ${2 * half}z` }, ""));
  } else if (start - came > 1) {
    g.append(shape("line", "held", { x1: came, x2: start, y1: mid, y2: mid }, ""));
    g.append(shape("circle", "came", { cx: came, cy: mid, r: 2.5 }, ""));
  }
  if (r.session) g.append(shape("line", "start", { x1: start, x2: start, y1: mid - half, y2: mid + half }, ""));
  if (r.bad) g.append(shape("path", "error", { d: `M${start - 4} ${mid - 4}l8 8m0-8l-8 8` }, ""));
  return g;
}

// ---- tables ----

function fill(id, note, columns, items, className) {
  const section = document.getElementById(id);
  section.querySelector("small").textContent = note;
  const head = element("tr");
  head.append(...columns.map(([name, , kind]) => element("th", kind === "n" ? "n" : "", name)));
  section.querySelector("thead").replaceChildren(head);
  const lines = items.slice(0, maxLines).map(item => {
    const tr = element("tr", className ? className(item) : "");
    tr.append(...columns.map(([, value, kind]) => element("td", kind || "", value(item))));
    return tr;
  });
  if (lines.length === 0) {
    const tr = element("tr", "none"), td = element("td", "", "none");
    td.colSpan = columns.length;
    tr.append(td);
    lines.push(tr);
  }
  section.querySelector("tbody").replaceChildren(...lines);
}

const some = (n, all) => n > maxLines ? `the first ${maxLines} of ${all.toLocaleString("en")}` : all.toLocaleString("en");

function drawTables() {
  const now = Date.parse(data.state.time);
  const mine = item => !view.ip || item.ip === view.ip;
  const until = t => (Date.parse(t) - now) / 1000;

  const early = [...data.verdict.violations.map(e => ({ ...e, mark: "violation" })), ...data.verdict.unknowable.map(e => ({ ...e, mark: "unknowable" }))].filter(mine).sort((a, b) => b.request - a.request);
  const section = document.getElementById("early");
  section.hidden = early.length === 0;
  section.className = early.some(e => e.mark === "violation") ? "bad" : "";
  fill("early", some(early.length, early.length), [
    ["#", e => e.request, "n"], ["time", e => clock(Date.parse(e.time)), "id"], ["early by", e => seconds(e.early_s), "n"], ["IP", e => e.ip, "id"],
    ["session", e => e.session, "id"], ["connection", e => e.conn, "id"], ["request", e => e.method + " " + e.target, "wide"],
    ["", e => e.mark === "violation" ? "violation" : "unknowable: " + (e.reason || ""), ""],
  ], early, e => e.mark);

  const sessionsOf = new Map();
  for (const s of data.state.sessions) sessionsOf.set(s.ip, (sessionsOf.get(s.ip) || 0) + 1);
  const ips = data.state.ips.filter(mine).sort((a, b) => (b.violations || 0) - (a.violations || 0) || Date.parse(b.next_slot) - Date.parse(a.next_slot));
  fill("ips", some(ips.length, ips.length), [
    ["IP", i => i.ip, "id"], ["delay", i => seconds(i.delay_s), "n"], ["next slot", i => until(i.next_slot) > 0 ? "in " + seconds(until(i.next_slot)) : "now", "n"],
    ["held", i => i.held || 0, "n"], ["requests", i => i.requests, "n"], ["violations", i => i.violations || 0, "n"], ["sessions", i => sessionsOf.get(i.ip) || 0, "n"],
  ], ips, i => i.violations ? "violation" : "");

  const sessions = data.state.sessions.filter(mine).sort((a, b) => Date.parse(b.last_used) - Date.parse(a.last_used));
  fill("sessions", some(sessions.length, sessions.length), [
    ["session", s => s.id, "id"], ["IP", s => s.ip, "id"], ["requests", s => s.requests, "n"], ["last used", s => seconds(-until(s.last_used)) + " ago", "n"],
    ["ends in", s => s.expires ? seconds(until(s.expires)) : "–", "n"], ["", s => s.banned ? "banned" : "", ""],
  ], sessions, s => s.banned ? "violation" : "");

  const requests = data.requests.filter(mine).slice(-maxLines).reverse();
  fill("requests", "the newest", [
    ["#", r => r.request, "n"], ["time", r => clock(r.came), "id"], ["IP", r => r.ip || "–", "id"], ["session", r => r.session || "–", "id"],
    ["request", r => (r.method || "") + " " + (r.target || ""), "wide"], ["status", r => r.status || "–", "n"], ["error", r => r.error || "", "id"],
    ["held", r => r.held_s ? seconds(r.held_s) : "", "n"], ["early by", r => r.early_s ? seconds(r.early_s) : "", "n"],
  ], requests, r => (r.mark ? r.mark + " " : "") + (r.bad ? "error" : ""));
}

// ---- the loop ----

function draw() {
  if (!data.state) return;
  drawFacts();
  drawVerdict();
  drawTimeline();
  drawTables();
}

function light(state) { document.getElementById("light").dataset.state = state; }

async function loop() {
  if (!view.paused && !document.hidden) {
    try {
      await look();
      if (!view.paused) {
        light("live");
        draw();
      }
    } catch (e) {
      light("lost");
      say("lost", "The mock does not answer: " + e.message);
    }
  }
  setTimeout(loop, every);
}

function buttons() {
  const group = document.getElementById("windows");
  group.replaceChildren(...spans.map(n => {
    const b = element("button", "", n + " delays");
    b.type = "button";
    b.setAttribute("aria-pressed", String(n === view.span));
    b.addEventListener("click", () => { view.span = n; buttons(); draw(); });
    return b;
  }));
}

document.getElementById("pause").addEventListener("click", event => {
  view.paused = !view.paused;
  event.target.setAttribute("aria-pressed", String(view.paused));
  light(view.paused ? "paused" : "live");
});
addEventListener("resize", draw);
buttons();
loop();
