"use strict";
/** What every page does: copy buttons, closed parts opened by links to them and for printing. */
const kit = (() => {
  /** A button before each pre[data-copy] that puts its text on the clipboard. */
  function copyButtons(root) {
    for (const text of root.querySelectorAll("pre[data-copy]")) {
      if (text.previousElementSibling && text.previousElementSibling.matches("button.copy")) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.addEventListener("click", () => copy(text, button));
      text.before(button);
    }
  }

  async function copy(text, button) {
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(text);
      button.textContent = "Selected: press Ctrl+C";
    }
    setTimeout(() => (button.textContent = "Copy"), 3000);
  }

  /** Open an element and all closed parts around it, and bring it into view. */
  function reveal(element, block = "start") {
    for (let part = element; part; part = part.parentElement) if (part.localName === "details") part.open = true;
    element.scrollIntoView({ block });
  }

  function openForPaper() {
    let closed = [];
    addEventListener("beforeprint", () => {
      closed = [...document.querySelectorAll("details:not([open])")];
      for (const part of closed) part.open = true;
    });
    addEventListener("afterprint", () => {
      for (const part of closed) part.open = false;
    });
  }

  /** The element that the address names. */
  function target() {
    const name = location.hash.slice(1).split("?")[0];
    try {
      return name && (document.getElementById(name) || document.getElementById(decodeURIComponent(name)));
    } catch {
      return null;
    }
  }

  function follow() {
    const element = target();
    if (element) reveal(element);
    return element;
  }

  document.documentElement.classList.add("js");
  copyButtons(document);
  openForPaper();
  addEventListener("hashchange", follow);
  follow();
  return { copyButtons, reveal };
})();
