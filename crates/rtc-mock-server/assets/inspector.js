// The inspector: tabs, keys, and what happens when something is heard.

import { call, get, listen } from "./api.js";
import * as deliveries from "./deliveries.js";
import * as detail from "./detail.js";
import { $, attempt } from "./dom.js";
import * as list from "./list.js";
import * as panels from "./panels.js";

const TABS = ['exchanges', 'state', 'deliveries', 'faults', 'clock'];
const REFRESH = { state: panels.refreshState, deliveries: deliveries.refresh, faults: panels.refreshFaults, clock: panels.refreshClock };
const LINK = { on: 'live', wait: 'connecting', off: 'the mock is gone; trying again' };
let tab = 'exchanges';
const due = new Map();

// Once in a while at most, and always once after the last wish.
function soon(name, work, pause = 300) {
  if (due.has(name)) return;
  due.set(name, setTimeout(() => { due.delete(name); work(); }, pause));
}

function go(name) {
  tab = name;
  for (const each of TABS) {
    const on = each === name;
    $(`panel-${each}`).hidden = !on;
    $(`tab-${each}`).setAttribute('aria-selected', String(on));
    $(`tab-${each}`).tabIndex = on ? 0 : -1;
  }
  REFRESH[name]?.();
}

async function reload(keep) {
  const { requests } = await get('requests');
  list.load(requests, keep);
}

const refreshTab = () => REFRESH[tab]?.();

async function opened(keep = false) {
  await reload(keep);
  panels.setClock(await get('clock'));
  await panels.refreshFaults();
  if (tab !== 'faults') refreshTab();
}

function heard(name, data) {
  switch (name) {
    case 'exchange':
      list.add(data);
      if (tab === 'state') soon('state', panels.refreshState);
      if (tab === 'faults' && data.fault) soon('faults', panels.refreshFaults);
      break;
    case 'cleared':
      list.load([]);
      detail.forget();
      break;
    case 'clock':
      panels.setClock(data);
      if (tab !== 'faults') soon('tab', refreshTab);
      break;
    case 'faults':
      soon('faults', panels.refreshFaults, 50);
      break;
    case 'delivery':
      if (tab === 'deliveries') soon('deliveries', deliveries.refresh);
      break;
    case 'reset':
      list.load([]);
      detail.forget();
      soon('all', () => attempt(() => opened(true)), 50);
      break;
    case 'missed':
      // Read again as a whole, but not without end.
      soon('list', () => attempt(() => reload(true)), 2000);
      break;
    default:
  }
}

function back() {
  detail.close();
  list.focus();
}

const KEYS = {
  j: () => list.step(1),
  k: () => list.step(-1),
  e: () => detail.show('exchange'),
  s: () => detail.show('signature'),
  '/': () => { go('exchanges'); $('search').focus(); $('search').select(); },
  '?': () => $('help').showModal(),
};

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  const typing = event.target.matches('input, textarea, select');
  if (event.key === 'Escape') {
    if (typing) event.target.blur();
    if (tab === 'exchanges') back();
    return;
  }
  if (typing) {
    if (event.key === 'Enter' && event.target.id === 'search') list.focus();
    return;
  }
  if (event.key === 'Enter' && event.target.id === 'list') {
    if (list.current() === undefined) list.step(0);
    else list.select(list.current());
    $('detail').focus();
  } else if (/^[1-5]$/.test(event.key)) {
    go(TABS[Number(event.key) - 1]);
    $(`tab-${tab}`).focus();
  } else if (KEYS[event.key]) {
    if ('jkes'.includes(event.key) && tab !== 'exchanges') return;
    KEYS[event.key]();
  } else return;
  event.preventDefault();
}

function tabKeys(event) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  go(TABS[(TABS.indexOf(tab) + by + TABS.length) % TABS.length]);
  $(`tab-${tab}`).focus();
}

for (const name of TABS) {
  $(`tab-${name}`).addEventListener('click', () => go(name));
  $(`tab-${name}`).addEventListener('keydown', tabKeys);
}
document.addEventListener('keydown', key);
$('help-open').addEventListener('click', () => $('help').showModal());
$('clear').addEventListener('click', () => attempt(() => call('DELETE', 'requests'), 'The journal is empty'));
list.start((id) => detail.open(id));
detail.start(back);
setInterval(panels.tick, 1000);
listen({
  opened: () => opened(),
  event: heard,
  state: (link) => { $('link').dataset.link = link; $('link').textContent = LINK[link]; },
});
