import { useState } from 'react'
import { CheckField } from '../ui/fields.tsx'
import { mayNotify } from './watched-batches.ts'

type SwitchProps = { isOn: boolean; onChange: (isOn: boolean) => void }

/** Whether this browser tells the end of a batch, once it allows that. */
export function WatchSwitch({ isOn, onChange }: SwitchProps) {
  const [isRefused, setRefused] = useState(false)
  const turn = async (wanted: boolean): Promise<void> => {
    const isAllowed = !wanted || (await mayNotify())
    setRefused(!isAllowed)
    onChange(wanted && isAllowed)
  }
  return (
    <div className="flex flex-col gap-1">
      <CheckField label="Notify me when it is done" isOn={isOn} onChange={(wanted) => void turn(wanted)} />
      {isRefused ? (
        <p role="alert" className="text-12 text-bad">
          This browser does not allow notifications here: its settings for this page say so.
        </p>
      ) : null}
    </div>
  )
}
