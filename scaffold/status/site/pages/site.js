"use strict";

// A page that nobody renews still looks like today's: ages go on, and it says how old it is.
const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

function age(when) {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(when)) / 1000));
  const [unit, length] = UNITS.find(([, each]) => seconds >= each) || UNITS[3];
  return [`${Math.floor(seconds / length)} ${unit}`, seconds];
}

function tellAges() {
  for (const one of document.querySelectorAll("time[title]")) {
    one.textContent = `${age(one.dateTime)[0]} ago`;
  }
  const [told, seconds] = age(document.getElementById("made").dateTime);
  document.getElementById("stale").textContent = seconds < 3600 ? "" : ` (${told} old)`;
}

tellAges();
setInterval(tellAges, 60000);

// The filter's state is in the address, so that it can be sent to somebody.
const form = document.getElementById("filter");
const rows = [...document.querySelectorAll("#services tbody tr")];

function fits(row, wanted) {
  const words = wanted.q.toLowerCase().split(/\s+/).filter(Boolean);
  const text = row.textContent.toLowerCase();
  return words.every((word) => text.includes(word))
    && ["standing", "owner", "blueprint"].every((key) => !wanted[key] || row.dataset[key] === wanted[key]);
}

function filter() {
  const wanted = Object.fromEntries(new FormData(form));
  let shown = 0;
  for (const row of rows) {
    row.hidden = !fits(row, wanted);
    shown += !row.hidden;
  }
  document.getElementById("shown").textContent = `${shown} of ${rows.length} shown`;
  const set = Object.entries(wanted).filter(([, value]) => value);
  history.replaceState(null, "", set.length ? `#${new URLSearchParams(set)}` : location.pathname);
}

function read() {
  if (location.hash !== "#main") { // where the link past the header leads: the filter stays
    // Not by `reset`: what that leads to would come later, when the address may be another one.
    for (const field of form.elements) field.value = "";
    for (const [key, value] of new URLSearchParams(location.hash.slice(1))) set(key, value);
  }
  filter();
}

function set(key, value) {
  const field = form.elements[key];
  if (!field) return;
  field.value = value;
  if (field.value !== value) { // nothing has it any more: say so, and don't show all
    field.add(new Option(value, value));
    field.value = value;
  }
}

if (form && rows.length) {
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  addEventListener("hashchange", read);
  read();
}
