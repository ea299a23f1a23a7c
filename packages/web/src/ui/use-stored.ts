import { useState } from 'react'

/** A setting of this browser, such as the height of a panel. What is stored and no longer valid counts as absent. */
export function useStored<Value>(key: string, read: (text: string | null) => Value): [Value, (value: Value) => void] {
  const [value, setValue] = useState(() => read(localStorage.getItem(`pilothouse.${key}`)))
  const store = (next: Value): void => {
    localStorage.setItem(`pilothouse.${key}`, String(next))
    setValue(next)
  }
  return [value, store]
}
