import type { AlertLevel } from '@pilothouse/contract'
import { CircleAlert, Info, TriangleAlert } from 'lucide-react'

/** The level of an alert: never by colour alone. */
export function AlertSign({ level, isQuiet = false }: { level: AlertLevel; isQuiet?: boolean }) {
  switch (level) {
    case 'info':
      return <Info size={16} className="text-faint" aria-label="Information" />
    case 'warning':
      return <TriangleAlert size={16} className={isQuiet ? 'text-faint' : 'text-warn'} aria-label="Warning" />
    case 'error':
      return <CircleAlert size={16} className={isQuiet ? 'text-faint' : 'text-bad'} aria-label="Error" />
    default:
      return level satisfies never
  }
}
