// SPDX-License-Identifier: Apache-2.0
// What the pages do besides: they search while one types, sort tables, refresh themselves and copy
// queries. The server makes all content: this script fetches the same page and replaces #results.
"use strict";
(() => {
  const results = () => document.getElementById("results");
  let sorted = null; // {table, column, descending}, restored when the results are replaced
  let latest = 0; // the last request; answers to earlier ones are dropped

  async function load(url) {
    const request = ++latest;
    let page;
    try {
      const answer = await fetch(url, { headers: { Accept: "text/html" } });
      if (!answer.ok) return false;
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      return false;
    }
    const fresh = page.getElementById("results");
    if (request !== latest || !fresh) return true;
    results().replaceWith(document.adoptNode(fresh));
    prepare(fresh);
    return true;
  }

  function sort(table, column, descending) {
    const body = table.tBodies[0];
    const value = (row) => {
      const cell = row.cells[column];
      return cell.dataset.value ?? cell.textContent.trim();
    };
    const compare = new Intl.Collator("en", { numeric: true }).compare;
    const rows = [...body.rows];
    rows.sort((a, b) => compare(value(a), value(b)) * (descending ? -1 : 1));
    body.append(...rows);
    [...table.tHead.rows[0].cells].forEach((cell, i) => {
      if (i === column) cell.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    });
    sorted = { table: table.id, column, descending };
  }

  function makeSortable(table) {
    [...table.tHead.rows[0].cells].forEach((cell, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...cell.childNodes);
      button.addEventListener("click", () => {
        const ascending = cell.getAttribute("aria-sort") === "ascending";
        const first = cell.classList.contains("number") && !cell.hasAttribute("aria-sort");
        sort(table, column, first || ascending);
      });
      cell.append(button);
    });
    if (sorted && sorted.table === table.id) sort(table, sorted.column, sorted.descending);
  }

  function makeCopyable(block) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(block.textContent.trim());
        button.textContent = "Copied";
      } catch { // without HTTPS there is no clipboard
        getSelection().selectAllChildren(block);
        button.textContent = "Selected";
      }
    });
    block.after(button);
  }

  function prepare(root) {
    root.querySelectorAll("table.sortable").forEach(makeSortable);
    root.querySelectorAll("pre.copy").forEach(makeCopyable);
  }

  function searchWhileTyping(form) {
    let timer = 0;
    const search = (event) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
        const url = form.getAttribute("action") + (query.size ? "?" + query : "");
        history.replaceState(null, "", url);
        load(url);
      }, event.type === "input" ? 150 : 0);
    };
    form.addEventListener("input", search);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      search(event);
    });
  }

  function refreshEvery(tools, seconds) {
    const label = document.createElement("label");
    const box = document.createElement("input");
    const state = document.createElement("span");
    box.type = "checkbox";
    box.id = "refresh";
    state.setAttribute("role", "status");
    label.append(box, ` Refresh every ${seconds} s`);
    tools.append(label, state);
    setInterval(async () => {
      const busy = results().contains(document.activeElement) || !getSelection().isCollapsed;
      if (!box.checked || document.hidden || busy) return;
      const done = await load(location.pathname + location.search);
      state.textContent = done ? "" : "The exporter does not answer.";
    }, seconds * 1000);
  }

  document.querySelectorAll("form[data-live]").forEach(searchWhileTyping);
  document.querySelectorAll(".tools[data-refresh]").forEach((tools) => refreshEvery(tools, Number(tools.dataset.refresh)));
  document.addEventListener("keydown", (event) => {
    const field = document.querySelector("form[data-live] input[type=search]");
    const typing = event.target.closest("input, select, textarea");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing || !field) return;
    event.preventDefault();
    field.focus();
  });
  prepare(document);
})();
