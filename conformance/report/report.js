/** The report: evidence of each cell, filters that live in the address, and names as anchors. */
(async () => {
  const data = await unpack(document.getElementById("conformance-results").textContent);
  const { count, columns } = data.cells;
  const panel = document.getElementById("evidence");
  const GRAVITY = ["crashed", "broken", "vacuous", "not run", "deviates", "held", "unsupported"];
  const signs = Object.fromEntries(
    [...document.querySelectorAll(".legend [data-verdict]")].map((item) => [item.dataset.verdict, item.querySelector(".sign")]),
  );
  const styleOf = (verdict) => signs[verdict].className.replace("sign", "").trim();
  const symbolOf = (verdict) => signs[verdict].textContent;

  /** The JSON that the page holds compressed. */
  async function unpack(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
  }

  /** A field of a cell; null if it has none. */
  function value(place, field) {
    const column = columns[field];
    return column ? column.values[column.at ? column.at[place] : 0] : null;
  }

  // --- names --------------------------------------------------------------------------------------------------------

  const PARTS = ["operation", "check", "device", "subject"];
  const encode = (text) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd"));
  const nameOf = (place) => PARTS.map((part) => encode(value(place, part))).join("/");
  const idOf = (place) =>
    value(place, "id") ?? `${value(place, "file")}::${value(place, "check")}[${value(place, "device")}-${value(place, "subject")}]`;

  let known = null;
  function placeOf(name) {
    if (!known) {
      known = new Map();
      for (let place = count - 1; place >= 0; place--) known.set(nameOf(place), place);
    }
    return known.get(name);
  }

  const sections = new Map([...document.querySelectorAll(".op")].map((op) => [encode(value(Number(op.dataset.first), "operation")), op]));

  // --- making elements; everything from the run goes through text nodes -----------------------------------------------

  /** The text with an escape for each character that is obeyed or hidden instead of shown, as in results/visible.py. */
  function visible(text) {
    const escape = (one) => {
      const code = one.codePointAt(0);
      const [mark, digits] = code < 0x100 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8];
      return `\\${mark}${code.toString(16).padStart(digits, "0")}`;
    };
    return text.replace(/[^\P{C}\n\t]|[\p{Zl}\p{Zp}]/gu, escape);
  }

  function make(tag, content, attributes = {}) {
    const element = document.createElement(tag);
    for (const [name, text] of Object.entries(attributes)) element.setAttribute(name, text);
    const parts = [content].flat().filter((part) => part !== null && part !== "");
    element.append(...parts.map((part) => (typeof part === "string" ? visible(part) : part)));
    return element;
  }

  function pairs(entries) {
    const present = entries.filter(([, text]) => text !== "" && text !== null);
    return make("dl", present.flatMap(([name, text]) => [make("dt", name), make("dd", text)]));
  }

  const badge = (verdict) => make("span", [signs[verdict].cloneNode(true), verdict], { class: "badge" });
  const code = (text) => (text ? make("code", text) : "");
  const number = (amount) => amount.toLocaleString("en-US");
  const list = (title, items) => (items.length ? [make("h4", title), make("ul", items.map((item) => make("li", item)))] : []);
  const sampleBlock = (title, sample) => (sample ? [make("h4", [`${title} `, make("a", "how it is written", { href: "#samples" })]), make("pre", sample.text, { "data-copy": "" })] : []);

  /** A number of ULP with three significant digits. */
  function digits(ulp) {
    if (typeof ulp === "string") return ulp;
    const rounded = Number(ulp.toPrecision(3));
    return rounded >= 1e6 ? rounded.toExponential() : rounded.toLocaleString("en-US", { maximumSignificantDigits: 3 });
  }

  // --- the evidence of a cell -----------------------------------------------------------------------------------------

  function worstOf(evidence) {
    const [worst, bound] = [evidence("worst_ulp"), evidence("worst_bound")];
    if (worst === 0) return "none measured";
    if (!bound) return `${digits(worst)} ULP`;
    const unit = evidence("of_terms") ? "ULP of the sum of the absolute values of the terms" : "ULP";
    const nearest = evidence("closest");
    const share = nearest <= 1 ? `; at most ${digits(100 * nearest)} % of what is allowed` : "; beyond what is allowed";
    return `${digits(worst)} of ${digits(bound)} ${unit}${share}`;
  }

  function remarksOf(evidence) {
    const refusals = Object.entries(evidence("refusals")).map(([title, name]) => `${title}: ${name}`);
    const gains = evidence("gain") ? ["gain: it is taken, though the spec does not ask for it"] : [];
    return [...gains, ...refusals, ...evidence("notes")];
  }

  function evidenceOf(place) {
    const evidence = (field) => value(place, `evidence.${field}`);
    const counts = Object.entries(evidence("counts")).map(([name, times]) => `${name}: ${number(times)}`);
    return [
      make("h4", "Evidence"),
      pairs([
        ["comparisons", number(evidence("comparisons"))],
        ["distinct samples", number(evidence("samples"))],
        ["samples rejected", number(evidence("rejected"))],
        ["set aside", evidence("set_aside") ? `${number(evidence("set_aside"))} of ${number(evidence("asked"))} samples` : ""],
        ["layouts met", evidence("layouts").join(", ") || "none"],
        ["worst error", worstOf(evidence)],
        ["fingerprint", code(evidence("fingerprint"))],
      ]),
      ...sampleBlock("Sample of the worst error", evidence("worst_sample")),
      ...list("Notes", remarksOf(evidence)),
      ...list("How often each was compared", counts),
    ];
  }

  function deviationItem(known) {
    return [make("a", known.id, { href: `#deviation-${encode(known.id)}` }), `: ${known.reason}`];
  }

  function detailsOf(place) {
    const failure = (field) => value(place, `failure.${field}`);
    const script = failure("script");
    return [
      ...(failure("message") ? [make("p", make("strong", failure("message")))] : []),
      ...(failure("repeats") !== false ? [] : [make("p", "It did not break again when it was asked once more.")]),
      pairs([["call", code(failure("call"))], ["promised", code(failure("promised"))], ["cell", code(idOf(place))]]),
      ...sampleBlock("Smallest sample", failure("sample")),
      ...(script ? [make("details", [make("summary", "Script that reproduces it"), make("pre", script, { "data-copy": "" })])] : []),
      ...list("Known deviations", (value(place, "deviations") || []).map(deviationItem)),
      ...evidenceOf(place),
    ];
  }

  function show(place, section) {
    const [check, verdict] = [value(place, "check"), value(place, "verdict")];
    const close = make("button", "Close", { type: "button", class: "close" });
    close.addEventListener("click", hide);
    panel.replaceChildren(
      close,
      make("h4", [make("a", check, { href: `#check-${encode(check)}` }), ` · ${value(place, "device")} · ${value(place, "subject")}`]),
      make("p", badge(verdict)),
      ...(data.whole ? detailsOf(place) : [make("p", "Its evidence is in the results file.")]),
    );
    kit.copyButtons(panel);
    panel.hidden = false;
    const claims = check === "claims" && section.querySelector(".claims-of");
    (claims || section.querySelector(".slot")).append(panel);
    if (claims) claims.open = true;
  }

  function hide() {
    panel.hidden = true;
    mark(null);
  }

  function mark(link) {
    for (const other of document.querySelectorAll(".op a[aria-current]")) other.removeAttribute("aria-current");
    if (link) link.setAttribute("aria-current", "true");
  }

  // --- squares: links are made when their operation is opened -----------------------------------------------------------

  function numbersIn(runs) {
    return runs.split(",").flatMap((run) => {
      const [first, last] = run.split("-").map(Number);
      return Array.from({ length: (last ?? first) - first + 1 }, (_, step) => first + step);
    });
  }

  function link(holder, place) {
    const label = visible(`${PARTS.map((part) => value(place, part)).join(", ")}: ${value(place, "verdict")}`);
    const made = make("a", holder.textContent.trim(), { href: `#${nameOf(place)}`, title: label, "aria-label": label });
    made.dataset.place = place;
    if (kept && !kept[place]) made.classList.add("off");
    holder.replaceChildren(made);
  }

  function equip(section) {
    if (section.dataset.equipped) return;
    section.dataset.equipped = "yes";
    for (const row of section.querySelectorAll("tr[data-at]")) {
      const places = numbersIn(row.dataset.at);
      [...row.querySelectorAll("td[class]")].forEach((holder, index) => link(holder, places[index]));
    }
    for (const chip of section.querySelectorAll("[data-c]")) link(chip, Number(chip.dataset.c));
    for (const table of section.querySelectorAll(".squares")) makeGrid(table);
  }

  /** Of each table one link is a stop of the tab key; the arrow keys lead to the others. */
  function makeGrid(table) {
    const links = table.querySelectorAll("a");
    for (const link of links) link.tabIndex = -1;
    if (links.length) (table.querySelector("tbody td a") || links[0]).tabIndex = 0;
    table.addEventListener("keydown", (event) => {
      const from = event.target.closest("a");
      const next = from && event.key.startsWith("Arrow") ? neighbour(table, from, event.key) : null;
      if (!next) return;
      event.preventDefault();
      from.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
    table.addEventListener("focusin", (event) => {
      for (const link of table.querySelectorAll('a[tabindex="0"]')) link.tabIndex = -1;
      event.target.tabIndex = 0;
    });
  }

  const reachable = (link) => link.offsetParent && getComputedStyle(link).visibility === "visible";

  function neighbour(table, from, key) {
    const step = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
    const row = from.closest("tr");
    if (key === "ArrowLeft" || key === "ArrowRight") {
      const links = [...row.querySelectorAll("a")].filter(reachable);
      return links[links.indexOf(from) + step];
    }
    const rows = [...table.rows];
    const column = from.closest("td, th").cellIndex;
    for (let at = rows.indexOf(row) + step; rows[at]; at += step) {
      const links = [...rows[at].querySelectorAll("a")].filter(reachable);
      const distance = (link) => Math.abs(link.closest("td, th").cellIndex - column);
      if (links.length) return links.reduce((best, link) => (distance(link) < distance(best) ? link : best));
    }
    return null;
  }

  // --- filters ----------------------------------------------------------------------------------------------------------

  const FIELDS = { check: "check", dtype: "subject", device: "device", verdict: "verdict" };
  const words = document.getElementById("filter-text");
  const selects = { check: "filter-check", dtype: "filter-subject", device: "filter-device", verdict: "filter-verdict" };
  let kept = null;
  let filtered = "";

  function fillSelects() {
    for (const [name, id] of Object.entries(selects)) {
      const select = document.getElementById(id);
      const choices = name === "dtype" ? subjects() : columns[FIELDS[name]]?.values ?? [];
      select.replaceChildren(make("option", "any", { value: "" }), ...choices.map((text) => make("option", text, { value: text })));
      select.closest("label").hidden = choices.length < 2;
      select.addEventListener("change", () => go(pathNow(), queryOfControls()));
    }
    words.addEventListener("input", () => {
      history.replaceState(null, "", hashOf("", queryOfControls()));
      filter(queryOfControls());
    });
  }

  /** The dtypes and modes; claims and workloads are too many to choose from. */
  function subjects() {
    if (!count) return [];
    const found = new Set();
    for (let place = 0; place < count; place++) if (!["claims", "perf"].includes(value(place, "check"))) found.add(value(place, "subject"));
    return [...found];
  }

  function queryOfControls() {
    const entries = [["words", words.value.trim()], ...Object.entries(selects).map(([name, id]) => [name, document.getElementById(id).value])];
    return new URLSearchParams(entries.filter(([, text]) => text)).toString();
  }

  function setControls(query) {
    const wanted = new URLSearchParams(query);
    if (document.activeElement !== words) words.value = wanted.get("words") ?? "";
    for (const [name, id] of Object.entries(selects)) document.getElementById(id).value = wanted.get(name) ?? "";
  }

  /** For each cell whether it fits, or null where all do. */
  function fitting(query) {
    const wanted = new URLSearchParams(query);
    const demands = Object.entries(FIELDS)
      .filter(([name]) => wanted.get(name))
      .map(([name, field]) => [[field, (text) => text === wanted.get(name)]]);
    for (const word of (wanted.get("words") ?? "").toLowerCase().split(/\s+/).filter(Boolean)) {
      demands.push([...PARTS, "verdict"].map((field) => [field, (text) => text.toLowerCase().includes(word)]));
    }
    if (!demands.length) return null;
    const fits = new Uint8Array(count).fill(1);
    for (const demand of demands) {
      const columnsOf = demand.map(([field, test]) => ({ at: columns[field].at, good: columns[field].values.map(test) }));
      for (let place = 0; place < count; place++) {
        fits[place] &&= columnsOf.some(({ at, good }) => good[at ? at[place] : 0]) ? 1 : 0;
      }
    }
    return fits;
  }

  let squares = null;
  /** The squares of the overview, by operation and check. */
  function overviewSquares() {
    squares ??= [...document.querySelectorAll(".overview td a")].map((link) => ({
      link,
      key: link.getAttribute("href").slice(1),
      verdict: link.className,
    }));
    return squares;
  }

  function filter(query) {
    if (query === filtered) return;
    filtered = query;
    kept = fitting(query);
    const best = new Map();
    const operations = new Set();
    let shown = 0;
    for (let place = 0; place < count; place++) {
      if (kept && !kept[place]) continue;
      shown++;
      const operation = encoded("operation", place);
      const key = `${operation}/${encoded("check", place)}`;
      const rank = GRAVITY.indexOf(value(place, "verdict"));
      operations.add(operation);
      if (!best.has(key) || rank < best.get(key)) best.set(key, rank);
    }
    showSquares(best);
    for (const [name, section] of sections) section.hidden = !operations.has(name);
    for (const link of document.querySelectorAll(".op a[data-place]")) link.classList.toggle("off", Boolean(kept && !kept[link.dataset.place]));
    const told = `${number(shown)} of ${number(count)} cells, in ${number(operations.size)} of ${number(sections.size)} operations`;
    document.getElementById("filter-count").textContent = kept ? told : "";
    document.querySelector(".clear").hidden = !kept;
  }

  const encodedValues = {};
  function encoded(field, place) {
    encodedValues[field] ??= columns[field].values.map(encode);
    const { at } = columns[field];
    return encodedValues[field][at ? at[place] : 0];
  }

  function showSquares(best) {
    for (const square of overviewSquares()) {
      const rank = best.get(square.key);
      const style = rank === undefined ? "off" : styleOf(GRAVITY[rank]);
      if (square.link.className === style) continue;
      square.link.className = style;
      if (rank !== undefined) square.link.textContent = symbolOf(GRAVITY[rank]);
    }
    for (const body of document.querySelectorAll(".overview tbody")) {
      let any = false;
      for (const row of body.rows) {
        if (row.classList.contains("group")) continue;
        row.hidden = !row.querySelector("td a:not(.off)");
        any ||= !row.hidden;
      }
      body.hidden = !any;
    }
  }

  // --- the address ------------------------------------------------------------------------------------------------------

  const pathNow = () => location.hash.slice(1).split("?")[0];
  const queryNow = () => location.hash.split("?").slice(1).join("?");
  const hashOf = (path, query) => `#${path}${query ? `?${query}` : ""}`;

  function go(path, query) {
    location.hash = hashOf(path, query);
  }

  /** Show what the address says. */
  function follow() {
    const [path, query] = [pathNow(), queryNow()];
    setControls(query);
    filter(query);
    if (!path) {
      if (query) document.getElementById("overview").scrollIntoView();
      return;
    }
    const [operation, check, ...rest] = path.split("/");
    const section = sections.get(operation) ?? sections.get(encode(safely(operation)));
    if (!section) return;
    section.hidden = false;
    section.open = true;
    equip(section);
    const place = rest.length ? placeOf(path) : undefined;
    if (place === undefined) {
      hide();
      showCheck(section, check && safely(check));
      return;
    }
    show(place, section);
    const link = [...section.querySelectorAll("a[href]")].find((one) => one.dataset.place === String(place) || one.getAttribute("href") === `#${path}`);
    mark(link);
    if (link && document.activeElement !== link) kit.reveal(link, "center");
  }

  function safely(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  }

  /** Bring the row of a check into view, or the whole section. */
  function showCheck(section, check) {
    for (const row of section.querySelectorAll("tr.chosen")) row.classList.remove("chosen");
    const rows = [...section.querySelectorAll(".squares tr")].filter((row) => row.cells[0].textContent === check);
    for (const row of rows) row.classList.add("chosen");
    const claims = check === "claims" && !rows.length && section.querySelector(".claims-of");
    if (claims) kit.reveal(claims);
    else section.scrollIntoView();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const href = link.getAttribute("href");
    if (href === location.hash) follow();
    if (href.includes("?") || link.classList.contains("clear") || !queryNow()) return;
    event.preventDefault();
    go(href.slice(1), queryNow());
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  document.addEventListener("toggle", (event) => event.target.matches?.(".op") && event.target.open && equip(event.target), true);
  addEventListener("hashchange", follow);

  fillSelects();
  for (const table of document.querySelectorAll(".overview table")) makeGrid(table);
  follow();
  document.documentElement.classList.add("ready");
})();
