// The page as a whole: what it says at the top, when it looks at the mock, and
// when it draws.

const view = { span: "auto", kind: "all", filter: "", paused: false, allRows: false, detail: 0, detailIsHeld: false, lost: false };

function drawFacts() {
  const s = data.state;
  const pairs = [
    [s.time_scale === 1 ? "clock" : `clock, ×${s.time_scale}`, clock(now()).slice(0, 8)],
    ...isZyte() ? [] : [["delay", seconds(s.delay_s)], ["held now", number(s.held)]],
    ["sessions", number(s.sessions.length) + " of " + number(s.session_limit)],
    ["IPs used", number(s.ips.length)],
    isZyte() ? ["service", s.service] : ["plan", s.plan],
  ];
  const box = byID("facts");
  if (box.childElementCount !== pairs.length) box.replaceChildren(...pairs.map(([name]) => element("div", "", element("dt", "", name), element("dd", ""))));
  pairs.forEach(([name, value], i) => { put(box.children[i].firstChild, name); put(box.children[i].lastChild, value); });
}

function drawVerdict() {
  if (isZyte()) return drawZyteVerdict();
  const s = data.state, n = s.violations, worst = data.requests.filter(r => r.mark === "violation").sort((a, b) => b.early_s - a.early_s)[0];
  const unknowable = s.unknowable ? `${count(s.unknowable, "was early, but its sender", "were early, but their senders")} could not know.` : "";
  if (n > 0) return say("bad", `${count(n, "violation")} in ${count(s.judged, "request")}`,
    [worst ? `The worst came ${seconds(worst.early_s)} too early, on ${worst.ip}.` : "", unknowable].join(" "));
  if (s.judged === 0) return say("none", "No request in a session yet", "The verdict is on requests in sessions: none may come before the slot of its outgoing IP.");
  say("good", `In time: ${count(s.judged, "request")}, no violation`, unknowable || "Every request in a session left its outgoing IP alone for the delay.");
}

function drawZyteVerdict() {
  const { dead, requests } = data.state;
  if (dead > 0) return say("bad", `${count(dead, "request")} in ended sessions`, `An ID that has ended is never to be sent again: it would begin another session, on another IP.`);
  if (requests === 0) return say("none", "No request yet", "The verdict is on sessions: none may be named after its end.");
  say("good", "No request in an ended session", "No ID was sent after the end of its session.");
}

function say(verdict, head, text) {
  const box = byID("verdict");
  box.dataset.verdict = verdict;
  put(box.querySelector("h2"), head);
  put(box.querySelector("p"), text.trim());
}

function drawEmpty() {
  const empty = data.requests.length === 0 && data.state.waiting.length === 0;
  byID("empty").hidden = !empty;
  byID("timeline-section").hidden = byID("requests").hidden = empty;
  document.querySelector(".columns").hidden = empty && data.state.sessions.length === 0;
  if (!empty || byID("samples").childElementCount > 0) return;
  const s = data.state, origin = location.origin;
  const samples = [
    ["A page in a session that is made when it is needed", "smp fetch --session @shop https://shop.example/ip"],
    ["Three that keep the pace by themselves", "for i in 1 2 3; do\n  smp fetch -s -o /dev/null --session @shop shop.example/$i\ndone"],
    ["The same service for any other client", `curl -x "$SMP_ENDPOINT" -U "$SMP_API_KEY:" \\\n  --cacert "$SMP_CACERT" -H '${isZyte() ? "Zyte-Session-ID: 3f0f2c5e-4a4b-4c47-9d6c-0f4d9c3a1b2e" : "X-Crawlera-Session: create"}' \\\n  https://shop.example/ip`],
    ["In another shell, first (the key is the one of --api-key)",
      `export SMP_ENDPOINT=${origin} SMP_API_KEY=test\nexport SMP_DELAY=${goDuration(s.delay_s / s.time_scale)} SMP_TIME_SCALE=${s.time_scale}${isZyte() ? " SMP_SERVICE=" + s.service : ""}\ncurl -so ca.pem $SMP_ENDPOINT/_mock/ca.pem\nexport SMP_CACERT=$PWD/ca.pem`],
  ];
  byID("samples").replaceChildren(...samples.map(([text, command]) => element("li", "", text, element("pre", "", element("code", "", command), copier(command)))));
}

function copier(text) {
  const b = button("Copy", async () => {
    await navigator.clipboard.writeText(text);
    b.textContent = "Copied";
    setTimeout(() => { b.textContent = "Copy"; }, 1500);
  }, "copy");
  b.hidden = !navigator.clipboard;
  return b;
}

// draw draws all of it, and says when something moves that no event tells of.
function draw() {
  if (!data.state) return;
  const start = performance.now();
  drawFacts();
  if (!view.lost) drawVerdict();
  drawEmpty();
  document.body.classList.toggle("zyte", isZyte());
  drawSteer();
  drawLegend();
  const time = byID("timeline-section").hidden ? null : drawTimeline();
  if (time) drawRequests();
  drawIPs();
  drawSessions();
  clearTimeout(timer);
  const fast = time && !time.quiet && (time.to - time.from) / data.state.time_scale < 30000;
  if (!view.lost && !view.paused && !document.hidden) timer = setTimeout(draw, Math.max(fast ? 250 : 1000, 10 * (performance.now() - start)));
}

let timer, retry, events, looking = false, again = false;

// look reads what has changed, one time after the other, and no more often than
// ten times as long as it takes.
async function look() {
  if (looking) {
    again = true;
    return;
  }
  looking = true;
  const start = performance.now();
  try {
    await refresh();
    view.lost = false;
    light(view.paused ? "paused" : "live", view.paused ? "paused" : "live");
    draw();
    if (view.detail && (view.detailIsHeld || !find(view.detail))) drawDetail();
  } catch (e) {
    lost(e.message);
  }
  setTimeout(() => {
    looking = false;
    if (again && events) {
      again = false;
      look();
    }
  }, 10 * (performance.now() - start));
}

function light(state, text) {
  byID("light").dataset.state = state;
  put(byID("light"), text);
}

// lost leaves everything as it was last seen, the clock too.
function lost(reason) {
  if (data.state && !view.lost) data.stopped = now();
  view.lost = true;
  clearTimeout(timer);
  light("lost", "no answer");
  say("lost", "The mock does not answer", `It may have ended${reason ? " (" + reason + ")" : ""}. When one answers at ${location.host} again, this page shows it.`);
}

// listen is told of changes by the mock; it asks nothing while there are none.
function listen() {
  if (events || view.paused || document.hidden) return;
  events = new EventSource("events");
  events.addEventListener("change", look);
  events.addEventListener("error", () => {
    lost("");
    if (events && events.readyState === EventSource.CLOSED) {
      hush();
      retry = setTimeout(listen, 3000);
    }
  });
}

function hush() {
  if (events) events.close();
  events = null;
  clearTimeout(timer);
  clearTimeout(retry);
}

function pause() {
  view.paused = !view.paused;
  byID("pause").setAttribute("aria-pressed", String(view.paused));
  put(byID("pause"), view.paused ? "Resume" : "Pause");
  if (view.paused) {
    hush();
    light("paused", "paused");
  } else {
    listen();
  }
}

function watchPage() {
  byID("pause").addEventListener("click", pause);
  byID("filter").addEventListener("input", event => setFilter(event.target.value));
  addEventListener("resize", draw);
  document.addEventListener("visibilitychange", () => { if (document.hidden) hush(); else listen(); });
  addEventListener("keydown", event => {
    const typing = event.target.closest("input, select, textarea");
    if (event.key === "Escape" && view.detail) closeDetail();
    else if (event.key === "/" && !typing) { event.preventDefault(); byID("filter").focus(); }
    else if (view.detail && !typing && event.key === "ArrowDown") { event.preventDefault(); step(1); }
    else if (view.detail && !typing && event.key === "ArrowUp") { event.preventDefault(); step(-1); }
  });
}

put(byID("address"), location.host);
byID("legend-box").open = byID("steer").open = matchMedia("(min-width: 900px)").matches;
watchPage();
watchSteer();
watchTimeline();
listen();
