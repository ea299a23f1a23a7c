import { lazy, Suspense, useState } from 'react'
import type { Job, JobSchedule, Parameter, Preset } from '@pilothouse/contract'
import { BookmarkPlus, ChevronDown } from 'lucide-react'
import { useSession } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { Menu, MenuAction, MenuLabel, MenuLine } from '../ui/menu.tsx'
import { usePresets } from './use-presets.ts'

const ApplyPresetDialog = lazy(async () => ({
  default: (await import('./apply-preset-dialog.tsx')).ApplyPresetDialog,
}))
const SavePresetDialog = lazy(async () => ({ default: (await import('./save-preset-dialog.tsx')).SavePresetDialog }))

type MenuProps = {
  job: Job
  parameters: readonly Parameter[]
  schedules: readonly JobSchedule[]
  /** Why nothing can be applied, in words; undefined when it can. */
  refusal: string | undefined
  /** What is applied is proposed only. */
  proposes: boolean
}

/** Values that were good once: look at them, apply them, keep those of now. */
export function PresetsMenu({ job, parameters, schedules, refusal, proposes }: MenuProps) {
  const { permissions } = useSession()
  const [open, setOpen] = useState<Preset | 'save'>()
  const maySave = permissions.includes('training:manage')
  const close = (): void => setOpen(undefined)
  return (
    <>
      <Menu
        trigger={
          <Button>
            Presets <ChevronDown size={12} className="text-faint" aria-hidden />
          </Button>
        }
      >
        <PresetEntries job={job} onOpen={setOpen} />
        {maySave ? (
          <>
            <MenuLine />
            <MenuAction icon={<BookmarkPlus size={14} />} onClick={() => setOpen('save')}>
              Save current values…
            </MenuAction>
          </>
        ) : null}
      </Menu>
      <Suspense fallback={null}>
        {open === 'save' ? <SavePresetDialog job={job} parameters={parameters} onClose={close} /> : null}
        {open !== undefined && open !== 'save' ? (
          <ApplyPresetDialog
            job={job}
            preset={open}
            parameters={parameters}
            schedules={schedules}
            refusal={refusal}
            proposes={proposes}
            onClose={close}
          />
        ) : null}
      </Suspense>
    </>
  )
}

/** Stands in the open menu only, and asks anew each time: others keep presets, too. */
function PresetEntries({ job, onOpen }: { job: Job; onOpen: (preset: Preset) => void }) {
  const presets = usePresets(job.project)
  const all = presets.data ?? []
  const groups = [
    { name: `Of the project ${job.project}`, list: all.filter(({ project }) => project !== null) },
    { name: 'Of all projects', list: all.filter(({ project }) => project === null) },
  ]
  return (
    <>
      {presets.error ? <p className="max-w-64 px-2 py-1 text-bad">{presets.error.message}</p> : null}
      {presets.data?.length === 0 ? (
        <p className="max-w-64 px-2 py-1.5 text-muted">
          No preset yet. A preset keeps values of parameters under a name, for any job.
        </p>
      ) : null}
      {groups.map(({ name, list }) =>
        list.length === 0 ? null : (
          <div key={name} role="group" aria-label={name}>
            <MenuLabel>{name}</MenuLabel>
            {list.map((preset) => (
              <MenuAction key={preset.id} onClick={() => onOpen(preset)}>
                <span className="max-w-64 flex-1 truncate" title={preset.name}>
                  {preset.name}
                </span>
              </MenuAction>
            ))}
          </div>
        ),
      )}
    </>
  )
}
