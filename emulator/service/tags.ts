import { checkTagCount } from './limits.js'
import type { Tag } from './wire.js'

interface Version {
  readonly tags: readonly Tag[]
  /** Milliseconds since the epoch. */
  readonly shownFrom: number
}

const always = Number.NEGATIVE_INFINITY

/** The tags of one resource. Reads may show a change late. */
export class TagHistory {
  #versions: readonly Version[]

  /** Reads show the first tags from `shownFrom` on (milliseconds since the epoch), and none before. */
  constructor(tags: readonly Tag[], shownFrom = always) {
    this.#versions = [
      { tags: [], shownFrom: always },
      { tags, shownFrom },
    ]
  }

  /** The tags that reads show at `now` (milliseconds since the epoch). */
  shownAt(now: number): Tag[] {
    return [...(this.#versions.findLast(({ shownFrom }) => shownFrom <= now)?.tags ?? [])]
  }

  /** Adds tags, which reads show from `shownFrom` on (milliseconds since the epoch). InvalidInputException if there are too many. */
  add(tags: readonly Tag[], shownFrom: number): void {
    const merged = mergeTags(this.#versions.at(-1)?.tags ?? [], tags)
    checkTagCount(merged)
    this.#versions = [...this.#versions, { tags: merged, shownFrom }]
  }

  /** Adds tags, which reads show at once. */
  addAtOnce(tags: readonly Tag[]): void {
    this.#changeEach((old) => mergeTags(old, tags))
  }

  /** Removes tags, which reads show at once. */
  removeAtOnce(keys: readonly string[]): void {
    this.#changeEach((old) => old.filter(({ key }) => !keys.includes(key)))
  }

  // Changes the versions that reads don't show yet as well, so that none of them undoes it.
  #changeEach(change: (tags: readonly Tag[]) => readonly Tag[]): void {
    this.#versions = this.#versions.map(({ tags, shownFrom }) => ({ tags: change(tags), shownFrom }))
  }
}

/** Returns the old tags with the new ones: an existing key gets the new value. */
function mergeTags(old: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  return [...new Map([...old, ...added].map((tag) => [tag.key, tag])).values()]
}
