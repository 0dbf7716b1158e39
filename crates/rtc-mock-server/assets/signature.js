// How a signature is computed, why it is refused, and where the client's own text differs.

import { call } from "./api.js";
import { attempt, button, copy, h, section, set } from "./dom.js";

const KINDS = {
  exact: 'Certain',
  hypothesis: 'A client with this mistake sends this very signature',
  difference: 'Your canonical request differs',
  same: 'The canonical requests are the same',
  unknown: 'No known mistake leads to this signature',
};

export function verdictNote(kind, title, text) {
  return h('div', { class: `note ${kind}`, role: 'note' }, h('strong', {}, title), text && h('p', { class: 'lines' }, text));
}

function numbered(text, labels, label) {
  const lines = text.split('\n');
  return h('ol', { class: 'code numbered', 'aria-label': label, tabindex: '0' }, lines.map((line, at) => h('li', {},
    h('span', { class: 'part' }, labels(at, lines.length, line)), h('span', { class: 'line' }, line || '\u00a0'))));
}

function canonicalLabel(at, count, line) {
  const fixed = { 0: 'method', 1: 'path', 2: 'query', [count - 1]: 'payload', [count - 2]: 'signed headers', [count - 3]: line ? 'header' : 'empty' };
  return fixed[at] ?? 'header';
}

// The part in the middle in which two lines differ is marked.
function marked(text, other) {
  if (text === null || text === undefined) return h('td', { class: 'absent' }, 'no such line');
  if (other === null || other === undefined) return h('td', {}, h('mark', {}, text || '(empty)'));
  if (text === other) return h('td', {}, text || '\u00a0');
  const least = Math.min(text.length, other.length);
  let head = 0;
  while (head < least && text[head] === other[head]) head += 1;
  let tail = 0;
  while (tail < least - head && text.at(-1 - tail) === other.at(-1 - tail)) tail += 1;
  const middle = text.slice(head, text.length - tail);
  return h('td', {}, text.slice(0, head), h('mark', {}, middle || '\u00b7'), text.slice(text.length - tail));
}

function comparison({ comparison: lines, difference }) {
  const same = lines.every((line) => line.same);
  return [
    verdictNote(same ? 'good' : 'bad', same ? 'Every line is the same' : 'They differ', difference),
    h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Comparison line by line' },
      h('table', { class: 'compare', id: 'comparison' },
        h('thead', {}, h('tr', {}, ['', 'Mock', 'Your client'].map((title) => h('th', { scope: 'col' }, title || h('span', { class: 'unseen' }, 'Same or not'))))),
        h('tbody', {}, lines.map(({ ours, theirs, same: equal }) => h('tr', { class: equal ? 'same' : 'differs' },
          h('td', { class: 'sign', 'aria-label': equal ? 'same' : 'differs' }, equal ? '=' : '≠'), marked(ours, theirs), marked(theirs, ours)))))),
  ];
}

function ownText(id) {
  const field = h('textarea', { id: 'own-canonical', rows: '6', spellcheck: 'false', autocomplete: 'off', placeholder: 'GET\n/v2/apps/\n\nhost:…' });
  const result = h('div', { id: 'compared', 'aria-live': 'polite' });
  const compare = async () => {
    const explained = await attempt(() => call('POST', 'explain', { id, canonical_request: field.value }));
    if (explained) set(result, explained.comparison ? comparison(explained) : h('p', {}, 'The mock has no canonical request to compare with.'));
  };
  const form = h('form', { class: 'own', onsubmit: (event) => { event.preventDefault(); compare(); } },
    h('label', { for: 'own-canonical' }, 'Paste what your client computed, as lines or as the gateway quotes it with | between them'),
    field, h('button', { class: 'main' }, 'Compare'));
  return section('Compare with your client’s canonical request', form, result);
}

function verdict({ verdict: word, reason, reason_kind: kind, tolerance }) {
  if (word === 'accepted') return verdictNote('good', 'The signature is right', tolerance && `It needed the tolerance ${tolerance}.`);
  return verdictNote('bad', `Refused. ${KINDS[kind] ?? ''}`, reason);
}

export async function signatureView(exchange, place) {
  const explained = await attempt(() => call('POST', 'explain', { id: exchange.id }));
  if (!explained) {
    set(place, h('p', { class: 'hint' }, 'It cannot be explained: it has left the journal.'));
    return;
  }
  if (!explained.algorithm) {
    const token = exchange.verdict.by === 'token';
    set(place, token
      ? h('p', { class: 'hint' }, 'This request is not signed: it came with a token.')
      : verdictNote(exchange.verdict.result === 'refused' ? 'bad' : 'plain', 'This request is not signed', exchange.verdict.reason ?? explained.reason));
    return;
  }
  const { canonical_request: canonical, string_to_sign: toSign, given_signature: given, expected_signature: expected } = explained;
  set(place,
    verdict(explained),
    h('dl', { class: 'pairs' },
      h('dt', {}, 'Algorithm'), h('dd', {}, explained.algorithm),
      h('dt', {}, 'Access key'), h('dd', {}, explained.access_key ?? 'none'),
      h('dt', {}, 'Sent'), h('dd', {}, given ?? 'none'),
      h('dt', {}, 'Expected'), h('dd', {}, expected ?? 'unknown: the mock has no such access key')),
    canonical && section(['Canonical request', button('Copy', () => copy(canonical, 'Canonical request'))],
      numbered(canonical, canonicalLabel, 'The canonical request of the mock')),
    toSign && section(['String to sign', button('Copy', () => copy(toSign, 'String to sign'))],
      numbered(toSign, (at, count) => (at === 0 ? 'algorithm' : at === 1 ? 'date' : at === count - 1 ? 'hash' : 'scope'), 'The string to sign of the mock')),
    canonical && ownText(exchange.id));
}
