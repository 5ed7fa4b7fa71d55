/**
 * The live connection: server-sent events read with fetch, so that the token travels in a header and stands in no URL.
 * Told apart: the server answers, asks for a token, or can't be reached.
 */

const TOKEN_KEY = 'logveil-token';
/** The server sends every two seconds. */
const SILENT_MS = 8000;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15_000;

export class Connection {
  #handlers;
  #abort;
  #retry;
  #waitMs = FIRST_WAIT_MS;

  /** @param handlers onStatus(status), onLost(reason), onTokenAsked(wasWrong) */
  constructor(handlers) {
    this.#handlers = handlers;
  }

  get hasToken() {
    return sessionStorage.getItem(TOKEN_KEY) !== null;
  }

  /** Connects anew. @param token to be kept for this tab; without it the one that is kept */
  start(token) {
    if (token !== undefined) sessionStorage.setItem(TOKEN_KEY, token);
    this.stop();
    this.#abort = new AbortController();
    void this.#run(this.#abort);
  }

  stop() {
    clearTimeout(this.#retry);
    this.#abort?.abort();
  }

  forget() {
    sessionStorage.removeItem(TOKEN_KEY);
    this.start();
  }

  async #run(abort) {
    let reason = 'the server does not answer';
    try {
      const response = await fetch('/api/events', {
        headers: authorization(),
        cache: 'no-store',
        credentials: 'omit',
        signal: abort.signal,
      });
      if (response.status === 401) {
        const wasWrong = this.hasToken;
        sessionStorage.removeItem(TOKEN_KEY);
        this.#handlers.onTokenAsked(wasWrong);
        return;
      }
      if (response.ok) {
        await this.#read(response.body, abort);
        reason = 'the server has ended the connection';
      } else reason = `the server answers with status ${response.status}`;
    } catch {
      // Refused, reset, or silent for too long.
    }
    if (abort !== this.#abort || (abort.signal.aborted && abort.signal.reason !== 'silent')) return;
    this.#handlers.onLost(reason);
    this.#retry = setTimeout(() => this.start(), this.#waitMs);
    this.#waitMs = Math.min(LONGEST_WAIT_MS, this.#waitMs * 2);
  }

  async #read(body, abort) {
    const decoder = new TextDecoder();
    let text = '';
    let silence = setTimeout(() => abort.abort('silent'), SILENT_MS);
    try {
      for (const reader = body.getReader(); ; ) {
        const { done, value } = await reader.read();
        if (done) return;
        text += decoder.decode(value, { stream: true });
        const events = text.split('\n\n');
        text = events.pop();
        for (const event of events) {
          clearTimeout(silence);
          silence = setTimeout(() => abort.abort('silent'), SILENT_MS);
          this.#handle(event);
        }
      }
    } finally {
      clearTimeout(silence);
    }
  }

  #handle(event) {
    const fields = event.split('\n');
    if (!fields.includes('event: status')) return;
    const data = fields.filter((field) => field.startsWith('data: ')).map((field) => field.slice(6));
    this.#waitMs = FIRST_WAIT_MS;
    this.#handlers.onStatus(JSON.parse(data.join('\n')));
  }
}

function authorization() {
  const token = sessionStorage.getItem(TOKEN_KEY);
  return token === null ? {} : { authorization: `Bearer ${token}` };
}
