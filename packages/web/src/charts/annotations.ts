/** Marks on curves as a chart shows them: what people left on points, and what was done to the job: a thin line with a letter that opens what it says. */
import { createContext, useContext } from 'react'
import type { XAxis } from '@pilothouse/contract'

export type Annotation = {
  /** Unique among all marks. */
  id: string
  /** What people wrote; what was changed while the job ran; where it went back. */
  kind: 'note' | 'change' | 'fork'
  letter: string
  /** Begins with what it says, for those who hover or hear it. */
  title: string
  /** Series that it stands on; null: every chart of the job. */
  series: { key: string; source: string } | null
  step: number | null
  epoch: number | null
  /** Server's clock, ms. */
  time: number
}

/** Where somebody wants to leave one: a series, and a place on the axis of its chart. */
export type AnnotationPlace = { key: string; source: string; x: XAxis; at: number; value: number }

export type Annotations = {
  list: readonly Annotation[]
  onOpen: (annotation: Annotation) => void
  /** Absent where nobody may leave one. */
  onAdd?: ((place: AnnotationPlace) => void) | undefined
}

const nothing: Annotations = { list: [], onOpen: () => undefined }
const AnnotationsContext = createContext<Annotations>(nothing)
export const AnnotationsProvider = AnnotationsContext.Provider

/** What the charts around here show; nothing outside of a job. */
export function useAnnotations(): Annotations {
  return useContext(AnnotationsContext)
}

/** Place of an annotation on an axis; undefined where it has none. `origin` is the zero of «relative», ms. */
export function placeAnnotation(
  { step, epoch, time }: Pick<Annotation, 'step' | 'epoch' | 'time'>,
  axis: XAxis,
  origin: number,
): number | undefined {
  switch (axis) {
    case 'step':
      return step ?? undefined
    case 'epoch':
      return epoch ?? undefined
    case 'relative':
      return time - origin
    case 'wall':
      return time
    default:
      return undefined // over another metric a step may have several places
  }
}

/** Letters for the n-th: A … Z, AA, AB … */
export function letterOf(rank: number): string {
  const last = String.fromCodePoint(65 + (rank % 26))
  return rank < 26 ? last : letterOf(Math.floor(rank / 26) - 1) + last
}
