const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

/** `12:04:31`, local time. */
export function formatClockTime(at: number): string {
  return clock.format(new Date(at))
}

/** Day and time to the second, for what stands behind a relative time. */
export function formatExactTime(at: number): string {
  return exact.format(new Date(at))
}
