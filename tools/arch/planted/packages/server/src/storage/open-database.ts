import { describeRequest } from '../http/request.ts'

export function openDatabase(): string {
  return describeRequest({ path: '/' })
}
