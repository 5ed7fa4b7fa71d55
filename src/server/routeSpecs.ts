/** What can be asked, as documentation and as the server's table of routes: what is in neither does not exist. */
import { z } from 'zod';
import type { ErrorCode } from './httpError.ts';
import { ENVELOPE_TYPE, TEXT_TYPES } from './sanitize/negotiation.ts';
import {
  findingsQuerySchema,
  findingsSchema,
  healthSchema,
  sanitizedSchema,
  statusSchema,
} from './schemas.ts';

export interface RouteSpec {
  readonly id: string;
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly summary: string;
  readonly description?: string;
  /** Answered to whoever asks, and not counted by the rate limit. */
  readonly isOpen: boolean;
  readonly query?: z.ZodObject;
  /** Types of the body. */
  readonly body?: readonly string[];
  /** What it answers when all is well, by type; undefined where there is no schema for it. */
  readonly answers: Readonly<Record<string, z.ZodType | undefined>>;
  readonly trailers?: Readonly<Record<string, string>>;
  /** Answered with 503 instead, in the same form, while it can't redact. */
  readonly hasUnavailable?: boolean;
  readonly errors: readonly ErrorCode[];
}

const TEXT = { 'text/plain': undefined };

export const ROUTES = [
  {
    id: 'livez',
    method: 'GET',
    url: '/livez',
    summary: 'Whether the process turns',
    isOpen: true,
    answers: TEXT,
    errors: [],
  },
  {
    id: 'readyz',
    method: 'GET',
    url: '/readyz',
    summary: 'Whether it takes requests',
    isOpen: true,
    answers: TEXT,
    hasUnavailable: true,
    errors: [],
  },
  {
    id: 'health',
    method: 'GET',
    url: '/api/health',
    summary: 'Whether it can redact, with version and rules',
    isOpen: true,
    answers: { 'application/json': healthSchema },
    hasUnavailable: true,
    errors: [],
  },
  {
    id: 'metrics',
    method: 'GET',
    url: '/metrics',
    summary: 'Metrics for Prometheus',
    isOpen: false,
    answers: TEXT,
    errors: ['UNAUTHORIZED', 'FORBIDDEN', 'RATE_LIMITED', 'STOPPING'],
  },
  {
    id: 'sanitize',
    method: 'POST',
    url: '/api/sanitize',
    summary: 'Redacts lines of text',
    description: `The answer begins while the body is being sent: read it at the same time. It is the redacted body, with counts in trailers; \`Accept: ${ENVELOPE_TYPE}\` gives one JSON document with the findings instead. A failure after the answer has begun cuts the connection: an answer without its last chunk and trailers is not whole. \`Content-Encoding: gzip\` is understood.`,
    isOpen: false,
    body: Object.keys(TEXT_TYPES),
    answers: {
      'text/plain': undefined,
      'application/x-ndjson': z.string(),
      'application/octet-stream': undefined,
      [ENVELOPE_TYPE]: sanitizedSchema,
    },
    trailers: {
      'Logveil-Summary': 'Counts of this request, as `summary` of the JSON answer.',
      'Content-Digest': 'SHA-256 of the redacted bytes, RFC 9530.',
      'Server-Timing': 'Milliseconds of the engine.',
    },
    errors: [
      ...(['BAD_REQUEST', 'BAD_COMPRESSION', 'UNAUTHORIZED', 'FORBIDDEN', 'TIMEOUT'] as const),
      ...(['BODY_TOO_LARGE', 'LINE_TOO_LONG', 'UNSUPPORTED_MEDIA_TYPE', 'UNSUPPORTED_ENCODING'] as const),
      ...(['NOT_TEXT', 'RATE_LIMITED', 'INTERNAL', 'OVERLOADED', 'STOPPING', 'HTTP_VERSION'] as const),
    ],
  },
  {
    id: 'findings',
    method: 'GET',
    url: '/api/findings',
    summary: 'What was found, in numbers',
    isOpen: false,
    query: findingsQuerySchema,
    answers: { 'application/json': findingsSchema },
    errors: ['BAD_REQUEST', 'UNAUTHORIZED', 'FORBIDDEN', 'RATE_LIMITED', 'STOPPING'],
  },
  {
    id: 'status',
    method: 'GET',
    url: '/api/status',
    summary: 'All that the dashboard shows',
    isOpen: false,
    answers: { 'application/json': statusSchema },
    errors: ['UNAUTHORIZED', 'FORBIDDEN', 'RATE_LIMITED', 'STOPPING'],
  },
  {
    id: 'events',
    method: 'GET',
    url: '/api/events',
    summary: 'The status every two seconds, as server-sent events',
    description: 'Events named `status` hold what /api/status answers; `stopping` is the last.',
    isOpen: false,
    answers: { 'text/event-stream': undefined },
    errors: ['UNAUTHORIZED', 'FORBIDDEN', 'RATE_LIMITED', 'OVERLOADED', 'STOPPING'],
  },
  {
    id: 'openapi',
    method: 'GET',
    url: '/api/openapi.json',
    summary: 'This description',
    isOpen: false,
    answers: { 'application/json': undefined },
    errors: ['UNAUTHORIZED', 'FORBIDDEN', 'RATE_LIMITED', 'STOPPING'],
  },
] as const satisfies readonly RouteSpec[];

export type RouteId = (typeof ROUTES)[number]['id'];
