// The tables. Rows are kept by their keys and cells are only changed where they
// differ, so that one can select, scroll and click while requests come in.

const maxLines = 200; // rows of a table

// columns are {name, value(item), kind}; kinds are classes, "n" is a number, and
// paced is what only a service with a delay has.
function fill(id, note, all, items, key, className, onClick) {
  const columns = all.filter(c => !c.paced || !isZyte());
  const section = byID(id), body = section.querySelector("tbody");
  put(section.querySelector("small"), note);
  if (!section.querySelector("thead tr")) {
    section.querySelector("thead").append(element("tr", "", ...columns.map(c => element("th", c.kind || "", c.name))));
  }
  const old = new Map([...body.children].map(tr => [tr.dataset.key, tr]));
  const lines = items.slice(0, maxLines).map(item => {
    const tr = old.get(String(key(item))) || newRow(columns, key(item), onClick);
    tr.className = className(item);
    columns.forEach((c, i) => put(tr.children[i].firstChild, String(c.value(item) ?? "")));
    return tr;
  });
  if (lines.length === 0) {
    lines.push(element("tr", "none", element("td", "", "none")));
    lines[0].firstChild.colSpan = columns.length;
  }
  if (lines.length !== body.children.length || lines.some((tr, i) => tr !== body.children[i])) body.replaceChildren(...lines);
}

function newRow(columns, key, onClick) {
  const tr = element("tr", "");
  tr.dataset.key = key;
  for (const c of columns) {
    const content = c.click ? button("", () => onClick(key), "cell") : element("span", "");
    const td = element("td", c.kind || "", content);
    td.dataset.name = c.name;
    tr.append(td);
  }
  tr.addEventListener("click", event => {
    if (!event.target.closest("button") && String(getSelection()) === "") onClick(key);
  });
  return tr;
}

const some = n => n > maxLines ? `${maxLines} of ${number(n)}, filter for others` : number(n);

// ---- requests ----

const kinds = () => [["all", "all"], ["early", isZyte() ? "ended session" : "early"], ["errors", "errors"]];

const isShown = {
  all: r => !r.folded,
  early: r => r.mark !== "",
  errors: r => r.bad,
};

function matches(r, text) {
  return [r.target, r.session, r.ip, r.method, r.error, r.conn, r.status, "#" + r.request].some(v => v !== undefined && String(v).toLowerCase().includes(text));
}

// chosen are the requests that the table lists, the newest first.
function chosen() {
  const text = view.filter.toLowerCase(), is = isShown[view.kind];
  return [...data.requests, ...data.state.waiting].filter(r => is(r) && (text === "" || matches(r, text))).sort((a, b) => b.request - a.request);
}

const requestColumns = [
  { name: "#", value: r => r.request, kind: "n num" },
  { name: "time", value: r => clock(r.came), kind: "id time" },
  { name: "request", value: r => r.method + " " + r.target, kind: "url", click: true },
  { name: "answer", value: r => r.open ? "held" : r.status ? r.status + (r.error ? " " + r.error : "") : r.fault || "none", kind: "answer" },
  { name: "session", value: r => r.session || "", kind: "id session" },
  { name: "IP", value: r => r.ip || "", kind: "id ip" },
  { name: "held", value: r => r.open ? seconds((now() - r.came) / 1000) : r.held_s > 0 ? seconds(r.held_s) : "", kind: "n held", paced: true },
  { name: "early by", value: r => r.early_s > 0 ? seconds(r.early_s) : "", kind: "n early", paced: true },
];

function drawRequests() {
  const list = chosen(), early = data.requests.filter(isShown.early).length, errors = data.requests.filter(isShown.errors).length;
  choices(byID("kinds"), kinds().map(([value, text]) => [value, text + (value === "early" ? " " + number(early) : value === "errors" ? " " + number(errors) : "")]), view.kind,
    kind => { view.kind = kind; draw(); });
  const folded = view.kind === "all" && !view.filter ? data.requests.filter(r => r.folded).length : 0;
  fill("requests", some(list.length) + (folded ? `, ${count(folded, "CONNECT")} folded in` : ""), requestColumns, list, r => r.request,
    r => [r.mark, r.bad ? "error" : "", r.open ? "held" : "", view.detail === r.request ? "chosen" : ""].filter(Boolean).join(" "), openDetail);
}

function setFilter(text) {
  view.filter = text.trim();
  if (byID("filter").value.trim() !== view.filter) byID("filter").value = view.filter;
  draw();
}

// ---- IPs and sessions ----

const until = t => (Date.parse(t) - now()) / 1000;

const ipColumns = [
  { name: "IP", value: i => i.ip, kind: "id", click: true },
  { name: "delay", value: i => seconds(i.delay_s), kind: "n delay", paced: true },
  { name: "next slot", value: i => until(i.next_slot) > 0 ? "in " + seconds(until(i.next_slot)) : "now", kind: "n", paced: true },
  { name: "held", value: i => i.held || "", kind: "n", paced: true },
  { name: "requests", value: i => number(i.requests), kind: "n" },
  { name: "violations", value: i => i.violations || "", kind: "n bad", paced: true },
  { name: "sessions", value: i => i.sessions || "", kind: "n" },
];

function drawIPs() {
  const sessions = new Map();
  for (const s of data.state.sessions) sessions.set(s.ip, (sessions.get(s.ip) || 0) + 1);
  const mine = data.state.ips.filter(i => !view.filter || i.ip.includes(view.filter)).map(i => ({ ...i, sessions: sessions.get(i.ip) }));
  mine.sort((a, b) => (b.violations || 0) - (a.violations || 0) || Date.parse(b.next_slot) - Date.parse(a.next_slot));
  fill("ips", some(mine.length), ipColumns, mine, i => i.ip,
    i => (i.violations ? "violation" : "") + (i.delay_s > data.state.delay_s + 0.0005 ? " slowed" : ""), setFilter);
}

const sessionColumns = [
  { name: "session", value: s => s.id, kind: "id", click: true },
  { name: "IP", value: s => s.ip, kind: "id" },
  { name: "requests", value: s => number(s.requests), kind: "n" },
  { name: "last used", value: s => seconds(Math.max(0, -until(s.last_used))) + " ago", kind: "n" },
  { name: "ends in", value: s => s.banned ? "banned" : s.expires ? seconds(Math.max(0, until(s.expires))) : "–", kind: "n" },
];

function drawSessions() {
  const mine = data.state.sessions.filter(s => !view.filter || s.id.includes(view.filter) || s.ip.includes(view.filter));
  mine.sort((a, b) => Date.parse(b.last_used) - Date.parse(a.last_used));
  fill("sessions", some(mine.length), sessionColumns, mine, s => s.id, s => s.banned ? "banned" : "", setFilter);
}
