import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { isEndedBatch } from '@pilothouse/contract/wire'
import type { Client } from '@pilothouse/client'
import { useServices } from '../app/services.ts'
import { findDataset } from './batches-search.ts'
import { PromptSource } from './prompt-source.ts'
import { ResultSource, type SourcePart, type SourceState } from './result-source.ts'

export type NamedSource = {
  id: string
  name: string
  /** Of the model, where it is known. */
  about: string
  source: ResultSource
  /** Of a batch, whose file of requests may be gone, though. */
  prompts: PromptSource | undefined
}
type Found = { id: string; name: string; about: string; parts: SourcePart[]; asked?: SourcePart }

/** What the ids name. Its files are read as they are now: a batch that goes on has more of them later. */
export function useSources(ids: readonly string[]) {
  const { client } = useServices()
  const queries = useQueryClient()
  const found = useQuery({
    queryKey: ['results', ...ids],
    enabled: ids.length > 0,
    queryFn: async () => Promise.all(ids.map(async (id) => findSource(client, id))),
    // Read anew once somebody comes again, and not under whoever reads.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
  const { data } = found
  const sources = useMemo(
    () =>
      data?.map(({ parts, asked, ...named }): NamedSource => ({
        ...named,
        source: new ResultSource(parts),
        prompts: asked && new PromptSource(asked.open),
      })),
    [data],
  )
  useEffect(() => {
    const stop = new AbortController()
    for (const { source } of sources ?? []) void source.readOn(stop.signal)
    return () => stop.abort()
  }, [sources])
  return {
    sources,
    error: found.error,
    retry: (): void => void queries.invalidateQueries({ queryKey: ['results'] }),
  }
}

/** How far each source is, told together. */
export function useSourceStates(sources: readonly NamedSource[]): readonly SourceState[] {
  const store = useMemo(() => {
    let kept: readonly SourceState[] = []
    return {
      subscribe: (listener: () => void) => {
        const undos = sources.map(({ source }) => source.subscribe(listener))
        return () => undos.forEach((undo) => undo())
      },
      read: () => {
        const next = sources.map(({ source }) => source.state())
        if (next.length !== kept.length || next.some((state, at) => state !== kept[at])) kept = next
        return kept
      },
    }
  }, [sources])
  return useSyncExternalStore(store.subscribe, store.read)
}

async function findSource(client: Client, id: string): Promise<Found> {
  const dataset = findDataset(id)
  if (dataset !== undefined) {
    const open = fromAddress(client.url('datasets.results', { query: { model: dataset } }))
    return { id, name: dataset.slice(dataset.indexOf('/') + 1), about: '', parts: [{ ...open, form: 'any' }] }
  }
  if (id.startsWith('file-')) {
    const file = await client.call('files.get', { params: { id } })
    return { id, name: file.filename, about: '', parts: [fromAddress(client.url('files.content', { params: { id } }))] }
  }
  const batch = await client.call('batches.get', { params: { id } })
  const asked = fromAddress(client.url('files.content', { params: { id: batch.inputFileId } }))
  const named = { id, name: batch.name, about: batch.model ?? '', asked }
  if (!isEndedBatch(batch.status)) {
    const parts = (['openai-batches.results', 'openai-batches.errors'] as const).map((route) =>
      fromAddress(client.url(route, { params: { id } }), false),
    )
    return { ...named, parts }
  }
  const files = [batch.outputFileId, batch.errorFileId].filter((one) => one !== null)
  return { ...named, parts: files.map((file) => fromAddress(client.url('files.content', { params: { id: file } }))) }
}

function fromAddress(url: string, isFinal = true): SourcePart {
  return { isFinal, form: 'batch', open: async (headers, signal) => fetch(url, { headers, signal }) }
}
