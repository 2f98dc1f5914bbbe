"use strict";
// Everything that comes from the server reaches the document through
// textContent or as a number in an SVG attribute, never as markup.

const svgNS = "http://www.w3.org/2000/svg";
const byID = id => document.getElementById(id);

function element(name, className, ...content) {
  const e = document.createElement(name);
  if (className) e.className = className;
  e.append(...content.filter(c => c !== undefined && c !== null));
  return e;
}

function button(text, onClick, className) {
  const b = element("button", className, text);
  b.type = "button";
  b.addEventListener("click", onClick);
  return b;
}

function shape(name, className, attributes, ...content) {
  const e = document.createElementNS(svgNS, name);
  if (className) e.setAttribute("class", className);
  for (const key in attributes) e.setAttribute(key, attributes[key]);
  e.append(...content);
  return e;
}

const label = (className, x, y, text, anchor) => shape("text", className, { x, y, "text-anchor": anchor || "start" }, text);
const line = (className, x1, y1, x2, y2) => shape("line", className, { x1, y1, x2, y2 });

// choices draws a row of buttons, one of which is pressed.
function choices(box, options, chosen, choose) {
  const buttons = options.map(([value, text]) => {
    const b = button(text, () => choose(value));
    b.dataset.value = value;
    b.setAttribute("aria-pressed", String(value === chosen));
    return b;
  });
  if (box.childElementCount !== buttons.length) {
    box.replaceChildren(...buttons);
    return;
  }
  // What has the focus stays in place.
  [...box.children].forEach((old, i) => {
    put(old, buttons[i].textContent);
    old.setAttribute("aria-pressed", buttons[i].getAttribute("aria-pressed"));
  });
}

// put leaves a text alone that is there already, so that a selection stays.
function put(e, text) {
  if (e.textContent !== text) e.textContent = text;
}
