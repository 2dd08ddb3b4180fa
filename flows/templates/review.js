"use strict";
// Marks of one article. They are kept in this browser (localStorage) and leave it only as a file that is downloaded.
const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
const store = "depeche-review:" + data.article_id;
const text = $("text");
const trs = [...document.querySelectorAll("tr[data-row]")].sort((a, b) => a.dataset.row - b.dataset.row);
const pieces = data.rows.map(() => []);
for (const piece of text.querySelectorAll("[data-r]")) for (const row of piece.dataset.r.split(" ")) pieces[row].push(piece);
const points = [...text.textContent]; // offsets count code points, not the units of JavaScript's strings
let marks = { complete: false, rows: {}, missed: [] };
let active = -1;
let chosen = null;

function say(message) { $("told").textContent = message; $("told").hidden = !message; }
try { marks = { ...marks, ...JSON.parse(localStorage.getItem(store)) }; } catch { say("This browser keeps no marks: export them before you leave the page."); }

function save() {
  if (marks.complete && open().length) marks.complete = false;
  try {
    localStorage.setItem(store, JSON.stringify({ ...marks, total: data.rows.length, gold: gold() }));
    $("saved").textContent = "Kept in this browser";
  } catch { say("This browser keeps no marks: export them before you leave the page."); }
  show();
}

// A verdict is about the values: where a run has changed them since, it has to be given again.
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
function verdict(row) {
  const mark = marks.rows[row.key];
  return mark && same(mark.values, row.values) ? mark.verdict : null;
}
const open = () => data.rows.filter((row) => !verdict(row));
function mark(number, given) {
  const { key, dataset, start, end, values } = data.rows[number];
  if (given) marks.rows[key] = { dataset, verdict: given, start, end, text: words(start, end), values };
  else delete marks.rows[key];
  save();
}
const words = (start, end) => points.slice(start, end).join("");

function show() {
  trs.forEach((tr, number) => {
    const row = data.rows[number], given = verdict(row);
    tr.dataset.verdict = given ?? "";
    tr.querySelector(".stale").hidden = !!given || !(row.key in marks.rows);
    for (const button of tr.querySelectorAll("[data-mark]")) button.setAttribute("aria-pressed", button.dataset.mark === given);
  });
  const left = open().length, done = data.rows.length - left;
  $("progress").textContent = `${done} of ${data.rows.length}${marks.missed.length ? `, ${marks.missed.length} added` : ""}${marks.complete ? ", complete" : ""}`;
  $("complete").checked = marks.complete;
  $("complete").disabled = left > 0 || data.more > 0;
  $("rest").disabled = left === 0;
  $("rest").textContent = left ? `Mark the other ${left} right` : "All are marked";
  showMissed();
  filter();
}

function showMissed() {
  $("missed-part").hidden = !marks.missed.length;
  $("missed-list").replaceChildren(...marks.missed.map((row, number) => {
    const item = document.createElement("li"), what = document.createElement("bdi"), drop = document.createElement("button");
    what.textContent = `${row.dataset.replaceAll("_", " ")}${row.values?.delegation ? ` (${row.values.delegation})` : ""}: ${row.text.slice(0, 200)} `;
    drop.type = "button";
    drop.textContent = "Remove";
    drop.setAttribute("aria-label", `Remove ${row.text.slice(0, 40)}`);
    drop.addEventListener("click", () => { marks.missed.splice(number, 1); save(); $("export").focus(); });
    item.append(what, drop);
    return item;
  }));
  if (globalThis.Highlight) CSS.highlights.set("missed", new Highlight(...marks.missed.map((row) => range(row.start, row.end))));
}

function range(start, end) {
  const found = document.createRange(), walk = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  const from = words(0, start).length, to = from + words(start, end).length;
  for (let at = 0, node; (node = walk.nextNode()); at += node.length) {
    if (from >= at && from <= at + node.length) found.setStart(node, from - at);
    if (to >= at && to <= at + node.length) { found.setEnd(node, to - at); break; }
  }
  return found;
}

// Rows and their words
function light(number) {
  for (const element of document.querySelectorAll(".on")) element.classList.remove("on");
  if (number < 0) return;
  trs[number].classList.add("on");
  for (const piece of pieces[number]) piece.classList.add("on");
}
// Only the pane moves, not the page: the row stays where the reader looks.
function bring(piece) {
  const box = text.getBoundingClientRect(), at = piece.getBoundingClientRect();
  if (at.top < box.top + 20 || at.bottom > box.bottom - 20) text.scrollTop += at.top - box.top - box.height / 3;
}
function activate(number, scrollText = true) {
  if (active >= 0) trs[active].tabIndex = -1;
  active = number;
  trs[number].tabIndex = 0;
  light(number);
  if (scrollText && pieces[number].length) bring(main(number));
}
// The row's own words come before its role, speaker or cue.
const main = (number) => pieces[number].find((p) => p.matches(".member, .said, .figure")) ?? pieces[number][0];
const shown = () => trs.map((tr, number) => number).filter((number) => !trs[number].hidden);
function step(by) {
  const all = shown(), next = all[all.indexOf(active) + by];
  if (next !== undefined) trs[next].focus();
}

trs.forEach((tr, number) => {
  tr.addEventListener("focus", () => activate(number));
  tr.addEventListener("mouseenter", () => light(number));
  tr.addEventListener("mouseleave", () => light(active));
  tr.addEventListener("click", (event) => {
    const button = event.target.closest("[data-mark]");
    if (button) { activate(number); mark(number, verdict(data.rows[number]) === button.dataset.mark ? null : button.dataset.mark); }
    else tr.focus();
  });
  tr.addEventListener("keydown", (event) => {
    if (event.target !== tr || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { ArrowDown: () => step(1), ArrowUp: () => step(-1), r: () => judge("right"), w: () => judge("wrong"), u: () => mark(number, null),
      Enter: () => main(number)?.focus({ preventScroll: true }) }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    function judge(given) { const all = shown(), after = all[all.indexOf(number) + 1]; mark(number, given); if (after !== undefined) trs[after].focus(); }
    if (act) { event.preventDefault(); act(); }
  });
});
// Of rows that share words, the innermost comes first, and the next click goes outwards.
function rowsAt(piece) { return piece.dataset.r.split(" ").map(Number).filter((n) => !trs[n].hidden).reverse(); }
text.addEventListener("click", (event) => {
  const piece = event.target.closest("[data-r]");
  if (!piece || !document.getSelection().isCollapsed) return;
  const rows = rowsAt(piece);
  if (!rows.length) return;
  const number = rows[(rows.indexOf(active) + 1) % rows.length];
  activate(number, false);
  trs[number].focus();
});
text.addEventListener("mouseover", (event) => {
  const piece = event.target.closest("[data-r]");
  light(piece && rowsAt(piece).length ? rowsAt(piece)[0] : active);
});
text.addEventListener("mouseleave", () => light(active));
text.addEventListener("keydown", (event) => {
  if (active >= 0 && event.target !== text && ["Enter", "Escape"].includes(event.key)) { event.preventDefault(); trs[active].focus(); }
});

// Filters
const filters = ["dataset", "rule", "confidence", "mark"].map((name) => $("by-" + name));
function filter() {
  const [dataset, rule, confidence, given] = filters.map((select) => select.value);
  let count = 0;
  trs.forEach((tr, number) => {
    const row = data.rows[number];
    tr.hidden = !((!dataset || row.dataset === dataset) && (!rule || row.rule === rule) && (!confidence || row.confidence < +confidence)
      && (!given || (verdict(row) ?? "none") === given));
    count += !tr.hidden;
  });
  for (const piece of text.querySelectorAll("[data-r]")) piece.classList.toggle("off", !rowsAt(piece).length);
  $("filtered").textContent = filters.some((select) => select.value) ? `${count} of ${trs.length} rows` : "";
  const entry = active >= 0 && !trs[active].hidden ? active : shown()[0];
  trs.forEach((tr, number) => { tr.tabIndex = number === entry ? 0 : -1; });
}
for (const select of filters) select.addEventListener("change", filter);

// A row that was missed
document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  if (selection.isCollapsed || !selection.rangeCount) { if (!$("add").contains(document.activeElement)) $("add").hidden = true; return; }
  const found = selection.getRangeAt(0);
  if (!text.contains(found.startContainer) || !text.contains(found.endContainer)) return;
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(found.startContainer, found.startOffset);
  const all = [...found.toString()], trimmed = [...all.join("").trim()];
  if (!trimmed.length) return;
  const start = [...before.toString()].length + [...all.join("").match(/^\s*/)[0]].length;
  chosen = { start, end: start + trimmed.length };
  $("chosen").textContent = trimmed.slice(0, 200).join("");
  $("add").hidden = false;
});
for (const button of document.querySelectorAll("[data-add]")) {
  button.addEventListener("click", () => {
    const dataset = button.dataset.add, party = $("party").value.trim();
    const row = { dataset, verdict: "missed", ...chosen, text: words(chosen.start, chosen.end) };
    if (dataset === "delegation_members" && party) row.values = { delegation: party };
    if (!marks.missed.some((other) => same(other, row))) marks.missed.push(row);
    marks.missed.sort((a, b) => a.start - b.start);
    $("add").hidden = true;
    document.getSelection().removeAllRanges();
    save();
    text.focus({ preventScroll: true });
  });
}

// The whole article, and the file
$("rest").addEventListener("click", () => {
  for (const { key, dataset, start, end, values } of open()) marks.rows[key] = { dataset, verdict: "right", start, end, text: words(start, end), values };
  save();
});
$("complete").addEventListener("change", () => { marks.complete = $("complete").checked; save(); });
function gold() {
  const rows = [...Object.values(marks.rows), ...marks.missed].sort((a, b) => a.start - b.start || a.end - b.end);
  return { article_id: data.article_id, source_uri: data.source_uri, complete: marks.complete, rows };
}
$("export").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(gold(), null, 1) + "\n"], { type: "application/json" }));
  link.download = data.article_id + ".json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  $("saved").textContent = "Exported as " + link.download;
});

if (marks.complete && open().length) marks.complete = false;
show();
