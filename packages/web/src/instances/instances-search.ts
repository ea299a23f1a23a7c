import { readChoice } from '../app/search-params.ts'

/** The page of rented machines as its address has it; absent = closed. */
export type InstancesSearch = {
  /** The machine whose facts are shown, by its number here. */
  machine?: number
  /** A sheet that is open. */
  open?: 'rent' | 'accounts'
}

/** Reads the address; unknown words are dropped, not refused. */
export function readInstancesSearch(raw: Record<string, unknown>): InstancesSearch {
  const open = readChoice(raw['open'], ['rent', 'accounts'] as const)
  const machine = Number(raw['machine'])
  return {
    ...(Number.isSafeInteger(machine) && machine > 0 ? { machine } : {}),
    ...(open === undefined ? {} : { open }),
  }
}
