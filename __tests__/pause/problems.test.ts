import { readFile } from 'node:fs/promises'
import { expect, test } from '@jest/globals'
import { connectionProblem, refusal } from '../../src/pause/problems.js'

const instance = { name: 'shop', region: 'eu-central-1' }
const target = { userName: 'admin', host: '192.0.2.1', port: 22 }
const said = (output: string, isLate = false) => connectionProblem(instance, target, output, isLate)

test.each([
  ['nothing answers', 'ssh: connect to host 192.0.2.1 port 22: Connection timed out', false],
  ['nothing answers', 'ssh: connect to host 2001:db8::1 port 22: Network is unreachable', false],
  ["it doesn't answer in time", '', true],
  ['the connection ended', 'This account is currently not available.', false],
])('%s: %s', (meaning, output, isLate) => {
  const { failure, isCertificateRefused } = said(output, isLate)
  const last = output === '' ? '' : ` (${output})`
  expect(failure.message).toBe(
    `Can't connect to instance "shop" as admin at 192.0.2.1 port 22: ${meaning}${last}.`,
  )
  expect(isCertificateRefused).toBe(false)
})

test('another host key comes with the command that makes Lightsail forget the old one', () => {
  const [forget] = said('Host key verification failed.').failure.copyables
  expect(forget?.text).toBe('aws lightsail delete-known-host-keys --region eu-central-1 --instance-name shop')
})

test.each([
  ['not-linux FreeBSD', 'it runs FreeBSD'],
  ['no-command fsfreeze', 'it has no command fsfreeze'],
  ['freeze-failed /srv/a b', '"/srv/a b" can\'t be frozen'],
  ['before-failed 124', "before-snapshot didn't finish within five minutes"],
  ['something new', 'it reported "something new"'],
])('the report "%s" means: %s', (subject, meaning) => {
  expect(refusal(instance, { word: 'refused', subject }).message).toBe(
    `Can't pause instance "shop": ${meaning}.`,
  )
})

test('every error in docs/consistency.md is one that the action gives', async () => {
  const page = await readFile('docs/consistency.md', 'utf8')
  const rows = page.slice(page.indexOf('## When it fails')).matchAll(/^\| (`.*?`) \|/gm)
  const errors = [...rows].flatMap(([, cell = '']) => cell.slice(1, -1).split('`, `'))
  expect(errors.length).toBeGreaterThan(8)
  const source = await readFile('src/pause/problems.ts', 'utf8')
  const isGiven = (error: string) => error.split('…').every((words) => source.includes(words.trim()))
  expect(errors.filter((error) => !isGiven(error))).toEqual([])
})

test('the script reports no word that has no message', async () => {
  const script = await readFile('src/pause/remote.sh', 'utf8')
  const words = [...script.matchAll(/\brefuse ([a-z-]+)/g)].map(([, word = '']) => word)
  expect(words.length).toBeGreaterThan(8)
  const unknown = words.filter((word) =>
    refusal(instance, { word: 'refused', subject: word }).message.includes('it reported'),
  )
  expect(unknown).toEqual([])
})
