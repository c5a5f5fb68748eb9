import { describe, expect, test } from '@jest/globals'
import { planRelease } from '../../tools/release.js'

const changelog = `# Changelog

## [Unreleased]

## [1.2.0] - 2026-12-01

### Added

- A \`thing\`, and [a link](https://example.com).

## [1.2.0-rc.1] - 2026-11-30

- Almost.

## [1.1.0] - 2026-11-01

## [2.0.0]

- No date.

[Unreleased]: https://example.com/compare/v1.2.0...HEAD
`

const release = (version: string, tags: readonly string[] = [], tag = `v${version}`) =>
  planRelease({ tag, tags: [...tags, tag, 'v1', ''], version, changelog })

describe('a release', () => {
  test('has the section of its version for notes, and moves the major tag', () => {
    expect(release('1.2.0', ['v1.1.0', 'v1.10.0-rc.1'])).toEqual({
      notes: '### Added\n\n- A `thing`, and [a link](https://example.com).',
      prerelease: false,
      latest: true,
      majorTag: 'v1',
    })
  })

  test('that is a pre-release moves no tag and is not the latest', () => {
    expect(release('1.2.0-rc.1')).toEqual({
      notes: '- Almost.',
      prerelease: true,
      latest: false,
      majorTag: undefined,
    })
  })

  test('behind a newer one of the same major does not move the tag back', () => {
    expect(release('1.2.0', ['v1.10.0'])).toMatchObject({ latest: false, majorTag: undefined })
    expect(release('1.2.0', ['v1.2.1'])).toMatchObject({ latest: false, majorTag: undefined })
  })

  test('behind a newer major moves the tag of its own', () => {
    expect(release('1.2.0', ['v2.0.0'])).toMatchObject({ latest: false, majorTag: 'v1' })
  })

  test('is refused where tag, package.json and changelog do not agree', () => {
    expect(() => release('1.2.0', [], 'v1.2')).toThrow('v1.2 is no tag of a release')
    expect(() => release('1.2.0', [], 'v1.2.0;id')).toThrow('is no tag of a release')
    expect(() => release('1.2.0', [], 'v1.3.0')).toThrow('and the version in package.json is 1.2.0')
    expect(() => release('1.3.0')).toThrow('CHANGELOG.md has no section "## [1.3.0] - YYYY-MM-DD"')
    expect(() => release('2.0.0')).toThrow('no section "## [2.0.0]')
    expect(() => release('1.1.0')).toThrow('The section 1.1.0 of CHANGELOG.md is empty')
  })
})
