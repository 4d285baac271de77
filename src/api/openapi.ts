/** The OpenAPI document of the API, from the table that answers requests. */
import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { type Route, routes } from './routes.ts';
import { events, Failure } from './schemas.ts';

type Json = Record<string, unknown>;

const schemaOf = (schema: v.GenericSchema, typeMode: 'input' | 'output'): Json => {
  const { $schema: _, ...json } = toJsonSchema(schema, { typeMode, errorMode: 'ignore' });
  return json;
};

export function openApi(version: string): Json {
  const paths: Record<string, Json> = {};
  for (const [operationId, route] of Object.entries<Route>(routes)) {
    const path = `/api${route.path}`;
    paths[path] = { ...paths[path], [route.method]: operationOf(operationId, route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'hotshoe',
      version,
      description:
        'Cameras over HTTP. On addresses other than this computer each request needs the token ' +
        'that `hotshoe serve` shows, as `Authorization: Bearer TOKEN`.',
    },
    paths,
    components: {
      schemas: {
        Failure: schemaOf(Failure, 'output'),
        ...Object.fromEntries(
          Object.entries(events).map(([name, schema]) => [
            `Event_${name}`,
            schemaOf(schema, 'output'),
          ]),
        ),
      },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
    security: [{}, { token: [] }],
  };
}

function operationOf(operationId: string, route: Route): Json {
  const { summary, description, params, query, body, result } = route;
  const content =
    'types' in result
      ? Object.fromEntries(result.types.map((type) => [type, {}]))
      : { 'application/json': { schema: schemaOf(result, 'output') } };
  return {
    operationId,
    summary,
    ...(description && { description }),
    parameters: [...parametersOf(params, 'path'), ...parametersOf(query, 'query')],
    ...(body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schemaOf(body, 'input') } },
      },
    }),
    responses: {
      200: { description: 'Done', content },
      default: {
        description: 'It could not be done',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
      },
    },
  };
}

function parametersOf(schema: v.GenericSchema | undefined, place: 'path' | 'query'): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: property,
  }));
}
