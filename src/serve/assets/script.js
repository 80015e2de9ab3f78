// What is better with JavaScript: keys, the timeline's brush, buttons that copy. Everything else works
// without it. Nothing here asks another machine, and no text of the collection becomes markup.
"use strict";

const say = (words) => {
  const said = document.getElementById("said");
  said.textContent = words;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { said.textContent = ""; }, 4000);
};

// Keys. Who dictates or has tremor can turn them off; the choice is kept.

const KEYS_OFF = "onrecord-keys-off";
const keysOff = () => {
  try { return localStorage.getItem(KEYS_OFF) === "1"; } catch { return false; }
};

const quotes = [...document.querySelectorAll(".quotes .quote")];
let here = -1;

const go = (to) => {
  if (to < 0 || to >= quotes.length) return;
  quotes[here]?.classList.remove("here");
  here = to;
  const quote = quotes[here];
  quote.classList.add("here");
  quote.querySelector("a.open").focus({ preventScroll: true });
  quote.scrollIntoView({ block: "nearest" });
};

document.addEventListener("focusin", (event) => {
  const at = quotes.indexOf(event.target.closest?.(".quote"));
  if (at === here || at < 0) return;
  quotes[here]?.classList.remove("here");
  here = at;
  quotes[here].classList.add("here");
});

// The focus stays on the quote's link: that it was picked has to be said.
const pick = () => {
  const box = quotes[here]?.querySelector("input[type=checkbox]");
  if (!box) return;
  box.click();
  const picked = document.querySelectorAll(".quotes .quote input[type=checkbox]:checked").length;
  say(`${box.checked ? "Picked" : "No longer picked"}; ${picked} picked on this page`);
};

const help = document.getElementById("help");
const keysOn = document.getElementById("keys-on");
keysOn.checked = !keysOff();
keysOn.addEventListener("change", () => {
  try { localStorage.setItem(KEYS_OFF, keysOn.checked ? "0" : "1"); } catch { /* not kept, then */ }
});

const actions = {
  "/": () => {
    const box = document.getElementById("q");
    if (!box) { location.href = "/"; return; }
    box.focus();
    box.select();
  },
  j: () => go(here + 1),
  k: () => go(here - 1),
  x: pick,
  "?": () => help.showModal(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=checkbox]), select, textarea, dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  // The help is where keys are turned on again.
  const action = keysOff() && event.key !== "?" ? undefined : actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

// The timeline: a drag over bars sets the days, a click those of one bar.

const bars = document.querySelector("svg.bars");
const rows = [...document.querySelectorAll(".periods tbody tr")];
const since = document.getElementById("since");
const until = document.getElementById("until");

if (bars && rows.length > 0 && since && until) {
  const columns = Number(bars.dataset.columns);
  const [, , width, height] = bars.getAttribute("viewBox").split(" ").map(Number);
  const chosen = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  chosen.setAttribute("class", "chosen-days");
  chosen.setAttribute("height", height);
  bars.classList.add("live");
  let from = null;

  const column = (event) => {
    const box = bars.getBoundingClientRect();
    const at = Math.floor(((event.clientX - box.left) / box.width) * columns);
    return Math.min(Math.max(at, 0), rows.length - 1);
  };
  const ends = (event) => [from, column(event)].sort((a, b) => a - b);
  const show = (event) => {
    const [first, last] = ends(event);
    chosen.setAttribute("x", (first * width) / columns);
    chosen.setAttribute("width", ((last - first + 1) * width) / columns);
    const said = `${rows[first].dataset.since} – ${rows[last].dataset.until}`;
    document.getElementById("said").textContent = said;
  };
  const drop = () => {
    from = null;
    chosen.remove();
    document.getElementById("said").textContent = "";
  };

  bars.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    bars.setPointerCapture(event.pointerId);
    from = column(event);
    bars.append(chosen);
    show(event);
  });
  bars.addEventListener("pointermove", (event) => { if (from !== null) show(event); });
  bars.addEventListener("pointercancel", drop);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") drop(); });
  bars.addEventListener("pointerup", (event) => {
    if (from === null) return;
    const [first, last] = ends(event);
    since.value = rows[first].dataset.since;
    until.value = rows[last].dataset.until;
    drop();
    since.form.requestSubmit();
  });
}

// A form of filters sends no empty fields, so that an address has only what was chosen.

for (const form of document.querySelectorAll("form[method=get]")) {
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) {
      if (value === "" || (name === "sort" && value === "relevance")) event.formData.delete(name);
    }
  });
}

// Buttons that copy.

const copied = async (text) => {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Without TLS a browser has the old way only.
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("not allowed");
};

for (const copy of document.querySelectorAll(".copy")) {
  const text = copy.querySelector(".text");
  if (!text) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = `Copy ${copy.dataset.what}`;
  button.addEventListener("click", async () => {
    try {
      await copied(text.textContent);
      say(`${copy.dataset.what} copied`);
    } catch {
      say("The browser doesn’t let it be copied: select the text");
    }
  });
  copy.append(button);
}
