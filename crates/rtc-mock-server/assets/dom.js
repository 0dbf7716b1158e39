// Elements out of text, and text out of values. Nothing a client sent ever becomes markup: every
// string goes into a text node or an attribute that holds no code.

export const $ = (id) => document.getElementById(id);

// h('p', { class: 'x', onclick: f, hidden: true }, 'text', element, [more])
export function h(name, props = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const set = (element, ...children) => element.replaceChildren(...children.flat(Infinity).filter(Boolean));

let timer;
// Says something for a moment, aloud too.
export function say(text, bad = false) {
  const said = $('said');
  said.textContent = text;
  said.className = `said on${bad ? ' bad' : ''}`;
  clearTimeout(timer);
  timer = setTimeout(() => { said.className = 'said'; }, bad ? 8000 : 3000);
}

// Runs what asks the mock, and says what went wrong.
export async function attempt(work, done) {
  try {
    const result = await work();
    if (done) say(done);
    return result;
  } catch (error) {
    say(error.message, true);
    return undefined;
  }
}

export function button(text, work, props = {}) {
  return h('button', { type: 'button', onclick: work, ...props }, text);
}

export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // A page that is not on this machine has no clipboard of its own.
    const area = h('textarea', { class: 'offscreen' });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  say(`${what} copied`);
}

export function took(microseconds) {
  if (microseconds < 1000) return `${microseconds} µs`;
  if (microseconds < 1e6) return `${(microseconds / 1000).toFixed(microseconds < 1e4 ? 1 : 0)} ms`;
  return `${(microseconds / 1e6).toFixed(1)} s`;
}

export const clockTime = (time) => time.slice(11, 23);
export const fullTime = (time) => time.replace('T', ' ').replace('Z', ' UTC');

// JSON with two spaces; any other text as it is.
export function pretty(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null ? JSON.stringify(value, null, 2) : text;
  } catch {
    return text;
  }
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const COLOURED = 40_000;

// A body as code: names, texts and numbers in colours when it is JSON.
export function code(text, label) {
  const shown = pretty(text);
  const pre = h('pre', { class: 'code', tabindex: '0', role: 'region', 'aria-label': label });
  if (shown.length > COLOURED || !/^\s*[[{]/.test(shown)) {
    pre.append(shown);
    return pre;
  }
  let from = 0;
  for (const match of shown.matchAll(TOKEN)) {
    pre.append(shown.slice(from, match.index));
    const [whole, string, colon] = match;
    const kind = string ? (colon ? 'name' : 'text') : match[3] ? 'word' : 'number';
    pre.append(h('span', { class: `j-${kind}` }, string ?? whole));
    if (colon) pre.append(colon);
    from = match.index + whole.length;
  }
  pre.append(shown.slice(from));
  return pre;
}

export const section = (title, ...children) => h('section', {}, h('h3', {}, title), ...children);

// What is opened stays open when it is painted again.
export function card(open, id, summary, ...children) {
  const ontoggle = ({ target }) => { if (target.open) open.add(id); else open.delete(id); };
  return h('details', { class: 'card', open: open.has(id), ontoggle }, h('summary', {}, summary), ...children);
}

export function table(label, titles, rows) {
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': label }, h('table', {},
    h('thead', {}, h('tr', {}, titles.map((title) => h('th', { scope: 'col' }, title)))),
    h('tbody', {}, rows.map((cells) => h('tr', {}, cells.map((cell) => h('td', {}, cell ?? '')))))));
}
