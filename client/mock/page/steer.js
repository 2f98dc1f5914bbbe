// What one can do to the mock from here: faults, clock, reset. The same is
// open to programs below /_mock/; pages of other sites are refused there.

async function steer(done, path, options) {
  const told = byID("steered");
  try {
    await ask(path, options);
    told.dataset.state = "good";
    told.textContent = done;
  } catch (e) {
    told.dataset.state = "bad";
    told.textContent = e.message;
  }
  await look();
}

const post = (done, path, body) => steer(done, path, { method: "POST", body: body === undefined ? "" : JSON.stringify(body) });

function faultWords(f) {
  const words = [f.name];
  if (f.count) words.push(f.left === f.count ? count(f.count, "time") : `${f.left} of ${f.count} left`);
  if (f.rate && f.rate < 1) words.push(Math.round(f.rate * 1000) / 10 + " %");
  if (f.after) words.push("after");
  if (f.on) words.push("on " + f.on);
  return words.join(" · ");
}

function drawSteer() {
  const faults = data.state.faults || [], list = byID("armed");
  put(byID("armed-count"), faults.length ? count(faults.length, "fault") + " armed" : "");
  const words = faults.map(faultWords);
  if ([...list.children].map(li => li.textContent).join("\n") !== words.join("\n")) list.replaceChildren(...words.map(w => element("li", "chip error", w)));
  byID("clear").hidden = faults.length === 0;
  const s = data.state, jumps = byID("jumps");
  const steps = [["+ 1 delay", s.delay_s], ["+ 1 min", 60], ["+ a session’s life", s.session_ttl_s]].filter(([, by]) => by > 0);
  if (jumps.childElementCount !== steps.length) jumps.replaceChildren(...steps.map(([text, by]) => button(text, () => advance(goDuration(by), seconds(by)))));
  put(byID("lifetime"), s.session_ttl_s > 0 ? `Sessions end ${seconds(s.session_ttl_s)} after their last request.` : "Sessions do not end by themselves.");
}

const advance = (by, words) => post(`The clock was advanced by ${words || by}.`, "clock", { advance: by });

function armFault(form) {
  const fault = { name: form.name.value };
  if (form.count.value) fault.count = Number(form.count.value);
  if (form.rate.value) fault.rate = Number(form.rate.value) / 100;
  if (form.after.value) fault.after = true;
  if (form.on.value) fault.on = form.on.value;
  return post(`${fault.name} is armed.`, "faults", fault);
}

// Reset is asked twice, for it cannot be taken back.
function resetTwice() {
  const b = byID("reset");
  if (b.dataset.sure !== "yes") {
    b.dataset.sure = "yes";
    b.textContent = "Really forget everything?";
    setTimeout(calm, 4000);
    return;
  }
  calm();
  closeDetail();
  post("The mock was reset.", "reset");
}

function calm() {
  delete byID("reset").dataset.sure;
  byID("reset").textContent = "Reset";
}

function watchSteer() {
  const submit = (id, act) => byID(id).addEventListener("submit", event => { event.preventDefault(); act(event.target.elements); });
  submit("faults", armFault);
  submit("clock", form => { if (form.by.value) advance(form.by.value); });
  byID("clear").addEventListener("click", () => steer("No fault is armed.", "faults", { method: "DELETE" }));
  byID("reset").addEventListener("click", resetTwice);
}
