import type { ListOrder, ListShift } from '../behaviour.js'
import type { Holdings } from '../holdings.js'
import { shiftList } from '../list-shifts.js'
import type { Input } from '../wire.js'
import { type Handler, page, type RequestContext } from './context.js'

type Read = (context: RequestContext, key: string) => object

/** Returns a handler for a list: the name of its member, the keys of all items, and how to read an item. */
export function list(
  member: string,
  keys: (context: RequestContext, input: Input) => string[],
  read: Read,
): Handler {
  return (context, input) => page(member, keys(context, input), (key) => read(context, key), context, input)
}

/** The kinds of resource that the emulator keeps. */
type Kind = Extract<keyof Holdings, `${string}s`>

/** Returns a handler for the list of all resources of a kind, in the order set. */
export function listOf(member: string, kind: Kind, read: Read): Handler {
  const names = ({ region, now, behaviour }: RequestContext) =>
    inOrder(region[kind].names(now), behaviour.listOrder)
  return list(member, names, read)
}

/** Returns the keys, given oldest first, in this order. */
export function inOrder(keys: readonly string[], order: ListOrder): string[] {
  return order === 'newest-first' ? [...keys].reverse() : [...keys]
}

/** Returns a handler for the same list, which may change right before a page is read. */
export function shifted(operation: ListShift['operation'], handler: Handler): Handler {
  return (context, input) => {
    shiftList(operation, input['pageToken'] === undefined, context)
    return handler(context, input)
  }
}
