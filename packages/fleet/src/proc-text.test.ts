import { expect, test } from 'vitest'
import {
  parseCpuTimes,
  parseDiskBytes,
  parseMemory,
  parseNetworkBytes,
  parseProcess,
  parseResidentBytes,
} from './proc-text.ts'

test('CPU times count waiting for a disk as idle, and guests once', () => {
  const stat = 'cpu  100 10 50 800 40 5 15 0 70 3\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 1\n'
  expect(parseCpuTimes(stat)).toEqual({ total: 1_020, busy: 180 })
  expect(parseCpuTimes('nothing')).toBeNull()
})

test('memory that would be given back is not used', () => {
  const meminfo = 'MemTotal:       16000000 kB\nMemFree:          500000 kB\nMemAvailable:    9000000 kB\n'
  expect(parseMemory(meminfo)).toEqual({ total: 16_000_000 * 1024, used: 7_000_000 * 1024 })
  expect(parseMemory('MemTotal: 10 kB\nMemFree: 4 kB\n')).toEqual({ total: 10_240, used: 6_144 })
  expect(parseMemory('')).toBeNull()
})

test('of the disks whole devices count, partitions, loops and mapped ones do not', () => {
  const diskstats = [
    '   8       0 sda 100 5 2000 30 50 5 4000 20 0 40 50 0 0 0 0 0 0',
    '   8       1 sda1 100 5 2000 30 50 5 4000 20 0 40 50 0 0 0 0 0 0',
    ' 259       0 nvme0n1 1 0 10 1 1 0 20 1 0 1 1',
    ' 259       1 nvme0n1p1 1 0 10 1 1 0 20 1 0 1 1',
    '   7       0 loop0 1 0 10 1 0 0 0 0 0 1 1',
    ' 253       0 dm-0 1 0 10 1 1 0 20 1 0 1 1',
  ].join('\n')
  expect(parseDiskBytes(diskstats)).toEqual({ read: 2_010 * 512, written: 4_020 * 512 })
})

test('of the network outer interfaces count', () => {
  const dev = [
    'Inter-|   Receive                                                |  Transmit',
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
    '    lo: 500 5 0 0 0 0 0 0 500 5 0 0 0 0 0 0',
    '  eth0: 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0',
    'wlan0:300 3 0 0 0 0 0 0 400 4 0 0 0 0 0 0',
    'docker0: 7 1 0 0 0 0 0 0 8 1 0 0 0 0 0 0',
  ].join('\n')
  expect(parseNetworkBytes(dev)).toEqual({ received: 1_300, sent: 2_400 })
})

test('a process may be called anything', () => {
  const stat = '42 (a) (b c) S 7 42 42 0 -1 4194304 100 0 0 0 150 50 0 0 20 0 3 0 12345 0 0'
  expect(parseProcess(stat)).toEqual({ parent: 7, ticks: 200 })
  expect(parseProcess('')).toBeNull()
})

test('resident memory is absent for a zombie', () => {
  expect(parseResidentBytes('Name:\tpython3\nVmRSS:\t  204800 kB\n')).toBe(204_800 * 1024)
  expect(parseResidentBytes('Name:\tpython3\nState:\tZ (zombie)\n')).toBeNull()
})
