import { limits } from '@pilothouse/contract'

export type ModelsRead = { models: string[] } | { trouble: string }

const shownMax = 200

/** What an engine answered at `/v1/models`: OpenAI's list, or what else came instead, in words. */
export function readModels({ status, text }: { status: number; text: string }): ModelsRead {
  if (status === 401 || status === 403)
    return { trouble: `The engine refuses the key (status ${status}): set the one that it was started with.` }
  if (status !== 200) return { trouble: `The engine answered with status ${status}: ${shorten(text)}` }
  const models = listIds(parse(text))
  if (!models) return { trouble: `What answers is no engine: it sent no list of models, but ${shorten(text)}` }
  return { models: [...new Set(models)].toSorted().slice(0, limits.engineModelsMax) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function listIds(answer: unknown): string[] | undefined {
  if (typeof answer !== 'object' || answer === null || !('data' in answer) || !Array.isArray(answer.data))
    return undefined
  return answer.data.flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null || !('id' in one) || typeof one.id !== 'string') return []
    return one.id.length > 0 && one.id.length <= limits.nameLengthMax ? [one.id] : []
  })
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line === '' ? 'nothing' : `«${line.length > shownMax ? `${line.slice(0, shownMax)}…` : line}»`
}
