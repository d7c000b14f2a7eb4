// The calendar: a visit is dragged to another day, or moved by keys, to the page that says who hears of it.
"use strict";
(() => {
const table = document.querySelector("[data-calendar]"), box = document.querySelector("#shortcuts-on");
if (!table) return;
const days = [...table.querySelectorAll("[data-day]")];
const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
let visit, day;
const aim = at => {
  day?.classList.remove("over");
  day = at;
  day?.classList.add("over");
};
const go = () => { location.href = `${visit.dataset.to}&date=${day.dataset.day}` };
const say = () => {
  const told = new Date(`${day.dataset.day}T12:00`).toLocaleDateString(document.documentElement.lang, { weekday: "long", day: "numeric", month: "long" });
  document.querySelector("#status").textContent = table.dataset.calendar.replace("{visit}", visit.textContent.trim()).replace("{day}", told);
};
const leave = () => { visit = aim() };
table.querySelectorAll("[data-to]").forEach(each => { each.draggable = true });
table.addEventListener("dragstart", e => {
  visit = e.target.closest("[data-to]");
  if (visit) e.dataTransfer.effectAllowed = "move";
});
table.addEventListener("dragend", leave);
table.addEventListener("dragover", e => {
  const at = e.target.closest("[data-day]");
  if (!visit || !at) return;
  aim(at);
  e.preventDefault();
});
table.addEventListener("drop", e => {
  e.preventDefault();
  if (visit && day && !day.contains(visit)) go();
});
table.addEventListener("focusout", leave);
table.addEventListener("keydown", e => {
  const held = e.target.closest("[data-to]");
  if (!held || e.ctrlKey || e.altKey || e.metaKey) return;
  if (e.key === "m" && box.checked) {
    visit = held;
    aim(held.closest("[data-day]"));
    say();
  } else if (visit && steps[e.key]) {
    aim(days[days.indexOf(day) + steps[e.key]] || day);
    say();
  } else if (visit && e.key === "Enter") go();
  else if (visit && e.key === "Escape") leave();
  else return;
  e.preventDefault();
});
})();
