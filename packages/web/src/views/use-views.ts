import { useEffect, useRef } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Session, View, ViewCreate, ViewPage, ViewPatch } from '@pilothouse/contract'
import { useServices, useSession } from '../app/services.ts'
import { showToast } from '../ui/toasts.tsx'

/** What views of a page are called. */
export function nameViews(page: ViewPage): 'view' | 'preset' {
  return page === 'launch' ? 'preset' : 'view'
}

/** How views are kept of a page whose state does not stand in its address. */
export type OwnState = {
  /** Two are the same where this is. */
  key: (search: string) => string
  /** Address that opens one. */
  link: (view: View) => string
  /** What of the page is kept, and what is not. */
  kept: string
  /** Why it cannot be kept now. */
  hindrance: string | undefined
  onSaved: (view: View) => void
}

/** Views change seldom: they are asked for again after so long. */
const freshMs = 60_000

/** Own and shared views of a page, by name. */
export function useViews(page: ViewPage, project?: string) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['views', page, project ?? null],
    queryFn: async ({ signal }): Promise<readonly View[]> => {
      const query = { page, ...(project === undefined ? {} : { project }) }
      return (await client.call('views.list', { query, signal })).views
    },
    staleTime: freshMs,
  })
}

/**
 * Opens the page with the view that its member chose, when it comes without anything in its address. True as soon as it
 * is known what is to be shown: a list that waits for it is not shown twice.
 */
export function useDefaultView(given: {
  page: ViewPage
  project?: string
  isPlain: boolean
  open: (search: string) => void
}): boolean {
  const { page, project, isPlain, open } = given
  const views = useViews(page, project)
  const isDecided = useRef(!isPlain)
  const chosen = views.data?.find(({ isDefault, search }) => isDefault && search !== '')
  const opens = !isDecided.current && isPlain && chosen !== undefined
  useEffect(() => {
    if (isDecided.current || !views.isFetched) return
    isDecided.current = true
    if (opens) open(chosen.search)
  })
  return isDecided.current || !isPlain || (views.isFetched && !opens)
}

/** True when the view is one's own, or shared and one's to look after. */
export function mayChangeView({ owner, isShared }: View, { member, permissions }: Session): boolean {
  return owner.id === member.id || (isShared && permissions.includes('training:admin'))
}

/** What can be done with views; each says itself what went wrong. */
export function useViewChanges() {
  const { client } = useServices()
  const session = useSession()
  const queries = useQueryClient()
  const onSettled = (): void => void queries.invalidateQueries({ queryKey: ['views'] })
  const create = useMutation({
    mutationFn: async (body: ViewCreate): Promise<View> => client.call('views.create', { body }),
    onSettled,
  })
  const edit = useMutation({
    mutationFn: async ({ id, ...body }: ViewPatch & { id: number }): Promise<View> =>
      client.call('views.edit', { params: { id }, body }),
    onError: (error) => showToast({ words: `It stays as it was: ${error.message}`, isBad: true }),
    onSettled,
  })
  const remove = useMutation({
    mutationFn: async ({ id }: View) => client.call('views.delete', { params: { id } }),
    onSuccess: (_, { page, name, search, project, isShared, isDefault, owner }) => {
      const isOwn = owner.id === session.member.id
      const again = { page, name, search, project, isShared, isDefault }
      const words = `${nameViews(page) === 'view' ? 'View' : 'Preset'} «${name}» deleted.`
      showToast(isOwn ? { words, action: { name: 'Undo', run: () => create.mutate(again) } } : { words })
    },
    onError: (error) => showToast({ words: `It was not deleted: ${error.message}`, isBad: true }),
    onSettled,
  })
  return { create, edit, remove }
}
