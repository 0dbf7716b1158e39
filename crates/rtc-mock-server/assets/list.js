// The exchanges: kept, filtered, and shown as far as they can be seen.

import { $, clockTime, h, set, took } from "./dom.js";

const ROW = 32;
const BEYOND = 8;
// As many as the mock keeps by itself; with a larger journal the page shows its newest.
const KEPT = 2000;
const SEARCHED = 4000;

const list = $('list');
const rows = h('div', { class: 'rows', role: 'presentation' });
list.append(rows);

let all = [];
let shown = [];
let selected;
let words = [];
let kind = 'all';
let planned = false;
let onselect = () => {};

export const failed = (exchange) => !exchange.reply || exchange.reply.status >= 400;
const refused = (exchange) => exchange.verdict.result === 'refused';

function credentials(exchange) {
  const { result, by } = exchange.verdict;
  return result === 'accepted' ? by : result;
}

// What the filter looks into; made once.
function text(exchange) {
  const { request, reply, verdict, fault } = exchange;
  const parts = [
    `#${exchange.id}`, exchange.operation ?? 'no operation', request.method, request.path, request.query,
    reply?.status ?? 'no answer', credentials(exchange), verdict.access_key, verdict.reason, fault?.spec,
    ...request.headers.map((pair) => pair.join(': ')), request.body, reply?.body,
  ];
  return parts.filter(Boolean).map((part) => String(part).slice(0, SEARCHED)).join('\n').toLowerCase();
}

function matches(exchange) {
  if (kind === 'refused' && !refused(exchange)) return false;
  if (kind === 'errors' && !failed(exchange)) return false;
  if (kind === 'faults' && !exchange.fault) return false;
  return words.every((word) => exchange.text.includes(word));
}

// Bodies and explanations are asked for again when an exchange is opened.
function kept(exchange) {
  const { id, time, duration_us, operation, fault } = exchange;
  const { method, path, query } = exchange.request;
  const { result, by, reason } = exchange.verdict;
  return {
    id, time, duration_us, operation, fault,
    request: { method, path, query },
    reply: exchange.reply && { status: exchange.reply.status },
    verdict: { result, by, reason },
    text: text(exchange),
  };
}

// With `keep`, what came while these were read stays.
export function load(exchanges, keep = false) {
  const newest = exchanges.at(-1)?.id ?? 0;
  const newer = keep ? all.filter((entry) => entry.id > newest) : [];
  all = [...newer, ...exchanges.slice(-KEPT).reverse().map(kept)];
  refilter();
}

// Newest first, though two that end together may be heard of in the other order.
function insert(entries, entry) {
  const place = entries.findIndex(({ id }) => id <= entry.id);
  if (entries[place]?.id !== entry.id) entries.splice(place < 0 ? entries.length : place, 0, entry);
}

export function add(exchange) {
  const entry = kept(exchange);
  insert(all, entry);
  if (all.length > KEPT) {
    const [gone] = all.splice(KEPT);
    if (shown.at(-1) === gone) shown.pop();
  }
  if (matches(entry)) {
    insert(shown, entry);
    // At the top the newest are followed; elsewhere what is looked at stays where it is.
    if (list.scrollTop > 0) list.scrollTop += ROW;
  }
  plan();
}

function refilter() {
  shown = all.filter(matches);
  plan();
}

function plan() {
  if (planned) return;
  planned = true;
  requestAnimationFrame(() => { planned = false; paint(); });
}

function row(entry, place) {
  const status = entry.reply?.status;
  const level = status === undefined ? 'none' : Math.floor(status / 100);
  const who = credentials(entry);
  const title = entry.operation ?? `${entry.request.method} ${entry.request.path}`;
  return h('div', {
    id: `x${entry.id}`, class: 'row', role: 'option',
    'aria-selected': String(entry.id === selected), 'aria-setsize': shown.length, 'aria-posinset': place + 1,
    title: `${entry.request.method} ${entry.request.path}\n${entry.verdict.reason ?? ''}`,
  },
  h('span', { class: 'mono dim' }, clockTime(entry.time)),
  h('span', { class: entry.operation ? 'name' : 'name mono dim' }, title,
    entry.fault && h('span', { class: 'chip fault', title: entry.fault.spec }, 'fault')),
  h('span', { class: `mono status s${level}` }, status === undefined ? 'none' : String(status)),
  h('span', { class: `who ${entry.verdict.result}` }, who),
  h('span', { class: 'mono dim right-text' }, took(entry.duration_us)));
}

function paint() {
  const { scrollTop, clientHeight } = list;
  const first = Math.max(0, Math.floor(scrollTop / ROW) - BEYOND);
  const last = Math.min(shown.length, first + Math.ceil(clientHeight / ROW) + 2 * BEYOND);
  rows.style.height = `${shown.length * ROW}px`;
  rows.style.paddingTop = `${first * ROW}px`;
  set(rows, shown.slice(first, last).map((entry, place) => row(entry, first + place)));
  const active = shown.some((entry) => entry.id === selected) && $(`x${selected}`);
  if (active) list.setAttribute('aria-activedescendant', active.id);
  else list.removeAttribute('aria-activedescendant');
  const filtered = shown.length !== all.length;
  $('list-state').textContent = all.length === 0
    ? 'Nothing has come yet. Point a client at the mock, and its calls appear here.'
    : `${filtered ? `${shown.length} of ` : ''}${all.length} ${all.length === 1 ? 'exchange' : 'exchanges'}`;
}

export function select(id, { open = true } = {}) {
  selected = id;
  const place = shown.findIndex((entry) => entry.id === id);
  if (place >= 0) {
    const top = place * ROW;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
  }
  plan();
  if (open) onselect(id);
}

// Down the list, which goes back in time.
export function step(by) {
  if (shown.length === 0) return;
  const place = shown.findIndex((entry) => entry.id === selected);
  const next = place < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, place + by));
  select(shown[next].id);
}

export const current = () => selected;
export const focus = () => list.focus();

export function start(select_) {
  onselect = select_;
  list.addEventListener('scroll', plan, { passive: true });
  new ResizeObserver(plan).observe(list);
  list.addEventListener('click', (event) => {
    const id = event.target.closest('.row')?.id;
    if (id) select(Number(id.slice(1)));
  });
  list.addEventListener('keydown', (event) => {
    const page = Math.max(1, Math.floor(list.clientHeight / ROW) - 1);
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    step(by);
  });
  $('search').addEventListener('input', (event) => {
    words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    list.scrollTop = 0;
    refilter();
  });
  $('kind').addEventListener('change', (event) => {
    kind = event.target.value;
    list.scrollTop = 0;
    refilter();
  });
}
