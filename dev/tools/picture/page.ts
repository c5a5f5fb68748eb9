import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { packaged } from './packages.js'

// The emoji codes that the summaries use, which GitHub turns into characters.
const emoji: ReadonlyMap<string, string> = new Map([
  ['white_check_mark', '\u2705'],
  ['x', '\u274c'],
  ['mag', '\u{1f50d}'],
  ['hourglass_flowing_sand', '\u23f3'],
])

const light = { name: 'light', theme: 'default', background: '#ffffff' }
const dark = { name: 'dark', theme: 'dark', background: '#0d1117' }

const extensions = ['table', 'strikethrough', 'autolink', 'tagfilter', 'tasklist']

/** How to install the programs that aren't npm packages. */
const installation =
  'On Debian or Ubuntu: apt-get install cmark-gfm chromium fonts-liberation fonts-noto-color-emoji'

/** Runs a program and returns its output. If it is missing, says how to install it and exits. */
export function run(program: string, parameters: readonly string[], input = ''): string {
  const { error, status, stdout, stderr } = spawnSync(program, parameters, { input, timeout: 120_000 })
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') {
    process.stderr.write(`${program} is not installed. ${installation}\n`)
    process.exit(1)
  }
  if (error !== undefined || status !== 0) throw new Error(`${program} failed: ${stderr}`, { cause: error })
  return stdout.toString()
}

/** Returns a job summary as a page that looks like GitHub's, with cmark-gfm, GitHub's style and Mermaid. */
export async function pageOf(markdown: string, isDark: boolean): Promise<string> {
  const { name, theme, background } = isDark ? dark : light
  const rendered = run('cmark-gfm', ['--unsafe', ...extensions.flatMap((name) => ['-e', name])], markdown)
  const html = rendered
    .replace(/:(\w+):/g, (code, name: string) => emoji.get(name) ?? code)
    .replace(
      /<pre><code class="language-mermaid">([\s\S]*?)<\/code><\/pre>/g,
      (_, text: string) => `<div class="mermaid">${text}</div>`,
    )
  const style = await readFile(packaged(`github-markdown-css/github-markdown-${name}.css`), 'utf8')
  const mermaid = pathToFileURL(packaged('mermaid/dist/mermaid.min.js')).href
  return `<!doctype html>
<meta charset="utf-8">
<style>
${style}
/* As GitHub frames it: in a README it must not look like a part of the text. */
body { margin: 0; padding: 16px 24px; border: 1px solid #8c959f; border-radius: 6px; background: ${background}; }
.markdown-body { font-family: 'Noto Sans', 'Liberation Sans', Arial, sans-serif; }
</style>
<article class="markdown-body">${html}</article>
<script src="${mermaid}"></script>
<script>
mermaid.initialize({ startOnLoad: false, securityLevel: 'strict', theme: '${theme}' })
mermaid.run().finally(() => {
  document.documentElement.dataset.height = document.documentElement.scrollHeight
})
</script>
`
}
