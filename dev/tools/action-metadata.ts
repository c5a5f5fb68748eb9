// Generates src/github/action-metadata.ts, the declarations of every action.yml as the code uses them.
import { readActionMetadata } from '../demo/runner.js'
import { actionFolders } from './readme-tables.js'

/** The path of the generated file from the root. */
export const metadataFile = 'src/github/action-metadata.ts'

/** Returns the text of the generated file: the inputs of each action with their defaults, and its outputs. */
export async function metadataSource(): Promise<string> {
  const actions = await Promise.all(actionFolders.map(declarationOf))
  return [
    '// Generated from each action.yml by `npm run generate`. Do not edit.',
    '',
    '/** The inputs of each action with their defaults, an empty text if there is none, and its outputs. */',
    'export const actionMetadata = {',
    ...actions.flat(),
    '} as const',
    '',
  ].join('\n')
}

async function declarationOf(folder: (typeof actionFolders)[number]): Promise<string[]> {
  const { inputs, outputs } = await readActionMetadata(folder)
  return [
    `  ${folder === '.' ? 'snapshot' : folder}: {`,
    '    inputs: {',
    ...Object.entries(inputs).map(([name, input]) => `      ${key(name)}: ${text(input.default ?? '')},`),
    '    },',
    `    outputs: [${Object.keys(outputs).map(text).join(', ')}],`,
    '  },',
  ]
}

function key(name: string): string {
  return /^\w+$/.test(name) ? name : text(name)
}

function text(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`
}
