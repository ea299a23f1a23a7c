/** A line longer than this is no event of ours; the stream is given up. */
const eventCharactersMax = 16 * 1024 * 1024

/** Reads the data of each server-sent event of a response, in order; comments and other fields are passed over. */
export async function* readEvents(response: Response): AsyncGenerator<string> {
  if (!response.body) return
  const decoder = new TextDecoder()
  let rest = ''
  let data: string[] = []
  const chunks: AsyncIterable<Uint8Array> = response.body // the stream of a response is one of bytes
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true })
    if (rest.length > eventCharactersMax) throw new Error('An event is too long.')
    const lines = rest.split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5))
      else if (line === '' && data.length > 0) {
        yield data.join('\n')
        data = []
      }
    }
  }
}
