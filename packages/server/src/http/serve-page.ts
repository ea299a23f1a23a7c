/**
 * The built page: hashed files for ever, `index.html` never cached, and every other address of the page leads to it. A page
 * that is built anew meanwhile is served from then on.
 */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PilothouseError } from '@pilothouse/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { answerError } from './answer-error.ts'
import { isOpenAiPath } from './openai-error.ts'
import { writeContentPolicy } from './security-headers.ts'

const yearSeconds = 31_536_000
/** What the build names by a hash of its content. */
const hashedFile = /[/\\]assets[/\\][^/\\]+-[A-Za-z0-9_-]{6,}\.[a-z0-9.]+$/

/** Serves the page of `folder`; without one, a sentence. */
export async function servePage(app: FastifyInstance, folder: string | null): Promise<void> {
  const page = folder === null ? undefined : await openPage(app, folder)
  app.setNotFoundHandler(async (request, reply) => {
    if (!isPageRequest(request)) return answerError(describeMissing(request), request, reply)
    if (page) return sendPage(reply, await page.read())
    return reply
      .type('text/plain; charset=utf-8')
      .send('This server was started without its page. Its interface is described at /docs.\n')
  })
}

function describeMissing(request: FastifyRequest): PilothouseError {
  const path = readPath(request).slice(0, 256)
  if (!hashedFile.test(path)) return new PilothouseError('notFound', `There is no ${request.method} ${path} here.`)
  return new PilothouseError('notFound', `The file ${path} belongs to another build of the page.`, {
    hint: 'Load the page again: it then asks for the files of this build.',
  })
}

type Page = { html: string; policy: string }

/** `index.html` as it is now; while a build has taken it away, as it was. */
class PageFile {
  readonly #path: string
  #known: { page: Page; stamp: string } | undefined

  constructor(path: string) {
    this.#path = path
  }

  async read(): Promise<Page> {
    try {
      const { mtimeMs, size } = await stat(this.#path)
      const stamp = `${mtimeMs} ${size}`
      if (this.#known?.stamp === stamp) return this.#known.page
      const html = await readFile(this.#path, 'utf8')
      this.#known = { page: { html, policy: writeContentPolicy(html) }, stamp }
    } catch (error) {
      if (!this.#known) throw error
    }
    return this.#known.page
  }
}

async function openPage(app: FastifyInstance, folder: string): Promise<PageFile> {
  const page = new PageFile(join(folder, 'index.html'))
  await page.read().catch((cause: unknown) => {
    throw new PilothouseError('unavailable', `The page is not in ${folder}.`, {
      cause,
      hint: 'Build it first: npm run build.',
    })
  })
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
  for (const url of ['/', '/index.html']) app.get(url, async (_request, reply) => sendPage(reply, await page.read()))
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
  if (path === '/api' || path.startsWith('/api/') || isOpenAiPath(path) || hashedFile.test(path)) return false
  return request.headers.accept?.includes('text/html') ?? false
}

function readPath({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? url
}
