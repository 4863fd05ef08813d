// Suggestions under the search box: a combobox with a list (ARIA Authoring Practices, "editable combobox with list
// autocomplete"). The form works without it, and whatever fails here, the network above all, leaves the form as it was.
"use strict";

// How long somebody pauses before we ask, and how much has been typed. Units: milliseconds, characters.
const PAUSE = 160;
const MIN_TYPED = 2;
const KEPT_ANSWERS = 50;
const NAMES = { article: "Article", condition: "Condition", service: "Service", person: "Person", topic: "Topic" };
const unaccented = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/\u2019/g, "'").toLowerCase();

class SearchBox {
  constructor(form) {
    this.form = form;
    this.field = form.querySelector("input[type=search]");
    this.answers = new Map();
    this.request = null;
    this.timer = 0;
    this.active = -1;
    this.list = document.createElement("ul");
    this.list.id = `${this.field.id}-suggestions`;
    this.list.className = "suggestions";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Suggestions");
    this.list.hidden = true;
    this.status = document.createElement("p");
    this.status.className = "visually-hidden";
    this.status.setAttribute("role", "status");
    form.append(this.list, this.status);
    this.field.setAttribute("role", "combobox");
    this.field.setAttribute("aria-autocomplete", "list");
    this.field.setAttribute("aria-controls", this.list.id);
    this.field.setAttribute("aria-expanded", "false");
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("keydown", (event) => this.pressed(event));
    // A click on a suggestion must not take the focus away from the field before it counts.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.choose(event.target.closest("[role=option]")));
    this.field.addEventListener("blur", () => this.close());
    form.addEventListener("submit", () => this.close());
  }

  typed() {
    clearTimeout(this.timer);
    this.request?.abort();
    const text = this.field.value.trim();
    if (text.length < MIN_TYPED) return this.close();
    this.timer = setTimeout(() => this.ask(text), PAUSE);
  }

  async ask(text) {
    let found = this.answers.get(text);
    if (!found) {
      const request = (this.request = new AbortController());
      try {
        const address = new URL(this.form.dataset.suggest, location.href);
        address.searchParams.set("q", text);
        const answer = await fetch(address, { signal: request.signal, headers: { Accept: "application/json" } });
        if (!answer.ok) return this.close();
        found = (await answer.json()).items;
      } catch {
        // Typed on, or no network: the form still searches.
        if (!request.signal.aborted) this.close();
        return;
      }
      if (this.answers.size >= KEPT_ANSWERS) this.answers.clear();
      this.answers.set(text, found);
    }
    if (this.field.value.trim() === text && document.activeElement === this.field) this.show(text, found);
  }

  show(text, found) {
    this.activate(-1);
    this.list.replaceChildren(...found.map((one, number) => this.option(text, one, number)));
    this.open(found.length > 0);
    const count = found.length === 1 ? "1 suggestion" : `${found.length || "No"} suggestions`;
    this.status.textContent = found.length ? `${count}. Use the down arrow to look through them.` : `${count}.`;
  }

  option(text, one, number) {
    const option = document.createElement("li");
    option.id = `${this.list.id}-${number}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset.path = one.path;
    const words = document.createElement("span");
    words.append(...emphasised(one.text, text));
    option.append(words);
    if (NAMES[one.type]) {
      const kind = document.createElement("small");
      kind.textContent = NAMES[one.type];
      option.append(" ", kind);
    }
    return option;
  }

  pressed(event) {
    if (event.isComposing) return;
    const last = this.list.children.length - 1;
    const isOpen = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (last < 0) return;
      event.preventDefault();
      if (event.altKey) return this.open(event.key === "ArrowDown");
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.open(true);
      // From the field itself down to the first and up to the last; past either end back to the field.
      this.activate(this.active + step < -1 ? last : this.active + step > last ? -1 : this.active + step);
    } else if (event.key === "Enter" && isOpen && this.active >= 0) {
      event.preventDefault();
      this.choose(this.list.children[this.active]);
    } else if (event.key === "Escape" && isOpen) {
      // Only the list: the browser would empty the field, and a menu around the form would close.
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (["Home", "End", "ArrowLeft", "ArrowRight"].includes(event.key)) {
      this.activate(-1);
    }
  }

  activate(number) {
    this.list.children[this.active]?.setAttribute("aria-selected", "false");
    this.active = number;
    const option = this.list.children[number];
    if (!option) return this.field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", option.id);
  }

  choose(option) {
    if (!option) return;
    this.close();
    location.assign(option.dataset.path);
  }

  open(isOpen) {
    this.list.hidden = !isOpen;
    this.field.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) this.activate(-1);
  }

  close() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.open(false);
    this.status.textContent = "";
  }
}

// The part of a suggestion that was typed, in bold; where folding changes lengths, the plain words.
function emphasised(text, typed) {
  const folded = unaccented(text);
  const start = folded.length === text.length ? folded.indexOf(unaccented(typed)) : -1;
  if (start < 0) return [text];
  const strong = document.createElement("b");
  strong.textContent = text.slice(start, start + typed.length);
  return [text.slice(0, start), strong, text.slice(start + typed.length)];
}

document.querySelectorAll("form[data-suggest]").forEach((form) => new SearchBox(form));
