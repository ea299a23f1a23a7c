import type { FastifyReply } from 'fastify'
import type { Caller, Handlers } from '../http/route.ts'
import type { Resources } from '../resources.ts'
import type { Making } from './render-page.ts'

/** The renderers are loaded with the first document. */
export const documentHandlers: Handlers<'jobs.document' | 'compare.document'> = {
  'jobs.document': async ({ params: { uid }, query: { download }, caller, reply, resources }) => {
    const { readJobDocument } = await import('./read-job-document.ts')
    const { renderJobDocument } = await import('./render-job-document.ts')
    const found = await readJobDocument(resources.storage, uid)
    const text = await renderJobDocument(found, makingOf(caller, resources))
    return sendDocument(reply, { text, download, fileName: `${uid}.html` })
  },
  'compare.document': async ({ query: { job, download }, caller, reply, resources }) => {
    const { readComparison } = await import('./read-comparison.ts')
    const { renderComparison } = await import('./render-comparison.ts')
    const comparison = await readComparison(resources.storage, job)
    const text = await renderComparison(comparison, makingOf(caller, resources))
    return sendDocument(reply, { text, download, fileName: `comparison-of-${comparison.jobs.length}-jobs.html` })
  },
}

function makingOf({ memberName }: Caller, { now, config }: Resources): Making {
  return { at: now(), by: memberName, version: config.version }
}

type Document = { text: string; download: boolean; fileName: string }

/** In a browser a document stands alone: it could not run anything here even if something got past the escaping. */
function sendDocument(reply: FastifyReply, { text, download, fileName }: Document): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', servedPolicy)
    .header('content-disposition', `${download ? 'attachment' : 'inline'}; filename="${fileName}"`)
    .send(text)
}

const servedPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox"
