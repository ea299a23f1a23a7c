/** What keeps a worker from its work, and does not stop it: it goes on trying. */
export type WorkerTrouble = {
  /** What it was doing. */
  at: 'lease' | 'deliver' | 'beat' | 'give-back' | 'engines' | 'lane'
  /** One sentence. */
  message: string
  error: unknown
}

export type TellTrouble = (at: WorkerTrouble['at'], error: unknown) => void

const againMs = 60_000
const sentences: Record<WorkerTrouble['at'], string> = {
  lease: 'The control room cannot be asked for requests',
  deliver: 'Results cannot be delivered; they are kept, and delivered again and again',
  beat: 'The control room cannot be told that this worker is alive',
  'give-back': 'Leases cannot be given back; they end by themselves',
  engines: 'It is not known which engines answer, or one of them cannot be asked',
  lane: 'Requests of a model cannot be sent',
}

/** Tells of each kind of trouble at most once a minute. `now`: ms. */
export function tellTrouble(onTrouble: (trouble: WorkerTrouble) => void, now: () => number): TellTrouble {
  const told = new Map<WorkerTrouble['at'], number>()
  return (at, error) => {
    const lastMs = told.get(at)
    if (lastMs !== undefined && now() - lastMs < againMs) return
    told.set(at, now())
    onTrouble({ at, message: `${sentences[at]}: ${error instanceof Error ? error.message : String(error)}`, error })
  }
}
