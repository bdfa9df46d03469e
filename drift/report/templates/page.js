(() => {
  "use strict";
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const searchedFrom = 8;

  // as drift.text.escape.cell: what a spreadsheet would run begins with an apostrophe
  const formula = /^[=+\-@|%\t\r\n＝＋－＠]/;
  const cell = (text) => '"' + (formula.test(text) ? "'" + text : text).replace(/"/g, '""') + '"';
  const words = (element) => element.textContent.replace(/\s+/g, " ").trim();
  const csv = (table) => [...table.rows].filter((row) => !row.hidden)
    .map((row) => [...row.cells].map((each) => cell(words(each))).join(",")).join("\r\n") + "\r\n";

  const download = (table, name) => {
    const link = make("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff", csv(table)], { type: "text/csv" }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  };

  document.querySelectorAll(".scroll > table:not(.forest)").forEach((table) => {
    const name = table.parentElement.getAttribute("aria-label") || "table";
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
    if (!rows.length) return;
    const bar = make("div", "tools");
    if (rows.length >= searchedFrom) {
      const label = make("label", "hidden", "Search " + name);
      const search = make("input");
      search.type = "search";
      search.placeholder = "Search";
      search.id = label.htmlFor = "q" + Math.random().toString(36).slice(2, 8);
      const left = make("span", "muted");
      left.setAttribute("role", "status");
      const choices = [...new Set(rows.map((row) => row.dataset.kind).filter(Boolean))];
      const choice = make("select");
      choice.setAttribute("aria-label", "Which of " + name);
      ["all", ...choices].forEach((each) => {
        const option = make("option", "", each);
        option.value = each;
        choice.append(option);
      });
      const sift = () => {
        const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
        let shown = 0;
        rows.forEach((row) => {
          const text = (words(row) + " " + (row.dataset.also || "")).toLowerCase();
          const fits = (choice.value === "all" || row.dataset.kind === choice.value) && wanted.every((each) => text.includes(each));
          row.hidden = !fits;
          shown += fits;
        });
        left.textContent = shown === rows.length ? "" : shown + " of " + rows.length;
      };
      search.addEventListener("input", sift);
      choice.addEventListener("change", sift);
      bar.append(label, search, ...(choices.length > 1 ? [choice] : []), left);
    }
    const save = make("button", "", "CSV");
    save.type = "button";
    save.setAttribute("aria-label", "Save " + name + " as CSV");
    save.addEventListener("click", () => download(table, name.toLowerCase().replace(/[^a-z0-9]+/g, "-") + ".csv"));
    bar.append(save);
    table.parentElement.before(bar);
  });

  // a page that nobody has written again says so by itself
  const stale = document.querySelector("[data-stale-after]");
  if (stale && Date.now() > Date.parse(stale.dataset.staleAfter)) stale.hidden = false;
})();
