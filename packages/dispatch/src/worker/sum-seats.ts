import type { WorkerSeat } from '@pilothouse/contract'
import type { SeatView } from '../run/engine-seat.ts'

/** One for each engine: what lanes see of it now, and what those did with it that are over. Pure. */
export function sumSeats(now: readonly SeatView[], over: readonly SeatView[]): WorkerSeat[] {
  const names = new Set([...now, ...over].map(({ name }) => name))
  return [...names].map((name) => {
    const isThis = (seat: SeatView): boolean => seat.name === name
    return sumSeat(name, now.filter(isThis), over.filter(isThis))
  })
}

function sumSeat(name: string, now: readonly SeatView[], over: readonly SeatView[]): WorkerSeat {
  const add = (seats: readonly SeatView[], read: (seat: SeatView) => number): number =>
    seats.reduce((sum, seat) => sum + read(seat), 0)
  const all = [...now, ...over]
  return {
    engineId: Number(name),
    inFlight: add(now, ({ inFlight }) => inFlight),
    limit: add(now, ({ limit }) => limit),
    isAway: now.length > 0 && now.every(({ isAway }) => isAway),
    answered: add(all, ({ answered }) => answered),
    failed: add(all, ({ failed }) => failed),
    tokens: add(all, ({ tokens }) => tokens),
    latencyMs: meanLatency(now.some(({ answered }) => answered > 0) ? now : over),
  }
}

function meanLatency(seats: readonly SeatView[]): number {
  const answered = seats.reduce((sum, seat) => sum + seat.answered, 0)
  return seats.reduce((sum, seat) => sum + (seat.latencyMs * seat.answered) / Math.max(1, answered), 0)
}
