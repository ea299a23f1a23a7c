import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useServices } from '../app/services.ts'

/** Scripts and interpreters of a project. */
export function useScriptChoices(projectId: number) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['scripts', projectId],
    queryFn: async ({ signal }) => client.call('scripts.list', { params: { id: String(projectId) }, signal }),
  })
}

export type ScriptQuestion = {
  projectId: number
  script: string
  interpreter: string
  /** Of the first job. */
  words: readonly string[]
  /** Of the others of a sweep. */
  more: readonly (readonly string[])[]
}

/** What the script says of these words. `agreed`: somebody knows that its beginning runs for that. */
export function useDescription({ projectId, script, interpreter, words, more }: ScriptQuestion, agreed: boolean) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['scripts', projectId, 'describe', script, interpreter, words, more],
    queryFn: async ({ signal }) =>
      client.call('scripts.describe', {
        params: { id: String(projectId) },
        body: { script, interpreter, words: [...words], more: more.map((one) => [...one]), consent: true },
        signal,
      }),
    enabled: agreed,
    // The form stays while the words are looked at, not while the script is another one.
    placeholderData: (last, query) =>
      query?.queryKey[3] === script && query.queryKey[4] === interpreter ? keepPreviousData(last) : undefined,
    retry: false,
    refetchOnWindowFocus: false,
  })
}
