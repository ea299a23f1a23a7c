import { useEffect } from 'react'
import { bindKeys } from '../app/shortcuts.ts'
import { useAnnotations } from './annotations.ts'
import type { ChartFrame } from './chart-frame.ts'

/** Shows the annotations on a chart; `n` leaves one where its cursor is. Returns how to leave one, if somebody may. */
export function useAnnotationMarks(frame: ChartFrame | undefined): (() => void) | undefined {
  const { list, onOpen, onAdd } = useAnnotations()
  useEffect(() => frame?.annotate(list, onOpen), [frame, list, onOpen])
  useEffect(() => {
    if (!frame || !onAdd) return undefined
    return bindKeys((event) => {
      const place = event.key === 'n' && frame.isAimedAt() ? frame.findPlace() : undefined
      if (place) onAdd(place)
      return place !== undefined
    })
  }, [frame, onAdd])
  if (!frame || !onAdd) return undefined
  return () => {
    const place = frame.findPlace()
    if (place) onAdd(place)
  }
}
