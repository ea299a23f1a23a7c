import { lazy, Suspense } from 'react'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import type { JobsSearch } from '../jobs/jobs-search.ts'
import { buttonClass } from '../ui/button.tsx'

const route = getRouteApi('/frame/')
const AddJobSheet = lazy(async () => ({ default: (await import('./add-job-sheet.tsx')).AddJobSheet }))

/** The way into the sheet, which stands in the address: it can be linked to and gone back from. */
export function AddJobButton({ className = '' }: { className?: string }) {
  return (
    <Link
      to="/"
      search={(search) => ({ ...search, add: 'sdk' as const })}
      className={`${buttonClass('primary')} ${className}`}
      title="Add a job (a)"
    >
      <Plus size={14} aria-hidden /> Add a job
    </Link>
  )
}

/** The sheet while the address asks for it; its code is fetched then. */
export function AddJob() {
  const { add } = route.useSearch()
  const navigate = useNavigate({ from: '/' })
  if (add === undefined) return null
  return (
    <Suspense fallback={null}>
      <AddJobSheet
        way={add}
        onWay={(way) => void navigate({ search: (search) => ({ ...search, add: way }), replace: true })}
        onClose={() => void navigate({ search: ({ add: _, ...search }: JobsSearch) => search, replace: true })}
      />
    </Suspense>
  )
}
