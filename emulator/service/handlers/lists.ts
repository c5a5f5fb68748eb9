import type { Holdings } from '../holdings.js'
import { type Handler, page, type RequestContext } from './context.js'

/** The kinds of resource that the emulator keeps. */
type Kind = Extract<keyof Holdings, `${string}s`>

/** Returns a handler for the list of all resources of a kind: the name of its member, and how to read one by its name. */
export function listOf(
  member: string,
  kind: Kind,
  read: (context: RequestContext, name: string) => object,
): Handler {
  return (context, input) => {
    const { region, now, behaviour } = context
    const names = region[kind].names(now)
    const ordered = behaviour.listOrder === 'newest-first' ? names.reverse() : names
    return page(member, ordered, (name) => read(context, name), context, input)
  }
}
