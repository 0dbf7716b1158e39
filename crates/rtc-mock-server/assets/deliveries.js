// The notifications that the mock sends, with their attempts.

import { call, latest } from "./api.js";
import { $, attempt, button, card, code, fullTime, h, set, table, took } from "./dom.js";

const place = $('panel-deliveries');
const open = new Set();

function attemptRow({ time, duration_us: duration, status, error, timestamp, rand, signature, fault }) {
  const signed = [timestamp && `X-Rtc-Timestamp ${timestamp}`, rand && `X-Rtc-Rand ${rand}`, signature && `X-Rtc-Signature ${signature}`];
  return [
    h('span', { class: 'mono' }, fullTime(time)),
    [h('span', { class: 'mono' }, String(status ?? '')), error && h('span', { class: 'bad' }, ` ${error}`), fault && h('span', { class: 'chip fault' }, fault)],
    h('span', { class: 'mono' }, took(duration ?? 0)),
    h('span', { class: 'mono' }, signed.filter(Boolean).join('  ') || 'not signed'),
  ];
}

function shown(delivery) {
  const { id, state, event_type: event, url, next_attempt: next, attempts } = delivery;
  const summary = [
    h('span', { class: 'mono dim' }, `#${id}`), h('strong', {}, event), h('span', { class: `chip ${state}` }, state),
    h('span', { class: 'mono dim cut' }, url),
    h('span', { class: 'dim' }, `${attempts.length} ${attempts.length === 1 ? 'attempt' : 'attempts'}${next ? ` · next ${fullTime(next)}` : ''}`),
  ];
  return card(open, id, summary,
    h('p', { class: 'facts-line' }, [fullTime(delivery.time), `app ${delivery.app_id}`, `room ${delivery.room_id}`, `job ${delivery.job_id}`].join(' · ')),
    button('Redeliver now', () => attempt(() => call('POST', `deliveries/${id}/redeliver`), 'One more attempt is made').then(refresh)),
    attempts.length > 0 && table(`Attempts of delivery ${id}`, ['Attempt', 'Answer', 'Took', 'Signature'], attempts.map(attemptRow)),
    delivery.body && code(delivery.body, `Body of delivery ${id}`));
}

function paint({ paused, deliveries }) {
  const act = (title, path, done) => button(title, () => attempt(() => call('POST', `deliveries/${path}`), done).then(refresh));
  set(place,
    h('div', { class: 'bar' },
      h('h2', {}, 'Deliveries'), paused && h('span', { class: 'chip waiting' }, 'paused'), h('span', { class: 'gap' }),
      paused ? act('Resume', 'resume', 'Deliveries go on') : act('Pause', 'pause', 'Deliveries wait'),
      act('Attempt all now', 'flush', 'Each that waits was tried once')),
    deliveries.length > 0
      ? deliveries.toReversed().map(shown)
      : h('p', { class: 'hint' }, 'There are none: the mock sends a notification when a job of an app with a callback changes.'));
}

export async function refresh() {
  const answer = await attempt(() => latest('deliveries'));
  if (answer) paint(answer);
}
