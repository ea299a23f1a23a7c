/** The account of what groups take in memory, and their leaving it. */
import { type Group, measureGroup } from './group.ts'
import type { Room } from './room.ts'

/** Spilling goes on until memory is below this share of its limit. */
const spillShare = 0.8

/** Brings the account of memory up to date. */
export function measureTouched(room: Room): void {
  for (const group of room.touched) {
    const bytes = room.groups.get(group.id) === group ? measureGroup(group).bytes : 0
    room.groupBytes += bytes - group.bytes
    group.bytes = bytes
  }
  room.touched.clear()
}

/** Groups to leave memory, the one used least recently first; none while memory is within its limit. */
export function listIdle(room: Room): Group[] {
  if (room.groupBytes <= room.limits.headBytesMax) return []
  let bytes = room.groupBytes
  const idle: Group[] = []
  for (const group of room.groups.values()) {
    if (bytes <= room.limits.headBytesMax * spillShare) break
    // Staged but not applied yet: the commit may be under way.
    if (group.staged > room.appliedSeq) continue
    idle.push(group)
    bytes -= group.bytes
  }
  return idle
}

/** Takes a group out of memory. */
export function forgetGroup(room: Room, group: Group): void {
  room.groups.delete(group.id)
  room.ripe.delete(group)
  room.touched.delete(group)
  room.groupBytes -= group.bytes
  group.bytes = 0
}
