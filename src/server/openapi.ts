/** The API as OpenAPI 3.1, made of the table of routes and the schemas that the answers are typed by. */
import { z } from 'zod';
import { VERSION } from '../version.ts';
import { ERROR_STATUSES, type ErrorCode } from './httpError.ts';
import { ROUTES, type RouteSpec } from './routeSpecs.ts';
import { errorSchema } from './schemas.ts';

type Json = Readonly<Record<string, unknown>>;

/** @param needsToken whether the server was started with LOGVEIL_TOKEN */
export function openApi(needsToken: boolean): Json {
  const paths: Record<string, Json> = {};
  for (const route of ROUTES as readonly RouteSpec[]) {
    paths[route.url] = { [route.method.toLowerCase()]: operation(route, needsToken) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'logveil',
      version: VERSION,
      description: 'Redacts personal data and secrets from log lines over HTTP.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: { Error: schemaOf(errorSchema) },
      ...(needsToken && { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } }),
    },
  };
}

function operation(route: RouteSpec, needsToken: boolean): Json {
  const { id, summary, description, isOpen, query, body, errors } = route;
  return {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    ...(needsToken && { security: isOpen ? [] : [{ bearer: [] }] }),
    ...(query && { parameters: parameters(query) }),
    ...(body && { requestBody: { required: true, content: contents(body) } }),
    responses: { ...okResponse(route), ...errorResponses(errors) },
  };
}

function parameters(query: z.ZodObject): Json[] {
  const { properties = {} } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }));
}

function contents(types: readonly string[]): Json {
  return Object.fromEntries(types.map((type) => [type, { schema: { type: 'string' } }]));
}

function okResponse({ answers, trailers, hasUnavailable }: RouteSpec): Json {
  const content = Object.fromEntries(
    Object.entries(answers).map(([type, schema]) => [
      type,
      {
        schema:
          schema === undefined ? { type: type.endsWith('json') ? 'object' : 'string' } : schemaOf(schema),
      },
    ]),
  );
  const headers = Object.fromEntries(
    Object.entries(trailers ?? {}).map(([name, text]) => [
      name,
      { description: `Trailer. ${text}`, schema: { type: 'string' } },
    ]),
  );
  return {
    200: { description: 'All is well', content, ...(trailers && { headers }) },
    ...(hasUnavailable && { 503: { description: 'It can not redact, or is stopping', content } }),
  };
}

/** Codes of one status share a response. */
function errorResponses(codes: readonly ErrorCode[]): Json {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const status = ERROR_STATUSES[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [
      status,
      {
        description: of.join(', '),
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    ]),
  );
}

function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'output' });
  return json;
}
