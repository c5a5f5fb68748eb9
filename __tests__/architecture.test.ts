// The structure that docs/architecture.md describes: which folder imports which, and what no file may have.
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
  const folders = ['src', 'emulator', 'dev', '__tests__']
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

/** The layers of src/, the lowest first: each imports only from those below it, and none from its own neighbours. */
const layers = [
  ['basics'],
  ['lightsail', 'github'],
  ['domain'],
  ['take', 'watch', 'retention', 'rollback', 'pause'],
  ['actions/shared'],
  ['actions/snapshot', 'actions/wait', 'actions/prune', 'actions/restore'],
] as const
const folders = layers.flat()

function levelOf(folder: string): number {
  return layers.findIndex((layer) => layer.some((name) => name === folder))
}

/** The folder of src/ that a file is in: one of `actions/` with its subfolder. */
function folderOf(path: string): string {
  const [, folder = '', below = ''] = path.split('/')
  return folder === 'actions' ? `actions/${below}` : folder
}

function inFolder(folder: string): readonly SourceFile[] {
  return files.filter(({ path }) => path.startsWith(`${folder}/`))
}

describe('src/', () => {
  test.each(folders)('%s imports only from the layers below it', (folder) => {
    const others = inFolder(`src/${folder}`)
      .flatMap(({ imports }) => imports)
      .filter((name) => name.startsWith('src/'))
      .map(folderOf)
    expect(
      [...new Set(others)].filter((other) => other !== folder && levelOf(other) >= levelOf(folder)),
    ).toEqual([])
  })

  test('has no folder without a layer', () => {
    const found = inFolder('src').filter(({ path }) => path !== 'src/index.ts')
    expect([...new Set(found.map(({ path }) => folderOf(path)))].sort()).toEqual([...folders].sort())
  })

  test.each(['snapshot', 'wait', 'prune', 'restore'])('the action %s has the same three files', (action) => {
    const names = inFolder(`src/actions/${action}`).map(({ path }) => path.split('/').at(-1))
    expect(names).toEqual(expect.arrayContaining(['action.ts', 'inputs.ts', 'report.ts']))
  })

  test.each([
    ['@aws-sdk', 'lightsail'],
    ['@actions', 'github'],
  ])('%s is imported by %s alone', (scope, folder) => {
    const importers = inFolder('src').filter(({ imports }) => imports.some((name) => name.startsWith(scope)))
    expect(importers.length).toBeGreaterThan(0)
    expect(importers.filter(({ path }) => !path.startsWith(`src/${folder}/`))).toEqual([])
  })

  test('knows neither the environment nor the machine’s clock, except at the entry point', () => {
    const reading = inFolder('src').filter(({ text }) =>
      /process\.|Date\.now|performance\.now|setTimeout/.test(text),
    )
    expect(reading.map(({ path }) => path).sort()).toEqual([
      'src/basics/clock.ts',
      'src/github/entry-point.ts',
    ])
  })
})

test('no import goes in a circle, not even one of types', () => {
  const graph = new Map(files.map(({ path, imports }) => [path, imports.map(asSource)]))
  const isDone = new Set<string>()
  const circles: string[] = []
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' -> '))
    if (way.includes(path) || isDone.has(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...way, path])
    isDone.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  expect(circles).toEqual([])
})

/** The file that an import names: it is written with the extension that the compiled one has. */
function asSource(name: string): string {
  return name.replace(/\.js$/, '.ts')
}

test('the emulated service and src/ never meet', () => {
  const meeting = (folder: string, other: string) =>
    inFolder(folder).filter(({ imports }) => imports.some((name) => name.startsWith(`${other}/`)))
  expect([...meeting('emulator/service', 'src'), ...meeting('src', 'emulator')]).toEqual([])
  expect(
    inFolder('emulator/service')
      .flatMap(({ imports }) => imports)
      .filter((name) => name.startsWith('@')),
  ).toEqual([])
})

test('the rehearsal action stands on both, and neither knows of it', () => {
  const knowing = [...inFolder('src'), ...inFolder('emulator/service')].filter(({ imports }) =>
    imports.some((name) => name.startsWith('emulator/action/')),
  )
  expect(knowing).toEqual([])
  const used = inFolder('emulator/action')
    .flatMap(({ imports }) => imports)
    .filter((name) => name.startsWith('src/'))
  expect([...new Set(used.map(folderOf))].sort()).toEqual(['actions/shared', 'basics', 'github'])
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
