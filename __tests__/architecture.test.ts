// The house of docs/architecture.md, held: which room imports which, and what no file may have.
import { readdir, readFile } from 'node:fs/promises'
import { join, normalize, sep } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'

interface SourceFile {
  readonly path: string
  readonly text: string
  /** The modules it imports: files by their path from the root, packages by their name. */
  readonly imports: readonly string[]
}

let files: readonly SourceFile[]
beforeAll(async () => {
  const folders = ['src', 'emulator', 'rehearsal', 'demo', 'benchmarks', 'tools', '__tests__']
  files = (await Promise.all(folders.map(readFolder))).flat()
})

async function readFolder(folder: string): Promise<SourceFile[]> {
  const names = await readdir(folder, { recursive: true })
  return Promise.all(
    names
      .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
      .map((name) => readSource(withSlashes(join(folder, name)))),
  )
}

async function readSource(path: string): Promise<SourceFile> {
  const text = await readFile(path, 'utf8')
  const targets = [...text.matchAll(/^(?:import|export)[^'"]*?from '([^']+)'|\bimport\([^']*'([^']+)'\)/gm)]
  const imports = targets.map(([, first, second]) => first ?? second ?? '')
  return {
    path,
    text,
    imports: imports.map((name) =>
      name.startsWith('.') ? withSlashes(normalize(join(path, '..', name))) : name,
    ),
  }
}

/** A path as this file writes them, whatever the machine puts between its parts. */
function withSlashes(path: string): string {
  return path.replaceAll(sep, '/')
}

const rooms = ['basics', 'lightsail', 'workflow', 'shared', 'wait', 'prune', 'restore', 'snapshot'] as const

/** What each room of src/ may import of the others. */
const allowed: Readonly<Record<(typeof rooms)[number], readonly string[]>> = {
  basics: [],
  lightsail: ['basics'],
  workflow: ['basics'],
  shared: ['basics', 'lightsail', 'workflow'],
  wait: ['basics', 'lightsail', 'workflow', 'shared'],
  prune: ['basics', 'lightsail', 'workflow', 'shared'],
  restore: ['basics', 'lightsail', 'workflow', 'shared', 'wait'],
  snapshot: ['basics', 'lightsail', 'workflow', 'shared', 'wait', 'prune'],
}

function inFolder(folder: string): readonly SourceFile[] {
  return files.filter(({ path }) => path.startsWith(`${folder}/`))
}

describe('the rooms of src/', () => {
  test.each(rooms)('%s imports only from the rooms below it', (room) => {
    const others = inFolder(`src/${room}`)
      .flatMap(({ imports }) => imports)
      .filter((name) => name.startsWith('src/'))
      .map((name) => name.split('/')[1] ?? '')
    expect([...new Set(others)].filter((other) => other !== room && !allowed[room].includes(other))).toEqual(
      [],
    )
  })

  test('are all known here', async () => {
    const entries = await readdir('src', { withFileTypes: true })
    expect(
      entries
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...rooms].sort())
  })

  test.each([
    ['@aws-sdk', 'lightsail'],
    ['@actions', 'workflow'],
  ])('%s is imported by %s alone', (scope, room) => {
    const importers = inFolder('src').filter(({ imports }) => imports.some((name) => name.startsWith(scope)))
    expect(importers.length).toBeGreaterThan(0)
    expect(importers.filter(({ path }) => !path.startsWith(`src/${room}/`))).toEqual([])
  })

  test('know neither the environment nor the machine’s clock, except at the door', () => {
    const reading = inFolder('src').filter(({ text }) =>
      /process\.|Date\.now|performance\.now|setTimeout/.test(text),
    )
    expect(reading.map(({ path }) => path).sort()).toEqual(['src/basics/clock.ts', 'src/workflow/door.ts'])
  })
})

test('the emulator and src/ never meet', () => {
  const meeting = (folder: string, other: string) =>
    inFolder(folder).filter(({ imports }) => imports.some((name) => name.startsWith(`${other}/`)))
  expect([...meeting('emulator', 'src'), ...meeting('src', 'emulator')]).toEqual([])
  expect(
    inFolder('emulator')
      .flatMap(({ imports }) => imports)
      .filter((name) => name.startsWith('@')),
  ).toEqual([])
})

test('the rehearsal stands on both, and nothing in src/ or emulator/ knows of it', () => {
  const knowing = [...inFolder('src'), ...inFolder('emulator')].filter(({ imports }) =>
    imports.some((name) => name.startsWith('rehearsal/')),
  )
  expect(knowing).toEqual([])
  const rooms = inFolder('rehearsal').flatMap(({ imports }) => imports)
  const used = rooms
    .filter((name) => /^(?:src|emulator)\//.test(name))
    .map((name) => name.split('/').slice(0, 2).join('/'))
  expect([...new Set(used)].filter((name) => name.startsWith('src/')).sort()).toEqual([
    'src/basics',
    'src/shared',
    'src/workflow',
  ])
})

test('no file has an any, a non-null assertion or a cast', () => {
  const banned = /\bas (?!const\b)[\w{(]|: any\b|<any>|[\w)\]]!(?=[.;,)\]])/
  const found = files.flatMap(({ path, text }) =>
    codeOf(text)
      .split('\n')
      .filter((line) => banned.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  )
  expect(found).toEqual([])
})

/** The text without imports, comments, strings and patterns, in which these words mean something else. */
function codeOf(text: string): string {
  return text
    .replace(/^import [\s\S]*? from '.*'$/gm, '')
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .replace(/'(?:\\.|[^'\n\\])*'|"(?:\\.|[^"\n\\])*"|`(?:\\.|[^`\\])*`|\/(?:\\.|[^/\n\\])+\/\w*/g, "''")
}

test('no file is too long to see whole', () => {
  const long = inFolder('src').filter(({ text }) => text.split('\n').length > 260)
  expect(long.map(({ path }) => path)).toEqual([])
})
