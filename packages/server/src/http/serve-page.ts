/** The built page: hashed files for ever, `index.html` never cached, and every other address of the page leads to it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PilothouseError } from '@pilothouse/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { answerError } from './answer-error.ts'
import { writeContentPolicy } from './security-headers.ts'

const yearSeconds = 31_536_000
/** What the build names by a hash of its content. */
const hashedFile = /[/\\]assets[/\\][^/\\]+-[A-Za-z0-9_-]{6,}\.[a-z0-9.]+$/

/** Serves the page of `folder`; without one, a sentence. */
export async function servePage(app: FastifyInstance, folder: string | null): Promise<void> {
  const page = folder === null ? undefined : await openPage(app, folder)
  app.setNotFoundHandler(async (request, reply) => {
    if (!isPageRequest(request))
      return answerError(
        new PilothouseError('notFound', `There is no ${request.method} ${readPath(request).slice(0, 256)} here.`),
        request,
        reply,
      )
    if (page) return sendPage(reply, page)
    return reply
      .type('text/plain; charset=utf-8')
      .send('This server was started without its page. Its interface is described at /docs.\n')
  })
}

type Page = { html: string; policy: string }

async function openPage(app: FastifyInstance, folder: string): Promise<Page> {
  const html = await readFile(join(folder, 'index.html'), 'utf8').catch((cause: unknown) => {
    throw new PilothouseError('unavailable', `The page is not in ${folder}.`, {
      cause,
      hint: 'Build it first: npm run build.',
    })
  })
  const page = { html, policy: writeContentPolicy(html) }
  const { default: serveFiles } = await import('@fastify/static')
  await app.register(serveFiles, {
    root: folder,
    index: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      reply.header('cache-control', hashedFile.test(path) ? `public, max-age=${yearSeconds}, immutable` : 'no-cache')
    },
  })
  for (const url of ['/', '/index.html']) app.get(url, async (_request, reply) => sendPage(reply, page))
  return page
}

function sendPage(reply: FastifyReply, { html, policy }: Page): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-cache')
    .header('content-security-policy', policy)
    .send(html)
}

/** A person opening an address of the page; tools and the page's own calls get JSON. */
function isPageRequest(request: FastifyRequest): boolean {
  const path = readPath(request)
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  if (path === '/api' || path.startsWith('/api/') || hashedFile.test(path)) return false
  return request.headers.accept?.includes('text/html') ?? false
}

function readPath({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? url
}
