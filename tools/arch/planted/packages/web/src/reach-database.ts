import { openDatabase } from '../../server/src/storage/open-database.ts'

export const database = openDatabase()
