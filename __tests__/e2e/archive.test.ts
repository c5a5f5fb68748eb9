// What a runner downloads: GitHub's archive of the repository. Everything that an action needs is in it, and little else.
import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { actionNode } from '../../dev/demo/action-node.js'
import { readActionMetadata, runStep } from '../../dev/demo/runner.js'
import { actionFolders } from '../../dev/tools/readme-tables.js'
import type { Emulator } from '../../emulator/service/server.js'
import { runBuiltAction } from '../support/built-action.js'
import { region, startFilledEmulator } from '../support/emulated.js'

const mostBytes = 418_000

/** In addition to the folders of the actions. */
const topLevel = ['LICENSE', 'README.md', 'action.yml', 'dist', 'package.json', 'src']

/**
 * In those folders: what people read on GitHub, what makers of typed workflows fetch from there, the emulator's command line, and
 * what is generated from files that are in the archive.
 */
const leftOut = [
  'README.md',
  'action-types.yml',
  'service/main.ts',
  'github/action-metadata.ts',
  'pause/remote-script.ts',
]

let archive: Buffer
/** The unpacked archive: outside this checkout, so that no step finds its `node_modules`. */
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archive-'))
  archive = await archiveOfWorkingTree()
  // Through standard input: some versions of tar read the colon in a Windows path as the end of a host name.
  execFileSync('tar', ['-xf', '-'], { cwd: folder, input: archive })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The archive that GitHub would make if everything here were committed. In a fresh clone, it is the commit's archive. */
async function archiveOfWorkingTree(): Promise<Buffer> {
  const scratch = await mkdtemp(join(tmpdir(), 'index-'))
  const objects = git(['rev-parse', '--git-path', 'objects']).toString().trim()
  // With its own index and objects, so that the checkout's stay unchanged.
  const environment = {
    GIT_INDEX_FILE: join(scratch, 'index'),
    GIT_OBJECT_DIRECTORY: scratch,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: resolve(objects),
  }
  try {
    await cp(git(['rev-parse', '--git-path', 'index']).toString().trim(), environment.GIT_INDEX_FILE)
    git(['add', '--all'], environment)
    const tree = git(['write-tree'], environment).toString().trim()
    return git(['archive', '--format=tar', tree], environment)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

function git(parameters: readonly string[], environment: Readonly<Record<string, string>> = {}): Buffer {
  return execFileSync('git', parameters, {
    env: { ...process.env, ...environment },
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

describe('the archive', () => {
  test('is small', () => {
    expect(gzipSync(archive).length).toBeLessThan(mostBytes)
  })

  test('has the actions, their sources and licences, and no tests, guides, tools or lock files', async () => {
    const folders = actionFolders.filter((name) => name !== '.')
    expect((await readdir(folder)).sort()).toEqual([...topLevel, ...folders].sort())
    for (const name of ['dist', 'src', ...folders]) {
      const files = (await allFiles(name)).filter((file) => !leftOut.includes(file.replaceAll('\\', '/')))
      expect([name, await allFiles(join(folder, name))]).toEqual([name, files])
    }
    expect(await allFiles('dist')).toContain('licenses.txt')
  })

  test('has every action of the repository', async () => {
    const found = (await allFiles(folder)).filter((path) => /(?:^|[\\/])action\.yml$/.test(path))
    expect(found.map(dirname).sort()).toEqual([...actionFolders].sort())
    for (const name of actionFolders) {
      expect(await readActionMetadata(join(folder, name))).toEqual(await readActionMetadata(name))
    }
  })
})

async function allFiles(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return files.map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1)).sort()
}

describe('from the archive', () => {
  let emulator: Emulator
  beforeEach(async () => {
    emulator = await startFilledEmulator({ diskDurationMs: 0 })
  })
  afterEach(() => emulator.close())

  const run = (action: string, inputs: Readonly<Record<string, string>>) =>
    runBuiltAction(emulator, inputs, { action: join(folder, action) })

  test('the root action takes a snapshot, wait/ waits for it, prune/ keeps it and restore/ creates a disk from it', async () => {
    const started = await run('.', { 'disk-name': 'shop-data', wait: 'false' })
    const name = started.outputs['snapshot-name'] ?? ''
    expect([started.exitCode, name]).toEqual([0, expect.stringMatching(/^shop-data-/)])

    const waited = await run('wait', { 'operation-id': started.outputs['operation-id'] ?? '' })
    expect([waited.exitCode, waited.outputs['state']]).toEqual([0, 'completed'])

    const pruned = await run('prune', { 'disk-name': 'shop-data', 'keep-last': '1' })
    expect([pruned.exitCode, pruned.outputs['kept-snapshots']]).toEqual([0, JSON.stringify([name])])

    const restored = await run('restore', { 'disk-name': 'shop-data' })
    expect([restored.exitCode, restored.outputs['snapshot-name'], restored.outputs['state']]).toEqual([
      0,
      name,
      'completed',
    ])
  })

  test('a rehearsal starts, is used and ends', async () => {
    const step = (action: string, inputs: Readonly<Record<string, string>>, more: object = {}) =>
      runStep({ action: join(folder, action), inputs, node: actionNode, timeoutMs: 60_000, ...more })
    const inputs = { disks: 'shop-data:32', 'snapshot-takes': '1s', 'aws-region': region }
    const started = await step('emulator', inputs)
    expect(started.exitCode).toBe(0)
    const environment = started.variables
    const taken = await step('.', { 'disk-name': 'shop-data' }, { environment })
    const ended = await step('emulator', inputs, { environment, postOf: started.saved })
    expect([taken.exitCode, taken.outputs['state'], ended.exitCode]).toEqual([0, 'completed', 0])
  })
})
