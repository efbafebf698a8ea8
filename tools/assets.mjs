// Builds the front-end parts into amparo/interfaces/web/static/amparo, the same bytes on every machine.
// Run: npm ci && npm run assets [-- FOLDER]

import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as sass from 'sass'

const project = join(dirname(fileURLToPath(import.meta.url)), '..')
const web = join(project, 'amparo/interfaces/web')
const target = process.argv[2] ?? join(web, 'static/amparo')

// Physical sides become logical ones, so that a right-to-left page is the mirror of a left-to-right one.
const LOGICAL = [
  [/(?<![\w-])(margin|padding)-left(?=:)/g, '$1-inline-start'],
  [/(?<![\w-])(margin|padding)-right(?=:)/g, '$1-inline-end'],
  [/(?<![\w-])border-left(?=[-:])/g, 'border-inline-start'],
  [/(?<![\w-])border-right(?=[-:])/g, 'border-inline-end'],
  [/(?<![\w-])border-(top|bottom)-left-radius(?=:)/g, (_, side) => `border-${side === 'top' ? 'start' : 'end'}-start-radius`],
  [/(?<![\w-])border-(top|bottom)-right-radius(?=:)/g, (_, side) => `border-${side === 'top' ? 'start' : 'end'}-end-radius`],
  [/(?<![\w-])left(?=:)/g, 'inset-inline-start'],
  [/(?<![\w-])right(?=:)/g, 'inset-inline-end'],
  [/(?<![\w-])(text-align|float|clear):left(?=[;}])/g, (_, name) => `${name}:${name === 'text-align' ? '' : 'inline-'}start`],
  [/(?<![\w-])(text-align|float|clear):right(?=[;}])/g, (_, name) => `${name}:${name === 'text-align' ? '' : 'inline-'}end`]
]

function stylesheet () {
  const built = sass.compile(join(web, 'styles/amparo.scss'), {
    loadPaths: [join(project, 'node_modules')],
    style: 'compressed',
    quietDeps: true,
    charset: false
  })
  return LOGICAL.reduce((css, [physical, logical]) => css.replace(physical, logical), built.css) + '\n'
}

mkdirSync(target, { recursive: true })
writeFileSync(join(target, 'amparo.css'), stylesheet())
copyFileSync(join(project, 'node_modules/htmx.org/dist/htmx.min.js'), join(target, 'htmx.min.js'))
for (const name of readdirSync(join(web, 'scripts'))) {
  writeFileSync(join(target, name), readFileSync(join(web, 'scripts', name)))
}

// The diagram viewer, loaded on its own page alone: script, styles, the font of its icons, its licences.
const viewer = join(project, 'node_modules/dmn-js')
const parts = ['diagram-js', 'dmn-js-shared', 'dmn-js-drd', 'dmn-js-decision-table', 'dmn-js-literal-expression', 'dmn-js-boxed-expression']
const icons = readFileSync(join(viewer, 'dist/assets/dmn-font/css/dmn.css'), 'utf8')
  .replace(/\/\*[\s\S]*?\*\//g, '')
  .replace(/@font-face\s*\{[^}]*\}/, "@font-face { font-family: 'dmn'; src: url('dmn-icons.woff2') format('woff2'); }")
copyFileSync(join(viewer, 'dist/dmn-navigated-viewer.production.min.js'), join(target, 'dmn-viewer.min.js'))
copyFileSync(join(viewer, 'dist/assets/dmn-font/font/dmn.woff2'), join(target, 'dmn-icons.woff2'))
writeFileSync(join(target, 'dmn-viewer.css'), [
  ...parts.map((name) => readFileSync(join(viewer, `dist/assets/${name}.css`), 'utf8')),
  icons,
  readFileSync(join(web, 'styles/viewer.css'), 'utf8')
].join('\n'))
writeFileSync(join(target, 'dmn-viewer.LICENSES.txt'), licences('dmn-js'))

// The licence of a package and of every package that its built file may hold, each once, by name.
function licences (root) {
  const locked = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')).packages
  const found = new Map()
  const waiting = [root]
  while (waiting.length) {
    const name = waiting.pop()
    const entry = locked[`node_modules/${name}`]
    if (!entry || found.has(name)) continue
    const folder = join(project, 'node_modules', name)
    const file = readdirSync(folder).sort().find((one) => /^licen[cs]e/i.test(one))
    const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `Licence: ${licenceNamed(folder)}`
    found.set(name, `${name} ${entry.version}\n\n${text}\n`)
    waiting.push(...Object.keys(entry.dependencies ?? {}))
  }
  return [...found.keys()].sort().map((name) => found.get(name)).join(`\n${'-'.repeat(72)}\n\n`)
}

function licenceNamed (folder) {
  const { license, licenses = [] } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return license ?? (licenses.map((one) => one.type).join(', ') || 'the package states none')
}
