/** The machines, offers, logs and charges of the stand-in, and what orders do to them. */
import { makeInstanceRow, type Row } from './vast-rows.ts'

export class VastWorld {
  readonly instances = new Map<number, Row>()
  readonly offers = new Map<number, Row>()
  readonly logs = new Map<number, string>()
  readonly charges: Row[] = []
  /** Given to machines, by id. */
  readonly sshKeys = new Map<number, string[]>()
  readonly #hidden = new Map<number, Row>()
  #nextId = 31_000_000

  add(row: Row): void {
    this.instances.set(Number(row['id']), row)
  }

  change(id: number, changes: Row): void {
    const row = this.instances.get(id)
    if (row) this.instances.set(id, { ...row, ...changes })
  }

  /** No list has it any more, until it comes back. */
  hide(id: number): void {
    const row = this.instances.get(id)
    if (row) this.#hidden.set(id, row)
    this.instances.delete(id)
  }

  bringBack(id: number): void {
    const row = this.#hidden.get(id)
    if (row) this.instances.set(id, row)
    this.#hidden.delete(id)
  }

  /** To be running, or stopped. */
  order(id: number, state: 'running' | 'stopped'): void {
    const isRunning = this.instances.get(id)?.['actual_status'] === 'running'
    const begun = state === 'running' && !isRunning ? { actual_status: 'loading' } : {}
    this.change(id, { intended_status: state, next_state: state, ...begun })
  }

  /** What was ordered is one step nearer: made → loading → running, or running → ended. */
  advance(): void {
    for (const [id, row] of this.instances) {
      const { actual_status: now, intended_status: wanted } = row
      if (wanted === 'running' && now === null) this.change(id, { actual_status: 'loading' })
      else if (wanted === 'running' && now === 'loading')
        this.change(id, { actual_status: 'running', cur_state: 'running' })
      else if (wanted === 'stopped' && now === 'running')
        this.change(id, { actual_status: 'exited', cur_state: 'stopped', gpu_util: null })
    }
  }

  /** Null where nobody offers that; each offer can be taken once. */
  rent(offerId: number, order: Row): number | null {
    const offer = this.offers.get(offerId)
    if (!offer || offer['rented'] === true) return null
    this.offers.set(offerId, { ...offer, rented: true })
    const id = this.#nextId++
    const { num_gpus, gpu_name, gpu_ram, gpu_totalram, geolocation, dph_total } = offer
    const machine = { num_gpus, gpu_name, gpu_ram, gpu_totalram, geolocation, dph_total }
    const state = { actual_status: null, intended_status: 'running', status_msg: null, gpu_util: null, ports: null }
    const { image: image_uuid, label, disk: disk_space } = order
    this.add(makeInstanceRow(id, { ...machine, ...state, image_uuid, label, disk_space }))
    return id
  }
}
