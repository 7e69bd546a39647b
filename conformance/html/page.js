"use strict";
(() => {
  const data = JSON.parse(document.getElementById("conformance-results").textContent);
  const { fields, values, rows } = data.cells;
  const cells = rows.map((row) => Object.fromEntries(fields.map((field, column) => [field, values[row[column]]])));
  const panel = document.getElementById("evidence");
  const squares = [...document.querySelectorAll(".squares td a")];
  const placeOf = (link) => Number(link.getAttribute("href").slice(2));
  const squareAt = new Map(squares.map((link) => [placeOf(link), link]));

  /** The text with an escape for each character that is obeyed or hidden instead of shown, as in results/visible.py. */
  function visible(text) {
    const escape = (one) => {
      const code = one.codePointAt(0);
      const [mark, digits] = code < 0x100 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8];
      return `\\${mark}${code.toString(16).padStart(digits, "0")}`;
    };
    return text.replace(/[^\P{C}\n\t]|[\p{Zl}\p{Zp}]/gu, escape);
  }

  /** An element with text or children; everything from the run goes through text nodes. */
  function make(tag, content, attributes = {}) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    const parts = [content].flat().filter((part) => part !== null && part !== "");
    element.append(...parts.map((part) => (typeof part === "string" ? visible(part) : part)));
    return element;
  }

  function pairs(entries) {
    const present = entries.filter(([, value]) => value !== "" && value !== null);
    return make("dl", present.flatMap(([name, value]) => [make("dt", name), make("dd", value)]));
  }

  function badge(verdict) {
    const sign = document.querySelector(`.legend [data-verdict="${verdict}"] .sign`).cloneNode(true);
    return make("span", [sign, verdict], { class: "badge" });
  }

  function sampleBlock(title, sample) {
    return sample ? [make("h4", title), make("pre", sample.text)] : [];
  }

  function deviationItem(known) {
    const web = /^https?:\/\//.test(known.link);
    return make("li", [`${known.id}: ${known.reason} `, web ? make("a", "upstream", { href: known.link, rel: "noreferrer" }) : ""]);
  }

  function list(title, items) {
    return items.length ? [make("h4", title), make("ul", items)] : [];
  }

  /** What there is to say of a cell beside its counts: gains, refusals with their classes, notes. */
  function remarksOf(cell) {
    const refusals = Object.entries(cell["evidence.refusals"]).map(([title, name]) => `${title}: ${name}`);
    const gains = cell["evidence.gain"] ? ["gain: it is taken, though the spec does not ask for it"] : [];
    return [...gains, ...refusals, ...cell["evidence.notes"]];
  }

  /** The comparisons of each layout, form, law and refusal. */
  function countsOf(cell) {
    return Object.entries(cell["evidence.counts"]).map(([name, count]) => `${name}: ${count.toLocaleString("en-US")}`);
  }

  function evidenceOf(cell) {
    const number = (value) => value.toLocaleString("en-US");
    const worst = cell["evidence.worst_ulp"];
    return [
      make("h4", "Evidence"),
      pairs([
        ["comparisons", number(cell["evidence.comparisons"])],
        ["distinct samples", number(cell["evidence.samples"])],
        ["samples rejected", number(cell["evidence.rejected"])],
        ["layouts met", cell["evidence.layouts"].join(", ") || "none"],
        ["worst error", worst === 0 ? "none measured" : `${worst} ULP`],
        ["fingerprint", cell["evidence.fingerprint"] ? make("code", cell["evidence.fingerprint"]) : ""],
      ]),
      ...sampleBlock("Sample of the worst error", cell["evidence.worst_sample"]),
      ...list("How often each was compared", countsOf(cell).map((count) => make("li", count))),
      ...list("Notes", remarksOf(cell).map((note) => make("li", note))),
    ];
  }

  function detailsOf(cell) {
    return [
      ...(cell["failure.message"] ? [make("p", make("strong", cell["failure.message"]))] : []),
      ...(cell["failure.repeats"] !== false ? [] : [make("p", "It did not break again when it was asked once more.")]),
      pairs([
        ["call", cell["failure.call"] ? make("code", cell["failure.call"]) : ""],
        ["promised", cell["failure.promised"] ? make("code", cell["failure.promised"]) : ""],
        ["repro script", cell["failure.repro"] ? make("code", cell["failure.repro"]) : ""],
        ["cell", make("code", cell.id)],
      ]),
      ...sampleBlock("Smallest sample", cell["failure.sample"]),
      ...list("Known deviations", cell.deviations.map(deviationItem)),
      ...evidenceOf(cell),
    ];
  }

  function show(place) {
    const cell = cells[place];
    if (!cell) return;
    const close = make("button", "Close", { type: "button", class: "close" });
    close.addEventListener("click", () => panel.classList.remove("open"));
    panel.replaceChildren(
      close,
      make("h3", cell.operation),
      make("p", [`${cell.check} · ${cell.subject} · ${cell.device} `, badge(cell.verdict)]),
      ...(data.whole ? detailsOf(cell) : [make("p", "Its evidence is in the results file.")]),
    );
    panel.scrollTop = 0;
    panel.classList.add("open");
    for (const link of squares) link.removeAttribute("aria-current");
    const square = squareAt.get(place);
    if (square) {
      square.setAttribute("aria-current", "true");
      makeReachable(square);
    }
  }

  /** Of each table only one square is a stop of the tab key; the arrow keys lead to the others. */
  function makeReachable(square) {
    for (const link of square.closest("table").querySelectorAll("td a")) link.tabIndex = -1;
    square.tabIndex = 0;
  }

  function neighbour(square, key) {
    const visible = [...square.closest("table").querySelectorAll("td a:not(.off)")].filter((link) => link.offsetParent);
    const step = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
    if (key === "ArrowLeft" || key === "ArrowRight") return visible[visible.indexOf(square) + step];
    const box = square.getBoundingClientRect();
    const beyond = visible
      .map((link) => ({ link, box: link.getBoundingClientRect() }))
      .filter((other) => (other.box.top - box.top) * step > 2)
      .sort((a, b) => (a.box.top - b.box.top) * step || Math.abs(a.box.left - box.left) - Math.abs(b.box.left - box.left));
    return beyond[0] && beyond[0].link;
  }

  function labelSquares() {
    for (const link of squares) {
      const cell = cells[placeOf(link)];
      link.title = visible(`${cell.operation}, ${cell.check}, ${cell.subject}: ${cell.verdict}`);
      link.setAttribute("aria-label", link.title);
    }
    for (const table of document.querySelectorAll(".squares")) {
      const first = table.querySelector("td a");
      if (first) makeReachable(first);
    }
  }

  const wordsOf = (input) => input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const haystacks = cells.map((cell) => [cell.operation, cell.check, cell.device, cell.subject, cell.verdict].join(" ").toLowerCase());

  function filterMatrix() {
    const words = wordsOf(document.getElementById("filter-text"));
    const chosen = new Set([...document.querySelectorAll(".filter input:checked")].map((box) => box.value));
    let shown = 0;
    for (const link of squares) {
      const place = placeOf(link);
      const fits = words.every((word) => haystacks[place].includes(word)) && (!chosen.size || chosen.has(cells[place].verdict));
      link.classList.toggle("off", !fits);
      shown += fits;
    }
    for (const group of document.querySelectorAll(".squares tbody")) {
      for (const row of group.rows) row.hidden = !row.classList.contains("operation") && !row.querySelector("td a:not(.off)");
      group.hidden = !group.querySelector("td a:not(.off)");
    }
    const all = shown === squares.length;
    document.getElementById("filter-count").textContent = all ? "" : `${shown.toLocaleString("en-US")} of ${squares.length.toLocaleString("en-US")} cells`;
  }

  function filterClaims() {
    const words = wordsOf(document.getElementById("claims-text"));
    for (const group of document.querySelectorAll(".claims-of")) {
      const name = group.querySelector("summary strong").textContent.toLowerCase();
      let shown = 0;
      for (const row of group.querySelectorAll("tbody tr")) {
        const text = `${name} ${row.textContent.toLowerCase()}`;
        row.hidden = !words.every((word) => text.includes(word));
        shown += !row.hidden;
      }
      group.hidden = !shown;
      group.open = words.length > 0 && shown > 0;
    }
  }

  function follow(hash, link) {
    const match = /^#c(\d+)$/.exec(hash);
    if (!match || !cells[Number(match[1])]) return false;
    const place = Number(match[1]);
    show(place);
    const square = squareAt.get(place);
    if (square && square !== link) square.scrollIntoView({ block: "center" });
    return true;
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#c']");
    if (!link || !follow(link.getAttribute("href"), link)) return;
    event.preventDefault();
    history.replaceState(null, "", link.getAttribute("href"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") panel.classList.remove("open");
    const square = event.target.closest(".squares td a");
    const next = square && event.key.startsWith("Arrow") ? neighbour(square, event.key) : null;
    if (!next) return;
    event.preventDefault();
    makeReachable(next);
    next.focus();
  });
  for (const box of document.querySelectorAll(".matrix-filter input")) box.addEventListener("input", filterMatrix);
  const claimsText = document.getElementById("claims-text");
  if (claimsText) claimsText.addEventListener("input", filterClaims);

  document.documentElement.classList.add("js");
  labelSquares();
  follow(location.hash, null);
})();
