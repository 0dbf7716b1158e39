// An exchange as a curl command and as a Rust test.

const OWN = ['content-length', 'transfer-encoding', 'connection', 'host', 'expect'];

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

export function curl({ request }, url) {
  const host = request.headers.find(([name]) => name === 'host')?.[1];
  const base = new URL(url);
  // A wildcard is no address to call.
  if (host && ['0.0.0.0', '[::]'].includes(base.hostname)) base.host = host;
  const target = request.path + (request.query === null || request.query === undefined ? '' : `?${request.query}`);
  const lines = [`curl --globoff --path-as-is --include --request ${quote(request.method)} ${quote(base.origin + target)}`];
  if (host && host !== base.host) lines.push(`--header ${quote(`host: ${host}`)}`);
  for (const [name, value] of request.headers) {
    if (!OWN.includes(name)) lines.push(`--header ${quote(value === '' ? `${name};` : `${name}: ${value}`)}`);
  }
  let before = '';
  if (request.body_base64 || request.body?.includes('\0')) {
    const bytes = request.body_base64 ?? btoa(String.fromCharCode(...new TextEncoder().encode(request.body)));
    before = `echo ${bytes} | base64 --decode | `;
    lines.push('--data-binary @-');
  } else if (request.body) {
    lines.push(`--data-raw ${quote(request.body)}`);
  }
  return `${before}${lines.join(' \\\n  ')}\n`;
}

// A literal with everything escaped that would not be seen or not be allowed.
function literal(text) {
  const escaped = text.replace(/[\\"]|[^\x20-\x7e\u00a1-\u1fff\u2c00-\ud7ff\ue000-\ufdff]/gu, (char) => {
    const known = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\\t' }[char];
    return known ?? `\\u{${char.codePointAt(0).toString(16)}}`;
  });
  return `"${escaped}"`;
}

const snake = (name) => name.replace(/(?<!^)([A-Z])/g, '_$1').toLowerCase();

function bodyLines(body) {
  try {
    const value = JSON.parse(body);
    return [
      'let sent: serde_json::Value = serde_json::from_slice(exchange.body()).unwrap();',
      `let expected = ${literal(JSON.stringify(value))};`,
      'assert_eq!(sent, expected.parse::<serde_json::Value>().unwrap());',
    ];
  } catch {
    return [`assert_eq!(exchange.body(), ${literal(body)}.as_bytes());`];
  }
}

export function rustTest({ operation, request, reply, fault, time, id }) {
  const target = request.path + (request.query === null || request.query === undefined ? '' : `?${request.query}`);
  const name = `${operation ? snake(operation) : `exchange_${id}`}_is_answered_${reply ? `with_${reply.status}` : 'not_at_all'}`;
  const filter = operation
    ? `rtc_model::OperationId::${operation}`
    : `rtc_mock_server::RequestFilter::any().path(${literal(request.path)})`;
  const lines = [
    'let mock = rtc_mock_server::MockServer::builder()',
    `    .clock(${literal(`frozen@${time}`)}.parse().unwrap())`,
    ...fault ? [`    .fault(${literal(fault.spec)}.parse().unwrap())`] : [],
    '    .start()', '    .await', '    .unwrap();',
    '// Here your program calls mock.url() with mock.credentials().', '',
    `let exchange = mock.received(${filter}).once();`,
    `assert_eq!(exchange.method(), ${literal(request.method)});`,
    `assert_eq!(exchange.target(), ${literal(target)});`,
    ...request.body ? bodyLines(request.body) : [],
    `assert_eq!(exchange.status().map(|status| status.as_u16()), ${reply ? `Some(${reply.status})` : 'None'});`,
  ];
  const body = lines.map((line) => (line ? `    ${line}` : '')).join('\n');
  return `#[tokio::test]\nasync fn ${name}() {\n${body}\n}\n`;
}
