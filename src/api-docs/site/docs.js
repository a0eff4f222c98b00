// What the pages do beside being read: tabs, copying, search, and trying things out. Without it they are read all the same.
document.documentElement.classList.add("js");

// Tabs: of a group (the languages) all are changed together, on this page and the next.
let made = 0;
for (const tabs of document.querySelectorAll(".tabs")) {
  const panels = [...tabs.querySelectorAll(":scope > .code")];
  const bar = document.createElement("div");
  bar.className = "tabbar";
  const list = document.createElement("div");
  list.className = "tablist";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", tabs.dataset.label);
  for (const panel of panels) {
    made += 1;
    panel.id = `panel-${made}`;
    panel.setAttribute("role", "tabpanel");
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `tab-${made}`;
    tab.textContent = panel.dataset.label;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", () => choose(tabs, tab.textContent));
    list.append(tab);
  }
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const all = [...list.querySelectorAll("[role=tab]")];
    const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
    choose(tabs, next.textContent);
    next.focus();
  });
  bar.append(
    list,
    copyButton(() => tabs.querySelector(".code:not([hidden]) pre").textContent),
  );
  tabs.prepend(bar);
  tabs.classList.add("tabbed");
  select(tabs, panels[0].dataset.label);
}

function choose(tabs, label) {
  const { group } = tabs.dataset;
  if (!group) return select(tabs, label);
  localStorage.setItem(group, label);
  const top = tabs.getBoundingClientRect().top;
  for (const each of document.querySelectorAll(`.tabs[data-group="${group}"]`)) select(each, label);
  scrollBy(0, tabs.getBoundingClientRect().top - top);
}

function select(tabs, label) {
  const panels = [...tabs.querySelectorAll(":scope > .code")];
  if (!panels.some((panel) => panel.dataset.label === label)) return;
  for (const panel of panels) panel.hidden = panel.dataset.label !== label;
  for (const tab of tabs.querySelectorAll("[role=tab]")) {
    const isChosen = tab.textContent === label;
    tab.setAttribute("aria-selected", String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
  }
  reachWideParts();
}

for (const group of new Set(
  [...document.querySelectorAll(".tabs[data-group]")].map((each) => each.dataset.group),
)) {
  const kept = localStorage.getItem(group);
  if (kept !== null)
    for (const tabs of document.querySelectorAll(`.tabs[data-group="${group}"]`)) select(tabs, kept);
}

for (const code of document.querySelectorAll(".code")) {
  if (code.closest(".tabs")) continue;
  const button = copyButton(() => code.querySelector("pre").textContent);
  const caption = code.querySelector("figcaption");
  if (caption) caption.append(button);
  else code.prepend(button);
}

function copyButton(text) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", () => void copy(button, text()));
  return button;
}

async function copy(button, text) {
  button.textContent = (await isCopied(text)) ? "Copied" : "Not allowed";
  setTimeout(() => (button.textContent = "Copy"), 1500);
}

// Only pages that come by https or from the own machine have a clipboard, and it may be forbidden; then what is chosen is copied.
async function isCopied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const before = document.activeElement;
    const area = document.createElement("textarea");
    area.className = "unseen";
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    before?.focus();
    return copied;
  }
}

// What is wider than its place can be moved by keys too.
function reachWideParts() {
  for (const part of document.querySelectorAll(".code pre, .table")) {
    const isWide = part.scrollWidth > part.clientWidth || part.scrollHeight > part.clientHeight;
    if (isWide) part.tabIndex = 0;
    else part.removeAttribute("tabindex");
  }
}
reachWideParts();
addEventListener("resize", reachWideParts);

// The pages, on a narrow screen
const menu = document.querySelector(".menu");
const side = document.querySelector(".side");
menu?.addEventListener("click", () => {
  menu.setAttribute("aria-expanded", String(side.classList.toggle("open")));
});

// Search: the index is fetched when somebody begins to look for something.
const box = document.querySelector(".search input");
const found = document.querySelector(".found");
let index;

async function entries() {
  index ??= fetch(box.dataset.index).then((answer) => answer.json());
  return await index;
}

function wordsOf(text) {
  return text.toLowerCase().match(/[\p{L}\p{N}_-]+/gu) ?? [];
}

/** Every word must be there; one in the heading counts most, then one of the shown text, whole ones before beginnings. */
function score([heading, page, , shown, others], beginnings) {
  let sum = 0;
  for (const beginning of beginnings) {
    const best = Math.max(
      ...[
        [heading, 12],
        [page, 5],
        [shown, 3],
        [others, 2],
      ].map(([text, weight]) => {
        return beginning.test(` ${text.toLowerCase()}`) ? weight : 0;
      }),
    );
    if (best === 0) return 0;
    sum += best;
  }
  return sum;
}

async function look() {
  const words = wordsOf(box.value);
  if (words.length === 0) return close();
  const beginnings = words.map((word) => new RegExp(`[^\\p{L}\\p{N}]${word}`, "u"));
  const best = (await entries())
    .map((entry) => [score(entry, beginnings), entry])
    .filter(([points]) => points > 0)
    .toSorted(([one], [other]) => other - one)
    .slice(0, 12);
  found.replaceChildren(...best.map(([, entry]) => line(entry)));
  if (best.length === 0) {
    const nothing = document.createElement("li");
    nothing.textContent = whereElse();
    found.append(nothing);
  }
  found.hidden = false;
}

/** Suppliers, buyers and operators have pages of their own, and each a search that finds these alone. */
function whereElse() {
  const others = [...document.querySelectorAll(".readers a:not([aria-current])")];
  if (others.length === 0) return "Nothing found.";
  return `Nothing found here. There is more to search under ${others.map((link) => link.textContent).join(" and ")}.`;
}

function line([heading, page, address, shown]) {
  const link = document.createElement("a");
  const title = document.createElement("strong");
  title.textContent = heading === page ? heading : `${page} › ${heading}`;
  const text = document.createElement("small");
  text.textContent = shown;
  link.href = address;
  link.append(title, text);
  link.addEventListener("click", close);
  const item = document.createElement("li");
  item.append(link);
  return item;
}

function close() {
  found.hidden = true;
}

box?.addEventListener("input", () => void look());
box?.addEventListener("focus", () => void (box.value && look()));
document.querySelector(".search")?.addEventListener("keydown", (event) => {
  const links = [...found.querySelectorAll("a")];
  const at = links.indexOf(document.activeElement);
  if (event.key === "Escape") {
    close();
    box.focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = links[at + (event.key === "ArrowDown" ? 1 : -1)];
    (next ?? (event.key === "ArrowUp" ? box : links.at(-1)))?.focus();
  } else if (event.key === "Enter" && document.activeElement === box) links[0]?.click();
});
document.addEventListener("click", (event) => {
  if (found && !event.target.closest(".search")) close();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, textarea")) return;
  event.preventDefault();
  box.focus();
});

// Trying things out. The key stays in this tab; it is sent to this server alone.
const trial = document.querySelector(".try[data-document]");
if (trial) {
  const key = trial.querySelector("[name=key]");
  const told = trial.querySelector(".told");
  key.value = sessionStorage.getItem("leadgate-key") ?? "";

  async function fillIn() {
    if (key.value === "") return;
    sessionStorage.setItem("leadgate-key", key.value);
    const answer = await fetch(trial.dataset.document, { headers: { "x-api-key": key.value } });
    const { components } = answer.ok ? await answer.json() : {};
    const supplier = components?.schemas.Lead.properties.flo_supplier_id.const;
    told.textContent = supplier
      ? `The key of ${supplier}.`
      : "This is not the key of a supplier of this campaign.";
    if (supplier) replaceEverywhere("YOUR_SUPPLIER_ID", supplier);
  }

  /** What stands in the place of a placeholder now. */
  const standing = new Map();

  function replaceEverywhere(placeholder, value) {
    replaceText(standing.get(placeholder) ?? placeholder, value);
    standing.set(placeholder, value);
  }

  function replaceText(placeholder, value) {
    for (const text of trial.querySelectorAll("textarea"))
      text.value = text.value.replaceAll(placeholder, value);
    const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { currentNode: node } = walker;
      if (node.data.includes(placeholder)) node.data = node.data.replaceAll(placeholder, value);
    }
  }

  key.addEventListener("change", () => void fillIn());
  void fillIn();

  for (const part of trial.querySelectorAll("[data-path]")) {
    const button = part.querySelector("button");
    button.addEventListener("click", () => void send(part, button));
  }

  async function send(part, button) {
    const said = part.querySelector(".said");
    const body = part.querySelector(".answer");
    const dry = part.querySelector("[name=dry_run]");
    button.disabled = true;
    said.textContent = "Sending…";
    try {
      const answer = await fetch(`${part.dataset.path}${dry?.checked ? "?dry_run=true" : ""}`, {
        method: "POST",
        headers: { "x-api-key": key.value, "content-type": "application/json" },
        body: part.querySelector("textarea").value,
      });
      const told = await answer.json();
      said.textContent = `Answer: ${answer.status} ${answer.statusText}`;
      body.querySelector("code").textContent = JSON.stringify(told, null, 2);
      body.hidden = false;
      if (told.ping_id) replaceEverywhere("YOUR_PING_ID", told.ping_id);
    } catch {
      said.textContent = "The server could not be reached.";
    }
    button.disabled = false;
    reachWideParts();
  }
}

// A buyer's own test
const test = document.getElementById("send-test");
test?.addEventListener("click", () => void sendTest());

async function sendTest() {
  const said = document.getElementById("test-said");
  const excerpt = document.getElementById("test-excerpt");
  test.disabled = true;
  excerpt.hidden = true;
  said.textContent = "Sending…";
  try {
    const response = await fetch(test.dataset.address, { method: "POST" });
    const { data, message, retry_after: wait } = await response.json();
    said.textContent = data?.message ?? (wait ? `${message} Try again in ${wait} s.` : message);
    excerpt.querySelector("code").textContent = data?.excerpt ?? "";
    excerpt.hidden = !data?.excerpt;
  } catch {
    said.textContent = "The server could not be reached.";
  }
  test.disabled = false;
}
