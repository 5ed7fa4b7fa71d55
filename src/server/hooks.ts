/** What happens around each request: its name, its time, headers, the log, the form of failures. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../telemetry/log.ts';
import { envelopeOf, HttpError, toHttpError } from './httpError.ts';
import { linger } from './linger.ts';
import type { HttpMetrics } from './metrics.ts';
import type { RequestCounts } from './sanitize/sanitizing.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of `/api/sanitize`. */
    counts: RequestCounts | undefined;
    /** What ended the request after its answer had begun. */
    failure: unknown;
  }
  interface FastifyContextConfig {
    /** Answered to whoever asks. */
    isOpen?: boolean;
  }
}

export interface HookOptions {
  readonly log: Log;
  readonly metrics: HttpMetrics;
  readonly check: (request: FastifyRequest) => void;
  readonly isStopping: () => boolean;
  /** Told of a failure that is a bug; its text may hold what was in the request. */
  readonly onInternal: (error: unknown) => void;
}

/** Stands for all URLs that lead nowhere. */
const NO_ROUTE = '(none)';

export function addHooks(server: FastifyInstance, options: HookOptions): void {
  const { metrics, check, isStopping, onInternal } = options;
  server.decorateRequest('counts', undefined);
  server.decorateRequest('failure', undefined);
  server.addHook('onRequest', async (request, reply) => {
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
  server.addHook('onSend', async (_request, reply) => {
    reply.header('server-timing', `total;dur=${reply.elapsedTime.toFixed(1)}`);
  });
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? NO_ROUTE;
    metrics.answered(request.method, route, statusOf(reply), reply.elapsedTime / 1000);
    logAccess(options.log, request, reply, route);
  });
  server.setErrorHandler((error, request, reply) => {
    const told = toHttpError(error);
    if (told.code === 'INTERNAL') onInternal(error);
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
    ms: Number(reply.elapsedTime.toFixed(1)),
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
