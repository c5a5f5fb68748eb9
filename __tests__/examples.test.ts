// Every workflow in examples/, the READMEs and the guides is YAML that uses only inputs and outputs which the actions declare.
import { readdir, readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { type ActionMetadata, readActionMetadata } from '../dev/demo/runner.js'
import { actionFolders } from '../dev/tools/readme-tables.js'

const action = /^OWNER\/lightsail-disk-snapshot(?:\/([a-z]+))?@v1$/
const folders = actionFolders

interface StepOfWorkflow {
  readonly id?: string
  readonly uses?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface WholeWorkflow {
  readonly on: unknown
  readonly permissions?: unknown
  readonly jobs: Readonly<Record<string, { readonly permissions?: unknown }>>
}

const metadata = new Map<string, ActionMetadata>()
const texts = new Map<string, string>()
beforeAll(async () => {
  for (const folder of folders) metadata.set(folder, await readActionMetadata(folder))
  for (const name of await readdir('examples')) texts.set(name, await readFile(`examples/${name}`, 'utf8'))
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

function problemsOf(text: string): string[] {
  const steps = stepsOf(parse(text))
  const own = steps.flatMap((step) => {
    const [, folder = '.'] = action.exec(step.uses ?? '') ?? []
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
      - run: echo \${{ steps.snapshot.outputs.operation }} \${{ steps.other.outputs.state }}`
    expect(problemsOf(wrong)).toEqual([
      'OWNER/lightsail-disk-snapshot@v1 has no input disk',
      'no step snapshot gives operation',
      'no step other gives state',
      'there is no OWNER/lightsail-disk-snapshot/weight@v1',
    ])
  })

  test.each([
    'snapshot-then-deploy',
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
})
