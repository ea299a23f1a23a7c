/**
 * Threads beside the main one have garbage collected when their heap has grown: V8 by itself lets a heap that is read once a second
 * grow to several times what lives in it, because it saves time where nobody needs any. Takes effect where Node was started with
 * `--expose-gc`, as the command does for its server (docs/decisions/memory.md).
 */
import { getHeapStatistics } from 'node:v8'

export type HeapLook = {
  /** What the heap takes, buffers outside of it included. */
  bytes: number
  /** Share of time in which the thread was busy since the last look, 0 … 1. */
  busy: number
  /** Steady, ms. */
  nowMs: number
}

/** `bytes`: what the heap took right after it was collected, at `atMs`. */
export type Collected = { bytes: number; atMs: number }

export type CollectionPace = {
  /** The heap may grow by so much. */
  growthBytes: number
  /** A thread that is busier than this is left alone. */
  busyMax: number
  /** At least so long between two collections. */
  restMs: number
}

/**
 * Of a thread that others wait for: a collection stops it for 20 to 60 ms, too seldom to be seen in the 99th percentile. Where reports
 * pour in it has none at all: collected every 20 s there, each report took a quarter more CPU.
 */
export const calmPace: CollectionPace = { growthBytes: 8 * 1024 * 1024, busyMax: 0.5, restMs: 30_000 }
/** Of a thread that nobody waits for. */
export const workPace: CollectionPace = { ...calmPace, busyMax: 1, restMs: 2_000 }

/** `last`: null before the first collection, which clears away what the start has left. */
export function isCollectionDue(look: HeapLook, last: Collected | null, pace: CollectionPace): boolean {
  if (look.busy > pace.busyMax) return false
  if (last === null) return true
  return look.bytes >= last.bytes + pace.growthBytes && look.nowMs - last.atMs >= pace.restMs
}

const lookEveryMs = 2_000

/** Keeps the heap of this thread small from now on; keeps no process alive. */
export function keepHeapSmall(pace: CollectionPace = calmPace): void {
  const { gc: collect } = globalThis
  if (collect === undefined) return
  let last: Collected | null = null
  let seen = performance.eventLoopUtilization()
  const look = (): void => {
    const now = performance.eventLoopUtilization()
    const { utilization: busy } = performance.eventLoopUtilization(now, seen)
    seen = now
    if (!isCollectionDue({ bytes: measureHeap(), busy, nowMs: performance.now() }, last, pace)) return
    // The thorough kind also gives back what is free, but the heap is kept tight afterwards, which costs a busy thread time.
    const flavor = last === null || pace === workPace ? 'last-resort' : 'regular'
    collect({ type: 'major', execution: 'sync', flavor })
    last = { bytes: measureHeap(), atMs: performance.now() }
  }
  setInterval(look, lookEveryMs).unref()
}

function measureHeap(): number {
  const { total_heap_size: heap, external_memory: outside } = getHeapStatistics()
  return heap + outside
}
