// What is known of the mock, and how it is asked.

const keep = 10000; // requests in memory, as many as the mock keeps

const data = { state: null, read: 0, stopped: 0, requests: [], seq: 0, tunnels: new Map() };

async function ask(path, options) {
  const answer = await fetch(path, { cache: "no-store", ...options });
  if (!answer.ok) throw new Error((await answer.text()).trim() || path + " answers " + answer.status);
  return answer;
}

// refresh reads the state, and the requests that have ended since the last time.
async function refresh() {
  const [state, journal] = await Promise.all([
    ask("state").then(a => a.json()),
    ask("journal?heads=0&after=" + data.seq).then(a => a.text()),
  ]);
  if (data.state && data.state.since !== state.since) { // reset, or another mock on the same port
    forget();
    return refresh();
  }
  for (const text of journal.split("\n")) if (text !== "") take(JSON.parse(text));
  data.requests.splice(0, data.requests.length - keep);
  state.waiting = (state.waiting || []).map(normal);
  data.state = state;
  data.read = performance.now();
}

function forget() {
  data.requests = [];
  data.tunnels.clear();
  data.seq = 0;
  data.state = null;
}

function take(r) {
  data.seq = Math.max(data.seq, r.seq);
  fold(normal(r));
  data.requests.push(r);
}

// fold puts a CONNECT, which ends before what it opened the way for, behind the
// requests of its tunnel.
function fold(r) {
  if (r.kind === "connect") {
    data.tunnels.delete(r.conn);
    if (r.status === 200) data.tunnels.set(r.conn, r);
    if (data.tunnels.size > keep) data.tunnels.delete(data.tunnels.keys().next().value);
    return;
  }
  const tunnel = data.tunnels.get(r.conn);
  if (!tunnel || r.kind !== "target") return;
  tunnel.folded = true;
  r.tunnel = tunnel;
}

// normal turns times into milliseconds. A request that never started is drawn
// where it came.
function normal(r) {
  r.came = Date.parse(r.time);
  r.slotAt = r.slot ? Date.parse(r.slot) : NaN;
  r.startAt = r.started ? Date.parse(r.started) : r.came;
  r.mark = r.verdict || "";
  r.open = !r.seq;
  r.bad = !r.open && (Boolean(r.error) || r.status >= 500 || r.status === 0);
  return r;
}

// now is the mock's own time, which goes on between two readings while there is
// a mock.
function now() {
  if (view.lost) return data.stopped;
  return Date.parse(data.state.time) + (performance.now() - data.read) * data.state.time_scale;
}

const isZyte = () => data.state.service !== undefined && data.state.service !== "spm";

const delayOf = node => 1000 * Math.max(node ? node.delay_s : 0, data.state.delay_s);

// before finds the request of the same IP, or session, that came last before r.
function before(r) {
  let found = null;
  for (const other of data.requests) {
    if (other.request === r.request || other.kind !== "target" || !other.session || other.came > r.came) continue;
    if (other.ip !== r.ip && other.session !== r.session) continue;
    if (!found || other.came > found.came) found = other;
  }
  return found;
}
