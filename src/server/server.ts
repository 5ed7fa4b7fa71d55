/** Puts the server together: limits of the connection, plugins, hooks, routes. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getHeapStatistics } from 'node:v8';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { ServeSettings } from '../config/serve.ts';
import { UsageError } from '../errors.ts';
import type { Finding } from '../findings/finding.ts';
import type { ErrorCatcher } from '../pipeline/errorCatcher.ts';
import type { PerformanceMonitoring } from '../pipeline/performanceMonitoring.ts';
import type { Log } from '../telemetry/log.ts';
import { Access } from './access.ts';
import { dashboardAssets } from './assets.ts';
import { refuseBrokenRequests } from './brokenRequests.ts';
import { EventFeed } from './events.ts';
import { addHooks, answerFailure } from './hooks.ts';
import { HttpError, toHttpError } from './httpError.ts';
import { HttpMetrics } from './metrics.ts';
import { openApi } from './openapi.ts';
import { requestIdOf } from './requestId.ts';
import { ROUTES, type RouteId, type RouteSpec } from './routeSpecs.ts';
import { SanitizeRoute } from './sanitize/route.ts';
import type { Sanitizing } from './sanitize/sanitizing.ts';
import { findingsQuerySchema } from './schemas.ts';
import type { ServerState } from './state.ts';

const MINUTE_MS = 60_000;
/** A request's headers have to be here within so long, so that nobody holds a connection without asking anything. */
const HEADERS_MS = 10_000;
/** How often Node looks for connections that took too long. */
const CHECK_MS = 1000;
const KEEP_ALIVE_MS = 5000;
/** A connection on which nothing moves is closed so long after a request on it would have been ended. */
const SILENCE_MS = 5000;
const MOST_HEADER_BYTES = 16 * 1024;
/** Connections beyond are closed at once. */
const MOST_CONNECTIONS = 1024;
/**
 * The loop turns in some ten milliseconds however much is sent. A process that gets no time for a second or two must not
 * turn away what it could redact right after; this is a machine that can't keep up.
 */
const MOST_DELAY_MS = 10_000;
const HEAP_SHARE = 0.9;

/** Nothing but our own files, and nothing inline. */
const POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
    requireTrustedTypesFor: ["'script'"],
  },
} as const;

export interface ServerOptions {
  readonly settings: ServeSettings;
  readonly state: ServerState;
  readonly sanitizing: Sanitizing;
  readonly log: Log;
  readonly onFinding: ((finding: Finding) => void) | undefined;
  readonly flushFindings: () => Promise<void>;
  readonly monitoring: PerformanceMonitoring;
  readonly catcher: ErrorCatcher;
}

export interface BuiltServer {
  readonly http: FastifyInstance;
  readonly events: EventFeed;
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** @throws UsageError for settings that only the server can judge */
export async function buildServer(options: ServerOptions): Promise<BuiltServer> {
  const { settings, state, log, monitoring, catcher } = options;
  const access = new Access(settings);
  const metrics = new HttpMetrics(state, options);
  const events = new EventFeed(() => state.snapshot());
  const http = openFastify(settings);
  // No body is read before its route wants it.
  http.removeAllContentTypeParsers();
  http.addContentTypeParser('*', (_request, _payload, done) => done(null));
  limitConnections(http);
  await http.register(helmet, {
    contentSecurityPolicy: POLICY,
    strictTransportSecurity: false,
    frameguard: { action: 'deny' },
  });
  if (settings.rateLimit > 0) {
    await http.register(rateLimit, {
      max: settings.rateLimit,
      timeWindow: MINUTE_MS,
      errorResponseBuilder: () =>
        new HttpError('RATE_LIMITED', `expected at most ${settings.rateLimit} requests a minute`),
    });
  }
  addHooks(http, {
    log,
    metrics,
    check: ({ raw }) => access.check(raw),
    isStopping: () => state.isStopping,
    monitoring,
    catcher,
  });
  addAssets(http);
  const handlers = handlersOf(options, { access, metrics, events });
  for (const spec of ROUTES) if (spec.id !== 'sanitize') addRoute(http, spec, handlers[spec.id]);
  await http.register(async (scope) => {
    await addSanitize(scope, handlers.sanitize);
  });
  http.setNotFoundHandler(
    { ...(settings.rateLimit > 0 && { preHandler: http.rateLimit() }) },
    refuseUnknownRoute,
  );
  return { http, events };
}

function openFastify(settings: ServeSettings): FastifyInstance {
  const requestMs = settings.maxMs + HEADERS_MS;
  try {
    return Fastify({
      // Its own messages may repeat URLs and headers.
      logger: false,
      requestTimeout: requestMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      forceCloseConnections: 'idle',
      return503OnClosing: false,
      connectionTimeout: settings.stallMs + SILENCE_MS,
      genReqId: requestIdOf,
      trustProxy: settings.trustProxy.length > 0 ? [...settings.trustProxy] : false,
      http: {
        headersTimeout: Math.min(HEADERS_MS, settings.stallMs),
        requestTimeout: requestMs,
        connectionsCheckingInterval: CHECK_MS,
        maxHeaderSize: MOST_HEADER_BYTES,
      },
      frameworkErrors: (error, request, reply) => {
        reply.header('x-request-id', request.id).header('cache-control', 'no-store');
        void answerFailure(toHttpError(error), request, reply);
      },
      clientErrorHandler: refuseBrokenRequests,
    });
  } catch (error) {
    throw new UsageError('serve.trustProxy: expected addresses or networks such as 10.0.0.0/8', {
      cause: error,
    });
  }
}

function limitConnections(http: FastifyInstance): void {
  http.server.maxConnections = MOST_CONNECTIONS;
  // Without this Node asks for the body before anybody has looked at the headers.
  http.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) =>
    http.routing(request, response),
  );
}

function addAssets(http: FastifyInstance): void {
  for (const { url, type, text } of dashboardAssets()) {
    http.get(url, { config: { isOpen: true, stage: 'http_dashboard' } }, async (_request, reply) => {
      reply.header('cache-control', 'no-cache').type(type);
      return text;
    });
  }
}

function addRoute(http: FastifyInstance, { id, method, url, isOpen }: RouteSpec, handler: Handler): void {
  const config = { isOpen, stage: `http_${id}`, ...(isOpen && { rateLimit: false as const }) };
  http.route({ method, url, config, handler, exposeHeadRoute: id !== 'events' });
}

/** In a scope of its own: what is too much for the machine is turned away, and all else goes on. */
async function addSanitize(scope: FastifyInstance, handler: Handler): Promise<void> {
  await scope.register(underPressure, {
    maxEventLoopDelay: MOST_DELAY_MS,
    maxHeapUsedBytes: Math.floor(getHeapStatistics().heap_size_limit * HEAP_SHARE),
    pressureHandler: () => {
      throw new HttpError('OVERLOADED', 'expected fewer requests: the machine can not keep up', {
        'retry-after': '10',
      });
    },
  });
  const spec = ROUTES.find(({ id }) => id === 'sanitize') as RouteSpec;
  addRoute(scope, spec, handler);
}

function refuseUnknownRoute(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.raw.url?.split('?', 1)[0];
  const spec = ROUTES.find(({ url }) => url === path);
  const error =
    spec === undefined
      ? new HttpError('NOT_FOUND', 'expected one of the paths of /api/openapi.json')
      : new HttpError('METHOD_NOT_ALLOWED', `expected ${spec.method}`, { allow: spec.method });
  return answerFailure(error, request, reply);
}

interface Parts {
  readonly access: Access;
  readonly metrics: HttpMetrics;
  readonly events: EventFeed;
}

function handlersOf(options: ServerOptions, parts: Parts): Readonly<Record<RouteId, Handler>> {
  const { state } = options;
  const { access, metrics, events } = parts;
  const api = JSON.stringify(openApi(access.needsToken));
  const available = (reply: FastifyReply): FastifyReply => reply.code(state.status === 'ok' ? 200 : 503);
  return {
    livez: (_request, reply) => reply.type('text/plain; charset=utf-8').send('ok\n'),
    readyz: (_request, reply) => available(reply).type('text/plain; charset=utf-8').send(`${state.status}\n`),
    health: (_request, reply) => {
      const health = state.health();
      return reply.code(health.redacts ? 200 : 503).send(health);
    },
    metrics: async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
    sanitize: new SanitizeRoute(options).handle,
    findings: (request, reply) => {
      const query = findingsQuerySchema.safeParse(request.query);
      if (!query.success) throw new HttpError('BAD_REQUEST', 'expected `minutes` from 1 to 60, or no query');
      return reply.send(state.findings(query.data.minutes));
    },
    status: (_request, reply) => reply.send(state.snapshot()),
    events: (_request, reply) => {
      events.refuseTooMany();
      reply.hijack();
      reply.raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream; charset=utf-8',
        // nginx would gather events before it hands them on.
        'x-accel-buffering': 'no',
      });
      events.add(reply.raw);
    },
    openapi: (_request, reply) => reply.type('application/json; charset=utf-8').send(api),
  };
}
