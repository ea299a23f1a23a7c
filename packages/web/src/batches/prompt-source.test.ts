import { expect, it } from 'vitest'
import { PromptSource } from './prompt-source.ts'

const { signal } = new AbortController()
const line = (id: string) => `${JSON.stringify({ custom_id: id, body: { prompt: `ask ${id} ü` } })}\n`

/** A file of the server that knows ranges, and how often it was asked. */
function serve(text: string) {
  const bytes = new TextEncoder().encode(text)
  const file = {
    asked: 0,
    open: async (headers: Record<string, string>) => {
      file.asked += 1
      const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(headers['range'] ?? '') ?? []
      const part = bytes.slice(Number(from), to === '' ? undefined : Number(to) + 1)
      return new Response(part, { status: part.length === 0 ? 416 : 206 })
    },
  }
  return file
}

it('what a request asked is found, and the file is looked through once', async () => {
  const file = serve(line('a') + line('b'))
  const prompts = new PromptSource(file.open)
  expect(await prompts.find('b', signal)).toBe('ask b ü')
  expect(file.asked).toBe(2)
  expect(await prompts.find('a', signal)).toBe('ask a ü')
  expect(await prompts.find('none', signal)).toBeNull()
  expect(file.asked).toBe(3)
})

it('a long file is looked through up to a bound', async () => {
  const lines = Array.from({ length: 100 }, (_, at) => line(`r${at}-${'x'.repeat(100_000)}`)).join('')
  const prompts = new PromptSource(serve(lines + line('last')).open, 4_000_000)
  expect(await prompts.find('last', signal)).toBeNull()
})

it('a file that is gone is told', async () => {
  const prompts = new PromptSource(async () => new Response('', { status: 404 }))
  await expect(prompts.find('a', signal)).rejects.toThrow('404')
})
