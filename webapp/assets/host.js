// The host's phone on the day: it keeps time, and what is saved without a connection waits here until there is one.
"use strict";
(() => {
const $ = (what, root = document) => root.querySelector(what);
const $$ = (what, root = document) => [...root.querySelectorAll(what)];

// The five minutes: a step a minute, or when the host says so.
const timer = $("[data-timer]"), [start, next] = $$("[data-clock] button");
const steps = $$(".talk > li"), arcs = $$(".arc", timer), ring = $("text", timer), ARC = 54;
let at = 0, ticking;
const show = () => {
  const left = 300 - at, step = Math.min(Math.floor(at / 60), 4);
  ring.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  arcs.forEach((arc, i) => {
    const done = Math.max(0, Math.min((at - 60 * i) / 60, 1));
    arc.classList.toggle("done", done > 0);
    arc.setAttribute("stroke-dasharray", done > 0 && done < 1 ? `${ARC * done} ${300 - ARC * done}` : "54 246");
  });
  steps.forEach((each, i) => i === step ? each.setAttribute("aria-current", "step") : each.removeAttribute("aria-current"));
  $("[data-minute]").textContent = timer.dataset.timer.replace("{n}", step + 1);
  $("#h-five").textContent = $("b", steps[step]).textContent;
  if (left <= 0) pause();
};
const pause = () => {
  clearInterval(ticking);
  ticking = 0;
  swap();
};
const swap = () => { [start.textContent, start.dataset.text] = [start.dataset.text, start.textContent] };
$("[data-clock]").hidden = false;
start.onclick = () => {
  if (ticking) return pause();
  if (at >= 300) at = 0;
  let from = Date.now() - at * 1000;
  ticking = setInterval(() => {
    at = Math.min(Math.floor((Date.now() - from) / 1000), 300);
    show();
  }, 250);
  next.disabled = false;
  next.onclick = () => {
    at = Math.min(60 * (Math.floor(at / 60) + 1), 300);
    from = Date.now() - at * 1000;
    show();
  };
  swap();
  show();
};

// What is sent goes by itself; what cannot be sent waits, in order. Ticks are one whole: the last ones stand for all.
const line = $("#offline"), place = `host:${location.pathname}`;
let waiting = [];
try { waiting = JSON.parse(localStorage[place] || "[]") } catch {}
const keep = () => {
  try { waiting.length ? localStorage[place] = JSON.stringify(waiting) : delete localStorage[place] } catch {}
};
const tell = words => {
  line.hidden = !words;
  line.textContent = words;
};
const send = async body => {
  const answer = await fetch(location.pathname, { method: "POST", headers: { "Content-Type": "application/x-www-form-urlencoded" }, body });
  if (answer.status >= 500) throw answer;
  return answer;
};
let busy = false;
const flush = async () => {
  if (busy || !waiting.length) return;
  busy = true;
  try {
    while (waiting.length) {
      await send(waiting[0].body);
      waiting.shift();
      keep();
    }
    tell(line.dataset.sent);
  } catch {
    tell(line.dataset.lost);
  }
  busy = false;
};
const put = form => {
  const body = String(new URLSearchParams(new FormData(form)));
  if (form.dataset.keep === "ticks") waiting = waiting.filter(each => each.kind !== "ticks");
  waiting.push({ kind: form.dataset.keep, body });
  keep();
  tell(line.dataset.lost);
};
document.addEventListener("submit", async e => {
  const form = e.target, button = e.submitter;
  if (!form.matches("[data-keep]")) return;
  e.preventDefault();
  const data = new URLSearchParams(new FormData(form));
  if (button?.name) data.append(button.name, button.value);
  try {
    const answer = await send(data);
    if (answer.redirected) return location.assign(answer.url);
    form.submit();
  } catch {
    put(form);
    if (form.dataset.keep === "new") form.reset();
  }
});
const ticks = $("[data-keep='ticks']");
ticks.addEventListener("change", () => {
  put(ticks);
  flush();
});
const ticked = waiting.find(each => each.kind === "ticks");
if (ticked) {
  const there = new URLSearchParams(ticked.body).getAll("was");
  $$("[name='was']", ticks).forEach(box => { box.checked = there.includes(box.value) });
}
addEventListener("online", flush);
setInterval(flush, 10000);
flush();
})();
