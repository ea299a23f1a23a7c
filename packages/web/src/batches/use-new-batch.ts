import { useEffect, useRef, useState } from 'react'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { FileObject, OpenAiBatch } from '@pilothouse/contract'
import { PilothouseError } from '@pilothouse/contract/wire'
import { useServices } from '../app/services.ts'
import { useSettled } from '../ui/use-settled.ts'
import { type BatchDraft, toCreate } from './batch-draft.ts'
import { uploadFile } from './upload-file.ts'

/** Files to choose from, the newest. */
const filesShownMax = 50
/** Engines come and go, and the queue moves: what would come of it is asked again, ms. */
const checkEveryMs = 15_000
/** What is typed counts when it rests so long, ms. */
const restMs = 300

/** Files of requests that were uploaded already, the newest first. */
export function useInputFiles() {
  const { client } = useServices()
  return useQuery({
    queryKey: ['files', 'batch'],
    queryFn: async ({ signal }) =>
      client.call('files.list', { query: { purpose: 'batch', limit: filesShownMax }, signal }),
    staleTime: 0,
  })
}

/** The file that the address names. */
export function useFile(id: string | undefined) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['files', 'one', id ?? ''],
    enabled: id !== undefined,
    queryFn: async ({ signal }) => client.call('files.get', { params: { id: id ?? '' }, signal }),
  })
}

/** What would come of the batch: faults, a refusal, or an estimate. Asked as settings change, and now and then. */
export function useCheck(file: string | undefined, { endpoint, model }: BatchDraft) {
  const { client } = useServices()
  const settled = useSettled(model, restMs)
  return useQuery({
    queryKey: ['batches', 'check', file ?? '', endpoint, settled],
    enabled: file !== undefined,
    queryFn: async ({ signal }) =>
      client.call('batches.check', {
        body: { inputFileId: file ?? '', endpoint, ...(settled === '' ? {} : { model: settled }) },
        signal,
      }),
    placeholderData: keepPreviousData,
    staleTime: 0,
    refetchInterval: checkEveryMs,
  })
}

/** A file that is on its way. One at a time; leaving the page stops it. */
export function useUpload(onDone: (file: FileObject) => void) {
  const { client } = useServices()
  const queries = useQueryClient()
  const [sentBytes, setSentBytes] = useState(0)
  const stop = useRef<AbortController>(undefined)
  useEffect(() => () => stop.current?.abort(), [])
  const upload = useMutation({
    mutationFn: async (file: File) => {
      stop.current?.abort()
      stop.current = new AbortController()
      setSentBytes(0)
      const { signal } = stop.current
      return uploadFile({ url: client.url('files.create'), file, signal, onProgress: setSentBytes })
    },
    onSuccess: (file) => {
      queries.setQueryData(['files', 'one', file.id], file)
      void queries.invalidateQueries({ queryKey: ['files', 'batch'] })
      onDone(file)
    },
  })
  const error = upload.error instanceof PilothouseError ? upload.error : null
  return {
    file: upload.isPending ? upload.variables : undefined,
    sentBytes,
    error,
    send: (file: File): void => upload.mutate(file),
    stop: (): void => stop.current?.abort(),
  }
}

/** Makes the batch. */
export function useCreate(onDone: (batch: OpenAiBatch) => void) {
  const { client } = useServices()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ draft, file }: { draft: BatchDraft; file: string }) =>
      client.call('openai-batches.create', { body: toCreate(draft, file) }),
    onSuccess: (batch) => {
      void queries.invalidateQueries({ queryKey: ['batches'] })
      onDone(batch)
    },
  })
}
