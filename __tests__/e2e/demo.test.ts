// The README's first command, and that docs/usage.md shows what it prints.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { expect, test } from '@jest/globals'

/** The lines without what differs between runs: ids, elapsed times, and the progress at each poll. */
function lasting(text: string): string[] {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
    .replaceAll(/\b\d+s\b/g, 'TIME')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.includes(': pending, '))
}

test('the demo takes two snapshots, as docs/usage.md shows, and holds back the deploy after a third that fails', async () => {
  const demo = spawn(process.execPath, ['.build/dev/demo/main.js', '1'])
  let printed = ''
  demo.stdout.on('data', (chunk) => {
    printed += String(chunk)
  })
  const [exitCode] = await once(demo, 'close')
  expect(exitCode).toBe(0)
  expect(printed.match(/^state: (?:completed|error)$/gm)).toEqual([
    'state: completed',
    'state: completed',
    'state: error',
  ])
  expect(printed.match(/^. \.\/deploy\.sh .*$/gm)).toEqual([
    '✓ ./deploy.sh runs',
    '✓ ./deploy.sh runs',
    '⊘ ./deploy.sh is skipped',
  ])
  expect(printed).toMatch(/"snapshotName": "shop-data-second",\n/)
  expect(printed).toMatch(/read back from the service\n\n(?:.*\n)*?commit-sha = [0-9a-f]{40}\n/)
  const page = await readFile('docs/usage.md', 'utf8')
  const shown = ['log', 'summary'].flatMap((part) => {
    const [, content = ''] = page.split(new RegExp(`<!-- /?demo:${part} -->`))
    return lasting(content.replaceAll('```text', '').replaceAll('```', ''))
  })
  expect(shown.length).toBeGreaterThan(15)
  const lines = lasting(printed)
  expect(shown.filter((line) => !lines.includes(line))).toEqual([])
})
