/** What happens around each request: its name, its time, headers, the log, the form of failures. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCatcher } from '../pipeline/errorCatcher.ts';
import type { PerformanceMonitoring, Run } from '../pipeline/performanceMonitoring.ts';
import type { Log } from '../telemetry/log.ts';
import { ClientGone, envelopeOf, HttpError, toHttpError } from './httpError.ts';
import { linger } from './linger.ts';
import type { HttpMetrics } from './metrics.ts';
import type { RequestCounts } from './sanitize/sanitizing.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of `/api/sanitize`. */
    counts: RequestCounts | undefined;
    /** What ended the request after its answer had begun. */
    failure: unknown;
    /** Its time. */
    run: Run | undefined;
    /** As `performance.now()` told it. */
    startedAt: number;
  }
  interface FastifyContextConfig {
    /** Answered to whoever asks. */
    isOpen?: boolean;
    /** How figures and errors name it. */
    stage?: string;
  }
}

export interface HookOptions {
  readonly log: Log;
  readonly metrics: HttpMetrics;
  readonly check: (request: FastifyRequest) => void;
  readonly isStopping: () => boolean;
  readonly monitoring: PerformanceMonitoring;
  readonly catcher: ErrorCatcher;
}

/** Stands for all URLs that lead nowhere. */
const NO_ROUTE = '(none)';
const NO_STAGE = 'http_none';

export function addHooks(server: FastifyInstance, options: HookOptions): void {
  const { check, isStopping, monitoring, catcher } = options;
  server.decorateRequest('counts', undefined);
  server.decorateRequest('failure', undefined);
  server.decorateRequest('run', undefined);
  server.decorateRequest('startedAt', 0);
  server.addHook('onRequest', async (request, reply) => {
    request.startedAt = performance.now();
    request.run = monitoring.begin(stageOf(request));
    // Fastify's own hook does not hear of answers that are cut.
    reply.raw.once('close', () => done(request, reply, options));
    reply.header('x-request-id', request.id);
    reply.header('cache-control', 'no-store');
    if (isStopping()) {
      reply.header('connection', 'close');
      if (request.routeOptions.config.isOpen !== true) {
        throw new HttpError('STOPPING', 'the server is stopping: ask another, or try again', {
          'retry-after': '5',
        });
      }
    }
  });
  // After the rate limit, which counts attempts with a wrong token too.
  server.addHook('preParsing', async (request) => {
    if (request.routeOptions.config.isOpen === false) check(request);
  });
  server.addHook('onSend', async (request, reply) => {
    reply.header('server-timing', `total;dur=${elapsedMs(request)}`);
  });
  server.setErrorHandler((error, request, reply) => {
    if (error instanceof ClientGone) {
      reply.hijack();
      reply.raw.destroy();
      return reply;
    }
    const told = toHttpError(error);
    if (told.code === 'INTERNAL') catcher.caught(stageOf(request), error);
    return answerFailure(told, request, reply);
  });
}

/** Answers with the error envelope, and takes what is left of the body. */
export function answerFailure(error: HttpError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { raw } = request;
  if (!raw.complete) {
    // A client that waits to be told to go on would begin its next request where this one's body is due.
    if (raw.headers.expect !== undefined) reply.header('connection', 'close');
    linger(raw);
  }
  return reply
    .code(error.status)
    .headers(error.headers)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(envelopeOf(error, request.id)));
}

/** The answer has been sent, or its connection is gone. */
function done(request: FastifyRequest, reply: FastifyReply, { metrics, log }: HookOptions): void {
  const route = request.routeOptions.url ?? NO_ROUTE;
  const status = statusOf(reply);
  metrics.answered(request.method, route, status, elapsedMs(request) / 1000);
  const load = { bytes: request.counts?.bytesIn ?? 0, lines: request.counts?.lines ?? 0 };
  if (status === 0 || status >= 500) request.run?.fail(load);
  else request.run?.end(load);
  logAccess(log, request, reply, route);
}

function elapsedMs({ startedAt }: FastifyRequest): number {
  return Number((performance.now() - startedAt).toFixed(1));
}

function stageOf({ routeOptions }: FastifyRequest): string {
  return routeOptions.config.stage ?? NO_STAGE;
}

/** 0 where the connection ended before the answer did. */
function statusOf({ raw }: FastifyReply): number {
  return raw.writableFinished ? raw.statusCode : 0;
}

/** The route's pattern, never the URL, which may hold a secret; no address, which is personal data. */
function logAccess(log: Log, request: FastifyRequest, reply: FastifyReply, route: string): void {
  const status = statusOf(reply);
  const { counts, failure } = request;
  const fields = {
    method: request.method,
    route,
    status,
    ms: elapsedMs(request),
    requestId: request.id,
    ...(counts && {
      bytesIn: counts.bytesIn,
      bytesOut: counts.bytesOut,
      findings: counts.found.findings,
    }),
    ...(failure instanceof HttpError && { error: failure.code }),
  };
  if (status >= 500 || failure !== undefined) log.warn('request failed', fields);
  else log.info('request', fields);
}
