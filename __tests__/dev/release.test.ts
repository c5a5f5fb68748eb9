import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { planRelease } from '../../dev/tools/release.js'

interface ScriptStep {
  readonly run?: string
  readonly if?: string
}

// The release is made on Linux: these scripts need its shell.
const testOnLinux = process.platform === 'win32' ? test.skip : test

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

const release = (version: string, tag = `v${version}`) => planRelease({ tag, version, changelog })

describe('a release', () => {
  test('has the section of its version for notes', () => {
    expect(release('1.2.0')).toEqual({
      notes: '### Added\n\n- A `thing`, and [a link](https://example.com).',
      prerelease: false,
      major: 'v1',
    })
  })

  test('is a pre-release by its tag', () => {
    expect(release('1.2.0-rc.1')).toEqual({ notes: '- Almost.', prerelease: true, major: 'v1' })
  })

  test('is refused if tag, package.json and changelog disagree', () => {
    expect(() => release('1.2.0', 'v1.2')).toThrow('v1.2 is no tag of a release')
    expect(() => release('1.2.0', 'v1.2.0;id')).toThrow('is no tag of a release')
    expect(() => release('1.2.0', 'v1.3.0')).toThrow('and the version in package.json is 1.2.0')
    expect(() => release('1.3.0')).toThrow('CHANGELOG.md has no section "## [1.3.0] - YYYY-MM-DD"')
    expect(() => release('2.0.0')).toThrow('no section "## [2.0.0]')
    expect(() => release('1.1.0')).toThrow('The section 1.1.0 of CHANGELOG.md is empty')
  })
})

/** The scripts of the workflow's last job, run as they are, where `gh` is a stand-in that knows some releases. */
describe('the workflow that publishes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'publish-'))
  const calls = join(folder, 'calls')
  const gh = `#!/bin/sh
echo "$*" >>"${calls}"
case "$1 $2" in
  "release list") printf '%s\\n' $RELEASES ;;
  "release view") exit "$NOT_THERE" ;;
  "api repos/"*) exit "$NO_MAJOR_TAG" ;;
esac
`
  beforeAll(async () => {
    await writeFile(join(folder, 'gh'), gh, { mode: 0o755 })
  })
  afterAll(() => rm(folder, { recursive: true }))

  async function publish(
    tag: string,
    releases: string,
    { noMajorTag = false, isThere = false } = {},
  ): Promise<string[]> {
    const workflow: { readonly jobs: { readonly publish: { readonly steps: readonly ScriptStep[] } } } =
      parse(await readFile('.github/workflows/release.yml', 'utf8'))
    const [newest, ...rest] = workflow.jobs.publish.steps
    const major = tag.replace(/\..*/, '')
    const environment = {
      ...{ TAG: tag, MAJOR: major, MAJOR_TAG: major, PRERELEASE: String(tag.includes('-')), COMMIT: 'abc' },
      ...{
        RELEASES: releases,
        NO_MAJOR_TAG: noMajorTag ? '1' : '0',
        NOT_THERE: isThere ? '0' : '1',
        NOTES: 'notes',
        GH_REPO: 'octo-org/web-shop',
      },
      ...{
        PATH: `${folder}:${process.env['PATH']}`,
        RUNNER_TEMP: folder,
        GITHUB_OUTPUT: join(folder, 'output'),
      },
    }
    const sh = (step: ScriptStep | undefined, more: Record<string, string> = {}) =>
      execFileSync('bash', ['--noprofile', '--norc', '-e', '-c', step?.run ?? 'exit 1'], {
        env: { ...environment, ...more },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
    await writeFile(calls, '')
    await writeFile(environment.GITHUB_OUTPUT, '')
    sh(newest)
    const outputs = new Map(
      (await readFile(environment.GITHUB_OUTPUT, 'utf8'))
        .split('\n')
        .map((line) => [line.split('=')[0], line.split('=')[1] ?? '']),
    )
    for (const step of rest) {
      if (step.if?.includes('of-major') && outputs.get('of-major') !== 'true') continue
      sh(step, { LATEST: outputs.get('latest') ?? '' })
    }
    return (await readFile(calls, 'utf8')).split('\n').filter((line) => /create|PATCH|POST/.test(line))
  }

  const created = (tag: string, isPre: boolean, isLatest: boolean) =>
    expect.stringMatching(new RegExp(`^release create ${tag} .*--prerelease=${isPre} --latest=${isLatest}$`))
  const moved = expect.stringMatching(
    /^api --method PATCH repos\/octo-org\/web-shop\/git\/refs\/tags\/v1 -f sha=abc -F force=true$/,
  )

  testOnLinux.each([
    ['v1.2.0', 'v1.1.0 v1.10.0-rc.1', [created('v1.2.0', false, true), moved]],
    ['v1.10.0', 'v1.9.0 v1.2.0', [created('v1.10.0', false, true), moved]],
    ['v1.2.0', 'v1.10.0', [created('v1.2.0', false, false)]],
    ['v1.2.1', 'v1.2.0 v2.0.0', [created('v1.2.1', false, false), moved]],
    ['v1.3.0-rc.1', 'v1.2.0', [created('v1.3.0-rc.1', true, false)]],
  ])('makes %s beside the releases %s', async (tag, releases, expected) => {
    expect(await publish(tag, releases)).toEqual(expected)
  })

  testOnLinux('rerun, creates no second release, and moves the tag only if none is newer', async () => {
    expect(await publish('v1.2.0', 'v1.2.0', { isThere: true })).toEqual([moved])
    expect(await publish('v1.2.0', 'v1.2.0 v1.2.1', { isThere: true })).toEqual([])
  })

  testOnLinux('makes the major tag with the first release of its version', async () => {
    const [, tagged] = await publish('v1.0.0', '', { noMajorTag: true })
    expect(tagged).toBe('api --method POST repos/octo-org/web-shop/git/refs -f ref=refs/tags/v1 -f sha=abc')
  })
})
