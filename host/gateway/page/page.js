// The page of a running server: what runs, and two plain clients of the protocol side by side.

const CHANNEL = 'demo:page';
const KEY = 'card:1';
const FIELDS = ['title', 'note', 'count'];

const randomId = () => [...crypto.getRandomValues(new Uint8Array(16))]
  .map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** What a record is after one effective op: clients never need the strategy. */
function apply(value, op) {
  if (op.kind === 'set') return op.value;
  if (op.kind === 'delete') return undefined;
  if (op.kind === 'merge') {
    const next = { ...value };
    for (const [name, content] of Object.entries(op.value)) {
      if (content === null) delete next[name]; else next[name] = content;
    }
    return next;
  }
  if (op.kind === 'increment') {
    const name = op.path.slice(1);
    return { ...value, [name]: (value?.[name] ?? 0) + op.by };
  }
  return value;
}

/** One client: a connection, a cursor, the confirmed record, and own ops that are not settled. */
class Client {
  constructor(name, onChange) {
    this.name = name;
    this.onChange = onChange;
    this.id = randomId();
    this.n = 0;
    this.pending = [];
    this.cursor = null;
    this.value = undefined;
    this.version = 0;
    this.online = true;
    this.live = false;
    this.lines = [];
    this.notice = { text: '', kind: '' };
    this.connect();
  }

  /** The confirmed record with what is not settled yet on top. */
  get view() { return this.pending.reduce((value, op) => apply(value, op), this.value); }

  connect() {
    this.socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`, 'syncline.v1');
    const socket = this.socket;
    socket.onopen = () => this.send({ type: 'hello', id: 'hello', protocol: 1, client: this.id });
    socket.onmessage = (event) => { if (this.socket === socket) this.take(JSON.parse(event.data)); };
    socket.onclose = ({ code, reason }) => {
      if (this.socket !== socket) return;
      this.live = false;
      // From 4500 on the server does not want this client back as it is.
      if (code >= 4500) {
        this.online = false;
        this.notice = { text: reason || `Closed by the server (${code})`, kind: 'warn' };
      }
      this.onChange(this);
      if (this.online) setTimeout(() => { if (this.online && this.socket === socket) this.connect(); }, 500 + Math.random() * 1000);
    };
  }

  toggle() {
    this.online = !this.online;
    if (this.online) this.connect();
    else this.socket.close();
    this.onChange(this);
  }

  send(message) { if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message)); }

  edit(change) {
    const op = { type: 'op', id: `op${this.n + 1}`, channel: CHANNEL, key: KEY, n: ++this.n, base: this.version, ...change };
    this.pending.push(op);
    if (this.live) this.send(op);
    this.onChange(this);
  }

  take(message) {
    switch (message.type) {
      case 'welcome':
        this.origin = message.origin;
        this.send({ type: 'subscribe', id: 'subscribe', channel: CHANNEL, ...(this.cursor && { cursor: this.cursor }) });
        break;
      case 'subscribed':
        this.note(`subscribed: ${message.mode}`);
        break;
      case 'snapshot':
        this.reset(message);
        break;
      case 'updates':
        message.updates.forEach((update) => this.update(update));
        break;
      case 'update':
        this.update(message);
        break;
      case 'live':
        this.live = true;
        this.pending.forEach((op) => this.send(op));
        break;
      case 'ack':
        this.settle(message.n);
        if (message.outcome === 'duplicate') this.note(`op ${message.n}: was there already`);
        break;
      case 'conflict':
        this.settle(message.n);
        this.notice = { text: `Somebody else was first: ${message.paths.join(', ')} stays as it is.`, kind: 'warn' };
        break;
      case 'error':
        this.notice = { text: message.reason, kind: 'warn' };
        if (message.settled) this.settle(message.n);
        break;
    }
    this.onChange(this);
  }

  reset(snapshot) {
    const record = snapshot.records.find((entry) => entry.key === KEY);
    if (record || !snapshot.more) {
      this.value = record?.value;
      this.version = record?.version ?? snapshot.seq;
    }
    this.cursor = { epoch: snapshot.epoch, seq: snapshot.seq, sum: snapshot.sum };
    this.pending = this.pending.filter((op) => op.n > snapshot.high);
  }

  update(update) {
    this.cursor = { epoch: this.cursor?.epoch, seq: update.seq, sum: update.sum };
    if (update.key !== KEY) return;
    this.value = apply(this.value, update);
    this.version = update.version;
    if (update.origin === this.origin) this.settle(update.n);
    this.note(`seq ${update.seq}: ${update.kind} ${JSON.stringify(update.value ?? update.by ?? '')}`.trim());
  }

  settle(n) {
    this.pending = this.pending.filter((op) => op.n !== n);
    if (this.pending.length === 0 && this.notice.kind !== 'warn') this.notice = { text: '', kind: '' };
  }

  note(line) { this.lines = [line, ...this.lines].slice(0, 50); }
}

function show(client, card) {
  const view = client.view ?? {};
  for (const field of FIELDS) {
    const place = card.querySelector(`[data-field="${field}"]`);
    if (place === document.activeElement) continue;
    if (field === 'count') place.textContent = view.count ?? 0;
    else place.value = view[field] ?? '';
  }
  const state = card.querySelector('.state');
  const [name, words] = client.live ? ['live', 'live'] : client.online ? ['connecting', 'connecting…'] : ['offline', 'offline'];
  state.dataset.state = name;
  if (state.textContent !== words) state.textContent = words;
  card.querySelector('[data-do="toggle"]').textContent = client.online ? 'Go offline' : 'Go online';
  const message = card.querySelector('.message');
  const waiting = client.pending.length;
  const text = client.notice.text || (waiting ? `${waiting} change${waiting === 1 ? '' : 's'} waiting` : '');
  if (message.textContent !== text) message.textContent = text;
  message.dataset.kind = client.notice.kind;
  card.querySelector('.log').replaceChildren(...client.lines.map((line) => element('li', line)));
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function addClient(name) {
  const card = document.getElementById('client-template').content.firstElementChild.cloneNode(true);
  card.querySelector('h3').textContent = name;
  document.getElementById('clients').append(card);
  const client = new Client(name, (changed) => show(changed, card));
  card.addEventListener('input', (event) => {
    client.notice = { text: '', kind: '' };
    client.edit({ kind: 'merge', value: { [event.target.dataset.field]: event.target.value } });
  });
  card.addEventListener('click', (event) => {
    const action = event.target.dataset.do;
    if (!action) return;
    client.notice = { text: '', kind: '' };
    if (action === 'toggle') client.toggle();
    else client.edit({ kind: 'increment', path: '/count', by: action === 'more' ? 1 : -1 });
  });
  show(client, card);
}

/** A cell whose words may break behind dots, so that long names fit a narrow screen. */
function cell(text) {
  const made = document.createElement('td');
  for (const part of String(text).split(/(?<=\.)/)) made.append(part, document.createElement('wbr'));
  return made;
}

function row(...cells) {
  const made = document.createElement('tr');
  made.append(...cells.map(cell));
  return made;
}

function duration(ms) {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}

/** Writes a text where it is not there already: readers of the screen hear of changes alone. */
function write(place, text) {
  if (place.textContent !== String(text)) place.textContent = text;
}

function showFacts(facts) {
  const list = document.getElementById('facts');
  if (list.children.length === 0) {
    list.append(...Object.keys(facts).flatMap((name) => [element('dt', name), element('dd', '')]));
  }
  Object.values(facts).forEach((value, i) => write(list.querySelectorAll('dd')[i], value));
}

/** What somebody has selected stays selected while nothing changes. */
function showRows(id, rows) {
  const body = document.getElementById(id);
  const key = JSON.stringify(rows);
  if (body.dataset.rows === key) return;
  body.dataset.rows = key;
  body.replaceChildren(...rows.map((cells) => row(...cells)));
}

async function describe() {
  const state = document.getElementById('server-state');
  try {
    const server = await (await fetch('/api/realtime')).json();
    write(state, `version ${server.version}, status ${server.status}`);
    showFacts({
      'Protocol': `version ${server.protocol}, WebSocket at /ws`,
      'Shards': server.shards,
      'Connections': server.connections,
      'Running for': duration(server.uptimeMs),
    });
    showRows('pipelines', Object.entries(server.pipelines)
      .map(([type, stages]) => [type, stages.join(' → ')]));
    showRows('plugins', server.plugins
      .map((plugin) => [plugin.id, plugin.version, plugin.components.join(', ')]));
  } catch {
    write(state, 'The server does not answer.');
  }
}

addClient('Client A');
addClient('Client B');
describe();
setInterval(() => { if (!document.hidden) describe(); }, 5000);
