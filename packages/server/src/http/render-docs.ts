/** The description of the interface as one HTML page: no script, nothing from elsewhere. */
import type { ApiDescription, Content, JsonSchema, Operation, Parameter } from './describe-api.ts'
import { docsStyle } from './docs-style.ts'
import { formatSchema } from './format-schema.ts'

type Entry = { method: string; path: string; operation: Operation }

/** Writes the page. */
export function renderDocs(api: ApiDescription): string {
  const groups = groupByTag(api)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>pilothouse API</title>
<link rel="icon" href="data:,">
<style>${docsStyle}</style>
</head>
<body>
<header><h1>pilothouse <span>API ${escape(api.info.version)}</span></h1><a href="/openapi.json">openapi.json</a></header>
<div class="columns">
<nav aria-label="Routes">${[...groups].map(renderNavigation).join('')}</nav>
<main>
${renderIntroduction(api)}
${[...groups].map(renderGroup).join('\n')}
</main>
</div>
</body>
</html>
`
}

function renderIntroduction(api: ApiDescription): string {
  return `<section>
<p>${escape(api.info.description)}</p>
<h2 id="access">Who may in</h2>
<p>Tools send <code>Authorization: Bearer TOKEN</code>. Two tokens lie in the data folder of the server: <code>report.token</code> writes telemetry and sees nothing, <code>admin.token</code> may do everything. More are made by <code>pilothouse token create</code>. The page has a session cookie.</p>
<pre>curl -H "Authorization: Bearer $(cat DATA/admin.token)" http://127.0.0.1:4080/api/jobs</pre>
<h2 id="errors">Errors</h2>
<p>Every answer that is not a success has this body, with a code from a closed list; below <code>/v1</code> it is that of the API of OpenAI, with the same codes.</p>
<pre>${escape(formatSchema(api.components.schemas['Error'] ?? {}))}</pre>
</section>`
}

function groupByTag(api: ApiDescription): Map<string, Entry[]> {
  const entries = Object.entries(api.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )
  return Map.groupBy(entries, ({ operation }) => operation.tags[0] ?? '')
}

function renderNavigation([tag, entries]: [string, Entry[]]): string {
  const links = entries.map(
    ({ operation, method, path }) =>
      `<li><a href="#${operation.operationId}">${renderMethod(method)}<span>${escape(path.replace(/^\/api/, ''))}</span></a></li>`,
  )
  return `<h2>${escape(tag)}</h2><ul>${links.join('')}</ul>`
}

function renderGroup([tag, entries]: [string, Entry[]]): string {
  return `<section><h2 id="group-${escape(tag)}">${escape(tag)}</h2>${entries.map(renderEntry).join('\n')}</section>`
}

function renderEntry({ method, path, operation }: Entry): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation
  return `<article id="${operationId}">
<h3>${renderMethod(method)}<code>${escape(path)}</code></h3>
<p>${inlineCode(summary)} <span class="quiet">${inlineCode(description)}</span></p>
${parameters.length > 0 ? renderParameters(parameters) : ''}
${requestBody ? renderContent('Body', requestBody.content) : ''}
${Object.entries(responses).map(renderAnswer).join('')}
</article>`
}

function renderParameters(parameters: readonly Parameter[]): string {
  const rows = parameters.map(
    ({ name, in: place, required, schema, description }) =>
      `<tr><td><code>${escape(name)}</code></td><td>${place}${required ? '' : ', optional'}</td><td><code>${escape(formatSchema(schema))}</code>${renderDefault(schema)}${description ? ` ${escape(description)}` : ''}</td></tr>`,
  )
  return `<table><thead><tr><th>Parameter</th><th>In</th><th>Type</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
}

function renderDefault(schema: JsonSchema): string {
  return schema['default'] === undefined
    ? ''
    : ` <span class="quiet">else <code>${escape(JSON.stringify(schema['default']))}</code></span>`
}

function renderAnswer([status, { description, content }]: [string, Operation['responses'][string]]): string {
  if (status === 'default') return ''
  return content
    ? renderContent(`Answer ${status}`, content)
    : `<p class="quiet">Answer ${status}: ${escape(description)}</p>`
}

function renderContent(title: string, content: Content): string {
  const types = Object.keys(content)
  const first = types[0]
  const schema = (first === undefined ? undefined : content[first]?.schema) ?? {}
  return `<details><summary>${escape(title)} <span class="quiet">${types.map(escape).join(' or ')}</span></summary><pre>${escape(formatSchema(schema))}</pre></details>`
}

function renderMethod(method: string): string {
  return `<b class="${method.toLowerCase()}">${method}</b>`
}

/** Escaped, with \`…\` as code. */
function inlineCode(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
