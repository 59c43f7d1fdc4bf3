"use strict";
// Sorts, filters and folds tables, reads out charts, and shows one currency at a time. Without it the page has everything, too.
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
    var rows = Array.from(table.tBodies[0].rows), folded = table.classList.contains("folded");
    input.addEventListener("input", function () {
      var words = input.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
      rows.forEach(function (row) {
        var text = row.textContent.toLowerCase();
        row.hidden = !words.every(function (word) { return text.indexOf(word) >= 0; });
        if (!row.hidden) shown++;
      });
      if (folded) table.classList.toggle("folded", !words.length);
      count.textContent = words.length ? shown + " of " + rows.length + " lines" : "";
    });
  }

  // Of a long table the first lines are shown; the style sheet knows how many.
  var most = 20;
  function fold(table) {
    var rows = table.tBodies[0].rows.length, button = document.createElement("button");
    if (rows <= most) return;
    button.type = "button";
    function set(folded) {
      table.classList.toggle("folded", folded);
      button.textContent = folded ? "Show all " + rows + " lines" : "Show the first " + most + " lines";
    }
    button.addEventListener("click", function () { set(!table.classList.contains("folded")); });
    set(true);
    button.className = "more";
    table.parentNode.after(button);
  }

  document.querySelectorAll("table.sortable").forEach(function (table) {
    if (table.tBodies[0].rows.length < 2) return;
    table.querySelectorAll("thead th").forEach(function (head, index) {
      if (head.classList.contains("p")) return;
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      button.title = (head.title ? head.title + "; " : "") + "sort";
      head.textContent = "";
      head.removeAttribute("title");
      head.appendChild(button);
      button.addEventListener("click", function () { sort(table, head, index); });
    });
    fold(table);
    if (table.tBodies[0].rows.length > most) addFilter(table);
  });

  // The numbers of a chart's column are read out below it: a title is not shown to those who use the keyboard or a finger.
  document.querySelectorAll("figure").forEach(function (figure) {
    var readout = figure.querySelector(".readout");
    figure.querySelectorAll(".column").forEach(function (column) {
      ["focus", "mouseenter", "click"].forEach(function (name) {
        column.addEventListener(name, function () { readout.textContent = column.getAttribute("aria-label"); });
      });
    });
  });

  // A link into something that is folded opens it.
  function unfold() {
    var target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    for (var at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    return target;
  }

  var choice = document.getElementById("currencies");
  if (!choice) {
    window.addEventListener("hashchange", unfold);
    unfold();
    return;
  }
  var buttons = Array.from(choice.querySelectorAll("button")), sections = document.querySelectorAll("main > section.currency");
  // The choice is remembered by the currency's name, for a new page may have it in another place. Pages from a disk may have no storage.
  var key = "pidledger.currency";
  function remember(name) { try { localStorage.setItem(key, name); } catch (e) { /* it is asked for again */ } }
  function remembered() { try { return localStorage.getItem(key); } catch (e) { return null; } }
  function show(id) {
    sections.forEach(function (section) { section.hidden = id !== "" && section.id !== id; });
    document.querySelector("main").classList.toggle("one", id !== "");
    buttons.forEach(function (button) { button.setAttribute("aria-pressed", String(button.dataset.show === id)); });
  }
  buttons.forEach(function (button) {
    button.addEventListener("click", function () { show(button.dataset.show); remember(button.dataset.name); });
  });
  // A link to a section, or into one, shows it.
  function follow() {
    var target = unfold(), section = target && target.closest("main > section.currency");
    if (!section) return;
    if (section.hidden) show(section.id);
    target.scrollIntoView();
  }
  window.addEventListener("hashchange", follow);
  choice.hidden = false;
  document.querySelectorAll("nav .currency").forEach(function (link) { link.hidden = true; });
  var last = remembered(), chosen = buttons.find(function (button) { return button.dataset.name === last; });
  show((chosen || buttons[0]).dataset.show);
  follow();
})();
