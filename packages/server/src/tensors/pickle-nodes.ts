/**
 * What a pickle describes, as inert records. Nothing here can call, import or look up anything: a function is its name,
 * and a call is a record of the name and the arguments that it would have been made with.
 */

export class PickleList {
  readonly items: PickleNode[] = []
}

export class PickleTuple {
  readonly items: readonly PickleNode[]

  constructor(items: readonly PickleNode[]) {
    this.items = items
  }
}

export class PickleSet {
  readonly items: PickleNode[]

  constructor(items: PickleNode[] = []) {
    this.items = items
  }
}

export class PickleDict {
  /** In the order in which they were set; a key that stands twice has its last value. */
  readonly entries: [key: PickleNode, value: PickleNode][] = []
}

/** The name of a class or function that loading would import. */
export class PickleGlobal {
  /** As `os.system`. */
  readonly path: string

  constructor(path: string) {
    this.path = path
  }
}

/** What loading would make by a call; with what it would then be filled with. */
export class PickleObject {
  readonly callee: PickleNode
  readonly args: PickleNode
  readonly items: PickleNode[] = []
  readonly entries: [key: PickleNode, value: PickleNode][] = []
  state: PickleNode = null

  constructor(callee: PickleNode, args: PickleNode) {
    this.callee = callee
    this.args = args
  }
}

/** A thing outside of the pickle, by its id: storages of tensors. */
export class PicklePersistent {
  readonly id: PickleNode

  constructor(id: PickleNode) {
    this.id = id
  }
}

export class PickleBytes {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

export type PickleNode =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleBytes
  | PickleList
  | PickleTuple
  | PickleSet
  | PickleDict
  | PickleGlobal
  | PickleObject
  | PicklePersistent
