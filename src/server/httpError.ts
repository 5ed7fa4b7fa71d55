/**
 * What a client is told when its request fails. Messages are our own words: nothing of the request is repeated, for a
 * URL, a header or a body may hold what must not be written anywhere.
 */

/** Codes that clients may match on, each with its status. */
export const ERROR_STATUSES = {
  BAD_REQUEST: 400,
  BAD_COMPRESSION: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  TIMEOUT: 408,
  BODY_TOO_LARGE: 413,
  LINE_TOO_LONG: 413,
  URI_TOO_LONG: 414,
  UNSUPPORTED_MEDIA_TYPE: 415,
  UNSUPPORTED_ENCODING: 415,
  NOT_TEXT: 422,
  RATE_LIMITED: 429,
  HEADERS_TOO_LARGE: 431,
  INTERNAL: 500,
  OVERLOADED: 503,
  STOPPING: 503,
  HTTP_VERSION: 505,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUSES;

export interface ErrorEnvelope {
  readonly error: { readonly code: ErrorCode; readonly message: string; readonly requestId: string };
}

/** A failure that the client is told of as it is. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: ErrorCode;
  /** To be sent with the answer. */
  readonly headers: Readonly<Record<string, string>>;

  /** @param message what was expected, without a byte of the request */
  constructor(code: ErrorCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.headers = headers;
  }

  get status(): number {
    return ERROR_STATUSES[this.code];
  }
}

/** There is nobody left to be told. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';

  constructor() {
    super('the client has gone away');
  }
}

export function envelopeOf(error: HttpError, requestId: string): ErrorEnvelope {
  return { error: { code: error.code, message: error.message, requestId } };
}

/** By the codes of Fastify and its plugins, whose own texts may repeat the request. */
const FASTIFY_ERRORS: Readonly<Record<string, readonly [code: ErrorCode, message: string]>> = {
  FST_ERR_BAD_URL: ['BAD_REQUEST', 'expected a path that is percent-encoded correctly'],
  FST_ERR_INVALID_URL: ['BAD_REQUEST', 'expected a path that is percent-encoded correctly'],
  FST_ERR_MAX_PARAM_LENGTH: ['URI_TOO_LONG', 'expected a shorter path'],
  FST_ERR_VALIDATION: ['BAD_REQUEST', 'expected a query as /api/openapi.json describes it'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['BODY_TOO_LARGE', 'expected no body'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['BAD_REQUEST', 'expected a body of the announced length'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['UNSUPPORTED_MEDIA_TYPE', 'expected no body'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['BAD_REQUEST', 'expected no body'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['BAD_REQUEST', 'expected no body'],
};

/** Turns whatever was thrown into what the client may see. */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const known = FASTIFY_ERRORS[String((error as { code?: unknown } | undefined)?.code)];
  if (known !== undefined) return new HttpError(...known);
  return new HttpError('INTERNAL', 'the request failed; nothing that was not redacted has been sent');
}
