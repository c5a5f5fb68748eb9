// What GitHub, the Marketplace and contributors find: workflows, changelog, CONTRIBUTING and action.yml.
import { execFile } from 'node:child_process'
import { access, readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'

interface Job {
  readonly name?: string
  readonly needs?: string | readonly string[]
  readonly if?: string | boolean
  readonly uses?: string
  readonly permissions?: unknown
  readonly 'timeout-minutes'?: number
}

interface Workflow {
  readonly path: string
  readonly text: string
  readonly permissions?: unknown
  readonly concurrency?: unknown
  readonly jobs: Readonly<Record<string, Job>>
}

const folder = '.github/workflows'
const lockFiles = ['package-lock.json', 'dev/tools/picture/package-lock.json']
let workflows: readonly Workflow[]
beforeAll(async () => {
  workflows = await Promise.all((await readdir(folder)).map((name) => readWorkflow(`${folder}/${name}`)))
})

async function readWorkflow(path: string): Promise<Workflow> {
  const text = await readFile(path, 'utf8')
  const content: Omit<Workflow, 'path' | 'text'> = parse(text)
  return { ...content, path, text }
}

/** Every job of every workflow, with a name for the message. */
function allJobs(): { readonly place: string; readonly job: Job }[] {
  return workflows.flatMap(({ path, jobs }) =>
    Object.entries(jobs).map(([id, job]) => ({ place: `${path}: ${id}`, job })),
  )
}

describe('the workflows of this repository', () => {
  test('pin every action to a commit, name its version, and use one version of each', () => {
    const uses = workflows
      .flatMap(({ text }) => [...text.matchAll(/uses: (?!\.\/)(.+)/g)])
      .map(([, used = '']) => used)
    expect(uses.length).toBeGreaterThan(10)
    const pinned = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/
    expect(uses.filter((used) => !pinned.test(used))).toEqual([])
    const parts = uses.map((used) => used.split('@'))
    const repositoryOf = (action: string) => action.split('/').slice(0, 2).join('/')
    const pins = new Set(parts.map(([action = '', pin]) => `${repositoryOf(action)} ${pin}`))
    expect(pins.size).toBe(new Set(parts.map(([action = '']) => repositoryOf(action))).size)
  })

  // zizmor lets an explicit `persist-credentials: true` pass.
  test('keep no token in the checkout', () => {
    const count = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length
    for (const { path, text } of workflows) {
      const checkouts = count(text, /uses: actions\/checkout@/g)
      const without = count(text, /persist-credentials: false/g)
      expect({ path, without }).toEqual({ path, without: checkouts })
    }
  })

  test('have no permissions of their own: each job has what it needs', () => {
    expect(workflows.map(({ path, permissions }) => ({ path, permissions }))).toEqual(
      workflows.map(({ path }) => ({ path, permissions: {} })),
    )
    expect(allJobs().filter(({ job }) => typeof job.permissions !== 'object')).toEqual([])
  })

  test('end in time, and do not run twice side by side', () => {
    const endless = allJobs().filter(
      ({ job }) => job.uses === undefined && typeof job['timeout-minutes'] !== 'number',
    )
    expect(endless.map(({ place }) => place)).toEqual([])
    expect(workflows.filter(({ concurrency }) => concurrency === undefined)).toEqual([])
  })

  test('have one gate that needs every other job and runs in any case', () => {
    const { 'all-green': gate, ...others } =
      workflows.find(({ path }) => path.endsWith('/test.yml'))?.jobs ?? {}
    expect(gate).toMatchObject({ name: 'all green', if: 'always()' })
    expect([gate?.needs].flat().sort()).toEqual(Object.keys(others).sort())
  })

  test('release only what all tests have passed', () => {
    const jobs = workflows.find(({ path }) => path.endsWith('/release.yml'))?.jobs ?? {}
    expect(jobs['test']?.uses).toBe('./.github/workflows/test.yml')
    const writing = Object.values(jobs).filter(({ permissions }) =>
      JSON.stringify(permissions).includes('write'),
    )
    expect(writing.length).toBeGreaterThan(0)
    expect(writing.filter(({ needs }) => ![needs].flat().includes('test'))).toEqual([])
    expect(Object.values(jobs).filter((job) => job.if !== undefined)).toEqual([])
  })
})

describe('the changelog', () => {
  let sections: readonly string[]
  let text: string
  beforeAll(async () => {
    text = await readFile('CHANGELOG.md', 'utf8')
    sections = text.split(/^## /m).slice(1)
  })

  test('begins with what is unreleased, and each version has a date', () => {
    const headings = sections.map((section) => section.split('\n')[0] ?? '')
    expect(text.startsWith('# Changelog\n')).toBe(true)
    expect(headings[0]).toBe('[Unreleased]')
    const version = /^\[\d+\.\d+\.\d+(?:-[\w.]+)?\] - \d{4}-\d\d-\d\d(?: \[YANKED\])?$/
    expect(headings.slice(1).filter((heading) => !version.test(heading))).toEqual([])
  })

  test('has changes of the six kinds, as a list', () => {
    const kinds = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']
    const found = [...text.matchAll(/^###+ (.*)$/gm)].map(([, kind = '']) => kind)
    expect(found.filter((kind) => !kinds.includes(kind))).toEqual([])
    const parts = sections.flatMap((section) => section.split(/^### .*$/m).slice(1))
    expect(parts.filter((part) => !part.trimStart().startsWith('- '))).toEqual([])
  })

  test('has a link for each version', () => {
    const versions = [...text.matchAll(/^## \[(.+?)\]/gm)].map(([, version]) => version)
    const links = [...text.matchAll(/^\[(.+?)\]: https:\/\/github\.com\/OWNER\//gm)].map(([, name]) => name)
    expect(links).toEqual(versions)
  })
})

test('every package in a lock file has its hash, and no host is named', async () => {
  for (const path of lockFiles) {
    const lock: { readonly packages: Readonly<Record<string, Readonly<Record<string, unknown>>>> } =
      JSON.parse(await readFile(path, 'utf8'))
    const entries = Object.entries(lock.packages).filter(([name]) => name !== '')
    expect(entries.length).toBeGreaterThan(50)
    expect(
      entries.filter(([, { integrity, resolved }]) => !integrity || resolved).map(([name]) => name),
    ).toEqual([])
  }
})

describe('the tests', () => {
  /** The script that uses each configuration of Jest. */
  const commands = {
    'jest.config.js': 'test',
    'jest.reliability.config.js': 'reliability',
    'jest.workflows.config.js': 'test:workflows',
  } as const

  test('are run by exactly one command each, whatever their folder', async () => {
    const lists = await Promise.all(Object.keys(commands).map(testsOf))
    const files = (await readdir('__tests__', { recursive: true })).filter((file) =>
      file.endsWith('.test.ts'),
    )
    expect(files.length).toBeGreaterThan(100)
    expect(lists.flat().sort()).toEqual(files.map((file) => join('__tests__', file)).sort())
  })

  test('are run by .ci/run, all of them', async () => {
    const found = await readdir('.')
    expect(found.filter((file) => /^jest\..*config\.js$/.test(file)).sort()).toEqual(Object.keys(commands))
    const lines = (await readFile('.ci/run', 'utf8')).split('\n')
    expect(lines).toEqual(expect.arrayContaining(Object.values(commands).map(commandOf)))
  })
})

function commandOf(script: string): string {
  return script === 'test' ? 'npm test' : `npm run ${script}`
}

/** The files that Jest runs with a configuration. */
async function testsOf(configuration: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    'node_modules/jest/bin/jest.js',
    `--config=${configuration}`,
    '--listTests',
    '--json',
  ])
  const paths: string[] = JSON.parse(stdout)
  return paths.map((path) => relative('', path))
}

describe('CONTRIBUTING.md', () => {
  let text: string
  beforeAll(async () => {
    text = await readFile('CONTRIBUTING.md', 'utf8')
  })

  test('names files and folders that are there', async () => {
    const named = [...text.matchAll(/`([\w.-]*(?:\/[\w.-]+)*\/?)`|\]\(([^)#:]+)\)/g)].map(
      ([, code, link]) => link ?? code ?? '',
    )
    const paths = [...new Set(named)].filter(
      (name) => name.includes('/') || /\.(?:ts|md|yml|json)$/.test(name),
    )
    expect(paths.length).toBeGreaterThan(20)
    // What a clone doesn't have yet, a file's name without its folder, and scopes of npm.
    const elsewhere = ['.build/', '.tools/', 'action.ts', 'inputs.ts', 'inputs.test.ts', 'report.ts']
    expect(await missing(paths.filter((path) => !elsewhere.includes(path)))).toEqual([])
  })

  test('names scripts that package.json has', async () => {
    const { scripts }: { readonly scripts: object } = JSON.parse(await readFile('package.json', 'utf8'))
    const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name)
    expect(named.length).toBeGreaterThan(7)
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([])
  })
})

async function missing(paths: readonly string[]): Promise<string[]> {
  const there = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  )
  return paths.filter((_, index) => !there[index])
}

describe('action.yml', () => {
  test('has what the Marketplace asks for', async () => {
    const metadata: Record<string, unknown> = parse(await readFile('action.yml', 'utf8'))
    expect(metadata).toMatchObject({
      name: expect.stringMatching(/^\S.*\S$/),
      author: expect.stringMatching(/\S/),
      description: expect.stringMatching(/^.{1,125}$/),
    })
  })

  test.each(['.', 'wait', 'prune', 'restore'])(
    'of %s has a badge that GitHub knows, if it has one',
    async (folder) => {
      const { branding }: { readonly branding?: object } = parse(
        await readFile(`${folder}/action.yml`, 'utf8'),
      )
      if (folder !== '.' && branding === undefined) return
      expect(branding).toEqual({ icon: expect.stringMatching(icons), color: expect.stringMatching(colors) })
    },
  )
})

// Of the icons that GitHub lists for `branding`, those that say something of snapshots.
const icons =
  /^(?:archive|camera|check-circle|clock|copy|database|disc|hard-drive|life-buoy|rewind|rotate-ccw|save|scissors|server|shield|trash-2|watch)$/
const colors = /^(?:white|yellow|blue|green|orange|red|purple|gray-dark)$/

describe('the issue forms', () => {
  test.each(['bug', 'feature'])('%s asks for something, each part under an id of its own', async (name) => {
    const form: {
      readonly body: readonly { readonly type: string; readonly id?: string; readonly attributes: object }[]
    } = parse(await readFile(`.github/ISSUE_TEMPLATE/${name}.yml`, 'utf8'))
    expect(form).toMatchObject({ name: expect.any(String), description: expect.any(String) })
    const asked = form.body.filter(({ type }) => type !== 'markdown')
    expect(new Set(asked.map(({ id }) => id ?? '')).size).toBe(asked.length)
    for (const { attributes } of asked) expect(attributes).toMatchObject({ label: expect.any(String) })
  })

  test('send security problems to the private way', async () => {
    expect(await readFile('.github/ISSUE_TEMPLATE/config.yml', 'utf8')).toContain('/security/policy')
  })
})
