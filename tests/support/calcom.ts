/**
 * A stand-in of Cal.com's API v2 on this machine: the endpoints logveil calls, with the forms, versions and refusals of
 * the documentation, and troubles on demand. Sources: the pages of https://cal.com/docs/api-reference/v2 named at each
 * handler; the form of refusals is that of its error filters (calcom/cal.com, apps/api/v2/src/filters), the names of the
 * limit's headers those of its throttler guard.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** What a call meets instead of a good answer, or behind it. */
export type Trouble =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** The same, and what was asked is done just before the next call of the kind. */
  | { readonly kind: 'late' }
  /** Ends the connection before an answer, or in the middle of one. */
  | { readonly kind: 'cut'; readonly where: 'before' | 'middle' }
  | { readonly kind: 'broken-json' }
  | { readonly kind: 'other-form' }
  /** Sends a byte now and then. */
  | { readonly kind: 'slow' }
  | { readonly kind: 'huge' }
  | { readonly kind: 'redirect'; readonly to: string }
  /** No answer of Cal.com: a proxy's. */
  | { readonly kind: 'page'; readonly status: number }
  /** Does what was asked, and then meets another trouble. */
  | { readonly kind: 'after'; readonly trouble: Trouble };

export interface StoredBooking {
  readonly uid: string;
  readonly start: string;
  readonly end: string;
  readonly eventTypeId: number;
  status: string;
  readonly metadata: Record<string, unknown>;
  readonly body: Record<string, unknown>;
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly version: string | undefined;
  readonly key: string | undefined;
  readonly atMs: number;
}

const EVENT_MINUTES = 30;
const HUGE_BYTES = 4 * 1024 * 1024;
/** `@MinLength` and friends of the create booking input: 50 keys of 40 characters, texts of 500. */
const METADATA = { keys: 50, name: 40, text: 500 } as const;

const NAMES: Readonly<Record<number, string>> = {
  400: 'BadRequestException',
  401: 'UnauthorizedException',
  403: 'ForbiddenException',
  404: 'NotFoundException',
  409: 'ConflictException',
  429: 'ThrottlerException',
  500: 'InternalServerErrorException',
  502: 'BadGatewayException',
  503: 'ServiceUnavailableException',
};

export class StandInCalcom {
  readonly calls: Call[] = [];
  readonly bookings: StoredBooking[] = [];
  /** Keys that work. */
  readonly keys = new Set<string>();
  /** Keys of an account that does not own the event type. */
  readonly foreignKeys = new Set<string>();
  readonly eventTypes = new Set([4711]);
  /** Starts of free slots, ISO 8601; each is 30 minutes long. */
  free: string[] = [];
  /** Slots told as free that somebody has taken meanwhile. */
  readonly taken = new Set<string>();
  /** Met by the next calls, one each; by path where one is named. */
  readonly troubles: { readonly path?: string; readonly method?: string; readonly trouble: Trouble }[] = [];
  /** What is over by then is not upcoming any more. */
  nowMs = 0;
  /** Calls a key may make; 120 a minute are Cal.com's own. */
  limit = 120;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #uids = 0;
  #late: { readonly method: string; readonly work: () => void } | undefined;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  async listen(): Promise<this> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The next call, or the next of a path or method, meets a trouble. */
  meets(trouble: Trouble, where: { readonly path?: string; readonly method?: string } = {}, times = 1): void {
    for (let count = 0; count < times; count++) this.troubles.push({ ...where, trouble });
  }

  called(method: string, path: string): number {
    return this.calls.filter((call) => call.method === method && call.path === path).length;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const body = await bodyOf(request);
    const call: Call = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      version: header(request, 'cal-api-version'),
      key: /^Bearer (.+)$/.exec(header(request, 'authorization') ?? '')?.[1],
      atMs: Date.now(),
    };
    this.calls.push(call);
    const at = this.troubles.findIndex(
      ({ path = call.path, method = call.method }) => path === call.path && method === call.method,
    );
    if (this.#late?.method === call.method) {
      this.#late.work();
      this.#late = undefined;
    }
    const met = at === -1 ? undefined : this.troubles.splice(at, 1)[0];
    const trouble = met?.trouble;
    const [status, answer] =
      trouble === undefined || trouble.kind === 'after' ? this.#serve(call, body) : [200, {}];
    if (trouble?.kind === 'late') this.#late = { method: call.method, work: () => this.#serve(call, body) };
    const last = trouble?.kind === 'after' ? trouble.trouble : trouble;
    if (last !== undefined) {
      make(last, response, call, { status: 'success', data: answer });
      return;
    }
    this.#limits(response, call);
    if (status >= 400) refuse(response, status, call.path, String(answer));
    else send(response, status, { status: 'success', ...(answer as object) });
  }

  /** @returns a status, and what the answer holds or why there is none */
  #serve(call: Call, body: Record<string, unknown>): [number, unknown] {
    const handler = this.#handler(call);
    if (handler === undefined) return [404, `Cannot ${call.method} ${call.path}`];
    if (call.key === undefined) return [401, 'ApiAuthStrategy - No authentication method provided.'];
    if (!this.keys.has(call.key) && !this.foreignKeys.has(call.key))
      return [401, 'ApiAuthStrategy - api key - Your api key is not valid'];
    if (this.calls.filter(({ key }) => key === call.key).length > this.limit)
      return [429, 'ThrottlerException: Too Many Requests'];
    return handler(call, body);
  }

  #handler(call: Call): ((call: Call, body: Record<string, unknown>) => [number, unknown]) | undefined {
    // Without its version an endpoint of a later one does not exist: "the request will fail with a 404 error".
    const name = `${call.method} ${call.path} ${call.version ?? ''}`.trim();
    if (/^GET \/v2\/me( |$)/.test(name)) return () => this.#me();
    if (name === 'GET /v2/slots 2024-09-04') return (one) => this.#slots(one);
    if (name === 'GET /v2/bookings 2024-08-13') return (one) => this.#list(one);
    if (name === 'POST /v2/bookings 2024-08-13') return (one, body) => this.#create(one, body);
    return undefined;
  }

  /** https://cal.com/docs/api-reference/v2/me/get-my-profile */
  #me(): [number, unknown] {
    const data = { id: 17, username: 'oncall', email: 'oncall@example.com', timeZone: 'Europe/Berlin' };
    return [
      200,
      { data: { ...data, timeFormat: 24, weekStart: 'Monday', defaultScheduleId: 3, locale: 'en' } },
    ];
  }

  /** https://cal.com/docs/api-reference/v2/slots/get-available-time-slots-for-an-event-type */
  #slots({ query }: Call): [number, unknown] {
    const [start, end] = [Date.parse(query.get('start') ?? ''), Date.parse(query.get('end') ?? '')];
    if (Number.isNaN(start) || Number.isNaN(end))
      return [400, 'start property is wrong,start must be a valid ISO 8601 date string '];
    if (!this.eventTypes.has(Number(query.get('eventTypeId')))) return [404, 'Event Type not found'];
    const data: Record<string, object[]> = {};
    for (const free of this.free) {
      const at = Date.parse(free);
      if (at < start || at > end || this.#isBooked(at)) continue;
      const slot = { start: new Date(at).toISOString() };
      const range = { ...slot, end: new Date(at + EVENT_MINUTES * 60_000).toISOString() };
      const day = slot.start.slice(0, 10);
      data[day] = [...(data[day] ?? []), query.get('format') === 'range' ? range : slot];
    }
    return [200, { data }];
  }

  /** https://cal.com/docs/api-reference/v2/bookings/get-all-bookings */
  #list({ query, key }: Call): [number, unknown] {
    if (this.foreignKeys.has(key as string)) return [200, { data: [], pagination: { hasNextPage: false } }];
    const statuses: Record<string, string> = { upcoming: 'accepted', unconfirmed: 'pending' };
    const wanted = (query.get('status') ?? '').split(',').map((name) => statuses[name]);
    const all = this.bookings
      .filter(
        ({ status, eventTypeId, end }) =>
          Date.parse(end) > this.nowMs &&
          wanted.includes(status) &&
          String(eventTypeId) === query.get('eventTypeId'),
      )
      .toReversed();
    const [skip, take] = [Number(query.get('skip') ?? 0), Number(query.get('take') ?? 100)];
    if (!(take >= 1 && take <= 250))
      return [400, 'take property is wrong,take must not be greater than 250 '];
    const data = all.slice(skip, skip + take).map((booking) => output(booking));
    return [200, { data, pagination: { totalItems: all.length, hasNextPage: skip + take < all.length } }];
  }

  /** https://cal.com/docs/api-reference/v2/bookings/create-a-booking */
  #create({ key }: Call, body: Record<string, unknown>): [number, unknown] {
    const attendee = (body.attendee ?? {}) as Record<string, string>;
    const start = Date.parse(String(body.start));
    if (Number.isNaN(start))
      return [400, 'start property is wrong,start must be a valid ISO 8601 date string '];
    if (!attendee.name || !attendee.timeZone || !/^\S+@\S+$/.test(attendee.email ?? ''))
      return [400, 'attendee property is wrong, email property is wrong,Invalid email format '];
    if (!isMetadata(body.metadata))
      return [
        400,
        'Metadata must have at most 50 keys, each key up to 40 characters, and string values up to 500 characters.',
      ];
    if (!this.eventTypes.has(Number(body.eventTypeId)))
      return [404, `Event type with id ${String(body.eventTypeId)} not found.`];
    if (this.foreignKeys.has(key as string)) return [403, 'You are not allowed to book this event type.'];
    const iso = new Date(start).toISOString();
    if (this.taken.has(iso) || this.#isBooked(start))
      return [400, 'User either already has booking at this time or is not available'];
    const booking: StoredBooking = {
      uid: `uid${String(++this.#uids).padStart(19, 'x')}`,
      start: iso,
      end: new Date(start + EVENT_MINUTES * 60_000).toISOString(),
      eventTypeId: Number(body.eventTypeId),
      status: 'accepted',
      metadata: body.metadata as Record<string, unknown>,
      body,
    };
    this.bookings.push(booking);
    return [201, { data: output(booking) }];
  }

  #isBooked(start: number): boolean {
    return this.bookings.some(
      (booking) => Date.parse(booking.start) === start && booking.status === 'accepted',
    );
  }

  #limits(response: ServerResponse, { key }: Call): void {
    const used = this.calls.filter((call) => call.key === key).length;
    response.setHeader('X-RateLimit-Limit-Default', this.limit);
    response.setHeader('X-RateLimit-Remaining-Default', Math.max(0, this.limit - used));
    response.setHeader('X-RateLimit-Reset-Default', 60);
  }
}

/** Runs for the length of a test. */
export async function standInCalcom(): Promise<StandInCalcom> {
  const calcom = await new StandInCalcom().listen();
  onTestFinished(() => calcom.close());
  return calcom;
}

function output({ uid, start, end, eventTypeId, status, metadata, body }: StoredBooking): object {
  return {
    ...{ id: 1, uid, title: 'Incident review', description: '', status, start, end, duration: EVENT_MINUTES },
    ...{ eventTypeId, hosts: [{ id: 17, name: 'On call', username: 'oncall', timeZone: 'Europe/Berlin' }] },
    ...{ attendees: [body.attendee], metadata, location: 'integrations:daily', absentHost: false },
    bookingFieldsResponses: body.bookingFieldsResponses,
  };
}

function isMetadata(metadata: unknown): boolean {
  if (metadata === undefined) return true;
  const entries = Object.entries(metadata as object);
  return (
    entries.length <= METADATA.keys &&
    entries.every(([name, text]) => name.length <= METADATA.name && String(text).length <= METADATA.text)
  );
}

function make(trouble: Trouble, response: ServerResponse, call: Call, good: object): void {
  const text = JSON.stringify(good);
  switch (trouble.kind) {
    case 'status':
      for (const [name, value] of Object.entries(trouble.headers ?? {})) response.setHeader(name, value);
      // As the service does, it says what it was asked: none of it may be told on.
      refuse(response, trouble.status, call.path, `refused ${call.key} ${call.query.toString()}`);
      return;
    case 'hang':
    case 'late':
      return;
    case 'cut':
      if (trouble.where === 'middle') {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length + 100 });
        response.write(text, () => response.destroy());
      } else response.destroy();
      return;
    case 'broken-json':
      response.writeHead(200, { 'content-type': 'application/json' }).end(`${text.slice(0, -1)},${call.key}`);
      return;
    case 'other-form':
      send(response, 200, { status: 'success', data: { not: 'as documented', key: call.key } });
      return;
    case 'slow': {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
      return;
    }
    case 'huge':
      response.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.alloc(HUGE_BYTES, '['));
      return;
    case 'redirect':
      response.writeHead(302, { location: trouble.to }).end();
      return;
    case 'page':
      response.writeHead(trouble.status, { 'content-type': 'text/html' }).end('<h1>Sign in</h1>');
      return;
    case 'after':
      make(trouble.trouble, response, call, good);
  }
}

function refuse(response: ServerResponse, status: number, path: string, message: string): void {
  const code = NAMES[status] ?? 'HttpException';
  send(response, status, {
    status: 'error',
    timestamp: new Date().toISOString(),
    path,
    error: { code, message },
  });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}
