// What a release is, decided from its tag, the tags that are there, package.json and CHANGELOG.md.

export interface ReleaseParts {
  readonly tag: string
  /** Every tag of the repository. */
  readonly tags: readonly string[]
  /** The version in package.json. */
  readonly version: string
  readonly changelog: string
}

export interface Release {
  /** The changelog's section of this version, without its heading. */
  readonly notes: string
  readonly prerelease: boolean
  /** Whether no release is newer. */
  readonly latest: boolean
  /** The tag to move to this release, such as v1. Undefined for a pre-release, and where a release of that major is newer. */
  readonly majorTag: string | undefined
}

/** Decides what the release of a tag is. Throws where tag, package.json and changelog don't agree. */
export function planRelease({ tag, tags, version, changelog }: ReleaseParts): Release {
  const numbers = numbersOf(tag)
  if (numbers === undefined) throw new Error(`${tag} is no tag of a release: v1.2.3 or v1.2.3-rc.1`)
  if (tag !== `v${version}`)
    throw new Error(`The tag is ${tag}, and the version in package.json is ${version}`)
  const notes = sectionOf(changelog, version)
  if (notes === undefined) throw new Error(`CHANGELOG.md has no section "## [${version}] - YYYY-MM-DD"`)
  if (notes === '') throw new Error(`The section ${version} of CHANGELOG.md is empty`)
  const prerelease = tag.includes('-')
  const released = tags.filter((other) => !other.includes('-')).map(numbersOf)
  const newer = released.filter((other) => other !== undefined).filter((other) => isNewer(other, numbers))
  return {
    notes,
    prerelease,
    latest: !prerelease && newer.length === 0,
    majorTag: prerelease || newer.some(([major]) => major === numbers[0]) ? undefined : `v${numbers[0]}`,
  }
}

/** The three numbers of a release's tag. Undefined for any other. */
function numbersOf(tag: string): readonly number[] | undefined {
  const [, ...numbers] = /^v(\d+)\.(\d+)\.(\d+)(?:-[0-9A-Za-z.-]+)?$/.exec(tag) ?? []
  return numbers.length === 3 ? numbers.map(Number) : undefined
}

function isNewer(one: readonly number[], other: readonly number[]): boolean {
  const place = one.findIndex((number, index) => number !== other[index])
  return (one[place] ?? 0) > (other[place] ?? 0)
}

/** What stands in the changelog for a version, without the heading and the links at the end. */
function sectionOf(changelog: string, version: string): string | undefined {
  const [, ...sections] = changelog.split(/^## /m)
  for (const section of sections) {
    const [heading = '', ...lines] = section.split('\n')
    const [, named] = /^\[(.+)\] - \d{4}-\d\d-\d\d$/.exec(heading.trim()) ?? []
    if (named === version) {
      const text = lines.filter((line) => !/^\[[^\]]+\]: /.test(line))
      return text.join('\n').trim()
    }
  }
  return undefined
}
