import { useQuery } from '@tanstack/react-query'
import { formatBytes } from '@pilothouse/signals'
import { useServices } from '../app/services.ts'
import { comparedMax, nameDataset } from './batches-search.ts'
import { countWords } from './batch-words.ts'

/** To choose from; others come by their address. */
const choicesMax = 100

type Choice = { id: string; words: string }

/** Adds one of the batches with answers, of the files that batches have made, or of those that older tools have left. */
export function SourcePicker({ ids, onAdd }: { ids: readonly string[]; onAdd: (id: string) => void }) {
  const { batches, files, datasets } = useChoices()
  const isFull = ids.length >= comparedMax
  const open = (choices: readonly Choice[]): Choice[] => choices.filter(({ id }) => !ids.includes(id))
  return (
    <select
      aria-label="Add results"
      value=""
      disabled={isFull}
      onChange={({ target: { value } }) => (value === '' ? undefined : onAdd(value))}
      className="h-7 max-w-full min-w-0 rounded-md border border-line-strong bg-surface px-2 disabled:opacity-50 max-sm:w-full sm:w-64 pointer-coarse:h-11 pointer-coarse:text-16"
    >
      <option value="">{isFull ? `${comparedMax} at most` : 'Add results …'}</option>
      <Choices label="Batches" choices={open(batches)} />
      <Choices label="Files of answers" choices={open(files)} />
      <Choices label="Files in folders of the server" choices={open(datasets)} />
    </select>
  )
}

function Choices({ label, choices }: { label: string; choices: readonly Choice[] }) {
  if (choices.length === 0) return null
  return (
    <optgroup label={label}>
      {choices.map(({ id, words }) => (
        <option key={id} value={id}>
          {words}
        </option>
      ))}
    </optgroup>
  )
}

/** Files of results that older tools have left on the server. */
export function useDatasets() {
  const { client } = useServices()
  return useQuery({
    queryKey: ['datasets'],
    queryFn: async ({ signal }) => client.call('datasets.discover', { signal }),
    staleTime: 0,
  })
}

function useChoices(): { batches: Choice[]; files: Choice[]; datasets: Choice[] } {
  const { client } = useServices()
  const batches = useQuery({
    queryKey: ['batches', 'with-answers'],
    queryFn: async ({ signal }) => client.call('batches.list', { query: { limit: choicesMax }, signal }),
    staleTime: 0,
  }).data?.batches.filter(({ counts }) => counts.completed + counts.failed > 0)
  const files = useQuery({
    queryKey: ['files', 'batch_output'],
    queryFn: async ({ signal }) =>
      client.call('files.list', { query: { purpose: 'batch_output', limit: choicesMax }, signal }),
    staleTime: 0,
  }).data?.data
  const datasets = useDatasets().data?.datasets
  return {
    batches: (batches ?? []).map(({ id, name, model, counts }) => ({
      id,
      words: `${name} · ${model ?? 'no model'} · ${countWords(counts.completed, 'answer')}`,
    })),
    files: (files ?? []).map(({ id, filename, bytes }) => ({ id, words: `${filename} · ${formatBytes(bytes)}` })),
    datasets: (datasets ?? []).map(({ id, name, bytes }) => ({
      id: nameDataset(id),
      words: `${name} · ${formatBytes(bytes)}`,
    })),
  }
}
