import type { Request } from '../http/request.ts'

export function openDatabase(request?: Request): string {
  return String(request)
}
