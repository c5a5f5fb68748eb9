// Generates the tables of inputs and outputs in the READMEs from action.yml, so that each text is written once.

import { type Fault, faults, responseText } from '../../emulator/service/faults.js'
import { scenarios } from '../../emulator/service/scenarios.js'
import { readActionMetadata } from '../demo/runner.js'

/** The folders with an action.yml and a README. */
export const actionFolders = ['.', 'wait', 'prune', 'restore', 'emulator'] as const

export type ActionFolder = (typeof actionFolders)[number]

/** Links to more about an input or output, relative to the README of its action. */
const places: Readonly<Record<string, string>> = {
  './snapshot-name': 'docs/usage.md#the-snapshots-name',
  './tags': 'docs/usage.md#tags',
  './if-exists': 'docs/usage.md#rerun-a-job',
  './keep-last': 'docs/usage.md#retention',
  './freeze': 'docs/consistency.md#freeze-a-data-disk',
  './before-snapshot': 'docs/consistency.md#run-commands-around-it',
  './after-snapshot': 'docs/consistency.md#run-commands-around-it',
  './pause-timeout': 'docs/consistency.md#what-the-step-does',
  './on-pause-failure': 'docs/consistency.md#what-the-step-does',
  './ssh-host': 'docs/consistency.md#permissions',
  './consistency': 'docs/consistency.md',
  './commit-status': 'docs/usage.md#set-a-commit-status',
  './snapshots': 'docs/usage.md#the-output-snapshots',
  'wait/commit-status': '../docs/usage.md#set-a-commit-status',
  'wait/snapshots': '../docs/usage.md#the-output-snapshots',
  'emulator/scenario': '#scenarios',
  'emulator/faults': '#faults',
}

/** Returns every generated table of a folder's README by its marker. */
export async function readmeTables(folder: ActionFolder): Promise<ReadonlyMap<string, string>> {
  const { inputs, outputs } = await readActionMetadata(folder)
  const named = (name: string) => linked(`\`${name}\``, places[`${folder}/${name}`])
  const inputRows = Object.entries(inputs).map(([name, input]) => [
    named(name),
    input.default === undefined ? '' : `\`${input.default}\``,
    input.description,
  ])
  const outputRows = Object.entries(outputs).map(([name, { description }]) => [named(name), description])
  const tables = new Map([
    ['inputs', table(['input', 'default', 'meaning'], inputRows)],
    ['outputs', table(['output', 'value'], outputRows)],
  ])
  if (folder === 'emulator') tables.set('scenarios', scenarioTable()).set('faults', faultTable())
  return tables
}

/** Returns the text with these tables between their markers. Throws if a marker is missing. */
export function withTables(text: string, tables: ReadonlyMap<string, string>): string {
  return [...tables].reduce((whole, [mark, content]) => {
    const between = new RegExp(`(<!-- table:${mark} -->\n)[\\s\\S]*?(\n?<!-- /table:${mark} -->)`)
    if (!between.test(whole)) throw new Error(`the README has no place for the table ${mark}`)
    return whole.replace(between, (_, start) => `${start}${content}\n<!-- /table:${mark} -->`)
  }, text)
}

function scenarioTable(): string {
  const rows = Object.entries(scenarios).map(([name, { description, ends }]) => [
    `\`${name}\``,
    description,
    ends,
  ])
  return table(['scenario', 'what happens', 'the job ends'], rows)
}

function faultTable(): string {
  const rows = Object.entries<Fault>(faults).map(([name, fault]) => {
    return [`\`${name}\``, responseText(fault), fault.works ? 'yes' : 'no']
  })
  return table(['fault', 'the response', 'carried out anyway'], rows)
}

function linked(text: string, place: string | undefined): string {
  return place === undefined ? text : `[${text}](${place})`
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `|${cells.map((cell) => (cell === '' ? ' |' : ` ${cell} |`)).join('')}`
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n')
}
