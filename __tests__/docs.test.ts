// The pages that people read: the README is short, every link leads somewhere, and what is shown as a policy is one.
import { access, readdir, readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'

const forms = ['bug.yml', 'config.yml', 'feature.yml'].map((name) => `.github/ISSUE_TEMPLATE/${name}`)
const ownSite = 'https://github.com/OWNER/lightsail-disk-snapshot'

const isNotOurs = (folder: string) => /^(?:\.|node_modules$|dist$|coverage$)/.test(folder)

/** Every page, by its path from the root. */
const pages = new Map<string, string>()
beforeAll(async () => {
  const entries = await readdir('.', { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory() && !isNotOurs(entry.name))
  const inFolders = await Promise.all(
    folders.map(async ({ name: folder }) =>
      (await readdir(folder, { recursive: true })).map((name) => join(folder, name)),
    ),
  )
  const files = [...entries.map(({ name }) => name), ...inFolders.flat()]
  const markdown = files.filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
  for (const path of [...markdown, ...forms]) pages.set(path, await readFile(path, 'utf8'))
})

test('the README has at most 250 lines', () => {
  expect(pages.get('README.md')?.trimEnd().split('\n').length).toBeLessThanOrEqual(250)
})

/** A page without its blocks of code, in which a `#` opens no heading. */
function prose(text: string): string {
  return text.replaceAll(/^ *```.*?^ *```$/gms, '')
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>()
  return [...prose(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
    const before = seen.get(anchor) ?? 0
    seen.set(anchor, before + 1)
    return before === 0 ? anchor : `${anchor}-${before}`
  })
}

/** Where the links of a page lead within this repository, as a path from the root and an anchor. */
function linksOf(path: string, text: string): { readonly file: string; readonly anchor: string }[] {
  const targets = [...prose(text).matchAll(/\]\(<?([^)>\s]+)>?\)|^ +url: (\S+)$/gm)]
  return targets.flatMap(([, link, url]) => {
    const target = (link ?? url ?? '').replace(`${ownSite}/blob/main/`, '/').replace(/^\/$/, '')
    if (/^[a-z]+:/.test(target)) return []
    const [file = '', anchor = ''] = target.split('#')
    if (file === '') return [{ file: path, anchor }]
    return [{ file: file.startsWith('/') ? file.slice(1) : normalize(join(dirname(path), file)), anchor }]
  })
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

test('every link within the repository leads to a file, and to a heading in it', async () => {
  const links = [...pages].flatMap(([path, text]) => linksOf(path, text).map((link) => ({ path, ...link })))
  expect(links.length).toBeGreaterThan(80)
  const broken: string[] = []
  for (const { path, file, anchor } of links) {
    const isThere = await exists(file)
    const page = pages.get(file)
    const hasAnchor = anchor === '' || (page !== undefined && anchorsOf(page).includes(anchor))
    if (!isThere || !hasAnchor) broken.push(`${path}: ${file}#${anchor}`)
  }
  expect(broken).toEqual([])
})

test('links are really checked', () => {
  const text =
    "# A b\n\n```sh\n# no heading\n```\n\n## The *snapshot's* `name`\n\n## A b\n\n[x](../y.md#z) [w](#a-b) [s](https://example.com)"
  expect(anchorsOf(text)).toEqual(['a-b', 'the-snapshots-name', 'a-b-1'])
  expect(linksOf('docs/x.md', text)).toEqual([
    { file: 'y.md', anchor: 'z' },
    { file: 'docs/x.md', anchor: 'a-b' },
  ])
})

interface Policy {
  readonly Version: string
  readonly Statement: readonly { readonly Action: string | readonly string[] }[]
}

/** The policies that a page shows, each with the heading that it stands under. */
function policiesOf(path: string): { readonly heading: string; readonly policy: Policy }[] {
  const sections = (pages.get(path) ?? '').split(/^#+ /m)
  return sections.flatMap((section) => {
    const [heading = ''] = section.split('\n')
    const blocks = section.matchAll(/^ *```json\n(.*?)^ *```$/gms)
    const contents: object[] = [...blocks].map(([, block = '']) => JSON.parse(block))
    const policies = contents.filter((content): content is Policy => 'Statement' in content)
    return policies.map((policy) => ({ heading, policy }))
  })
}

function actionsOf({ Statement: statements }: Policy): string[] {
  return statements.flatMap(({ Action: actions }) => actions)
}

describe('the IAM policies', () => {
  const files = ['README.md', 'docs/usage.md', 'docs/consistency.md', 'docs/instances.md']

  test('together have a permission for each request that the code sends, and no other', async () => {
    const names = (await readdir('src/lightsail')).filter((name) => name.endsWith('.ts'))
    const texts = await Promise.all(names.map((name) => readFile(`src/lightsail/${name}`, 'utf8')))
    const requests = texts.flatMap((text) =>
      [...text.matchAll(/\bnew (\w+)Command\(/g)].map(([, name]) => name),
    )
    expect(requests.length).toBeGreaterThan(12)
    const permitted = files.flatMap(policiesOf).flatMap(({ policy }) => actionsOf(policy))
    const ofLightsail = permitted.filter((action) => action !== 'sts:AssumeRoleWithWebIdentity')
    const needed = requests.map((name) => `lightsail:${name}`)
    expect([...new Set(ofLightsail)].sort()).toEqual([...new Set(needed)].sort())
  })

  test('let nothing but prune delete', () => {
    const deleting = files.flatMap(policiesOf).flatMap(({ heading, policy }) =>
      actionsOf(policy)
        .filter((action) => action.includes(':Delete'))
        .map((action) => [heading, action]),
    )
    expect(deleting).toEqual([
      ['Prune', 'lightsail:DeleteDiskSnapshot'],
      ['Prune instance snapshots', 'lightsail:DeleteInstanceSnapshot'],
    ])
  })
})
