/** Uploads as clients of OpenAI send them, for tests. */
import type { FileObject } from '@pilothouse/contract'
import type { Answer, Question, TestServer } from '../http/test-server.ts'

/** Parts of a form, in the order in which they are sent. */
export type Parts = readonly (readonly [name: string, value: string | Blob, filename?: string])[]

/** A form as a body of `ask`. */
export async function formOf(parts: Parts): Promise<Question> {
  const form = new FormData()
  for (const [name, value, filename] of parts) {
    if (typeof value === 'string') form.append(name, value)
    else form.append(name, value, filename ?? 'requests.jsonl')
  }
  const encoded = new Response(form)
  const body = Buffer.from(await encoded.arrayBuffer())
  return { method: 'POST', body, headers: { 'content-type': encoded.headers.get('content-type') ?? '' } }
}

/** As the Python client does, with the purpose first. */
export const batchOf = (text: string, filename = 'requests.jsonl'): Parts => [
  ['purpose', 'batch'],
  ['file', new Blob([text]), filename],
]

export async function upload(test: TestServer, parts: Parts, token = test.tokens.member): Promise<Answer> {
  return test.ask('/v1/files', { ...(await formOf(parts)), token })
}

/** Uploads a file that is taken. */
export async function keepFile(test: TestServer, parts = batchOf('{}\n'), token?: string): Promise<FileObject> {
  const { status, json, text } = await upload(test, parts, token)
  if (status !== 200) throw new Error(text)
  return json as FileObject // what this route answers with
}
