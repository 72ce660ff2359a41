"use strict";

// A page that nobody renews still looks like today's: say how old it is.
const made = document.getElementById("made");
const days = Math.floor((Date.now() - Date.parse(made.dateTime)) / 86400000);
if (days >= 1) {
  document.getElementById("stale").textContent = ` (${days} day${days > 1 ? "s" : ""} old)`;
}

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

if (form && rows.length) {
  for (const [key, value] of new URLSearchParams(location.hash.slice(1))) {
    if (form.elements[key]) form.elements[key].value = value;
  }
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", filter);
  filter();
}
