/** Column types by their name in the dialect at hand. */
export type ColumnTypes = {
  dialect: 'sqlite' | 'postgres'
  /** Primary key that counts by itself and never uses a number again. */
  id: string
  int64: string
  float64: string
  blob: string
  bool: string
  json: string
}

/** One step of the schema: each string is exactly one statement. */
export type Migration = { name: string; statements: (types: ColumnTypes) => string[] }
