// What a release consists of, from its tag, package.json and CHANGELOG.md.

export interface ReleaseParts {
  readonly tag: string
  /** The version in package.json. */
  readonly version: string
  readonly changelog: string
}

export interface Release {
  /** The changelog's section of this version, without its heading. */
  readonly notes: string
  readonly prerelease: boolean
  /** The tag of its major version, such as v1. */
  readonly major: string
}

/** Returns what the release of a tag consists of. Throws if tag, package.json and changelog don't agree. */
export function planRelease({ tag, version, changelog }: ReleaseParts): Release {
  const [, major, suffix] = /^(v\d+)\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.exec(tag) ?? []
  if (major === undefined) throw new Error(`${tag} is no tag of a release: v1.2.3 or v1.2.3-rc.1`)
  if (tag !== `v${version}`)
    throw new Error(`The tag is ${tag}, and the version in package.json is ${version}`)
  const notes = sectionOf(changelog, version)
  if (notes === undefined) throw new Error(`CHANGELOG.md has no section "## [${version}] - YYYY-MM-DD"`)
  if (notes === '') throw new Error(`The section ${version} of CHANGELOG.md is empty`)
  return { notes, prerelease: suffix !== undefined, major }
}

/** Returns the changelog's section of a version, without the heading and the links at the end. */
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
