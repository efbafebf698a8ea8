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
