// The timeline: a row for each outgoing IP, its slots, and the requests where
// they came and where they started.

const spans = () => [["auto", "auto"], ["all", "all"], ["5", data.state.delay_s ? "5 delays" : "5 s"], ["20", "20"], ["60", "60"]];
let drawn = null; // where the rows are, for the pointer

const fewRows = () => byID("timeline").clientWidth < 640 ? 12 : 40;

// range is the time that is shown. It ends now while something goes on, else
// where that ended: however fast the mock's clock runs, there is something to see.
function range(requests, unit) {
  const t = now();
  let first = Infinity, last = -Infinity, next = -Infinity;
  for (const r of requests) {
    first = Math.min(first, r.came, r.startAt);
    last = Math.max(last, r.came, r.startAt);
    if (r.open) next = Math.max(next, r.slotAt);
  }
  for (const node of data.state.ips) if (node.requests > 0 && node.next_slot) next = Math.max(next, Date.parse(node.next_slot));
  if (first > last) first = last = t;
  const quiet = t > Math.max(last, next) + 3 * unit;
  const edge = quiet ? Math.max(last, Math.min(next, last + 2 * unit)) : Math.max(t, last);
  const whole = Math.max(edge - first, 5 * unit) * 1.02;
  const span = view.span === "all" ? whole : view.span === "auto" ? Math.min(whole, (byID("timeline").clientWidth < 640 ? 16 : 40) * unit) : Number(view.span) * unit;
  const ahead = quiet ? span * 0.02 : Math.min(Math.max(next - edge + unit / 4, span * 0.04), span * 0.6);
  return { from: edge - span, to: edge + ahead, now: t, quiet, last };
}

// rows are the IPs that have something within the range: those with violations
// first, then the busiest, so that what is hidden matters least. Among those shown
// the order is by address, so that rows do not jump about.
function rows(requests, time) {
  const byIP = new Map();
  const nodes = new Map(data.state.ips.map(node => [node.ip, node]));
  for (const r of requests) {
    if (Math.max(r.came, r.startAt) < time.from) continue;
    if (!byIP.has(r.ip)) byIP.set(r.ip, { ip: r.ip, requests: [], violations: 0, node: nodes.get(r.ip) });
    const row = byIP.get(r.ip);
    row.requests.push(r);
    if (r.mark === "violation") row.violations++;
  }
  const all = [...byIP.values()];
  const shown = all.sort((a, b) => b.violations - a.violations || b.requests.length - a.requests.length).slice(0, view.allRows ? all.length : fewRows());
  shown.sort((a, b) => (b.violations > 0) - (a.violations > 0) || a.ip.localeCompare(b.ip, "en", { numeric: true }));
  return { shown, hidden: all.length - shown.length };
}

function drawTimeline() {
  const box = byID("timeline"), unit = 1000 * (data.state.delay_s || 1);
  const requests = [...data.requests, ...data.state.waiting].filter(r => r.ip && r.kind === "target");
  const time = range(requests, unit), { shown, hidden } = rows(requests, time);
  const plot = measure(box.clientWidth, shown.length, time);
  drawn = { plot, rows: shown };
  const svg = shape("svg", plot.narrow ? "narrow" : "", { viewBox: `0 0 ${plot.width} ${plot.bottom + 4}`, height: plot.bottom + 4, role: "img", "aria-label": "timeline of requests" });
  svg.append(...ticks(plot));
  shown.forEach((row, i) => svg.append(drawRow(row, plot, i)));
  if (!time.quiet) svg.append(line("now", plot.x(time.now), plot.top - 4, plot.x(time.now), plot.bottom));
  box.replaceChildren(svg);
  put(byID("shown"), time.quiet ? `quiet since ${clock(time.last).slice(0, 8)}, for ${seconds((time.now - time.last) / 1000)}` : "");
  const more = byID("more-rows");
  more.hidden = !hidden && !(view.allRows && shown.length > fewRows());
  put(more, view.allRows ? `Show the ${fewRows()} busiest only` : `Show ${count(hidden, "more IP")}`);
  choices(byID("windows"), spans(), view.span, span => { view.span = span; draw(); });
  return time;
}

function measure(width, many, time) {
  const narrow = width < 640;
  const left = narrow ? 4 : 176, right = narrow ? 4 : 58, top = 26, high = narrow ? 38 : many > 40 ? 14 : many > 16 ? 20 : 26;
  const bottom = top + high * Math.max(many, 1);
  const x = t => left + (Math.min(Math.max(t, time.from), time.to) - time.from) / (time.to - time.from) * (width - left - right);
  return { width, left, right, top, high, bottom, narrow, x, ...time, bar: narrow ? 18 : Math.min(high - 6, 16) };
}

// ticks have round times, not closer than words are wide.
function ticks(plot) {
  const least = (plot.to - plot.from) / 1000 * 90 / (plot.width - plot.left - plot.right);
  const step = 1000 * ([0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200].find(s => s >= least) || 21600);
  const parts = [];
  for (let t = Math.ceil(plot.from / step) * step; t <= plot.to; t += step) {
    const x = plot.x(t);
    if (x > plot.width - plot.right - 24 || x < plot.left + 24) continue;
    parts.push(line("tick", x, plot.top - 6, x, plot.bottom));
    if (plot.quiet || Math.abs(x - plot.x(plot.now)) > 54) parts.push(label("", x, 12, clock(t).slice(0, step < 1000 ? 10 : 8), "middle"));
  }
  if (!plot.quiet) parts.push(label("now-label", plot.x(plot.now), 12, "now", "middle"));
  return parts;
}

function drawRow(row, plot, i) {
  const y = plot.top + i * plot.high, node = row.node, mid = plot.narrow ? y + plot.high - 12 : y + plot.high / 2;
  const g = shape("g", "row" + (row.ip === view.filter ? " chosen" : ""), {});
  g.dataset.ip = row.ip;
  if (row.violations) g.append(shape("rect", "bad-row", { x: 0, y: y + 1, width: plot.width, height: plot.high - 2, rx: 4 }));
  g.append(...rowLabels(row, plot, y, mid), line("track", plot.left, mid, plot.width - plot.right, mid));
  const slots = row.requests.filter(r => r.session && !isNaN(r.slotAt) && !r.open).sort((a, b) => a.startAt - b.startAt);
  g.append(restPath(slots, node, mid, plot), ...plainPaths(row.requests.filter(isPlain), mid, plot));
  for (const r of row.requests) if (!isPlain(r)) g.append(drawRequest(r, mid, plot));
  const next = node && node.next_slot ? Date.parse(node.next_slot) : 0;
  if (node && node.requests > 0 && next > plot.now && slots.length > 0) g.append(diamond(plot.x(next), mid));
  const open = row.requests.find(r => r.request === view.detail);
  if (open) g.append(frame(open, mid, plot));
  return g;
}

// Most requests came in time and were answered. Those of a row are one shape, and
// so are the rests after them: there can be thousands.
const isPlain = r => r.session && !r.mark && !r.bad && !r.open && !(r.held_s > 0);

function restPath(slots, node, mid, plot) {
  const top = mid - plot.bar / 2, parts = [];
  let drawn = -1;
  slots.forEach((r, i) => {
    const end = restEnd(r, slots[i + 1], node), x = plot.x(r.startAt);
    if (end <= plot.from || x < drawn) return;
    drawn = x + 1;
    parts.push(`M${x.toFixed(1)} ${top}h${Math.max(plot.x(end) - x, 1).toFixed(1)}v${plot.bar}H${x.toFixed(1)}z`);
  });
  return shape("path", "slot", { d: parts.join("") });
}

function plainPaths(requests, mid, plot) {
  const seen = new Set(), parts = { "start": [], "start dimmed": [] }, text = view.filter.toLowerCase();
  for (const r of requests) {
    const x = plot.x(r.startAt).toFixed(1);
    if (r.startAt < plot.from || seen.has(x)) continue;
    seen.add(x);
    parts[!text || matches(r, text) ? "start" : "start dimmed"].push(`M${x} ${mid - plot.bar / 2}v${plot.bar}`);
  }
  return Object.keys(parts).filter(name => parts[name].length > 0).map(name => shape("path", name, { d: parts[name].join("") }));
}

function frame(r, mid, plot) {
  const came = plot.x(r.came), half = plot.bar / 2, end = plot.x(r.open ? r.slotAt : r.startAt);
  return shape("rect", "frame", { x: came - 6, y: mid - half - 2, width: Math.max(end - came, 0) + 12, height: plot.bar + 4, rx: 3 });
}

// restEnd is where the time ends that an IP rests after a request.
function restEnd(r, after, node) {
  if (after) return Math.min(after.startAt, r.startAt + delayOf(node));
  return node && node.next_slot ? Math.max(Date.parse(node.next_slot), r.startAt) : r.startAt + delayOf(node);
}

function rowLabels(row, plot, y, mid) {
  const node = row.node, base = plot.narrow ? y + 13 : mid + 4, parts = [label("ip", plot.narrow ? 4 : 8, base, row.ip)];
  if (node) {
    const raised = node.delay_s > data.state.delay_s + 0.0005;
    if (node.delay_s > 0) parts.push(label(raised ? "raised" : "delay", plot.narrow ? 150 : plot.left - 12, base, seconds(node.delay_s), "end"));
    if (node.held > 0) parts.push(label("waiting", plot.width - 6, base, node.held + " held", "end"));
  }
  return parts;
}

function drawRequest(r, mid, plot) {
  const matching = !view.filter || matches(r, view.filter.toLowerCase());
  const g = shape("g", "request " + (r.mark || "fine") + (matching ? "" : " dimmed"), {});
  const came = plot.x(r.came), half = plot.bar / 2;
  const start = plot.x(r.open ? r.slotAt : r.startAt);
  if (r.came < plot.from && r.startAt < plot.from) return g;
  if (!r.session) {
    g.append(shape("circle", "free", { cx: came, cy: mid, r: 3.5 }));
  } else if (r.mark) {
    const until = Math.max(plot.x(isNaN(r.slotAt) ? r.startAt : r.slotAt), came + 3);
    g.append(line(r.mark, came, mid, until, mid), shape("path", r.mark, { d: `M${came - 5} ${mid - half}h10l-5 ${2 * half}z` }));
  } else if (start - came > 1) {
    g.append(line("held", came, mid, start, mid), shape("circle", "came", { cx: came, cy: mid, r: 3 }));
  }
  if (r.session && r.mark !== "dead" && !r.open && !isNaN(r.slotAt)) g.append(line("start", start, mid - half, start, mid + half));
  if (r.bad) g.append(cross(start, mid));
  return g;
}

const diamond = (x, y) => shape("path", "next", { d: `M${x} ${y - 5}l4.5 5-4.5 5-4.5-5z` });
const cross = (x, y) => shape("path", "error", { d: `M${x - 4} ${y - 4}l8 8m0-8l-8 8` });

// ---- the legend, drawn with the same shapes ----

const legend = [
  ["the IP rests until its next slot", () => [shape("rect", "slot", { x: 3, y: 2, width: 26, height: 12, rx: 2 })], "spm"],
  ["a request, when it went out", () => [line("start", 16, 1, 16, 15)]],
  ["came, and was held until its slot", () => [line("held", 6, 8, 26, 8), shape("circle", "came", { cx: 6, cy: 8, r: 3 }), line("start", 26, 1, 26, 15)], "spm"],
  ["violation: came too early, and was held", () => [line("violation", 8, 8, 28, 8), shape("path", "violation", { d: "M3 1h10l-5 14z" })], "spm"],
  ["too early, but its sender could not know", () => [line("unknowable", 8, 8, 28, 8), shape("path", "unknowable", { d: "M3 1h10l-5 14z" })], "spm"],
  ["named a session that had ended", () => [line("dead", 14, 8, 18, 8), shape("path", "dead", { d: "M11 1h10l-5 14z" })], "zyte"],
  ["answered with an error, or not at all", () => [cross(16, 8)]],
  ["outside sessions: judged by nobody", () => [shape("circle", "free", { cx: 16, cy: 8, r: 3.5 })]],
  ["next slot of the IP", () => [diamond(16, 8)], "spm"],
  ["now", () => [line("now", 16, 0, 16, 16)]],
  ["delay of the IP", () => [label("delay", 30, 12, "12 s", "end")], "spm"],
  ["delay that haste has raised", () => [label("raised", 30, 12, "14 s", "end")], "spm"],
  ["requests that are held now", () => [label("waiting", 32, 12, "held", "end")], "spm"],
  ["an IP with violations", () => [shape("rect", "bad-row", { x: 0, y: 0, width: 32, height: 16, rx: 4 })], "spm"],
];

// drawLegend leaves out what the service does not have: Zyte API knows no slots.
function drawLegend() {
  const kind = isZyte() ? "zyte" : "spm", box = byID("legend");
  if (box.dataset.kind === kind) return;
  box.dataset.kind = kind;
  box.replaceChildren(...legend.filter(([, , of]) => !of || of === kind).map(([text, draw]) => {
    const svg = shape("svg", "", { viewBox: "0 0 32 16", width: 32, height: 16, "aria-hidden": "true" });
    svg.append(...draw());
    return element("li", "", svg, text);
  }));
}

// ---- what one points at ----

function story(r) {
  const lines = [`#${r.request}  ${r.method} ${r.target}`, `came ${clock(r.came)}` + (isNaN(r.slotAt) ? "" : `, slot ${clock(r.slotAt)}`)];
  if (r.open) lines.push("is held until its slot");
  if (r.held_s > 0) lines.push("was held for " + seconds(r.held_s));
  if (r.early_s > 0) lines.push("early by " + seconds(r.early_s) + (r.mark === "unknowable" ? ": " + (r.reason || "its sender could not know") : r.mark ? ", a violation" : ""));
  if (!r.open) lines.push((r.status || "no answer") + (r.error ? " " + r.error : ""));
  if (r.mark === "dead") lines.push("its session had ended");
  lines.push(r.session ? "session " + r.session : "no session");
  return lines.join("\n");
}

// pointed is the request that is drawn next to the pointer.
function pointed(event) {
  if (!drawn) return null;
  const { plot, rows } = drawn, svg = event.target.closest("svg"), place = svg && svg.getBoundingClientRect();
  const row = place && rows[Math.floor((event.clientY - place.top - plot.top) / plot.high)], x = place ? event.clientX - place.left : 0;
  if (!row || x < plot.left) return null;
  let best = null, least = 9;
  for (const r of row.requests) {
    const from = plot.x(r.came), to = plot.x(r.open ? r.slotAt : r.startAt);
    const away = (x < from ? from - x : x > to ? x - to : Math.min(4, x - from, to - x)) - (r.mark ? 2 : 0);
    if (away < least) [best, least] = [r, away];
  }
  return best;
}

function watchTimeline() {
  const box = byID("timeline"), tip = element("div", "tip");
  tip.hidden = true;
  document.body.append(tip);
  box.addEventListener("pointermove", event => {
    const r = pointed(event);
    box.classList.toggle("pointed", Boolean(r));
    tip.hidden = !r;
    if (!r) return;
    put(tip, story(r));
    tip.style.left = Math.max(8, Math.min(event.pageX + 14, document.documentElement.clientWidth - tip.offsetWidth - 8)) + "px";
    tip.style.top = event.pageY + 18 + "px";
  });
  box.addEventListener("pointerleave", () => { tip.hidden = true; });
  box.addEventListener("click", event => {
    tip.hidden = true;
    const r = pointed(event), row = event.target.closest("[data-ip]");
    if (r) openDetail(r.request);
    else if (row) setFilter(view.filter === row.dataset.ip ? "" : row.dataset.ip);
  });
  byID("more-rows").addEventListener("click", () => { view.allRows = !view.allRows; draw(); });
}
