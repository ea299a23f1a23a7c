/** The OpenAPI description, generated from the route table of the contract. */
import {
  type RouteName,
  type RouteSchemas,
  errorCodes,
  frameContentType,
  framesContentType,
  livePath,
  paths,
  routes,
} from '@pilothouse/contract'
import { z } from 'zod'
import { isOpenAiPath, openAiErrorTypes } from './openai-error.ts'
import { rawBodyRoutes } from './route.ts'

export type JsonSchema = Record<string, unknown>
export type Parameter = {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  description?: string
  schema: JsonSchema
}
export type Content = Record<string, { schema: JsonSchema }>
export type Operation = {
  operationId: string
  summary: string
  description: string
  tags: string[]
  security?: Record<string, string[]>[]
  parameters?: Parameter[]
  requestBody?: { required: boolean; content: Content }
  responses: Record<string, { description: string; content?: Content }>
  'x-permission': string
}
export type ApiDescription = {
  openapi: '3.1.0'
  info: { title: string; version: string; description: string; license: { name: string; identifier: string } }
  paths: Record<string, Record<string, Operation>>
  components: { securitySchemes: Record<string, JsonSchema>; schemas: Record<string, JsonSchema> }
}

const routeNames = Object.keys(paths) as RouteName[] // keys of a literal object

/** Describes every route, and the live stream. */
export function describeApi(version: string): ApiDescription {
  const described: ApiDescription['paths'] = {}
  for (const name of routeNames) {
    const { method, path } = paths[name]
    const item = (described[writePath(path)] ??= {})
    item[method.toLowerCase()] = describeRoute(name)
  }
  described[livePath] = { get: describeLive() }
  return {
    openapi: '3.1.0',
    info: {
      title: 'pilothouse',
      version,
      description:
        'Every path also answers with a slash at its end. Times are milliseconds since 1970, below /v1 seconds as in the API of OpenAI. Fields that are not listed are ignored.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: described,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'For tools: made by `pilothouse token create`.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'pilothouse_PORT',
          description: 'For the page: made by signing in.',
        },
      },
      schemas: { Error: describeError(), OpenAiError: describeOpenAiError() },
    },
  }
}

function describeRoute(name: RouteName): Operation {
  const schemas: RouteSchemas = routes[name]
  const { permission } = paths[name]
  const parameters = [...listParameters('path', schemas.params), ...listParameters('query', schemas.query)]
  return {
    operationId: name,
    summary: schemas.summary,
    description: permission === 'public' ? 'Needs no permission.' : `Needs the permission \`${permission}\`.`,
    tags: [name.split('.')[0] ?? name],
    security: permission === 'public' ? [] : [{ token: [] }, { session: [] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(schemas.body || schemas.form ? { requestBody: { required: true, content: describeInput(name, schemas) } } : {}),
    responses: describeAnswers(name, schemas),
    'x-permission': permission,
  }
}

function describeLive(): Operation {
  return {
    operationId: 'live',
    summary: 'What happens, while it happens: a WebSocket, or server-sent events when no upgrade is asked for.',
    description:
      'Needs the permission `training:view`. Topics: `jobs`, `job:UID`, `metrics:UID`, `resources:UID`, `logs:UID`. Over the WebSocket they are subscribed to by messages.',
    tags: ['live'],
    security: [{ token: [] }, { session: [] }],
    parameters: [
      {
        name: 'topic',
        in: 'query',
        required: false,
        description: 'Repeat for several. Event stream only.',
        schema: { type: 'array', items: { type: 'string' } },
      },
      {
        name: 'Last-Event-ID',
        in: 'header',
        required: false,
        description: 'Goes on behind this event.',
        schema: { type: 'string' },
      },
    ],
    responses: {
      101: { description: 'The WebSocket is open.' },
      200: { description: 'A stream of messages.', content: { 'text/event-stream': { schema: { type: 'string' } } } },
      ...describeErrors(livePath),
    },
    'x-permission': 'training:view',
  }
}

function describeBody(name: RouteName, body: z.ZodType): Content {
  if (name === 'telemetry.report-many') return { [framesContentType]: { schema: binary } }
  const rawNames: readonly RouteName[] = rawBodyRoutes
  const raw = rawNames.includes(name)
  return {
    'application/json': { schema: toSchema(body, 'input') },
    ...(raw ? { [frameContentType]: { schema: binary } } : {}),
  }
}

function describeInput(name: RouteName, { body, form }: RouteSchemas): Content {
  return { ...(body ? describeBody(name, body) : {}), ...(form ? describeForm(form) : {}) }
}

function describeForm(form: z.ZodType): Content {
  const shape: Record<string, z.ZodType> = form instanceof z.ZodObject ? form.shape : {}
  return { 'multipart/form-data': { schema: toSchema(z.object({ ...shape, file: z.file() }), 'input') } }
}

const binary: JsonSchema = { type: 'string', format: 'binary' }

function describeAnswers(name: RouteName, { response, accepted, produces }: RouteSchemas): Operation['responses'] {
  const errors = describeErrors(paths[name].path)
  // The wire form is what goes into a schema: numbers that JSON lacks are words there.
  if (response) {
    const content = { 'application/json': { schema: toSchema(response, 'input') } }
    return {
      200: {
        description: 'Done.',
        content: { ...content, ...(name === 'metrics.query' ? { [frameContentType]: { schema: binary } } : {}) },
      },
      ...(accepted ? { 202: describeProposed(accepted) } : {}),
      ...errors,
    }
  }
  if (produces)
    return {
      200: { description: 'Done.', content: { [produces]: { schema: { type: 'string' } } } },
      ...errors,
    }
  return { 204: { description: 'Done.' }, ...errors }
}

function describeProposed(accepted: z.ZodType): Operation['responses'][string] {
  const content = { 'application/json': { schema: toSchema(accepted, 'input') } }
  return { description: 'Proposed, and not done: an admin has to approve it.', content }
}

function describeErrors(path: string): Operation['responses'] {
  const name = isOpenAiPath(path) ? 'OpenAiError' : 'Error'
  const content = { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } }
  return { default: { description: 'It was not done, and why.', content } }
}

function describeError(): JsonSchema {
  const text = { type: 'string' }
  return {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['code', 'message', 'hint'],
        properties: {
          code: { type: 'string', enum: Object.keys(errorCodes) },
          message: { ...text, description: 'What happened and why.' },
          field: { ...text, description: 'Path of the field at fault.' },
          expected: { ...text, description: 'What was expected there.' },
          hint: { ...text, description: 'What to do next.' },
          requestId: { ...text, description: 'Finds the request in the log of the server.' },
        },
      },
    },
  }
}

function describeOpenAiError(): JsonSchema {
  const text = { type: 'string' }
  const properties = {
    message: { ...text, description: 'What happened and why, and what to do next.' },
    type: { ...text, enum: openAiErrorTypes },
    param: { type: ['string', 'null'], description: 'Path of the field at fault.' },
    code: { ...text, enum: Object.keys(errorCodes) },
  }
  const error = { type: 'object', required: Object.keys(properties), properties }
  return { type: 'object', required: ['error'], properties: { error } }
}

function listParameters(place: 'path' | 'query', schema: z.ZodType | undefined): Parameter[] {
  if (!(schema instanceof z.ZodObject)) return []
  const shape: Record<string, z.ZodType> = schema.shape
  return Object.entries(shape).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path' || !field.safeParse(undefined).success,
    // Query text is coerced: what it becomes says more than «anything».
    schema: toSchema(field, 'output'),
  }))
}

function toSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => dropSafeBounds(jsonSchema),
  })
  return rest
}

/** That a whole number fits into a double need not be said everywhere. */
function dropSafeBounds(schema: JsonSchema): void {
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum']
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum']
}

function writePath(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}')
}
