/** `/openapi.json` and `/docs`. Made when first asked for: neither costs anything at the start. */
import type { FastifyInstance } from 'fastify'

/** Adds the description of the interface, for tools and for people. It tells no secret, so it needs no permission. */
export function addDocs(app: FastifyInstance, version: string): void {
  const describe = once(async () => {
    const { describeApi } = await import('./describe-api.ts')
    return describeApi(version)
  })
  const render = once(async () => {
    const { renderDocs } = await import('./render-docs.ts')
    return renderDocs(await describe())
  })
  app.get('/openapi.json', async () => describe())
  app.get('/docs', async (_request, reply) => reply.type('text/html; charset=utf-8').send(await render()))
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined
  return () => (made ??= make())
}
