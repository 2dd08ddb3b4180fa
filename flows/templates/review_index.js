"use strict";
// Search over what the index shows and the people of each article; the marks that this browser keeps.
const $ = (id) => document.getElementById(id);
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const rows = [...document.querySelectorAll("tr[data-article]")];
const texts = rows.map((row) => plain(`${row.cells[0].textContent} ${row.dataset.people} ${row.dataset.article}`));

function find() {
  const words = plain($("q").value).split(/\s+/);
  let count = 0;
  rows.forEach((row, n) => { row.hidden = !words.every((word) => texts[n].includes(word)); count += !row.hidden; });
  $("found").textContent = $("q").value ? `${count} of ${rows.length} articles` : "";
}
$("q").addEventListener("input", find);

function kept() {
  const found = {};
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith("depeche-review:")) try { found[key.slice(15)] = JSON.parse(localStorage.getItem(key)); } catch { /* not ours */ }
    }
  } catch { /* this browser keeps nothing for files */ }
  return found;
}
function show() {
  const marks = kept();
  for (const row of rows) {
    const own = marks[row.dataset.article], cell = row.cells[3];
    if (!own?.gold) continue;
    cell.textContent = own.complete ? "✓ complete" : `${Object.keys(own.rows).length} of ${own.total} marked`;
    cell.classList.remove("none");
    cell.classList.toggle("done", own.complete);
  }
  $("export").disabled = !Object.keys(marks).length;
}
$("export").addEventListener("click", () => {
  const all = Object.values(kept()).map((own) => own.gold).filter(Boolean);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(all, null, 1) + "\n"], { type: "application/json" }));
  link.download = "marks.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  $("found").textContent = `Marks of ${all.length} articles exported as ${link.download}`;
});
addEventListener("pageshow", () => { show(); find(); });
