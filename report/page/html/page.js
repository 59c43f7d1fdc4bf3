"use strict";
// Sorts and filters tables and shows one currency at a time. Without it the page has everything, too.
(function () {
  // number reads the exact value of a cell; NaN for text.
  function number(cell) {
    return cell.dataset.v === undefined ? NaN : Number(cell.dataset.v);
  }

  // compare orders numbers by value and texts by letter; cells without either come last whatever the direction.
  function compare(a, b, down) {
    var x = number(a), y = number(b), s = a.textContent, t = b.textContent;
    var noA = isNaN(x) && (s === "" || s === "-"), noB = isNaN(y) && (t === "" || t === "-");
    if (noA || noB) return noA - noB;
    var order = isNaN(x) || isNaN(y) ? (s < t ? -1 : s > t ? 1 : 0) : x - y;
    return down ? -order : order;
  }

  function sort(table, head, index) {
    // Numbers begin with the largest, for that is what one looks for.
    var was = head.getAttribute("aria-sort"), down = was ? was === "ascending" : head.classList.contains("n");
    table.querySelectorAll("thead th").forEach(function (th) { th.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    var body = table.tBodies[0], rows = Array.from(body.rows);
    rows.sort(function (a, b) { return compare(a.cells[index], b.cells[index], down); });
    rows.forEach(function (row) { body.appendChild(row); });
  }

  function addFilter(table) {
    var tools = document.createElement("div"), label = document.createElement("label");
    var input = document.createElement("input"), count = document.createElement("output");
    tools.className = "tools";
    label.textContent = "Filter ";
    input.type = "search";
    input.setAttribute("aria-label", "Filter: " + table.caption.textContent);
    count.setAttribute("aria-live", "polite");
    label.appendChild(input);
    tools.append(label, count);
    table.parentNode.before(tools);
    var rows = Array.from(table.tBodies[0].rows);
    input.addEventListener("input", function () {
      var words = input.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
      rows.forEach(function (row) {
        var text = row.textContent.toLowerCase();
        row.hidden = !words.every(function (word) { return text.indexOf(word) >= 0; });
        if (!row.hidden) shown++;
      });
      count.textContent = words.length ? shown + " of " + rows.length + " lines" : "";
    });
  }

  document.querySelectorAll("table.sortable").forEach(function (table) {
    if (table.tBodies[0].rows.length < 2) return;
    table.querySelectorAll("thead th").forEach(function (head, index) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      button.title = (head.title ? head.title + "; " : "") + "sort";
      head.textContent = "";
      head.removeAttribute("title");
      head.appendChild(button);
      button.addEventListener("click", function () { sort(table, head, index); });
    });
    if (table.tBodies[0].rows.length > 5) addFilter(table);
  });

  var choice = document.getElementById("currencies");
  if (!choice) return;
  var buttons = choice.querySelectorAll("button"), sections = document.querySelectorAll("section.currency");
  function show(id) {
    sections.forEach(function (section) { section.hidden = id !== "" && section.id !== id; });
    buttons.forEach(function (button) { button.setAttribute("aria-pressed", String(button.dataset.show === id)); });
  }
  buttons.forEach(function (button) {
    button.addEventListener("click", function () { show(button.dataset.show); });
  });
  // A link to a section shows it.
  function follow() {
    sections.forEach(function (section) {
      if ("#" + section.id === location.hash) { show(section.id); section.scrollIntoView(); }
    });
  }
  window.addEventListener("hashchange", follow);
  window.addEventListener("beforeprint", function () { show(""); });
  choice.hidden = false;
  show(choice.querySelector("[data-default]").dataset.show);
  follow();
})();
