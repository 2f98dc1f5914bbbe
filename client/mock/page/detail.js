// One request: what came of it, why, and the heads of both directions.

const find = number => data.state && (data.requests.find(r => r.request === number) || data.state.waiting.find(r => r.request === number));

const chip = (text, className) => element("span", "chip " + (className || ""), text);

// why tells in words what the mock thinks of a request.
function why(r) {
  if (r.kind === "sessions") return ["fine", "A call of the sessions API: it takes no slot."];
  if (r.kind === "connect") return ["fine", "It opens a tunnel. What is judged are the requests inside."];
  if (r.mark === "dead") return ["bad", "It named a session that had ended. The service refuses that for a while, and then begins another session with the same ID, on another IP."];
  if (!r.session) return ["fine", "Outside sessions: nobody can know its IP beforehand, so nobody is judged."];
  if (isZyte()) return ["good", "In a session. The service knows no slots: what it limits are requests a minute, of the key and of each target."];
  if (isNaN(r.slotAt)) return ["fine", "It came to no slot" + (r.error ? ": the answer is " + r.error + "." : ".")];
  const limits = ` The delay is ${seconds(data.state.delay_s)}.`;
  const held = r.held_s > 0 ? ` It was held for ${seconds(r.held_s)}.` : "";
  if (r.mark === "violation") return ["bad", `It came ${seconds(r.early_s)} too early, and its sender could know${r.reason ? ": " + r.reason : ""}.` + limits + held];
  if (r.mark === "unknowable") return ["warn", `It came ${seconds(r.early_s)} too early, but its sender could not know: ${r.reason || "nothing had told it"}.` + limits + held];
  return ["good", "It came in time." + limits + (held ? held + " Haste before it has raised the delay of its IP." : "")];
}

// neighbour names the request of the same IP that had come before, for one to
// go on with.
function neighbour(r) {
  const previous = r.session && !isNaN(r.slotAt) && before(r);
  if (!previous) return null;
  const other = previous.session === r.session ? "in the same session" : "of session " + previous.session;
  return element("p", "dim", "Before it on this IP: ", button("#" + previous.request, () => openDetail(previous.request), "cell link"),
    ` ${other}, which had come ${seconds((r.came - previous.came) / 1000)} earlier` + (previous.held_s > 0 ? `, and was held for ${seconds(previous.held_s)}.` : "."));
}

function openDetail(number) {
  steady(document.querySelector(`#requests tr[data-key="${number}"]`), () => {
    view.detail = number;
    drawDetail();
    draw();
  });
  byID("detail").querySelector(".close").focus({ preventScroll: true });
  byID("detail").scrollTop = 0;
}

function closeDetail() {
  steady(document.querySelector("#requests tr.chosen"), () => {
    view.detail = 0;
    drawDetail();
    draw();
  });
}

// steady keeps a row, or else the timeline, in its place while what is around it
// gets narrower.
function steady(row, change) {
  const inSight = row && row.getBoundingClientRect().bottom > 0 && row.getBoundingClientRect().top < innerHeight;
  const kept = inSight ? row : byID("timeline"), top = kept.getBoundingClientRect().top;
  change();
  scrollBy(0, kept.getBoundingClientRect().top - top);
}

// step goes to the next older or newer request of the table.
function step(by) {
  const list = chosen(), at = list.findIndex(r => r.request === view.detail) + by;
  if (at >= 0 && at < list.length) openDetail(list[at].request);
}

function drawDetail() {
  const box = byID("detail"), r = view.detail && find(view.detail);
  box.hidden = !r;
  document.body.classList.toggle("with-detail", Boolean(r));
  view.detailIsHeld = Boolean(r && r.open);
  if (!r) return;
  const [mood, words] = why(r);
  const head = element("div", "bar", element("h2", "", "Request #" + r.request), element("span", "steps",
    button("Newer", () => step(-1)), button("Older", () => step(1)), button("Close", closeDetail, "close")));
  const marks = element("p", "chips", chip(r.open ? "held" : String(r.status || "no answer"), r.bad ? "error" : r.open ? "warn" : "good"),
    r.error ? chip(r.error, "error") : null, r.fault ? chip("fault " + r.fault, "error") : null, r.mark ? chip(r.mark, mood) : null,
    r.tunnel ? chip("in a tunnel") : null);
  box.replaceChildren(head, element("p", "address", element("b", "", r.method), " ", r.target), marks,
    element("p", "why " + mood, words), neighbour(r) || "", moments(r), element("div", "heads"));
  readHeads(r);
}

function moments(r) {
  const link = text => text ? button(text, () => { setFilter(text); }, "cell") : "–";
  const pairs = [
    ["session", r.session ? link(r.session) : "none"], ["outgoing IP", r.ip ? link(r.ip) : "–"], ["client", r.conn],
    ["came", clock(r.came)], ["slot", clock(r.slotAt)], ["went out", r.open ? "not yet" : r.started ? clock(r.startAt) : "never"],
    ["held", r.open ? "since " + clock(r.came) : r.held_s > 0 ? seconds(r.held_s) : "no"], ["took", r.open ? "–" : seconds(r.duration_s)],
    ["body", r.bytes ? bytes(r.bytes) : "–"], ["tries", r.attempts > 1 ? r.attempts : null],
  ];
  return element("dl", "moments", ...pairs.filter(([, value]) => value !== null).map(([name, value]) => element("div", "", element("dt", "", name), element("dd", "", value))));
}

// readHeads asks for the heads, which the list leaves out.
async function readHeads(r) {
  const box = byID("detail").querySelector(".heads");
  if (r.open) {
    box.append(element("p", "dim", "The heads are here when it has been answered."));
    return;
  }
  try {
    const [own, tunnel] = await Promise.all([headsOf(r), r.tunnel ? headsOf(r.tunnel) : null]);
    if (view.detail !== r.request) return;
    box.replaceChildren(
      headBlock("Request", `${r.method} ${r.target}`, own.request_headers), headBlock("Answer", r.status ? String(r.status) : "", own.response_headers));
    if (!tunnel) return;
    const more = element("details", "", element("summary", "", `Tunnel: CONNECT ${r.tunnel.target}, #${r.tunnel.request}, ${seconds((r.came - r.tunnel.came) / 1000)} earlier`),
      headBlock("Request", `CONNECT ${r.tunnel.target}`, tunnel.request_headers), headBlock("Answer", String(r.tunnel.status), tunnel.response_headers));
    box.append(more);
  } catch (e) {
    box.replaceChildren(element("p", "dim", "The heads cannot be read: " + e.message));
  }
}

async function headsOf(r) {
  const text = await ask("journal?request=" + r.request).then(a => a.text());
  return text === "" ? {} : JSON.parse(text);
}

function headBlock(name, first, headers) {
  const lines = Object.entries(headers || {}).sort(([a], [b]) => a.localeCompare(b)).flatMap(([field, values]) => values.map(value => [field, value]));
  const pre = element("pre", "", first ? element("b", "", first + "\n") : "");
  for (const [field, value] of lines) {
    pre.append(element("span", "field", field + ":"), " ", ...value.split("REDACTED").flatMap((part, i) => i ? [element("i", "", "left out"), part] : [part]), "\n");
  }
  if (lines.length === 0) pre.append(element("span", "field", first ? "no head is kept of it" : "no answer was sent"));
  return element("div", "head", element("h3", "", name), pre);
}
