"use strict";
// Filters the table by what stands in the form, and keeps that in the address: a filtered view has a link.
const form = document.getElementById("filters");
const table = document.querySelector(".matrix");
const shown = document.getElementById("shown");
const unfold = document.getElementById("unfold");
const names = ["symbol", "transport", "result", "nim", "words"];

// Each statement, and its rows with all that is searched and asked of them; a statement without scenarios has one.
const statements = [...table.querySelectorAll("tbody.statement")].map((body) => {
  const says = body.querySelector(".says").textContent.toLowerCase();
  const rows = [...body.querySelectorAll("tr.scenario")].map((row) => {
    const more = row.nextElementSibling?.matches(".more") ? row.nextElementSibling : null;
    return {
      elements: more ? [row, more] : [row],
      text: `${says} ${row.textContent} ${more ? more.textContent : ""}`.toLowerCase(),
      result: row.dataset.result,
      nim: row.dataset.nim,
      cells: new Map(row.dataset.cells.split(" ").filter(Boolean).map((cell) => cell.split(":"))),
    };
  });
  const bare = { elements: [], text: says, result: body.dataset.result, nim: "", cells: new Map() };
  return { body, symbol: body.dataset.symbol, rows: rows.length ? rows : [bare], scenarios: rows.length };
});
const scenarios = statements.reduce((sum, statement) => sum + statement.scenarios, 0);

function fits(row, wanted, words) {
  const result = wanted.transport ? row.cells.get(wanted.transport) : row.result;
  return (
    (!wanted.transport || row.cells.has(wanted.transport)) &&
    (!wanted.result || result === wanted.result) &&
    (!wanted.nim || row.nim === wanted.nim) &&
    words.every((word) => row.text.includes(word))
  );
}

function apply() {
  const wanted = Object.fromEntries(names.map((name) => [name, form.elements[name].value]));
  const words = wanted.words.toLowerCase().split(/\s+/).filter(Boolean);
  let [some, few] = [0, 0];
  for (const { body, symbol, rows, scenarios: count } of statements) {
    const ofSymbol = !wanted.symbol || symbol === wanted.symbol;
    const fitting = rows.filter((row) => ofSymbol && fits(row, wanted, words));
    for (const row of rows) for (const element of row.elements) element.hidden = !fitting.includes(row);
    body.hidden = !fitting.length;
    some += fitting.length ? 1 : 0;
    few += count ? fitting.length : 0;
  }
  for (const file of table.querySelectorAll("tbody.file")) {
    let next = file.nextElementSibling;
    while (next?.matches(".statement") && next.hidden) next = next.nextElementSibling;
    file.hidden = !next?.matches(".statement");
  }
  table.classList.toggle("one", Boolean(wanted.transport));
  for (const cell of table.querySelectorAll("[data-transport]"))
    cell.classList.toggle("chosen", cell.dataset.transport === wanted.transport);
  document.getElementById("nothing").hidden = some > 0;
  shown.textContent = `${few} of ${scenarios} scenarios, ${some} of ${statements.length} statements`;
  return new URLSearchParams(Object.entries(wanted).filter(([, value]) => value)).toString();
}

// A fragment with "=" is a set of filters, any other a place in the page, where nothing may hide it.
function follow() {
  const fragment = location.hash.slice(1);
  const place = fragment.includes("=") ? null : document.getElementById(fragment);
  if (fragment && !fragment.includes("=") && !place?.closest(".matrix")) return;
  const wanted = new URLSearchParams(place ? "" : fragment);
  for (const name of names) form.elements[name].value = wanted.get(name) ?? "";
  apply();
  place?.querySelector("details")?.setAttribute("open", "");
  place?.scrollIntoView();
}

const narrow = () => history.replaceState(null, "", `#${apply()}`);
form.addEventListener("input", narrow); // while one types
form.addEventListener("change", narrow); // what drives a browser chooses without an `input`
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(narrow)); // once it is reset
unfold.addEventListener("click", () => {
  const open = unfold.getAttribute("aria-pressed") !== "true";
  unfold.setAttribute("aria-pressed", String(open));
  for (const details of table.querySelectorAll(".scenario details")) details.open = open;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.target.matches("input, select")) {
    event.preventDefault();
    form.elements.words.focus();
  }
});
addEventListener("hashchange", follow);
addEventListener("beforeprint", () => {
  for (const details of table.querySelectorAll(".scenario details")) details.open = true;
});
form.hidden = false;
apply();
follow();
