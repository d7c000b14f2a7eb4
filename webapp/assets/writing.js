// Where the words of a mail are written. Without it a button stands in its place.
"use strict";
(() => {
const $ = (what, root = document) => root.querySelector(what);
const on = (type, run) => document.addEventListener(type, run);

// A text with fields: a press puts one where the writing was; the mail beside it follows what is typed.
let writing, soon;
const follow = form => {
  const frame = $(`[name="${form.dataset.liveMail}"]`), fresh = frame.cloneNode();
  fresh.removeAttribute("src");
  frame.replaceWith(fresh);
  form.requestSubmit($("[formtarget]", form));
};
on("focusin", ({ target }) => { if (target.matches("[data-live-mail] :is(input, textarea)")) writing = target });
on("input", ({ target }) => {
  const form = target.closest("[data-live-mail]");
  clearTimeout(soon);
  if (form) soon = setTimeout(follow, 600, form);
});
on("click", e => {
  const field = e.target.closest("[data-insert]")?.dataset.insert, into = writing || $("[data-live-mail] textarea");
  if (!field) return;
  into.setRangeText(field, into.selectionStart, into.selectionEnd, "end");
  into.focus();
  into.dispatchEvent(new Event("input", { bubbles: true }));
});
})();
