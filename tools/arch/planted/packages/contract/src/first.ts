import { readFileSync } from 'node:fs'
import { second } from './second.ts'

export const first = readFileSync(second)
