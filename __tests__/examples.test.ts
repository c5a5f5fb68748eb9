// Every workflow in examples/, the READMEs and the guides is YAML that uses only inputs and outputs which the actions declare.
import { readdir, readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { type ActionMetadata, readActionMetadata } from '../dev/demo/runner.js'
import { actionFolders } from '../dev/tools/readme-tables.js'

const action = /^OWNER\/lightsail-disk-snapshot(?:\/([a-z]+))?@v1$/
const folders = actionFolders
/** The example of a team's own action, by the name that another example uses. */
const composite = { name: 'octo-org/snapshot-disk@v1', folder: 'examples/snapshot-disk' }

interface StepOfWorkflow {
  readonly id?: string
  readonly if?: string
  readonly run?: string
  readonly uses?: string
  readonly 'timeout-minutes'?: number
  readonly with?: Readonly<Record<string, unknown>>
}

interface Called {
  readonly inputs: Readonly<Record<string, { readonly required?: boolean }>>
  readonly outputs: object
}

interface JobOfWorkflow {
  readonly permissions?: unknown
  readonly uses?: string
  readonly with?: object
  readonly strategy?: object
  readonly steps?: readonly StepOfWorkflow[]
}

interface WholeWorkflow {
  readonly on: unknown
  readonly permissions?: unknown
  readonly jobs: Readonly<Record<string, JobOfWorkflow>>
}

const metadata = new Map<string, ActionMetadata>()
const texts = new Map<string, string>()
beforeAll(async () => {
  for (const folder of [...folders, composite.folder]) metadata.set(folder, await readActionMetadata(folder))
  const files = (await readdir('examples', { recursive: true })).filter((name) => name.endsWith('.yml'))
  for (const name of files) texts.set(name.replace('\\', '/'), await readFile(`examples/${name}`, 'utf8'))
  const guides = (await readdir('docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)
  for (const path of [...folders.map((name) => `${name}/README.md`), ...guides]) {
    const blocks = (await readFile(path, 'utf8')).matchAll(/^ *```yaml\n(.*?)^ *```$/gms)
    for (const [place, [, block = '']] of [...blocks].entries())
      texts.set(`${path}, block ${place + 1}`, block)
  }
})

/** Every step of a workflow, of a part of one, or of a list of steps. */
function stepsOf(content: unknown): StepOfWorkflow[] {
  if (Array.isArray(content)) return content.flatMap(stepsOf)
  if (typeof content !== 'object' || content === null) return []
  const step: StepOfWorkflow = content
  return [...(typeof step.uses === 'string' ? [step] : []), ...Object.values(content).flatMap(stepsOf)]
}

/** Every job of the whole workflows in examples/. */
function wholeJobs(): JobOfWorkflow[] {
  return [...texts].flatMap(([name, text]) => {
    if (name.includes(' ')) return []
    const { jobs = {} }: Partial<WholeWorkflow> = parse(text)
    return Object.values(jobs)
  })
}

function problemsOf(text: string): string[] {
  const steps = stepsOf(parse(text))
  const own = steps.flatMap((step) => {
    const [, folder = '.'] = action.exec(step.uses ?? '') ?? []
    if (step.uses === composite.name) return [{ step, declared: metadata.get(composite.folder) }]
    return action.test(step.uses ?? '') ? [{ step, declared: metadata.get(folder) }] : []
  })
  const inputs = own.flatMap(({ step, declared }) =>
    Object.keys(step.with ?? {})
      .filter((name) => declared === undefined || !Object.hasOwn(declared.inputs, name))
      .map((name) => `${step.uses} has no input ${name}`),
  )
  const outputs = [...text.matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)].flatMap(([, id, name = '']) => {
    const found = own.find(({ step }) => step.id === id)
    return found?.declared && Object.hasOwn(found.declared.outputs, name)
      ? []
      : [`no step ${id} gives ${name}`]
  })
  const unknown = steps
    .map(({ uses = '' }) => uses)
    .filter((uses) => uses.startsWith('OWNER/') && !metadata.has(action.exec(uses)?.[1] ?? '.'))
  return [...inputs, ...outputs, ...unknown.map((uses) => `there is no ${uses}`)]
}

describe('the workflows that are shown', () => {
  test('use only declared inputs and outputs', () => {
    expect(texts.size).toBeGreaterThan(9)
    const problems = [...texts].flatMap(([name, text]) =>
      problemsOf(text).map((problem) => `${name}: ${problem}`),
    )
    expect(problems).toEqual([])
  })

  test('are really checked', () => {
    const wrong = `
      - uses: OWNER/lightsail-disk-snapshot@v1
        id: snapshot
        with: { disk: x }
      - uses: OWNER/lightsail-disk-snapshot/weight@v1
      - uses: octo-org/snapshot-disk@v1
        with: { disk: x }
      - run: echo \${{ steps.snapshot.outputs.operation }} \${{ steps.other.outputs.state }}`
    expect(problemsOf(wrong)).toEqual([
      'OWNER/lightsail-disk-snapshot@v1 has no input disk',
      'octo-org/snapshot-disk@v1 has no input disk',
      'no step snapshot gives operation',
      'no step other gives state',
      'there is no OWNER/lightsail-disk-snapshot/weight@v1',
    ])
  })

  test.each([
    'snapshot-then-deploy',
    'deploy-to-environment',
    'reusable-snapshot',
    'build-meanwhile',
    'gate-a-later-job',
    'several-disks',
    'fleet',
    'prune',
    'roll-back',
    'roll-back-on-failure',
    'restore-drill',
    'rehearsal',
  ])('%s is a whole workflow, and each job that needs a token may ask for one', (name) => {
    const workflow: WholeWorkflow = parse(texts.get(`${name}.yml`) ?? '')
    expect(workflow.on).toEqual(expect.any(Object))
    const asking = Object.values(workflow.jobs).filter((job) =>
      stepsOf(job).some(({ uses = '' }) => uses.startsWith('aws-actions/')),
    )
    expect(asking.length).toBeGreaterThan(0)
    for (const job of asking) {
      expect(job.permissions ?? workflow.permissions).toMatchObject({ 'id-token': 'write' })
    }
  })

  test('a deploy to an environment takes its snapshot in the same job, whose token names the environment', () => {
    const { jobs }: WholeWorkflow = parse(texts.get('deploy-to-environment.yml') ?? '')
    const snapshots = Object.values(jobs).filter((job) =>
      stepsOf(job).some(({ uses = '' }) => action.test(uses)),
    )
    expect(snapshots).toEqual([expect.objectContaining({ environment: expect.anything() })])
  })

  test('a commit status that a matrix sets has a name for each of its jobs', () => {
    const names = wholeJobs()
      .filter(({ strategy }) => strategy !== undefined)
      .flatMap((job) => stepsOf(job).flatMap((step) => step.with?.['commit-status'] ?? []))
    expect(names.length).toBeGreaterThan(0)
    expect(names.filter((name) => !/\$\{\{ *matrix\./.test(String(name)))).toEqual([])
  })

  test('an automatic roll-back runs after a step times out, and does not depend on the commit', () => {
    const isRollBack = ({ if: condition = '', uses = '' }: StepOfWorkflow) =>
      condition.includes('failure()') && action.exec(uses)?.[1] === 'restore'
    const rolling = wholeJobs().flatMap(({ steps = [] }) => {
      const index = steps.findIndex(isRollBack)
      return index < 0 ? [] : [{ before: steps.slice(0, index), rollBack: steps[index] }]
    })
    expect(rolling.length).toBeGreaterThan(0)
    for (const { before, rollBack } of rolling) {
      const endless = before.filter(
        (step) => step.run !== undefined && !(Number(step['timeout-minutes']) > 0),
      )
      expect(endless).toEqual([])
      // github.sha isn't the commit of every event.
      expect(rollBack?.with).not.toHaveProperty('commit-sha')
    }
  })

  test('the caller of the reusable workflow grants what it needs, and gives and takes what it declares', () => {
    const callee: { readonly on: { readonly workflow_call: Called } } = parse(
      texts.get('reusable-snapshot.yml') ?? '',
    )
    const { inputs, outputs } = callee.on.workflow_call
    const text = texts.get('reusable-snapshot-caller.yml') ?? ''
    const { jobs }: WholeWorkflow = parse(text)
    const calls = Object.entries(jobs).filter(([, { uses }]) => uses?.includes('/reusable-snapshot.yml@'))
    expect(calls).toHaveLength(1)
    for (const [id, { permissions, with: given = {} }] of calls) {
      expect(permissions).toEqual({ 'id-token': 'write' })
      const required = Object.keys(inputs).filter((name) => inputs[name]?.required === true)
      expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(given)))
      expect(Object.keys(given)).toEqual(expect.arrayContaining(required))
      const used = [...text.matchAll(/needs\.([\w-]+)\.outputs\.([\w-]+)/g)].map(([, job, name]) => [
        job,
        name,
      ])
      expect(used).toEqual(Object.keys(outputs).map((name) => [id, name]))
    }
  })
})
