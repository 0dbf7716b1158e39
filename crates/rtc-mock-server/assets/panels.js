// The tabs State, Faults and Clock.

import { call, get, latest } from "./api.js";
import { $, attempt, button, card, code, copy, fullTime, h, section, set } from "./dom.js";

// State

let secrets = false;
const opened = new Set();

// Whatever a project holds: a card for each thing, with what names it and all of it.
function things(project, kind, items) {
  if (!Array.isArray(items) || !items.length) return null;
  const cards = items.map((item) => {
    const names = Object.entries(item).filter(([key, value]) => /(_id|name|^bucket)$/.test(key) && typeof value === 'string');
    const state = item.state?.state ?? item.state;
    const summary = [names.map(([key, value]) => [h('span', { class: 'dim' }, key.replace('_', ' ')), h('span', { class: 'mono' }, value)]), typeof state === 'string' && h('span', { class: 'chip' }, state)];
    return card(opened, `${project} ${kind} ${names}`, summary.flat(2), code(JSON.stringify(item), `One of ${kind}`));
  });
  return section([kind.replaceAll('_', ' '), h('span', { class: 'chip' }, String(items.length))], cards);
}

function project({ project_id: id = 'by default', ...held }) {
  const parts = Object.entries(held).map(([kind, items]) => things(id, kind, items)).filter(Boolean);
  return [h('p', { class: 'below' }, h('span', { class: 'dim' }, 'Project '), h('span', { class: 'mono' }, id)), parts.length ? parts : h('p', { class: 'hint' }, 'It is empty.')];
}

export async function refreshState() {
  const place = $('panel-state');
  const held = await attempt(() => latest(secrets ? 'state' : 'state?masked=true'));
  if (!held) return;
  set(place,
    h('div', { class: 'bar' },
      h('h2', {}, 'State'), h('span', { class: 'gap' }),
      button(secrets ? 'Hide secrets' : 'Show secrets', () => { secrets = !secrets; refreshState(); }, { 'aria-pressed': String(secrets) }),
      button('Copy as fixture', () => attempt(async () => copy(JSON.stringify(await get('state'), null, 2), 'Fixture, with its secrets,'))),
      button('Begin anew', () => {
        if (window.confirm('Begin anew? State, journal, clock and faults become those of the start.')) attempt(() => call('POST', 'reset'), 'The mock began anew').then(refreshState);
      }, { class: 'danger' })),
    (held.projects ?? []).map(project));
}

// Faults

// What was switched off here; the mock forgets it.
const off = new Map();
// Whose switch is under way.
const flipping = new Set();

export async function refreshFaults() {
  const answer = await attempt(() => latest('faults'));
  if (!answer) return;
  const { faults } = answer;
  for (const { id } of faults) if (!flipping.has(id)) off.delete(id);
  const badge = $('faults-on');
  badge.textContent = String(faults.length);
  badge.hidden = faults.length === 0;
  const rows = [...faults.filter(({ id }) => !off.has(id)).map((entry) => ({ ...entry, on: true })), ...[...off.values()].map((entry) => ({ ...entry, on: false }))];
  if ($('faults')) paintFaults($('faults'), rows);
  else {
    const input = h('input', { id: 'fault-spec', class: 'mono', placeholder: 'CreateApp=status(503),count=2', autocomplete: 'off', spellcheck: 'false', required: true });
    const add = async (event) => {
      event.preventDefault();
      const added = await attempt(() => call('POST', 'faults', input.value.trim()), 'The fault is on');
      if (added) { input.value = ''; refreshFaults(); }
    };
    set($('panel-faults'),
      h('div', { class: 'bar' }, h('h2', {}, 'Faults'), h('span', { class: 'gap' }),
        button('Remove all', () => { off.clear(); attempt(() => call('DELETE', 'faults')).then(refreshFaults); }, { class: 'danger' })),
      h('form', { class: 'add', onsubmit: add }, h('label', { for: 'fault-spec' }, 'Add a fault'), input, h('button', { class: 'main' }, 'Add')),
      h('p', { class: 'hint' }, 'In the words of ', h('code', {}, '--fault'), ': ', h('code', {}, '*=delay(50ms..200ms)'), ', ', h('code', {}, 'ShowApp=reset,when=after'), ', ', h('code', {}, 'CreateApp=throttle(1s),rate=0.2')),
      h('ul', { id: 'faults', class: 'faults' }));
    paintFaults($('faults'), rows);
  }
}

function paintFaults(place, rows) {
  const flip = async (entry) => {
    if (entry.on) { off.set(entry.id, entry); flipping.add(entry.id); }
    await attempt(() => (entry.on ? call('DELETE', `faults/${entry.id}`) : call('PUT', `faults/${entry.id}`, entry.fault)));
    flipping.delete(entry.id);
    refreshFaults();
  };
  const remove = async (entry) => {
    off.delete(entry.id);
    if (entry.on) await attempt(() => call('DELETE', `faults/${entry.id}`));
    refreshFaults();
  };
  const focused = document.activeElement?.id;
  set(place, rows.length
    ? rows.map((entry) => h('li', { class: entry.on ? 'card' : 'card is-off' },
      h('button', { type: 'button', class: 'switch', id: `switch-${entry.id}`, role: 'switch', 'aria-checked': String(entry.on), 'aria-label': `Fault ${entry.spec}`, onclick: () => flip(entry) }),
      h('code', { class: 'cut' }, entry.spec),
      h('span', { class: 'dim' }, entry.on ? `struck ${entry.struck} of ${entry.matched} requests` : 'off'),
      button('Remove', () => remove(entry), { 'aria-label': `Remove ${entry.spec}` })))
    : h('li', { class: 'hint' }, 'There are none: every call is answered as the service would.'));
  if (focused?.startsWith('switch-')) $(focused)?.focus();
}

// Clock

let base;

export function setClock(status) {
  base = { status, at: performance.now() };
  tick();
}

// A clock that stands still is shown as it is; another runs on between answers.
export function tick() {
  if (!base) return;
  const { status, at } = base;
  const ahead = status.clock.startsWith('frozen') ? 0 : performance.now() - at;
  const now = new Date(Date.parse(status.time) + ahead).toISOString();
  $('mock-time').textContent = `${now.slice(0, 19).replace('T', ' ')}`;
  const large = $('clock-now');
  if (large) large.textContent = `${now.slice(0, 19).replace('T', ' ')} UTC`;
}

function happenedList(happened) {
  if (!happened?.length) return h('p', { class: 'hint' }, 'Nothing fell due.');
  return h('ul', { class: 'plain' }, happened.map((entry) => h('li', {},
    h('span', { class: 'mono dim' }, fullTime(entry.time)), ` job ${entry.job_id} of app ${entry.app_id} became `, h('span', { class: 'chip' }, entry.state))));
}

export async function refreshClock() {
  const status = await attempt(() => latest('clock'));
  if (!status) return;
  const place = $('panel-clock');
  if (!$('clock-now')) {
    const happened = h('div', { id: 'happened', 'aria-live': 'polite' });
    const change = async (work) => {
      const answer = await attempt(work, 'The clock is set');
      if (!answer) return;
      setClock(answer);
      $('clock-setting').textContent = answer.clock;
      set(happened, section('What happened on the way', happenedList(answer.happened)));
    };
    const advance = (title, seconds) => button(title, () => change(() => call('POST', 'clock/advance', { seconds })));
    const input = h('input', { id: 'clock-set', class: 'mono', placeholder: 'frozen@2026-01-02T03:04:05Z', autocomplete: 'off', spellcheck: 'false', required: true });
    set(place,
      h('div', { class: 'bar' }, h('h2', {}, 'Clock')),
      h('p', { id: 'clock-now', class: 'large mono' }),
      h('p', { class: 'hint' }, 'Set to ', h('code', { id: 'clock-setting' }), '. It judges signatures, dates answers, and drives jobs.'),
      h('div', { class: 'bar below' }, advance('+1 min', 60), advance('+1 h', 3600), advance('+1 day', 86400), button('Real time', () => change(() => call('PUT', 'clock', { clock: 'real' })))),
      h('form', { class: 'add', onsubmit: (event) => { event.preventDefault(); change(() => call('PUT', 'clock', { clock: input.value.trim() })); } },
        h('label', { for: 'clock-set' }, 'Set the clock'), input, h('button', { class: 'main' }, 'Set')),
      happened);
  }
  $('clock-setting').textContent = status.clock;
  setClock(status);
}
