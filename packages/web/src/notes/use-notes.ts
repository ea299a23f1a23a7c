import { useEffect } from 'react'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import type { Note, NoteCreate, NotePage } from '@pilothouse/contract'
import { useServices, useSession } from '../app/services.ts'
import { showToast } from '../ui/toasts.tsx'

/** Notes in one answer; older ones are fetched when asked for. */
const pageLimit = 100
/** The first page is the one that no cursor leads to. */
const firstPage: number | null = null

export type Notes = {
  /** Newest first; undefined before the first answer. */
  list: readonly Note[] | undefined
  /** All of the job, also those that are not in the list yet. */
  total: number
  error: Error | null
  retry: () => void
  /** Absent when all are there. */
  more: (() => void) | undefined
}

/** The notes of a job, kept fresh by its topic. */
export function useNotes(uid: string): Notes {
  const { client, live } = useServices()
  const queries = useQueryClient()
  useEffect(() => {
    const lookAgain = (): void => {
      void queries.invalidateQueries({ queryKey: ['notes', uid] })
      // They say how many notes there are on each.
      void queries.invalidateQueries({ queryKey: ['checkpoints', uid] })
    }
    return live.subscribe(`notes:${uid}`, { onEvent: lookAgain, onReset: lookAgain })
  }, [live, queries, uid])
  const found = useInfiniteQuery({
    queryKey: ['notes', uid],
    queryFn: async ({ pageParam, signal }): Promise<NotePage> => {
      const query = { limit: pageLimit, ...(pageParam === null ? {} : { cursor: pageParam }) }
      return client.call('notes.list', { params: { uid }, query, signal })
    },
    initialPageParam: firstPage,
    getNextPageParam: (page) => page.next,
  })
  return {
    list: found.data?.pages.flatMap(({ notes }) => notes),
    total: found.data?.pages[0]?.total ?? 0,
    error: found.error,
    retry: () => void found.refetch(),
    more: found.hasNextPage ? () => void found.fetchNextPage() : undefined,
  }
}

/** Writing, changing and deleting notes of a job; what is on screen follows the server. */
export function useNoteActions(uid: string) {
  const { client } = useServices()
  const queries = useQueryClient()
  const onSettled = async (): Promise<void> => queries.invalidateQueries({ queryKey: ['notes', uid] })
  const tell = (error: Error): void => showToast({ words: error.message, isBad: true })
  const create = useMutation({
    mutationFn: async (body: NoteCreate) => client.call('notes.create', { params: { uid }, body }),
    onSettled,
  })
  const edit = useMutation({
    mutationFn: async ({ id, text }: { id: number; text: string }) =>
      client.call('notes.edit', { params: { uid, id: String(id) }, body: { text } }),
    onSettled,
  })
  const restore = useMutation({
    mutationFn: async (id: number) => client.call('notes.restore', { params: { uid, id: String(id) } }),
    onError: tell,
    onSettled,
  })
  const remove = useMutation({
    mutationFn: async (id: number) => client.call('notes.delete', { params: { uid, id: String(id) } }),
    onSuccess: (_, id) =>
      showToast({ words: 'The note is deleted.', action: { name: 'Undo', run: () => restore.mutate(id) } }),
    onError: tell,
    onSettled,
  })
  return { create, edit, remove }
}

/** Whether the person may write notes, and change a given one. */
export function useNoteRights(): { mayWrite: boolean; mayChange: (note: Note) => boolean } {
  const { permissions, member } = useSession()
  const mayWrite = permissions.includes('training:manage')
  const isAdmin = permissions.includes('training:admin')
  return { mayWrite, mayChange: ({ author }) => mayWrite && (isAdmin || author.id === member.id) }
}
