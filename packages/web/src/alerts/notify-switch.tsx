import { useState } from 'react'
import { BellRing } from 'lucide-react'
import { CheckField } from '../ui/fields.tsx'
import { isNotifying, notifyKey } from './notify.ts'

/** Turns notifications of this browser on, once it allows them. */
export function NotifySwitch() {
  const [isOn, setOn] = useState(isNotifying)
  const [refusal, setRefusal] = useState<string>()
  const turn = async (wanted: boolean): Promise<void> => {
    setRefusal(undefined)
    setOn(wanted)
    if (wanted) {
      const answer = 'Notification' in window ? await Notification.requestPermission() : 'denied'
      if (answer !== 'granted') {
        setOn(false)
        setRefusal('This browser does not allow notifications here: its settings for this page say so.')
        return
      }
    }
    localStorage.setItem(`pilothouse.${notifyKey}`, wanted ? 'on' : 'off')
  }
  return (
    <div className="flex flex-wrap items-center gap-x-3 text-muted">
      <BellRing size={14} aria-hidden />
      <CheckField label="Notify me in this browser" isOn={isOn} onChange={(wanted) => void turn(wanted)} />
      {refusal === undefined ? null : (
        <p role="alert" className="text-bad">
          {refusal}
        </p>
      )}
    </div>
  )
}
