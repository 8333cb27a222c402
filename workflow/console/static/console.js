// Keeps what runs up to date, checks an input as it is typed, and holds a comparison to two.
// All that it puts into a page has been escaped by the console.
"use strict";

const formToken = document.querySelector("meta[name=form-token]").content;
const said = document.getElementById("said");

function say(text) {
  if (text && said.textContent !== text) said.textContent = text;
}

function keyOf(details) {
  return details.querySelector("[id]")?.id ?? details.querySelector("summary").textContent;
}

// Replaces a part of the page, and leaves what is open, chosen, scrolled and focused as it is.
function replace(region, html) {
  const open = new Set([...region.querySelectorAll("details[open]")].map(keyOf));
  const chosen = new Set([...region.querySelectorAll("input:checked")].map((box) => box.value));
  const typed = new Map([...region.querySelectorAll("textarea")].map((area) => [area.id, area.value]));
  const scrolled = [...region.querySelectorAll(".scroll, pre")].map((box) => [box.scrollLeft, box.scrollTop]);
  const focusable = "a, button, input, textarea, summary, [tabindex]";
  const focused = [...region.querySelectorAll(focusable)].indexOf(document.activeElement);
  region.innerHTML = html;
  for (const details of region.querySelectorAll("details")) details.open = open.has(keyOf(details));
  for (const box of region.querySelectorAll("input[type=checkbox]")) box.checked = chosen.has(box.value);
  for (const area of region.querySelectorAll("textarea")) area.value = typed.get(area.id) ?? area.value;
  [...region.querySelectorAll(".scroll, pre")].forEach((box, index) => {
    if (scrolled[index]) [box.scrollLeft, box.scrollTop] = scrolled[index];
  });
  if (focused >= 0) region.querySelectorAll(focusable)[focused]?.focus({ preventScroll: true });
  say(region.querySelector("[data-said]")?.dataset.said);
}

async function follow(region) {
  const pause = 1000 * Number(region.dataset.every);
  let version = null;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (document.hidden) continue;
    try {
      const headers = version ? { "If-None-Match": version } : {};
      const response = await fetch(region.dataset.live, { headers, cache: "no-store" });
      if (response.status === 200) {
        replace(region, await response.text());
        version = response.headers.get("ETag");
      } else if (response.status === 403) {
        return say("This page is of an earlier console; open the new link.");
      }
      if (response.headers.get("X-Ended")) return;
    } catch {
      say("The console does not answer: the command that served it has ended, or is busy.");
    }
  }
}

function checkAsTyped(area) {
  const told = document.getElementById(area.getAttribute("aria-describedby"));
  let timer = 0;
  let asked = 0;
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const turn = ++asked;
      const response = await fetch(area.dataset.check, {
        method: "POST",
        headers: { "Content-Type": "text/plain", "X-Form-Token": formToken },
        body: area.value,
      });
      const html = await response.text();
      if (turn !== asked || !response.ok) return;
      told.innerHTML = html;
      area.setAttribute("aria-invalid", String(told.querySelector(".bad") !== null));
    }, 300);
  });
}

document.querySelectorAll("[data-live]").forEach(follow);
document.querySelectorAll("[data-check]").forEach(checkAsTyped);
document.querySelectorAll("[data-two]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    const count = form.querySelectorAll("input:checked").length;
    if (count === 2) return;
    event.preventDefault();
    const box = form.querySelector("input[type=checkbox]");
    box?.setCustomValidity(`Choose two executions, not ${count}.`);
    box?.reportValidity();
  });
  // A form with a complaint is not submitted: what is chosen next takes the complaint back.
  form.addEventListener("change", () => {
    for (const box of form.querySelectorAll("input[type=checkbox]")) box.setCustomValidity("");
  });
});
