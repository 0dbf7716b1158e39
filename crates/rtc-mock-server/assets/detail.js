// One exchange: what came, what was answered, and what was found of its credentials.

import { get } from "./api.js";
import { $, attempt, button, code, copy, fullTime, h, section, set, took } from "./dom.js";
import { signatureView, verdictNote } from "./signature.js";
import { curl, rustTest } from "./snippets.js";

const place = $('detail');
let view = 'exchange';
let reveal = false;
let shown;
let wanted;
let ongone = () => {};

const hasSecrets = (exchange) => JSON.stringify(exchange).includes('***');

function empty() {
  set(place, h('div', { class: 'empty' },
    h('p', {}, 'Choose an exchange to see what was sent and answered, and why a signature was refused.'),
    h('p', { class: 'hint' }, h('kbd', {}, 'j'), ' ', h('kbd', {}, 'k'), ' move, ', h('kbd', {}, '?'), ' shows all keys')));
}

function headers(pairs, label) {
  if (pairs.length === 0) return h('p', { class: 'hint' }, 'No headers.');
  return h('dl', { class: 'pairs', 'aria-label': label }, pairs.map(([name, value]) => [h('dt', {}, name), h('dd', {}, value || '\u00a0')]));
}

function body({ body: text, body_base64: base64 }, label) {
  if (base64) return [h('p', { class: 'hint' }, 'Not UTF-8; in base64:'), code(base64, label)];
  return text ? code(text, label) : h('p', { class: 'hint' }, 'No body.');
}

function statusOf({ reply }) {
  return reply ? h('span', { class: `badge s${Math.floor(reply.status / 100)}` }, String(reply.status)) : h('span', { class: 'badge snone' }, 'no answer');
}

function exchangeView(exchange, into) {
  const { verdict, fault, request, reply } = exchange;
  set(into,
    verdict.result === 'refused' && verdictNote('bad', 'The credentials were refused', verdict.explanation?.replace(/^signature refused\n/, '') ?? verdict.reason),
    verdict.explanation && button('See the signature', () => show('signature'), { class: 'link' }),
    fault && verdictNote('warn', 'A fault decided on the answer', fault.spec),
    section('Request', headers(request.headers, 'Headers of the request'), body(request, 'Body of the request')),
    reply
      ? section('Answer', headers(reply.headers, 'Headers of the answer'), body(reply, 'Body of the answer'))
      : section('Answer', h('p', { class: 'hint' }, 'None: a fault let no answer be made.')));
}

const copied = (text, what) => copy(text, what + (text.includes('***') ? ' with masked secrets (show them first to copy them)' : ''));

function paint() {
  const exchange = shown;
  const content = h('div', { id: 'detail-view' });
  const choice = (name, title) => button(title, () => show(name), { id: `view-${name}`, 'aria-current': view === name && 'true' });
  const facts = [`#${exchange.id}`, exchange.operation ?? 'no operation', fullTime(exchange.time), took(exchange.duration_us)];
  set(place,
    h('div', { class: 'crown' },
      button('← List', () => ongone(), { class: 'back' }),
      h('h2', {}, statusOf(exchange), ' ', h('span', { class: 'mono' }, `${exchange.request.method} ${exchange.request.path}`, exchange.request.query && h('span', { class: 'dim' }, `?${exchange.request.query}`))),
      h('p', { class: 'facts-line' }, facts.join(' · ')),
      h('div', { class: 'bar' },
        h('div', { class: 'tabs small' }, choice('exchange', 'Exchange'), choice('signature', 'Signature')),
        h('span', { class: 'gap' }),
        button('Copy as curl', async () => {
          const info = await attempt(() => get('info'));
          if (info) copied(curl(exchange, info.url), 'curl command');
        }),
        button('Copy as Rust test', () => copied(rustTest(exchange), 'Rust test')),
        (reveal || hasSecrets(exchange)) && button(reveal ? 'Hide secrets' : 'Show secrets', () => { reveal = !reveal; open(exchange.id); }, { id: 'reveal', 'aria-pressed': String(reveal) }))),
    content);
  if (view === 'signature') signatureView(exchange, content);
  else exchangeView(exchange, content);
}

export function show(name) {
  view = name;
  if (!shown) return;
  const focused = document.activeElement?.id;
  paint();
  if (focused?.startsWith('view-')) $(`view-${name}`).focus();
}

// Opens an exchange; the one that was asked for last is shown, whatever comes first.
export async function open(id) {
  if (shown?.id !== id && wanted !== id) reveal = false;
  wanted = id;
  // Who runs through the list asks only for what is stayed at.
  await new Promise(requestAnimationFrame);
  if (wanted !== id) return;
  document.body.classList.add('opened');
  const exchange = await attempt(() => get(`requests/${id}${reveal ? '?reveal=true' : ''}`));
  if (!exchange || wanted !== id) return;
  const fresh = shown?.id !== id;
  shown = exchange;
  paint();
  if (fresh) place.scrollTop = 0;
}

export function close() {
  document.body.classList.remove('opened');
}

export function forget() {
  shown = undefined;
  wanted = undefined;
  close();
  empty();
}

export function start(gone) {
  ongone = gone;
  empty();
}
