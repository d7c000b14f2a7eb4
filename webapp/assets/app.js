// What the organiser's pages do by themselves. Everything here has a plain way beside it; link pages load none of it.
"use strict";
(() => {
const $ = (what, root = document) => root.querySelector(what);
const $$ = (what, root = document) => [...root.querySelectorAll(what)];
const on = (type, run) => document.addEventListener(type, run);
const say = text => { $("#status").textContent = text };
const focus = el => $("a, button, input", el)?.focus();

// Submit buttons: busy after 0.3 s, no narrower than they were; a second press does nothing.
on("submit", e => {
  const form = e.target, button = e.submitter;
  if (e.defaultPrevented || form.method === "dialog" || form.matches("[data-again]") || button?.formTarget) return;
  if (form.dataset.sent) return e.preventDefault();
  form.dataset.sent = "yes";
  if (button?.matches(".button")) button.timer = setTimeout(() => {
    button.style.minWidth = button.offsetWidth + "px";
    button.label = [...button.childNodes];
    button.replaceChildren(document.body.dataset.busy);
    button.ariaBusy = "true";
  }, 300);
});
const rest = () => {
  $$("[data-sent]").forEach(form => delete form.dataset.sent);
  $$("button").forEach(b => {
    clearTimeout(b.timer);
    if (b.label) b.replaceChildren(...b.label);
    b.label = b.ariaBusy = null;
  });
};
on("htmx:afterRequest", rest);
addEventListener("pageshow", e => e.persisted && rest());
// A select that submits waits until it is left while arrow keys walk through it.
let pressed = "";
on("pointerdown", () => { pressed = "" });
on("change", ({ target }) => {
  const go = () => target.form.requestSubmit();
  if (target.matches("[data-autosubmit]")) pressed.includes("Arrow") ? target.onblur = go : go();
});
on("click", e => e.target.closest("[data-print]") && print());
$$("[data-zone]").forEach(field => { field.value = Intl.DateTimeFormat().resolvedOptions().timeZone });

// Shortcuts: single keys, unless switched off; never while typing.
const box = $("#shortcuts-on"), help = $("#shortcuts");
let kept = {};
// A browser may remember nothing.
try { kept = localStorage } catch {}
if (box) {
  box.checked = kept.shortcuts !== "off";
  box.onchange = () => { kept.shortcuts = box.checked ? "on" : "off" };
}
on("click", e => {
  if (!e.target.closest("[data-open]")) return;
  e.target.closest("[popover]").hidePopover();
  help.showModal();
});
const anywhere = { u: "[data-undo]", i: "[data-invite]", "[": "[data-previous]", "]": "[data-next]" };
const here = { e: "[data-done]", x: ".tick" };
const items = "[data-keys] > li, [data-keys] tbody > tr, .card";
const by = { j: 1, k: -1, ArrowRight: 1, ArrowLeft: -1 };
on("keydown", e => {
  const { key, target } = e;
  pressed = key;
  if (target.matches("input:not(.tick),textarea,select") || e.altKey || e.metaKey || $("dialog[open]")) return;
  const undone = key === "z" && e.ctrlKey && $("[data-undo]");
  if (undone) { e.preventDefault(); undone.click() }
  if (e.ctrlKey || !box?.checked) return;
  const at = target.closest(items);
  const spot = anywhere[key] ? $(anywhere[key]) : at && here[key] && $(here[key], at);
  if (key === "/") $("#q").focus();
  else if (key === "?") help.showModal();
  else if (spot) spot.click();
  else if (at && "jk".includes(key)) {
    const all = $$(items);
    focus(all[all.indexOf(at) + by[key]] || at);
  } else if (by[key] && at?.closest("[data-board]")) move(at, beside(at, by[key]));
  else return;
  e.preventDefault();
});

// Ticks: shift-click takes the whole range; the number field takes the first so many; one without a name takes all.
let last;
const ticks = root => $$(".tick[name]", root);
const count = root => $$("[data-count]", root).forEach(out => { out.textContent = ticks(root).filter(t => t.checked).length });
const set = (all, checked) => all.forEach(t => { t.checked = checked });
const changed = e => {
  const root = e.target.closest("[data-select]"), t = e.target;
  if (!root) return;
  const all = ticks(root), ends = [all.indexOf(last), all.indexOf(t)].sort((a, b) => a - b);
  if (t.matches("[data-first]")) all.forEach((one, i) => { one.checked = i < t.value });
  if (t.matches(".tick:not([name])")) set(all, t.checked);
  if (t.matches(".tick[name]")) {
    if (e.shiftKey && ends[0] >= 0) set(all.slice(ends[0], ends[1] + 1), t.checked);
    last = t;
  }
  count(root);
};
on("click", e => e.target.matches(".tick") && changed(e));
on("input", e => e.target.matches("[data-first]") && changed(e));
$$("[data-select]").forEach(count);

// The board: select, arrow key and drag all post the card's own form.
const beside = (card, step) => {
  const all = $$("section", card.closest("[data-board]"));
  return all[all.indexOf(card.closest("section")) + step];
};
const choice = (card, column) => column && $(`[data-move] [data-to="${column.id}"]`, card);
const move = (card, column) => {
  const to = choice(card, column);
  if (!to) return;
  to.selected = true;
  card.ariaBusy = "true";
  to.closest("form").requestSubmit();
};
let dragged;
const over = spot => {
  $$(".over").forEach(el => el.classList.remove("over"));
  spot?.classList.add("over");
};
const target = e => {
  if (!dragged) return e.target.closest("[data-drop]");
  const column = e.target.closest("[data-board] section");
  return choice(dragged, column) && column;
};
$$("[data-board] .card").forEach(card => { card.draggable = true });
on("dragstart", e => { dragged = e.target.closest("[data-board] .card") });
on("dragend", () => { dragged = over() });
on("dragover", e => {
  const spot = target(e);
  over(spot);
  if (spot) e.preventDefault();
});
on("drop", e => {
  const spot = target(e), input = spot && $("[type=file]", spot);
  if (spot) e.preventDefault();
  if (dragged) return move(dragged, spot);
  if (!input) return;
  input.files = e.dataTransfer.files;
  input.form.requestSubmit();
});

// Live parts: asked again every 5 s, 30 s when nobody moves, at once on coming back. What is under hand or focus stays.
let seen = Date.now(), timer;
["pointermove", "keydown"].forEach(type => on(type, () => { seen = Date.now() }));
const ask = async part => {
  const { live, etag } = part.dataset;
  const answer = await fetch(live, { headers: etag ? { "If-None-Match": etag } : {} });
  if (answer.status !== 200 || answer.redirected) return;
  const body = new DOMParser().parseFromString(await answer.text(), "text/html").body, news = $("[data-said]", body)?.dataset;
  $$("template[data-for]", body).forEach(t => document.getElementById(t.dataset.for)?.replaceChildren(t.content));
  const show = () => { part.replaceChildren(...body.childNodes); window.htmx?.process(part) };
  const held = part.matches(":hover, :focus-within");
  if (held && !news) return;
  part.dataset.etag = answer.headers.get("ETag") || "";
  if (news) say(news.said);
  if (news?.url) part.dataset.live = news.url;
  if (!held) return show();
  const old = part.previousElementSibling, button = old?.matches(".live-show") ? old : document.createElement("button");
  button.className = "button small live-show";
  button.textContent = news.show || news.said;
  button.onclick = () => { show(); button.remove(); focus(part) };
  part.before(button);
};
const tick = async () => {
  clearTimeout(timer);
  if (document.hidden) return;
  await Promise.allSettled($$("[data-live]").map(ask));
  clearTimeout(timer);
  timer = setTimeout(tick, Date.now() - seen < 120000 ? 5000 : 30000);
};
if ($("[data-live]")) {
  timer = setTimeout(tick, 5000);
  on("visibilitychange", tick);
  addEventListener("focus", tick);
}

// What was done is said. (A card or row with an id and tabindex="-1" gets the focus back by its place in the address.)
const done = $("[data-say]");
if (done) setTimeout(say, 200, done.textContent);
})();
