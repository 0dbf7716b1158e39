// The admin API: calls, the token, and the stream of events.

import { $ } from "./dom.js";

const KEY = 'rtc-mock-admin-token';
let token = sessionStorage.getItem(KEY);
let login;

// Asks for the token in a form; one question at a time.
function askForToken(wasWrong) {
  login ??= new Promise((done) => {
    const [dialog, form, input] = [$('login'), $('login-form'), $('token')];
    $('login-error').textContent = wasWrong ? 'This token is not the right one.' : '';
    input.value = '';
    dialog.oncancel = (event) => event.preventDefault();
    form.onsubmit = (event) => {
      event.preventDefault();
      token = input.value;
      sessionStorage.setItem(KEY, token);
      dialog.close();
      login = undefined;
      done();
    };
    if (!dialog.open) dialog.showModal();
    input.focus();
  });
  return login;
}

async function send(path, options = {}) {
  for (;;) {
    const used = token;
    const headers = { ...options.headers };
    if (used) headers.Authorization = `Bearer ${used}`;
    const response = await fetch(path, { ...options, headers, cache: 'no-store' });
    if (response.status !== 401) return response;
    if (token === used) await askForToken(Boolean(used));
  }
}

// A call; its answer as JSON. What is refused is an error with the mock's words and the status.
export async function call(method, path, body) {
  const options = { method };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { 'Content-Type': 'application/json' };
  }
  let response;
  try {
    response = await send(path, options);
  } catch {
    throw new Error('the mock does not answer');
  }
  const text = await response.text();
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = { error: text };
  }
  if (response.ok) return answer;
  throw Object.assign(new Error(answer.error ?? `${method} ${path}: ${response.status}`), { status: response.status });
}

export const get = (path) => call('GET', path);

// The answer, unless the like was asked anew meanwhile.
const newest = {};
export async function latest(path, [kind] = path.split('?')) {
  const mine = newest[kind] = {};
  const answer = await get(path);
  return newest[kind] === mine && answer;
}

const sleep = (time) => new Promise((done) => { setTimeout(done, time); });

// Hears events for ever. `opened` is awaited each time the stream has begun: what is looked at then
// and what is heard leave no gap. EventSource can send no token, so the stream is read by hand.
export async function listen({ opened, event, state }) {
  let pause = 250;
  for (;;) {
    state('wait');
    try {
      const response = await send('events');
      if (!response.ok) throw new Error(String(response.status));
      await opened();
      state('on');
      pause = 250;
      await read(response.body, event);
    } catch {
      // The mock is gone, or is being started again.
    }
    state('off');
    await sleep(pause);
    pause = Math.min(pause * 2, 4000);
  }
}

async function read(body, event) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = block.split('\n');
      const field = (name) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const name = field('event');
      if (name) event(name, JSON.parse(field('data') ?? '{}'));
    }
  }
}
