/** Brings the connection and the page together. */
import { Connection } from './connection.js';
import { show } from './views.js';

const STATES = {
  ok: ['good', 'Redacting'],
  stopping: ['warning', 'Stopping'],
  failed: ['bad', 'Can not redact'],
};
const RESIZE_MS = 150;

const byId = (id) => document.getElementById(id);
let last;
let lostAt;

/** Written only when it changes: each change is read out. */
function say(tone, text) {
  const place = byId('state');
  if (place.textContent === text) return;
  place.className = `state ${tone}`;
  place.textContent = text;
  document.title = tone === 'good' ? 'logveil' : `${text}: logveil`;
}

function showLost(text) {
  const place = byId('lost');
  if (place.textContent !== text) place.textContent = text;
  place.hidden = text === '';
  document.body.classList.toggle('stale', text !== '');
}

const connection = new Connection({
  onStatus(status) {
    last = status;
    lostAt = undefined;
    showLost('');
    say(...STATES[status.status]);
    byId('token-form').hidden = true;
    byId('figures').hidden = false;
    byId('forget').hidden = !connection.hasToken;
    show(status);
  },
  onLost(reason) {
    lostAt ??= new Date();
    const time = lostAt.toLocaleTimeString('en-GB');
    const old = last === undefined ? '' : ' What you see is from before.';
    say('bad', 'Connection lost');
    showLost(`Connection lost at ${time}: ${reason}.${old} Trying again.`);
  },
  onTokenAsked(wasWrong) {
    say('', 'Waiting for the token');
    showLost('');
    byId('figures').hidden = true;
    byId('forget').hidden = true;
    byId('about').textContent = '';
    byId('token-form').hidden = false;
    byId('token-error').textContent = wasWrong ? 'This token was not accepted.' : '';
    byId('token').focus();
  },
});

byId('token-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = byId('token');
  const token = field.value.trim();
  field.value = '';
  if (/^[\w.~+/-]+=*$/.test(token)) connection.start(token);
  else byId('token-error').textContent = 'A token has letters, digits and -._~+/ only.';
});
byId('forget').addEventListener('click', () => connection.forget());

let resized;
new ResizeObserver(() => {
  clearTimeout(resized);
  resized = setTimeout(() => {
    if (last !== undefined) show(last);
  }, RESIZE_MS);
}).observe(byId('main'));

connection.start();
